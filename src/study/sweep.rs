//! A sweep: one scenario at many points of its keys, under each of its strategies.

use super::design::{Design, DesignError};
use super::metric::{Estimate, METRICS};
use super::part::OfPart;
use super::shard::{Shard, ShardError};
use super::vary::{Axis, AxisError};
use crate::record::RunSummary;
use crate::stats::Confidence;
use crate::units::{FNV_1A_START, fnv_1a};
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use serde::{Deserialize, Serialize};

/// What a sweep is, so that two of them, or two parts of one, can be told apart.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Identity {
    /// The version that runs it: another may come to other numbers.
    pub spsim: String,
    /// The scenario's name.
    pub scenario: String,
    /// How it is named where its file is: the file's name, a built-in name, or `-`.
    #[serde(default)]
    pub typed: String,
    /// The flags that change it, as typed: `--set`, `machine.ports=5000`, `--strategy` ….
    #[serde(default)]
    pub changes: Vec<String>,
    /// Its title.
    pub title: String,
    /// Digest of the scenario and of the files it names, as far as the varied keys leave it.
    pub digest: String,
    /// The number from which all draws derive.
    pub seed: u64,
    /// Independent runs of each strategy at each point.
    pub replications: u32,
    /// The strategies, in the order of the rows.
    pub strategies: Vec<String>,
    /// The varied keys and their values, as typed.
    pub vary: Vec<String>,
    /// Metrics of parts of the runs, each a column more: `failed[billing]`.
    #[serde(default)]
    pub metrics: Vec<String>,
    /// Points of a Latin hypercube; `None` is the grid.
    pub sample: Option<u64>,
    /// How many points there are.
    pub points: u64,
    /// The part, from 1; `None` is the whole.
    pub shard: Option<u32>,
    /// Of how many parts.
    pub shards: u32,
}

