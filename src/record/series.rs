//! The samples of a run: every one, or a bounded number that loses no peak.

use crate::sim::Sample;
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::sync::atomic::{AtomicU64, Ordering};

/// How many samples at even distances are kept where not every one is.
pub const MOST_KEPT: u64 = 20_000;
/// In how many stretches of a run the extremes between those are kept.
const STRETCHES: u64 = 1_000;

/// A count of samples that others read while runs go on: no part of what is kept.
#[derive(Clone, Debug, Default)]
pub struct Told(Option<Arc<AtomicU64>>);

impl Told {
    /// Counts there.
    pub const fn to(samples: Arc<AtomicU64>) -> Told {
        Told(Some(samples))
    }

    pub(super) fn one_more(&self) {
        if let Some(samples) = &self.0 {
            samples.fetch_add(1, Ordering::Relaxed);
        }
    }
}

impl PartialEq for Told {
    fn eq(&self, _: &Told) -> bool {
        true
    }
}

/// Keeps samples as they are taken.
#[derive(Clone, PartialEq, Debug)]
pub struct Series {
    /// How many there will be, where that bounds what is kept.
    total: Option<u64>,
    seen: u64,
    kept: Kept,
    /// The lowest and the highest of the stretch, by ports in use, and the highest by ports of the
    /// NAT.
    extremes: Option<[Sample; 3]>,
}

/// The samples that were kept of a run.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Kept {
    /// Every one; or, where there are more than [`MOST_KEPT`], those at even distances and the
    /// last. In order of time.
    pub samples: Vec<Sample>,
    /// Extremes between them: with these, every peak is there. In order of time.
    pub between: Vec<Sample>,
    /// Whether there were more samples than these.
    pub is_thinned: bool,
}

impl Default for Series {
    fn default() -> Series {
        Series::whole()
    }
}

impl Series {
    /// Keeps every sample.
    pub const fn whole() -> Series {
        Series {
            total: None,
            seen: 0,
            kept: Kept {
                samples: Vec::new(),
                between: Vec::new(),
                is_thinned: false,
            },
            extremes: None,
        }
    }

    /// Keeps every one of `total` samples if those are not too many, else a selection.
    pub fn bounded(total: u64) -> Series {
        Series {
            total: (total > MOST_KEPT).then_some(total),
            ..Series::whole()
        }
    }

    /// Takes the next sample; gives whether it is one of [`Kept::samples`].
    pub fn push(&mut self, sample: Sample) -> bool {
        let place = self.seen;
        self.seen += 1;
        let Some(total) = self.total else {
            self.kept.samples.push(sample);
            return true;
        };
        let is_regular = place.is_multiple_of(total.div_ceil(MOST_KEPT)) || place + 1 == total;
        if is_regular {
            self.kept.samples.push(sample);
        } else {
            self.kept.is_thinned = true;
        }
        self.watch(sample);
        if self.seen.is_multiple_of(total.div_ceil(STRETCHES)) {
            self.keep_extremes();
        }
        is_regular
    }

    fn watch(&mut self, sample: Sample) {
        let Some([lowest, highest, highest_of_nat]) = &mut self.extremes else {
            self.extremes = Some([sample; 3]);
            return;
        };
        if sample.ports_in_use < lowest.ports_in_use {
            *lowest = sample;
        }
        if sample.ports_in_use > highest.ports_in_use {
            *highest = sample;
        }
        if nat_ports(&sample) > nat_ports(highest_of_nat) {
            *highest_of_nat = sample;
        }
    }

    /// The stretch is over. The regular samples of it are there already.
    fn keep_extremes(&mut self) {
        let Some(mut extremes) = self.extremes.take() else {
            return;
        };
        extremes.sort_by_key(|sample| sample.time);
        for sample in extremes {
            let is_last = self.kept.between.last().map(|it| it.time) == Some(sample.time);
            let samples = &self.kept.samples;
            let is_regular = (samples.binary_search_by_key(&sample.time, |it| it.time)).is_ok();
            if !is_last && !is_regular {
                self.kept.between.push(sample);
            }
        }
    }

    /// What was kept of the run that has ended; the series is ready for the next.
    pub fn take(&mut self) -> Kept {
        self.keep_extremes();
        self.seen = 0;
        core::mem::take(&mut self.kept)
    }
}

/// Ports taken of the NAT's fullest pool.
const fn nat_ports(sample: &Sample) -> u64 {
    sample.beyond.nat_flows + sample.beyond.nat_held
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::units::SimTime;

    fn sample(second: u64, ports_in_use: u64) -> Sample {
        Sample {
            time: SimTime::from_nanos(second * 1_000_000_000),
            ports_in_use,
            ..Sample::default()
        }
    }

    #[test]
    fn few_samples_are_all_kept() {
        let mut series = Series::bounded(MOST_KEPT);
        for second in 0..MOST_KEPT {
            assert!(series.push(sample(second, second % 7)));
        }
        let kept = series.take();
        assert_eq!(kept.samples.len() as u64, MOST_KEPT);
        assert!(!kept.is_thinned && kept.between.is_empty());
    }

    #[test]
    fn of_many_samples_a_bounded_number_is_kept_and_every_extreme() {
        let total = 1_000_003;
        let peaks = [12_345, 12_346, 777_777, total - 2];
        let mut series = Series::bounded(total);
        for run in 0..2 {
            for second in 0..total {
                let of_nat = u64::from(second == 500_001);
                let ports = if peaks.contains(&second) {
                    90
                } else if second == 333_333 {
                    1
                } else {
                    50
                };
                let mut one = sample(second, ports);
                one.beyond.nat_flows = of_nat;
                series.push(one);
            }
            let kept = series.take();
            assert!(kept.is_thinned, "run {run}");
            assert!(kept.samples.len() as u64 <= MOST_KEPT + 1);
            assert!(kept.between.len() as u64 <= 3 * STRETCHES);
            assert_eq!(kept.samples.first(), Some(&sample(0, 50)));
            assert_eq!(kept.samples.last(), Some(&sample(total - 1, 50)));
            let all = || kept.samples.iter().chain(&kept.between);
            let has = |wanted: &dyn Fn(&Sample) -> bool| all().any(wanted);
            assert!(has(&|it| *it == sample(333_333, 1)));
            assert!(has(&|it| it.beyond.nat_flows == 1));
            assert!(has(&|it| *it == sample(12_345, 90)));
            assert!(has(&|it| *it == sample(total - 2, 90)));
            assert!(kept.samples.is_sorted_by_key(|it| it.time));
            assert!(kept.between.is_sorted_by_key(|it| it.time));
            let mut times: Vec<SimTime> = all().map(|it| it.time).collect();
            times.sort_unstable();
            assert!(times.windows(2).all(|pair| pair[0] < pair[1]), "no twins");
        }
    }
}
