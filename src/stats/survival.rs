//! How long until something happens, where some observations end before it does.
//!
//! An observation that ends first is *right-censored*: it says only "not yet by then". A mean of
//! those that did happen would be too short by exactly the others, so there is none here.

use super::{Confidence, Interval, normal};
use alloc::vec::Vec;

/// One observation: until when it was watched, and whether it happened then.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Observed<T> {
    /// When it happened, or how long it was watched without.
    pub time: T,
    /// Whether it happened.
    pub happened: bool,
}

/// One step of a survival curve: at this time the share that has not happened falls to
/// `survival`.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct SurvivalStep<T> {
    /// When.
    pub time: T,
    /// How many were still watched just before.
    pub at_risk: u64,
    /// How many happened then.
    pub happened: u64,
    /// The estimated probability that it happens later than this.
    pub survival: f64,
    /// Greenwood's standard error of `survival`.
    pub error: f64,
    /// The pointwise 95% interval of `survival`.
    pub interval: Interval,
}

/// The Kaplan–Meier estimate, one step per distinct time at which it happened, in order of time;
/// empty where it never did.
///
/// Who is censored at a time is still at risk for what happens at that time. The variance is
/// Greenwood's; the interval is symmetric on the scale log(-log S), so that it stays within 0
/// and 1. Where that scale ends, when nothing is left and Greenwood's variance with it, the
/// interval is Wilson's for none of those that started.
///
/// Sources: E. L. Kaplan and P. Meier, "Nonparametric estimation from incomplete observations",
/// Journal of the American Statistical Association 53 (1958); M. Greenwood, "The natural duration
/// of cancer", Reports on Public Health and Medical Subjects 33 (1926); J. D. Kalbfleisch and
/// R. L. Prentice, "The Statistical Analysis of Failure Time Data" (1980), section 1.4.
pub fn kaplan_meier<T: Ord + Copy>(observations: &[Observed<T>]) -> Vec<SurvivalStep<T>> {
    let mut sorted = observations.to_vec();
    sorted.sort_by_key(|one| (one.time, !one.happened));
    let total = sorted.len() as u64;
    let mut steps = Vec::new();
    let (mut survival, mut greenwood, mut gone) = (1.0, 0.0, 0_usize);
    while gone < sorted.len() {
        let time = sorted[gone].time;
        let here = sorted[gone..].partition_point(|one| one.time == time);
        let happened = sorted[gone..gone + here].partition_point(|one| one.happened) as u64;
        let at_risk = total - gone as u64;
        if happened > 0 {
            let left = (at_risk - happened) as f64;
            survival *= left / at_risk as f64;
            greenwood += happened as f64 / (at_risk as f64 * left);
            let interval = pointwise(survival, greenwood, total);
            steps.push(SurvivalStep {
                time,
                at_risk,
                happened,
                survival,
                error: if left > 0.0 {
                    survival * libm::sqrt(greenwood)
                } else {
                    0.0
                },
                interval,
            });
        }
        gone += here;
    }
    steps
}

/// The interval of a curve that has not fallen yet: `total` watched, none happened.
pub fn before_the_first(total: u64) -> Interval {
    Interval {
        low: 1.0 - none_of(total).high,
        high: 1.0,
    }
}

/// Wilson's interval of what none of `total` did.
fn none_of(total: u64) -> Interval {
    const NOTHING: Interval = Interval {
        low: 0.0,
        high: 1.0,
    };
    let wilson = Confidence::new(0.95, 1).proportion(0, total as usize);
    wilson.unwrap_or(NOTHING)
}

fn pointwise(survival: f64, greenwood: f64, total: u64) -> Interval {
    if survival <= 0.0 {
        return none_of(total);
    }
    let half = normal::Z_95 * libm::sqrt(greenwood) / libm::fabs(libm::log(survival));
    Interval {
        low: libm::pow(survival, libm::exp(half)),
        high: libm::pow(survival, libm::exp(-half)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn observed(time: u32, happened: bool) -> Observed<u32> {
        Observed { time, happened }
    }

    /// Remission in weeks under 6-mercaptopurine: E. J. Freireich and others, Blood 21 (1963), the
    /// example of most textbooks. Estimates and Greenwood's errors as D. R. Cox and D. Oakes,
    /// "Analysis of Survival Data" (1984), table 4.1; log-log intervals as D. Collett, "Modelling
    /// Survival Data", and the common programs print them.
    #[test]
    fn the_textbook_example() {
        let happened = [6, 6, 6, 7, 10, 13, 16, 22, 23].map(|week| observed(week, true));
        let censored =
            [6, 9, 10, 11, 17, 19, 20, 25, 32, 32, 34, 35].map(|week| observed(week, false));
        let all: Vec<_> = happened.into_iter().chain(censored).collect();
        let steps = kaplan_meier(&all);
        let expected = [
            (6, 21, 0.857, 0.0764, 0.620, 0.952),
            (7, 17, 0.807, 0.0869, 0.563, 0.923),
            (10, 15, 0.753, 0.0963, 0.503, 0.889),
            (13, 12, 0.690, 0.1068, 0.432, 0.849),
            (16, 11, 0.627, 0.1141, 0.368, 0.805),
            (22, 7, 0.538, 0.1282, 0.268, 0.747),
            (23, 6, 0.448, 0.1346, 0.188, 0.680),
        ];
        assert_eq!(steps.len(), expected.len());
        for (step, (time, at_risk, survival, error, low, high)) in steps.iter().zip(expected) {
            assert_eq!((step.time, step.at_risk), (time, at_risk));
            assert!((step.survival - survival).abs() < 6e-4, "{step:?}");
            assert!((step.error - error).abs() < 6e-5, "{step:?}");
            assert!((step.interval.low - low).abs() < 6e-4, "{step:?}");
            assert!((step.interval.high - high).abs() < 6e-4, "{step:?}");
        }
    }

    #[test]
    fn nothing_happened_and_everything_happened() {
        assert!(kaplan_meier::<u32>(&[]).is_empty());
        assert!(kaplan_meier(&[observed(5, false); 4]).is_empty());
        let steps = kaplan_meier(&[observed(1, true), observed(2, true)]);
        assert_eq!(steps[1].survival.to_bits(), 0.0_f64.to_bits());
        assert!(steps[1].interval.high > 0.5, "two runs prove little");
    }

    proptest! {
        /// Without censoring before the end the estimate is the share that has not happened.
        #[test]
        fn without_censoring_it_is_the_empirical_curve(
            times in proptest::collection::vec(0_u32..50, 1..60),
            end in 25_u32..60,
        ) {
            let all: Vec<_> = times
                .iter()
                .map(|time| observed((*time).min(end), *time <= end))
                .collect();
            for step in kaplan_meier(&all) {
                let later = times.iter().filter(|time| **time > step.time).count();
                let share = later as f64 / times.len() as f64;
                prop_assert!((step.survival - share).abs() < 1e-12);
                prop_assert!(step.interval.low <= step.survival + 1e-12);
                prop_assert!(step.interval.high >= step.survival - 1e-12);
                prop_assert!(step.interval.low >= 0.0 && step.interval.high <= 1.0);
            }
        }
    }
}
