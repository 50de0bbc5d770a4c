//! Eigenvalues of the small symmetric matrices of least squares.
//!
//! Five parameters at most: Jacobi's rotations are exact enough to the last digit, need no
//! allocation worth a library and give the same bytes everywhere, which a linked LAPACK does not.

use alloc::vec::Vec;

/// A square matrix, row after row.
#[derive(Clone, PartialEq, Debug)]
pub(super) struct Matrix {
    pub(super) n: usize,
    pub(super) values: Vec<f64>,
}

/// An eigenvalue and its direction, of length 1.
#[derive(Clone, PartialEq, Debug)]
pub(super) struct Axis {
    pub(super) value: f64,
    pub(super) direction: Vec<f64>,
}

impl Matrix {
    pub(super) fn zero(n: usize) -> Matrix {
        Matrix {
            n,
            values: alloc::vec![0.0; n * n],
        }
    }

    pub(super) fn at(&self, row: usize, column: usize) -> f64 {
        self.values[row * self.n + column]
    }

    pub(super) fn set(&mut self, row: usize, column: usize, value: f64) {
        self.values[row * self.n + column] = value;
    }

    /// Adds `weight` times the outer product of a vector with itself.
    pub(super) fn add_outer(&mut self, vector: &[f64], weight: f64) {
        for row in 0..self.n {
            for column in 0..self.n {
                let more = weight * vector[row] * vector[column];
                self.values[row * self.n + column] += more;
            }
        }
    }

    /// `v' M v`.
    pub(super) fn form(&self, v: &[f64]) -> f64 {
        let mut sum = 0.0;
        for row in 0..self.n {
            for column in 0..self.n {
                sum += v[row] * self.at(row, column) * v[column];
            }
        }
        sum
    }

    /// The eigenvalues of a symmetric matrix with their directions, the largest first (Jacobi,
    /// 1846, by sweeps).
    pub(super) fn axes(&self) -> Vec<Axis> {
        let n = self.n;
        let mut a = self.clone();
        let mut v = Matrix::zero(n);
        for index in 0..n {
            v.set(index, index, 1.0);
        }
        for _ in 0..60 {
            let off = |a: &Matrix| {
                let pairs = (0..n).flat_map(|p| (0..p).map(move |q| (p, q)));
                pairs.map(|(p, q)| a.at(p, q) * a.at(p, q)).sum::<f64>()
            };
            let diagonal: f64 = (0..n).map(|p| a.at(p, p) * a.at(p, p)).sum();
            if off(&a) <= 1e-30 * diagonal {
                break;
            }
            for p in 0..n {
                for q in p + 1..n {
                    rotate(&mut a, &mut v, p, q);
                }
            }
        }
        let mut axes: Vec<Axis> = (0..n)
            .map(|index| Axis {
                value: a.at(index, index),
                direction: (0..n).map(|row| v.at(row, index)).collect(),
            })
            .collect();
        axes.sort_by(|one, other| other.value.total_cmp(&one.value));
        axes
    }
}

/// Makes the element at (p, q) zero.
#[allow(clippy::many_single_char_names, reason = "the letters of the method")]
fn rotate(a: &mut Matrix, v: &mut Matrix, p: usize, q: usize) {
    let element = a.at(p, q);
    if element == 0.0 {
        return;
    }
    let theta = (a.at(q, q) - a.at(p, p)) / (2.0 * element);
    let sign = if theta >= 0.0 { 1.0 } else { -1.0 };
    let t = sign / (theta * sign + libm::sqrt(theta * theta + 1.0));
    let c = 1.0 / libm::sqrt(t * t + 1.0);
    let s = t * c;
    for k in 0..a.n {
        let (one, other) = (a.at(k, p), a.at(k, q));
        a.set(k, p, c * one - s * other);
        a.set(k, q, s * one + c * other);
    }
    for k in 0..a.n {
        let (one, other) = (a.at(p, k), a.at(q, k));
        a.set(p, k, c * one - s * other);
        a.set(q, k, s * one + c * other);
    }
    for k in 0..a.n {
        let (one, other) = (v.at(k, p), v.at(k, q));
        v.set(k, p, c * one - s * other);
        v.set(k, q, s * one + c * other);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn axes_make_up_the_matrix() {
        let mut matrix = Matrix::zero(3);
        for (vector, weight) in [([1.0, 2.0, 0.5], 3.0), ([-1.0, 0.0, 4.0], 0.25)] {
            matrix.add_outer(&vector, weight);
        }
        let axes = matrix.axes();
        assert!(axes.windows(2).all(|pair| pair[0].value >= pair[1].value));
        assert!(axes[2].value.abs() < 1e-12, "of rank two: {axes:?}");
        let mut again = Matrix::zero(3);
        for axis in &axes {
            again.add_outer(&axis.direction, axis.value);
            let length: f64 = axis.direction.iter().map(|it| it * it).sum();
            assert!((length - 1.0).abs() < 1e-12);
        }
        for (one, other) in again.values.iter().zip(&matrix.values) {
            assert!((one - other).abs() < 1e-12, "{again:?} {matrix:?}");
        }
    }
}
