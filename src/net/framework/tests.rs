//! The Framework's rules as timelines (see `timeline`), by topic.

mod assignment;
mod closing;
mod connection;
mod connection_group;
mod early_ends;
mod equivalence;
mod examples;
mod examples_of_limits;
mod failures;
mod service_point;
mod timeline;
mod timers;

/// Every Framework profile, oldest first.
const ALL: [&str; 5] = ["net20-rtm", "net20", "net40", "net45", "net48"];
/// Those whose groups have no idle timer of their own (CG-5).
const WITHOUT_GROUP_TIMER: [&str; 3] = ["net20-rtm", "net20", "net40"];
/// Those whose groups have one (CG-6).
const WITH_GROUP_TIMER: [&str; 2] = ["net45", "net48"];
/// Those that reserve (AS-1) and so may leak (FL-6..FL-8).
const RESERVING: [&str; 4] = ["net20", "net40", "net45", "net48"];
