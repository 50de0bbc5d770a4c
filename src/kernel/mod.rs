//! The engine's parts that know no domain word: event queue, timer lanes, random streams.
//!
//! **Invariant:** what comes out depends only on what went in, in which order.

pub mod arena;
mod due;
pub mod event_queue;
mod front;
pub mod lane;
pub mod phase;
pub mod random;

pub(crate) use arena::arena_id;
pub use arena::{Arena, ArenaId};
pub use event_queue::EventQueue;
pub use lane::{Lane, Lanes, TimerId};
pub use phase::Phase;
pub use random::{RandomStream, keyed_stream, nth_uniform, stream};
