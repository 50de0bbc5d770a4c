//! What is kept of a run: typed rows, folded from the observations that leave the engine.
//!
//! Lives here: samples of the port table, counts, histograms. Does not live here: files and
//! formats (`output`), and statistics over several runs (`stats`).

pub mod columns;
pub mod durations;
pub mod events;
pub mod histogram;
pub mod recorder;
pub mod refusal;
pub mod relay;
pub mod series;
pub mod summary;
pub mod waits;

pub use crate::net::nat::NatTotals;
pub use crate::sim::path::AddressCounts;
pub use crate::sim::service::ServiceCounts;
pub use crate::sim::{ClientSample, Sample};
pub use columns::{Column, Columns};
pub use durations::Durations;
pub use events::EventRow;
pub use histogram::{DurationSummary, Histogram, Quantile};
pub use recorder::Recorder;
pub use refusal::FirstRefusal;
pub use relay::{Relay, Relayed};
pub use series::Told;
pub use summary::{RunSummary, Verdict};
