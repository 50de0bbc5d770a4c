//! How sure the fitted numbers are, and which the curve does not tell.
//!
//! Successive counts of ports hang together, so the curvature of the sum of squares alone would
//! claim too much. Two errors are taken instead, and the larger counts:
//! * of the model: each of its own runs is fitted by one linear step, as if it had been observed;
//!   the scatter of these fits is the error that the randomness of the scenario makes;
//! * of the residuals: what they say of the slopes, with their correlation over time (Newey and
//!   West, 1987). Where the scenario has no randomness, this is the only one.

use super::matrix::Matrix;
use super::search::Found;
use super::slopes::{Axis, axes, deviations, scores};
use super::{Estimate, Parameter, Problem, Product};
use crate::stats::{Interval, student_quantile};
use alloc::string::String;
use alloc::vec::Vec;

/// A parameter is unknown by itself if this share of it lies in unknown combinations …
const ALONE: f64 = 0.9;
/// … and known if less than this does.
const FREE: f64 = 0.05;

/// What can be said of the fitted numbers.
pub(super) struct Certainty {
    pub(super) estimates: Vec<Estimate>,
    pub(super) products: Vec<Product>,
    pub(super) warnings: Vec<String>,
}

/// Judges a finished search.
pub(super) fn of(problem: &Problem, found: &Found) -> Certainty {
    let deviations = deviations(&found.replications, &found.weights);
    let axes = axes(&found.slopes, &deviations);
    let errors = Errors::of(problem, found, &axes, &deviations);
    let unknown = unknown_part(&axes, problem.parameters.len());
    let estimates: Vec<Estimate> = problem
        .parameters
        .iter()
        .enumerate()
        .map(|(index, parameter)| {
            let known = unknown.at(index, index) <= FREE;
            let half = errors.half_of(&unit(index, problem.parameters.len()));
            estimate(problem, found, (index, *parameter), known.then_some(half))
        })
        .collect();
    let mut certainty = Certainty {
        estimates,
        products: Vec::new(),
        warnings: Vec::new(),
    };
    certainty.tell_unknown(problem, &unknown, &errors);
    certainty
}

fn unit(index: usize, n: usize) -> Vec<f64> {
    (0..n).map(|it| f64::from(u8::from(it == index))).collect()
}

/// The projection on the unknown combinations: its diagonal is each parameter's share in them.
fn unknown_part(axes: &[Axis], n: usize) -> Matrix {
    let mut part = Matrix::zero(n);
    for axis in axes.iter().filter(|axis| !axis.is_known) {
        part.add_outer(&axis.direction, 1.0);
    }
    part
}

fn estimate(
    problem: &Problem,
    found: &Found,
    (index, parameter): (usize, Parameter),
    half: Option<f64>,
) -> Estimate {
    let x = found.at[index];
    let span = problem.observed.span_s();
    if parameter == Parameter::Start {
        return Estimate {
            parameter,
            before: problem.start_s,
            value: x * span,
            is_told: half.is_some(),
            interval: half.map(|half| Interval {
                low: (x - half).max(0.0) * span,
                high: (x + half) * span,
            }),
        };
    }
    // Only parameters with a value are fitted.
    let before = parameter.value(&problem.scenario).unwrap_or(0.0);
    Estimate {
        parameter,
        before,
        value: before * parameter.rounded_factor(&problem.scenario, x),
        is_told: half.is_some(),
        interval: half.map(|half| Interval {
            low: before * libm::exp(x - half),
            high: before * libm::exp(x + half),
        }),
    }
}

/// Covariances of the parameters, in the known combinations.
struct Errors {
    by_model: Matrix,
    by_residuals: Matrix,
    n_runs: f64,
    n_free: f64,
}

