//! Means over runs, what of their slopes is chance, and which combinations of parameters they tell
//! apart.

use super::matrix::Matrix;
use alloc::vec::Vec;

/// A combination of parameters that is not known better than this standard error, as a logarithm,
/// counts as unknown: beyond a half more or less, with 95% confidence.
const UNKNOWN: f64 = 0.25;
/// An effect counts only beyond so many times what chance alone gives the mean slopes.
const CLEAR: f64 = 4.0;

/// How the mean curve changes with the parameters.
#[derive(Clone, Debug)]
pub(super) struct Slopes {
    /// Slope of each weighted value by each parameter, parameter after parameter.
    pub(super) columns: Vec<Vec<f64>>,
    /// What of their products is chance: the mean is over so many runs and no more.
    pub(super) noise: Matrix,
}

/// A combination of parameters, and what the curve tells of it.
#[derive(Clone, PartialEq, Debug)]
pub(super) struct Axis {
    /// How much the sum of squares grows by a step of 1 along it.
    pub(super) value: f64,
    pub(super) direction: Vec<f64>,
    pub(super) is_known: bool,
}

/// The covariance of mean slopes over runs, summed over the values: what a parameter without any
/// effect would seem to have.
pub(super) fn noise(slopes: &[Vec<Vec<f64>>]) -> Matrix {
    let n = slopes.len();
    let mut noise = Matrix::zero(n);
    let Some(runs) = slopes.first().map(Vec::len) else {
        return noise;
    };
    let means: Vec<Vec<f64>> = slopes.iter().map(|runs| mean(runs)).collect();
    let factor = 1.0 / ((runs - 1) * runs) as f64;
    let places = (0..runs).flat_map(|run| (0..means[0].len()).map(move |index| (run, index)));
    for (run, index) in places {
        let of_parameters = slopes.iter().zip(&means);
        let deviations: Vec<f64> = of_parameters
            .map(|(slopes, mean)| slopes[run][index] - mean[index])
            .collect();
        noise.add_outer(&deviations, factor);
    }
    noise
}

/// The combinations that the curve tells apart, from the slopes and the scatter of the model.
pub(super) fn axes(slopes: &Slopes, deviations: &[Vec<f64>]) -> Vec<Axis> {
    let Slopes { columns, noise } = slopes;
    let n = columns.len();
    let mut normal = Matrix::zero(n);
    for row in 0..n {
        for column in 0..n {
            normal.set(row, column, dot(&columns[row], &columns[column]));
        }
    }
    let scores = scores(columns, deviations);
    let axes = normal.axes().into_iter();
    axes.map(|axis| {
        let by_model: f64 = scores
            .iter()
            .map(|score| dot(score, &axis.direction))
            .map(|along| along * along)
            .sum::<f64>()
            / (scores.len() - 1) as f64;
        // One: the variance of a weighted count, were each observation independent.
        let variance = by_model.max(axis.value) / (axis.value * axis.value);
        Axis {
            is_known: axis.value > CLEAR * noise.form(&axis.direction)
                && variance < UNKNOWN * UNKNOWN,
            value: axis.value,
            direction: axis.direction,
        }
    })
    .collect()
}

/// Slopes times deviations, for each replication: one number per parameter.
pub(super) fn scores(slopes: &[Vec<f64>], deviations: &[Vec<f64>]) -> Vec<Vec<f64>> {
    let of = |deviation: &Vec<f64>| slopes.iter().map(|slope| dot(slope, deviation)).collect();
    deviations.iter().map(of).collect()
}

/// The mean over replications, value by value.
pub(super) fn mean(replications: &[Vec<f64>]) -> Vec<f64> {
    let n = replications.len() as f64;
    let mut sums = alloc::vec![0.0; replications.first().map_or(0, Vec::len)];
    for values in replications {
        for (sum, value) in sums.iter_mut().zip(values) {
            *sum += value;
        }
    }
    for sum in &mut sums {
        *sum /= n;
    }
    sums
}

/// Each replication's weighted deviations from their mean.
pub(super) fn deviations(replications: &[Vec<f64>], weights: &[f64]) -> Vec<Vec<f64>> {
    let mean = mean(replications);
    let deviation = |values: &Vec<f64>| {
        let all = values.iter().zip(&mean).zip(weights);
        all.map(|((value, mean), weight)| (value - mean) * weight)
            .collect()
    };
    replications.iter().map(deviation).collect()
}

pub(super) fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}
