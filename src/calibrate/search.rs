//! The search: a scan by doublings, then Gauss and Newton's steps.

use super::slopes::{Axis, Slopes, axes, deviations, dot, mean, noise};
use super::{Job, Parameter, Problem, Simulate};
use crate::sim::Sample;
use crate::units::{LONGEST, SimSpan};
use alloc::vec::Vec;

/// Runs over which the scan averages: a doubling shows through more scatter than this leaves.
const SCAN_REPLICATIONS: u32 = 4;
/// Doublings that are tried beyond the best so far.
const AHEAD: i32 = 3;
/// The most doublings to either side: a factor of 4096.
const MOST_DOUBLINGS: i32 = 12;
/// A scan moves only for a gain beyond this share: on a ridge it stays.
const GAIN: f64 = 0.95;
/// The same for the start, which decides what everything else is compared with.
const GAIN_OF_START: f64 = 0.7;
/// The step of the differences that make the slopes, as a logarithm: 20%. What chance adds to a
/// slope grows as the step shrinks, for few events differ; its bend cancels between both sides.
const DIFFERENCE: f64 = 0.2;
/// The same for the start, as a share of the observed time.
const START_DIFFERENCE: f64 = 0.02;
/// The most steps.
const MOST_STEPS: u32 = 25;
/// A step below this, as a logarithm, is none: half a thousandth.
const SMALL_STEP: f64 = 5e-4;
/// Samples of a run at most.
const MOST_SAMPLES: f64 = 4_000.0;

/// Where the search ended, and what was seen there.
#[derive(Clone, Debug)]
pub(super) struct Found {
    /// Logarithms of factors; the start as a share of the observed time.
    pub(super) at: Vec<f64>,
    /// The values of each replication.
    pub(super) replications: Vec<Vec<f64>>,
    /// The slopes there.
    pub(super) slopes: Slopes,
    /// What each value's deviation counts: one over its standard deviation.
    pub(super) weights: Vec<f64>,
    /// The weighted deviations of the observation from the mean.
    pub(super) residuals: Vec<f64>,
}

/// The model as a function of its parameters.
pub(super) struct Model<'p, S> {
    problem: &'p Problem,
    simulate: &'p mut S,
    weights: Vec<f64>,
    sample_every: SimSpan,
    replications: u32,
    runs: u64,
}

/// The model at one place.
struct Place {
    at: Vec<f64>,
    replications: Vec<Vec<f64>>,
    residuals: Vec<f64>,
    cost: f64,
}

