//! How many runs it takes to judge a value.

use super::search::Effort;
use crate::record::RunSummary;
use crate::study::goal::{Goal, Judgement};
use alloc::vec::Vec;

/// Runs before the first look, and all that a glance takes. Fewer say nothing of a mean whose
/// law is unknown.
pub const FIRST: u32 = 30;

/// Where half of the runs do not even suffice for an error of this, the other half will not
/// suffice for the small one that is asked: the evidence grows no faster than their number.
const HOPELESS: f64 = 0.3;

/// How a value is judged whose runs differ by chance.
#[derive(Clone, Copy, Debug)]
pub struct Sampling<'a> {
    /// What must hold.
    pub goal: &'a Goal,
    /// How far above the goal's numbers a run may lie at most, where that is known.
    pub rises: &'a [f64],
    /// The most runs of a value.
    pub most: u32,
    /// With which probability the judgement may be wrong.
    pub error: f64,
    /// How much is spent on it.
    pub effort: Effort,
}

impl Sampling<'_> {
    /// The most runs that are made.
    pub fn most(&self) -> u32 {
        match self.effort {
            Effort::Glance => self.most.min(FIRST),
            Effort::Decide => self.most,
        }
    }

    /// Judges by as many runs as it takes; `add` makes the given list as long as it is told.
    ///
    /// # Errors
    /// That of `add`.
    pub fn judge<E>(
        &self,
        mut add: impl FnMut(&mut Vec<RunSummary>, u32) -> Result<(), E>,
    ) -> Result<(Judgement, Vec<RunSummary>), E> {
        let most = self.most();
        let mut runs = Vec::new();
        let mut wanted = most.min(FIRST);
        loop {
            add(&mut runs, wanted)?;
            let judgement = self.goal.judge(&runs, self.rises, self.error);
            let is_hopeless =
                || wanted >= most / 2 && !self.goal.judge(&runs, self.rises, HOPELESS).is_certain();
            if judgement.is_certain() || wanted >= most || is_hopeless() {
                return Ok((judgement, runs));
            }
            // The test may be looked at as often as one likes; a quarter more keeps all threads
            // busy and wastes little.
            wanted = wanted.saturating_add(wanted / 4).min(most);
        }
    }
}
