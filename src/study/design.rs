//! Which points a sweep visits: a grid, or a Latin hypercube.

use super::vary::{Axis, Range, RangeError, Values};
use crate::kernel::stream;
use alloc::string::String;
use alloc::vec::Vec;
use rand::seq::SliceRandom;
use rand::{Rng, RngExt};

/// Most points of a sweep.
pub const MOST_POINTS: u64 = 100_000_000;

/// Most points of a Latin hypercube: each has its place in memory, 4 bytes a key.
pub const MOST_SAMPLES: u32 = 10_000_000;

/// Most varied keys.
pub const MOST_KEYS: usize = 32;

/// The points of a sweep, by their number.
#[derive(Clone, Debug)]
pub struct Design {
    axes: Vec<Axis>,
    sample: Option<Sample>,
    points: u64,
}

/// What is wrong with keys that are varied together.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DesignError {
    /// A key of a grid has no values of its own.
    #[error("`{0}` {1}")]
    Range(String, RangeError),
    /// More than [`MOST_POINTS`].
    #[error(
        "the grid has {0} points, more than {most}; `--sample N` takes some of them",
        most = MOST_POINTS
    )]
    TooManyPoints(u64),
    /// More than [`MOST_SAMPLES`].
    #[error("a sample of {0} points, more than {most}", most = MOST_SAMPLES)]
    TooManySamples(u32),
    /// More than [`MOST_KEYS`].
    #[error("{0} keys are varied, more than {most}", most = MOST_KEYS)]
    TooManyKeys(usize),
    /// A key is named twice.
    #[error("`{0}` is varied twice")]
    Twice(String),
}

/// A Latin hypercube: with N points, each Nth of every key's range holds exactly one (`McKay`,
/// Beckman and Conover, 1979).
#[derive(Clone, Debug)]
struct Sample {
    seed: u64,
    /// For each key, the Nth in which each point lies.
    strata: Vec<Vec<u32>>,
}

impl Design {
    /// The grid of all values of all keys; the last key varies fastest.
    ///
    /// # Errors
    /// What is wrong with the keys together.
    pub fn grid(axes: Vec<Axis>) -> Result<Design, DesignError> {
        each_key_once(&axes)?;
        let mut points = 1_u64;
        for axis in &axes {
            let Values::List(values) = &axis.values else {
                return Err(DesignError::Range(format!("{axis}"), RangeError::Open));
            };
            points = points.saturating_mul(values.len() as u64);
        }
        if points > MOST_POINTS {
            return Err(DesignError::TooManyPoints(points));
        }
        Ok(Design {
            axes,
            sample: None,
            points,
        })
    }

    /// A Latin hypercube of so many points over the ranges; a list is a range of its values.
    ///
    /// # Errors
    /// What is wrong with the keys together.
    pub fn latin_hypercube(axes: Vec<Axis>, points: u32, seed: u64) -> Result<Design, DesignError> {
        each_key_once(&axes)?;
        if points > MOST_SAMPLES {
            return Err(DesignError::TooManySamples(points));
        }
        let strata = axes.iter().map(|axis| {
            let mut order: Vec<u32> = (0..points).collect();
            let label = format!("sweep/strata/{}", axis.key);
            order.shuffle(&mut stream(seed, &label, 0));
            order
        });
        let strata = strata.collect();
        Ok(Design {
            axes,
            sample: Some(Sample { seed, strata }),
            points: points.into(),
        })
    }

    /// How many points there are.
    pub const fn points(&self) -> u64 {
        self.points
    }

    /// The keys.
    pub fn axes(&self) -> &[Axis] {
        &self.axes
    }

    /// How many points were asked of a Latin hypercube; `None` of a grid.
    pub fn sample(&self) -> Option<u64> {
        self.sample.as_ref().map(|_| self.points)
    }

    /// The value of each key at point `index` (from 0).
    ///
    /// # Panics
    /// If there is no such point.
    pub fn values(&self, index: u64) -> Vec<String> {
        assert!(index < self.points, "there is no point {index}");
        match &self.sample {
            None => self.grid_values(index),
            Some(sample) => self.sampled_values(sample, index),
        }
    }