impl<'p, S: Simulate> Model<'p, S> {
    pub(super) fn new(problem: &'p Problem, simulate: &'p mut S) -> Model<'p, S> {
        let observed = &problem.observed;
        // Counts scatter like Poisson's: the variance is the level.
        let weights = observed.channels.iter().flat_map(|(_, values)| {
            let level = values.iter().sum::<f64>() / values.len() as f64;
            values.iter().map(move |_| 1.0 / libm::sqrt(level.max(1.0)))
        });
        let gaps = observed.times_s.windows(2).map(|pair| pair[1] - pair[0]);
        let gap = gaps.fold(f64::INFINITY, f64::min);
        let longest = observed.span_s() + problem.latest_start().max(problem.start_s);
        let every = (gap / 2.0).max(longest / MOST_SAMPLES);
        Model {
            weights: weights.collect(),
            sample_every: SimSpan::from_seconds_rounded(every).max(SimSpan::from_nanos(1)),
            replications: problem.replications.max(2),
            runs: 0,
            problem,
            simulate,
        }
    }

    /// How many runs were made.
    pub(super) const fn runs(&self) -> u64 {
        self.runs
    }

    /// Finds the parameters with the smallest distance.
    pub(super) fn search(&mut self) -> Result<Found, S::Error> {
        let n = self.problem.parameters.len();
        let mut at = alloc::vec![0.0; n];
        // Twice: what one parameter gains may open a gain to another.
        for _ in 0..2 {
            for index in self.scan_order() {
                at = match self.problem.parameters[index] {
                    Parameter::Start => self.scan_start(&at, index)?,
                    _ => self.scan(&at, index)?,
                };
            }
        }
        if self.is_deterministic(&at)? {
            self.replications = 2;
        }
        let mut place = self.place(at)?;
        let mut slopes = self.slopes(&place.at)?;
        for _ in 0..MOST_STEPS {
            let step = self.step(&place, &slopes);
            let length = step.iter().fold(0.0, |most: f64, it| most.max(it.abs()));
            if length < SMALL_STEP {
                break;
            }
            let Some(better) = self.line_search(&place, &step, length)? else {
                break;
            };
            place = better;
            slopes = self.slopes(&place.at)?;
        }
        Ok(Found {
            at: place.at,
            replications: place.replications,
            slopes,
            weights: self.weights.clone(),
            residuals: place.residuals,
        })
    }

    /// The total at `at`, averaged over the replications.
    pub(super) fn mean_of_total(&mut self, at: &[f64]) -> Result<Vec<f64>, S::Error> {
        let place = self.place(at.to_vec())?;
        Ok(self.problem.observed.total_of(&mean(&place.replications)))
    }

    /// The start first: it decides what the others are compared with.
    fn scan_order(&self) -> Vec<usize> {
        let all = &self.problem.parameters;
        let mut order: Vec<usize> = (0..all.len()).collect();
        order.sort_by_key(|index| all[*index] != Parameter::Start);
        order
    }

    /// Doubles and halves one parameter while that pays.
    fn scan(&mut self, at: &[f64], index: usize) -> Result<Vec<f64>, S::Error> {
        let moved = |doublings: i32| {
            let mut moved = at.to_vec();
            moved[index] += f64::from(doublings) * core::f64::consts::LN_2;
            moved
        };
        let mut best = (self.costs(&[moved(0)])?[0], 0);
        for side in [1, -1] {
            let mut tried = 0;
            while tried < MOST_DOUBLINGS && tried < best.1 * side + AHEAD {
                let ahead: Vec<i32> = (tried + 1..=tried + AHEAD).map(|it| it * side).collect();
                let places: Vec<Vec<f64>> = ahead.iter().map(|it| moved(*it)).collect();
                for (cost, doublings) in self.costs(&places)?.into_iter().zip(&ahead) {
                    if cost < best.0 * GAIN {
                        best = (cost, *doublings);
                    }
                }
                tried += AHEAD;
            }
        }
        Ok(moved(best.1))
    }

    /// Tries starts from none to the latest that could matter.
    fn scan_start(&mut self, at: &[f64], index: usize) -> Result<Vec<f64>, S::Error> {
        let latest = self.problem.latest_start() / self.problem.observed.span_s();
        let shares = (0..8).map(|halvings| latest / f64::from(1 << halvings));
        let places: Vec<Vec<f64>> = [at[index], 0.0]
            .into_iter()
            .chain(shares)
            .map(|share| {
                let mut moved = at.to_vec();
                moved[index] = share;
                moved
            })
            .collect();
        let curves = self.curves(&places, SCAN_REPLICATIONS.min(self.replications))?;
        let has_rate = self.problem.parameters.contains(&Parameter::Rate);
        let costs: Vec<f64> = curves
            .iter()
            .map(|curves| self.cost_of_shape(&mean(curves), has_rate))
            .collect();
        let mut best = 0;
        for (candidate, cost) in costs.iter().enumerate() {
            if *cost < costs[best] * GAIN_OF_START {
                best = candidate;
            }
        }
        Ok(places[best].clone())
    }

    /// The distance that is left once the curve is made as high as fits best: a rate that is
    /// still wrong must not decide when the load began.
    fn cost_of_shape(&self, model: &[f64], may_scale: bool) -> f64 {
        let weighted = |values: Vec<f64>| -> Vec<f64> {
            let pairs = values.into_iter().zip(&self.weights);
            pairs.map(|(value, weight)| value * weight).collect()
        };
        let seen = weighted(self.problem.observed.values().collect());
        let model = weighted(model.to_vec());
        let square = dot(&model, &model);
        let factor = if may_scale && square > 0.0 {
            (dot(&seen, &model) / square).max(0.0)
        } else {
            1.0
        };
        let misses = seen.iter().zip(&model);
        misses
            .map(|(seen, model)| (seen - factor * model) * (seen - factor * model))
            .sum()
    }

    /// Where every run is the same, two are as good as many.
    fn is_deterministic(&mut self, at: &[f64]) -> Result<bool, S::Error> {
        let runs = self.curves(&[at.to_vec()], 2)?;
        Ok(runs[0][0] == runs[0][1])
    }

    /// Gauss and Newton's step, without the directions in which the curve tells too little.
    fn step(&self, place: &Place, slopes: &Slopes) -> Vec<f64> {
        let mut step = alloc::vec![0.0; slopes.columns.len()];
        let axes = axes(slopes, &deviations(&place.replications, &self.weights));
        for Axis {
            value,
            direction,
            is_known,
            ..
        } in axes
        {
            if !is_known {
                continue;
            }
            let along: f64 = direction
                .iter()
                .zip(&slopes.columns)
                .map(|(part, slope)| part * dot(slope, &place.residuals))
                .sum();
            for (step, part) in step.iter_mut().zip(&direction) {
                *step += along / value * part;
            }
        }
        step
    }

    /// The first of ever smaller parts of the step that comes nearer.
    fn line_search(
        &mut self,
        place: &Place,
        step: &[f64],
        length: f64,
    ) -> Result<Option<Place>, S::Error> {
        let mut share = (core::f64::consts::LN_2 / length).min(1.0);
        for _ in 0..6 {
            let at = place.at.iter().zip(step).map(|(x, step)| x + share * step);
            let at = self.within_bounds(at.collect());
            let next = self.place(at)?;
            if next.cost < place.cost {
                return Ok(Some(next));
            }
            share /= 2.0;
        }
        Ok(None)
    }

    fn within_bounds(&self, mut at: Vec<f64>) -> Vec<f64> {
        let most = f64::from(MOST_DOUBLINGS) * core::f64::consts::LN_2;
        let latest = self.problem.latest_start() / self.problem.observed.span_s();
        for (x, parameter) in at.iter_mut().zip(&self.problem.parameters) {
            *x = match parameter {
                Parameter::Start => x.clamp(0.0, latest),
                _ => x.clamp(-most, most),
            };
        }
        at
    }

    /// The slope of every weighted value by each parameter, by differences to both sides.
    fn slopes(&mut self, at: &[f64]) -> Result<Slopes, S::Error> {
        let mut places = Vec::new();
        for (index, parameter) in self.problem.parameters.iter().enumerate() {
            let by = match parameter {
                Parameter::Start => START_DIFFERENCE,
                _ => DIFFERENCE,
            };
            for by in [by, -by] {
                let mut moved = at.to_vec();
                moved[index] += by;
                // Nothing was observed before a start after the first observation.
                if *parameter == Parameter::Start {
                    moved[index] = moved[index].max(0.0);
                }
                places.push(moved);
            }
        }
        let curves = self.curves(&places, self.replications)?;
        let pairs = places.chunks(2).zip(curves.chunks(2)).enumerate();
        // By parameter and replication.
        let all: Vec<Vec<Vec<f64>>> = pairs
            .map(|(index, (places, curves))| {
                let width = places[0][index] - places[1][index];
                let runs = curves[0].iter().zip(&curves[1]);
                runs.map(|(right, left)| self.slope(right, left, width))
                    .collect()
            })
            .collect();
        Ok(Slopes {
            noise: noise(&all),
            columns: all.iter().map(|runs| mean(runs)).collect(),
        })
    }

    fn slope(&self, right: &[f64], left: &[f64], width: f64) -> Vec<f64> {
        let values = right.iter().zip(left).zip(&self.weights);
        values
            .map(|((right, left), weight)| (right - left) / width * weight)
            .collect()
    }

    fn place(&mut self, at: Vec<f64>) -> Result<Place, S::Error> {
        let mut curves = self.curves(core::slice::from_ref(&at), self.replications)?;
        let replications = curves.swap_remove(0);
        let residuals = self.residuals(&mean(&replications));
        Ok(Place {
            cost: dot(&residuals, &residuals),
            at,
            replications,
            residuals,
        })
    }

    fn costs(&mut self, places: &[Vec<f64>]) -> Result<Vec<f64>, S::Error> {
        let curves = self.curves(places, SCAN_REPLICATIONS.min(self.replications))?;
        let cost = |curves: &Vec<Vec<f64>>| {
            let residuals = self.residuals(&mean(curves));
            dot(&residuals, &residuals)
        };
        Ok(curves.iter().map(cost).collect())
    }

    fn residuals(&self, model: &[f64]) -> Vec<f64> {
        let pairs = self.problem.observed.values().zip(model).zip(&self.weights);
        pairs
            .map(|((seen, model), weight)| (seen - model) * weight)
            .collect()
    }

    /// The values of each replication at each place.
    fn curves(
        &mut self,
        places: &[Vec<f64>],
        replications: u32,
    ) -> Result<Vec<Vec<Vec<f64>>>, S::Error> {
        let jobs: Vec<Job> = places
            .iter()
            .flat_map(|at| (0..replications).map(move |replication| (at, replication)))
            .map(|(at, replication)| self.job(at, replication))
            .collect();
        self.runs += jobs.len() as u64;
        let observed = &self.problem.observed;
        let reduce = |job: &Job, samples: &[Sample]| observed.read(samples, job.start_s);
        let outcomes = self.simulate.run(&jobs, &reduce)?;
        let of_place = outcomes.chunks(replications as usize);
        Ok(of_place.map(<[_]>::to_vec).collect())
    }

    fn job(&self, at: &[f64], replication: u32) -> Job {
        let problem = self.problem;
        let mut scenario = problem.scenario.clone();
        for (parameter, x) in problem.parameters.iter().zip(at) {
            parameter.scale(&mut scenario, libm::exp(*x));
        }
        let strategy = scenario.strategies[problem.strategy].clone();
        let mut scenario = scenario.under(&strategy);
        let start_s = problem.start_at(at);
        let end = SimSpan::from_seconds_rounded(start_s + problem.observed.span_s());
        scenario.duration = (end + self.sample_every).min(LONGEST);
        scenario.sample_every = Some(self.sample_every);
        Job {
            scenario,
            replication,
            start_s,
        }
    }
}
