//! After how many seeds one looks, and what so many decide.

use super::FEWEST;
use crate::stats::special::regularized_beta;
use crate::study::plan::search::ERROR;
use alloc::vec::Vec;

/// So many seeds, and what they decide.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Stage {
    pub(super) of: u32,
    /// With no more hits the share is below the one that is asked …
    pub(super) few: u32,
    /// … and with no fewer above.
    pub(super) many: u32,
}

/// The numbers of seeds after which one looks, each twice the last; half of the error is for the
/// first look, which mostly suffices, and the others share the rest. Empty where not even all seeds
/// can decide both ways.
pub(super) fn stages(share: f64, most: u32) -> Vec<Stage> {
    let rarer = libm::fmin(share, 1.0 - share);
    // Both ends must be right: each has half of the error of its look.
    let least = libm::log(ERROR / 4.0) / libm::log1p(-rarer);
    let first = libm::fmax(libm::ceil(1.1 * least), f64::from(FEWEST));
    let mut sizes = Vec::new();
    let mut of = libm::fmin(first, f64::from(most)) as u32;
    while of < most / 3 * 2 {
        sizes.push(of);
        of *= 2;
    }
    sizes.push(if sizes.is_empty() { of } else { most });
    let errors = |place: usize| match (sizes.len(), place) {
        (1, _) => ERROR,
        (_, 0) => ERROR / 2.0,
        (looks, _) => ERROR / 2.0 / (looks - 1) as f64,
    };
    let sized = sizes.iter().enumerate();
    let all = sized.map(|(place, of)| Stage::of(*of, share, errors(place)));
    all.collect::<Option<Vec<Stage>>>().unwrap_or_default()
}

impl Stage {
    fn of(of: u32, share: f64, error: f64) -> Option<Stage> {
        let n = f64::from(of);
        // P(Binomial(n, share) <= k).
        let until = |k: f64| {
            if k < 0.0 {
                0.0
            } else if k >= n {
                1.0
            } else {
                regularized_beta(1.0 - share, n - k, k + 1.0)
            }
        };
        let few = (0..=of).take_while(|k| until(f64::from(*k)) <= error / 2.0);
        let many = (0..=of).find(|k| 1.0 - until(f64::from(*k) - 1.0) <= error / 2.0);
        Some(Stage {
            of,
            few: few.last()?,
            many: many?,
        })
    }
}