    fn grid_values(&self, index: u64) -> Vec<String> {
        let mut rest = index;
        let mut values: Vec<String> = self
            .axes
            .iter()
            .rev()
            .map(|axis| {
                let Values::List(list) = &axis.values else {
                    unreachable!("a grid has lists only");
                };
                let value = &list[(rest % list.len() as u64) as usize];
                rest /= list.len() as u64;
                value.clone()
            })
            .collect();
        values.reverse();
        values
    }

    fn sampled_values(&self, sample: &Sample, index: u64) -> Vec<String> {
        // One stream per point: no point depends on those before it.
        let mut places = stream(sample.seed, "sweep/place", index as u32);
        let axes = self.axes.iter().zip(&sample.strata);
        axes.map(|(axis, strata)| {
            let place: f64 = uniform(&mut places);
            let share = (f64::from(strata[index as usize]) + place) / self.points as f64;
            at(&axis.values, share)
        })
        .collect()
    }
}

/// Uniform from 0 up to 1, 1 excluded.
fn uniform(stream: &mut impl Rng) -> f64 {
    stream.random()
}

/// The value at `share` of what a key takes.
fn at(values: &Values, share: f64) -> String {
    match values {
        Values::List(list) => {
            let place = (share * list.len() as f64) as usize;
            list[place.min(list.len() - 1)].clone()
        }
        Values::Range(range) => sampled(range, share),
    }
}

fn sampled(range: &Range, share: f64) -> String {
    range.cell(range.quantile(share))
}

fn each_key_once(axes: &[Axis]) -> Result<(), DesignError> {
    if axes.len() > MOST_KEYS {
        return Err(DesignError::TooManyKeys(axes.len()));
    }
    for (index, axis) in axes.iter().enumerate() {
        if axes[..index].iter().any(|other| other.key == axis.key) {
            return Err(DesignError::Twice(axis.key.clone()));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn axes(texts: &[&str]) -> Vec<Axis> {
        let read = |text: &&str| Axis::parse(text).expect("right");
        texts.iter().map(read).collect()
    }

    #[test]
    fn the_last_key_of_a_grid_varies_fastest() {
        let grid = Design::grid(axes(&["a=1,2", "b=x,y,z"])).expect("right");
        assert_eq!(grid.points(), 6);
        let all: Vec<String> = (0..6).map(|index| grid.values(index).join("")).collect();
        assert_eq!(all, ["1x", "1y", "1z", "2x", "2y", "2z"]);
    }

    #[test]
    fn every_part_of_every_range_is_sampled_once() {
        let keys = axes(&["a=0.5..100.5", "b=p,q", "c=1..1000:log"]);
        let sample = Design::latin_hypercube(keys.clone(), 100, 7).expect("right");
        let mut seen = [0; 100];
        let mut first = 0;
        for index in 0..100 {
            let values = sample.values(index);
            let a: f64 = values[0].parse().expect("a number");
            seen[(a - 0.5) as usize] += 1;
            first += usize::from(values[1] == "p");
        }
        assert_eq!(seen, [1; 100]);
        assert_eq!(first, 50);
        let again = Design::latin_hypercube(keys.clone(), 100, 7).expect("right");
        assert_eq!(again.values(42), sample.values(42));
        let other = Design::latin_hypercube(keys, 100, 8).expect("right");
        assert_ne!(other.values(42), sample.values(42));
    }

    #[test]
    fn what_does_not_fit_together_is_said() {
        let problem = |texts: &[&str]| format!("{}", Design::grid(axes(texts)).expect_err("wrong"));
        assert_eq!(problem(&["a=1", "a=2"]), "`a` is varied twice");
        assert!(problem(&["a=1..5"]).contains("how many values"));
        let many = ["a=1..99999:99999", "b=1..99999:99999"];
        assert!(problem(&many).contains("more than 100000000"));
    }
}
