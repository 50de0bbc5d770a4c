//! What a program does about its ports while it runs: policies behind a strategy.
//!
//! A policy is told what the program did and says what the program does next; it holds no
//! reference to the world and draws no random number. Most strategies are patches of the
//! scenario and have no policy at all.

pub mod close_groups;
pub mod retry;
pub mod throttle;

pub use close_groups::GroupCloser;
pub use retry::Retrier;
pub use throttle::Throttler;
