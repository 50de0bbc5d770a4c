//! The other end: a server with a bounded number of workers, its outages and slow-downs.
//!
//! Lives here: who is worked on and when work is done. Does not live here: what the clients see
//! of it (`sim/service.rs` tells their managers).
//!
//! | file | what |
//! |---|---|
//! | `pace.rs` | how long work takes while the server is slow or stands still |
//! | `workers.rs` | who is worked on, who waits, who is turned away |
//! | `outages.rs` | what a connect or a request meets at an instant |

pub mod outages;
pub mod pace;
pub mod workers;

pub use outages::Outages;
pub use pace::Pace;
pub use workers::{Offer, Workers};
