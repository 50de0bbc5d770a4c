//! Means over runs, and what of their slopes is chance.

use super::matrix::Matrix;
use alloc::vec::Vec;

/// How the mean curve changes with the parameters.
#[derive(Clone, Debug)]
pub(super) struct Slopes {
    /// Slope of each weighted value by each parameter, parameter after parameter.
    pub(super) columns: Vec<Vec<f64>>,
    /// What of their products is chance: the mean is over so many runs and no more.
    pub(super) noise: Matrix,
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