impl Errors {
    fn of(problem: &Problem, found: &Found, axes: &[Axis], deviations: &[Vec<f64>]) -> Errors {
        let n = problem.parameters.len();
        let mut inverse = Matrix::zero(n);
        for axis in axes.iter().filter(|axis| axis.is_known) {
            inverse.add_outer(&axis.direction, 1.0 / axis.value);
        }
        let apply = |score: &Vec<f64>| -> Vec<f64> {
            (0..n)
                .map(|row| (0..n).map(|it| inverse.at(row, it) * score[it]).sum())
                .collect()
        };
        let runs = deviations.len() as f64;
        let mut by_model = Matrix::zero(n);
        for score in scores(&found.slopes.columns, deviations) {
            // The mean curve has an error as well: that of so many runs.
            by_model.add_outer(&apply(&score), (1.0 + 1.0 / runs) / (runs - 1.0));
        }
        let observed = found.residuals.len() as f64;
        let n_free = (observed - n as f64).max(1.0);
        let mut by_residuals = Matrix::zero(n);
        let length = problem.observed.times_s.len();
        for channel in 0..problem.observed.channels.len() {
            let range = channel * length..(channel + 1) * length;
            let step = |index: usize| -> Vec<f64> {
                let score = found.slopes.columns.iter();
                apply(
                    &score
                        .map(|slope| slope[index] * found.residuals[index])
                        .collect(),
                )
            };
            let steps: Vec<Vec<f64>> = range.map(step).collect();
            add_long_run(&mut by_residuals, &steps, observed / n_free);
        }
        Errors {
            by_model,
            by_residuals,
            n_runs: runs,
            n_free,
        }
    }

    /// Half the width of the 95% interval along a combination, as a logarithm.
    fn half_of(&self, direction: &[f64]) -> f64 {
        let (model, residuals) = (
            self.by_model.form(direction),
            self.by_residuals.form(direction),
        );
        let df = if model >= residuals {
            self.n_runs - 1.0
        } else {
            self.n_free
        };
        student_quantile(0.975, df) * libm::sqrt(model.max(residuals).max(0.0))
    }
}

/// Adds the long-run covariance of `steps` (Newey and West), with Bartlett's weights over the
/// cube root of their number.
fn add_long_run(sum: &mut Matrix, steps: &[Vec<f64>], factor: f64) {
    let lags = libm::cbrt(steps.len() as f64) as usize;
    for step in steps {
        sum.add_outer(step, factor);
    }
    for lag in 1..=lags {
        let weight = 1.0 - lag as f64 / (lags as f64 + 1.0);
        for (early, late) in steps.iter().zip(&steps[lag.min(steps.len())..]) {
            for row in 0..sum.n {
                for column in 0..sum.n {
                    let both = early[row] * late[column] + late[row] * early[column];
                    let value = sum.at(row, column) + factor * weight * both;
                    sum.set(row, column, value);
                }
            }
        }
    }
}

impl Certainty {
    /// Intervals say what chance does to the numbers of a model that is right. Of one that lacks
    /// something they say nothing: where its numbers would be without that, nobody knows.
    pub(super) fn leave_open(&mut self) {
        for estimate in &mut self.estimates {
            estimate.interval = None;
        }
        for product in &mut self.products {
            product.interval = None;
        }
    }

    /// Says what the curve tells only together. What it does not tell at all is left as it was,
    /// and has no interval.
    fn tell_unknown(&mut self, problem: &Problem, unknown: &Matrix, errors: &Errors) {
        let all = &problem.parameters;
        let share = |index: usize| unknown.at(index, index);
        let shared: Vec<usize> = (0..all.len())
            .filter(|index| share(*index) > FREE && share(*index) <= ALONE)
            .collect();
        match shared[..] {
            [] => {}
            [one, other] => self.tell_pair(problem, unknown, errors, [one, other]),
            _ => {
                let names: Vec<String> = shared
                    .iter()
                    .map(|index| format!("`{}`", all[*index].name()))
                    .collect();
                self.warnings.push(format!(
                    "the curve tells {} only together: fix all but one with `--fit`",
                    names.join(", ")
                ));
            }
        }
    }

    fn tell_pair(
        &mut self,
        problem: &Problem,
        unknown: &Matrix,
        errors: &Errors,
        [one, other]: [usize; 2],
    ) {
        let of = [problem.parameters[one], problem.parameters[other]];
        let (first, second) = (of[0].name(), of[1].name());
        let has_start = of.contains(&Parameter::Start);
        // What grows while the other shrinks is unknown: then the product is known.
        if unknown.at(one, other) >= 0.0 || has_start {
            self.warnings.push(format!(
                "the curve tells `{first}` and `{second}` only together: fix one with `--fit`"
            ));
            return;
        }
        let n = problem.parameters.len();
        let mut direction = unit(one, n);
        direction[other] = 1.0;
        let half = errors.half_of(&direction);
        let value = self.estimates[one].value * self.estimates[other].value;
        self.products.push(Product {
            of,
            value,
            interval: Some(Interval {
                low: value * libm::exp(-half),
                high: value * libm::exp(half),
            }),
        });
        self.warnings.push(format!(
            "the curve tells `{first}` and `{second}` only as a product: \
             set one as measured and fit the other (`--set`, `--fit`)"
        ));
    }
}