/// Why a table is that of no sweep of ours.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum IdentityError {
    /// A varied key cannot be read.
    #[error(transparent)]
    Axis(#[from] AxisError),
    /// Its keys do not go together.
    #[error(transparent)]
    Design(#[from] DesignError),
    /// A sample has not so many.
    #[error("too many points")]
    TooManyPoints,
    /// It says that it has so many points, and its keys have so many.
    #[error("{0} points do not fit the varied keys, which have {1}")]
    Points(u64, u64),
}

impl Identity {
    /// The identity of the part `shard`.
    #[must_use]
    pub fn of_shard(&self, shard: Shard) -> Identity {
        Identity {
            shard: Some(shard.number()),
            shards: shard.of(),
            ..self.clone()
        }
    }

    /// The part this is; the whole where none is named.
    ///
    /// # Errors
    /// There is no such part.
    pub fn shard(&self) -> Result<Shard, ShardError> {
        Shard::new(self.shard.unwrap_or(1).into(), self.shards.into())
    }

    /// The design, read back from the varied keys.
    ///
    /// # Errors
    /// The keys are not those of any sweep of ours.
    pub fn design(&self) -> Result<Design, IdentityError> {
        let axes = self.vary.iter().map(|text| Axis::parse(text));
        let axes: Vec<Axis> = axes.collect::<Result<_, _>>()?;
        let design = match self.sample {
            None => Design::grid(axes)?,
            Some(points) => {
                let points = u32::try_from(points).map_err(|_| IdentityError::TooManyPoints)?;
                Design::latin_hypercube(axes, points, self.seed)?
            }
        };
        if design.points() != self.points {
            return Err(IdentityError::Points(self.points, design.points()));
        }
        Ok(design)
    }

    /// In what `other` is another sweep, in words; empty when it is the same, parts apart.
    pub fn differences(&self, other: &Identity) -> Vec<String> {
        let known = [
            ("spsim", self.spsim.clone(), other.spsim.clone()),
            ("scenario", self.scenario.clone(), other.scenario.clone()),
            ("file", self.typed.clone(), other.typed.clone()),
            (
                "row of changes",
                self.changes.join(" "),
                other.changes.join(" "),
            ),
            ("--vary", self.vary.join("` `"), other.vary.join("` `")),
            (
                "--metric",
                self.metrics.join("` `"),
                other.metrics.join("` `"),
            ),
            ("--sample", self.sample_text(), other.sample_text()),
            ("seed", self.seed.to_string(), other.seed.to_string()),
            (
                "number of replications",
                self.replications.to_string(),
                other.replications.to_string(),
            ),
            (
                "list of strategies",
                self.strategies.join("`, `"),
                other.strategies.join("`, `"),
            ),
        ];
        // What tells another sweep only where all of that is the same.
        let digest = (
            "scenario's digest",
            self.digest.clone(),
            other.digest.clone(),
        );
        let shards = (
            "number of shards",
            self.shards.to_string(),
            other.shards.to_string(),
        );
        let told = |pairs: &[(&str, String, String)]| -> Vec<String> {
            let differing = pairs.iter().filter(|(_, ours, theirs)| ours != theirs);
            differing
                .map(|(what, ours, theirs)| format!("its {what} is `{theirs}`, not `{ours}`"))
                .collect()
        };
        [told(&known), told(&[digest]), told(&[shards])]
            .into_iter()
            .find(|found| !found.is_empty())
            .unwrap_or_default()
    }

    /// The metrics of parts; what is none of ours is left out.
    pub fn of_parts(&self) -> Vec<OfPart> {
        let metrics = self.metrics.iter();
        metrics.filter_map(|it| OfPart::parse(it).ok()).collect()
    }

    fn sample_text(&self) -> String {
        self.sample.map_or("none".into(), |count| count.to_string())
    }

    /// Rows that each point has.
    pub fn rows_per_point(&self) -> usize {
        self.strategies.len()
    }
}

/// The digest of readings of the scenario, one after the other.
#[derive(Clone, Copy, Debug)]
pub struct Readings(u64);

impl Default for Readings {
    fn default() -> Readings {
        Readings(FNV_1A_START)
    }
}

impl Readings {
    /// Adds a scenario's digest.
    pub fn add(&mut self, digest: u64) {
        self.0 = fnv_1a(self.0, &digest.to_le_bytes());
    }

    /// The digest of all, as text.
    pub fn text(self) -> String {
        format!("{:016x}", self.0)
    }
}

/// Every metric of one strategy's runs at one point, then `of_parts`, of which each is counted in
/// the part of the runs at its place.
pub fn estimates(
    runs: &[RunSummary],
    of_parts: &[OfPart],
    confidence: Confidence,
) -> Vec<Estimate> {
    let whole = METRICS.iter().map(|it| it.estimate(runs, confidence));
    let of_parts = of_parts.iter().enumerate().map(|(place, it)| {
        let part = |run: &RunSummary| run.parts[place].1.clone();
        let parts: Vec<RunSummary> = runs.iter().map(part).collect();
        it.metric.estimate(&parts, confidence)
    });
    whole.chain(of_parts).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn identity() -> Identity {
        Identity {
            spsim: "0.1.0".into(),
            typed: String::new(),
            changes: Vec::new(),
            metrics: Vec::new(),
            scenario: "leak".into(),
            title: "A leak".into(),
            digest: "00ff".into(),
            seed: 1,
            replications: 3,
            strategies: ["as is".into()].into(),
            vary: ["a=1,2,3".into()].into(),
            sample: None,
            points: 3,
            shard: None,
            shards: 1,
        }
    }

    #[test]
    fn another_sweep_is_told_by_what_differs() {
        let one = identity();
        assert!(one.differences(&one).is_empty());
        let mut other = identity();
        other.vary = ["a=1,2,4".into()].into();
        other.digest = "0000".into();
        assert_eq!(
            one.differences(&other),
            ["its --vary is `a=1,2,4`, not `a=1,2,3`"]
        );
        other.vary.clone_from(&one.vary);
        assert_eq!(
            one.differences(&other),
            ["its scenario's digest is `0000`, not `00ff`"]
        );
    }

    #[test]
    fn the_design_is_read_back() {
        assert_eq!(identity().design().expect("right").points(), 3);
        let mut wrong = identity();
        wrong.points = 4;
        assert!(wrong.design().is_err());
    }
}
