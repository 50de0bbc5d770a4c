//! What counts for the author: from where on a run is no longer safe, and which strategy is best.

use crate::units::SimTime;

/// From where on a verdict is given; shares, from 0 to 1.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Thresholds {
    /// The share of the ports that the peak reaches: "near the limit" from here on.
    pub near_the_limit: f64,
    /// The share of the requests that ended which failed: "failing" from here on.
    pub failing: f64,
    /// The share of the requests that wait longer for a connection than the median of the response
    /// time, in some tenth of the load: "queueing" above this.
    pub queueing: f64,
}

impl Default for Thresholds {
    fn default() -> Thresholds {
        Thresholds {
            near_the_limit: 0.8,
            failing: 0.01,
            queueing: 0.2,
        }
    }
}

/// What the best strategy is best at, where the author says so.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum BestBy {
    /// Fewest requests that fail.
    FewestFailed,
    /// The lowest peak of local ports.
    FewestPorts,
    /// The shortest wait for a connection, at the 99th percentile.
    ShortestWait,
    /// Fewest requests to an address that its server had left.
    FewestToOldAddress,
}

impl BestBy {
    /// All, as the scenario file calls them.
    pub const NAMES: [(&'static str, BestBy); 4] = [
        ("fewest failed", BestBy::FewestFailed),
        ("fewest ports", BestBy::FewestPorts),
        ("shortest wait", BestBy::ShortestWait),
        ("fewest to the old address", BestBy::FewestToOldAddress),
    ];
}

/// A part of a run that is counted on its own as well: what is asked of one program, of one
/// workload, or of a window of time.
#[derive(Clone, Copy, PartialEq, Eq, Debug, serde::Serialize)]
pub struct Part {
    /// Only this one of [`Scenario::workloads`](super::Scenario::workloads).
    pub workload: Option<usize>,
    /// Only this one of [`Scenario::clients`](super::Scenario::clients).
    pub client: Option<usize>,
    /// Requests that arrive, and connections made, at or after this instant.
    pub from: SimTime,
    /// The same before this instant.
    pub until: SimTime,
}
