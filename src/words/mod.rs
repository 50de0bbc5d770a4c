//! Text of no domain: numbers as people and programs read them, names made harmless for the place
//! they go to, the words of pictures.
//!
//! Does not live here: what a strategy, a run or a comparison is. Whoever has one hands in its
//! numbers and names.

mod closest;
pub mod labels;
pub mod number;
pub mod plain;

pub use closest::closest;
