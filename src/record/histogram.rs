//! A mergeable log-linear histogram of durations, three significant digits.
//!
//! The same buckets as HdrHistogram with 3 digits: values below 2048 ns are exact, above that
//! each power of two is cut into 1024 parts, so a quantile is at most 0.1% too high. Histograms
//! merge by adding whole numbers, so quantiles over many runs do not depend on the order of the
//! runs or on how many threads made them.
//!
//! Our own and not the crate `hdrhistogram`, because that one needs `std`, which the core is built
//! without, and because this is the hottest line of a recorded run: here a record is a shift, an
//! index and three additions without a check for resizing modes. Tests hold it against the crate
//! and against exact quantiles.

use crate::units::SimSpan;
use alloc::vec::Vec;

const SUB_BITS: u32 = 11;
const SUB: u64 = 1 << SUB_BITS;
const HALF: u64 = SUB / 2;
/// How many buckets are looked at together when a quantile is searched.
const BLOCK: usize = 64;

/// Counts of durations in logarithmic buckets.
///
/// Two histograms are equal when the same durations went in, whatever was cleared before.
#[derive(Clone, Debug, Default)]
pub struct Histogram {
    counts: Vec<u64>,
    count: u64,
    sum: u128,
    max: u64,
}

impl PartialEq for Histogram {
    fn eq(&self, other: &Self) -> bool {
        let used = |histogram: &Histogram| bucket_of(histogram.max) + 1;
        (self.count, self.sum, self.max) == (other.count, other.sum, other.max)
            && (self.count == 0 || self.counts[..used(self)] == other.counts[..used(other)])
    }
}

/// The figures of durations of which some may be known only to be longer than something.
#[derive(Clone, Copy, PartialEq, Debug, Default, serde::Serialize)]
pub struct DurationSummary {
    /// How many durations are known.
    pub count: u64,
    /// How many there were, those included that are not known.
    pub total: u64,
    /// The mean of the known ones in seconds; `None` without any.
    pub mean_seconds: Option<f64>,
    /// The median of all.
    pub p50: Quantile,
    /// 95% of all are at most this.
    pub p95: Quantile,
    /// 99% of all are at most this.
    pub p99: Quantile,
    /// The longest of the known ones in nanoseconds; zero without any.
    pub max: u64,
}

/// A quantile of durations, in nanoseconds.
#[derive(Clone, Copy, PartialEq, Eq, Debug, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Quantile {
    /// It is this.
    At(u64),
    /// It lies beyond every duration that is known, of which this is the longest.
    Above(u64),
}

impl Default for Quantile {
    fn default() -> Quantile {
        Quantile::At(0)
    }
}

impl Quantile {
    /// It in seconds; infinite where it lies beyond what is known.
    pub fn seconds(self) -> f64 {
        match self {
            Quantile::At(_) => self.least_seconds(),
            Quantile::Above(_) => f64::INFINITY,
        }
    }

    /// It in seconds, or what it is longer than.
    pub fn least_seconds(self) -> f64 {
        let (Quantile::At(nanos) | Quantile::Above(nanos)) = self;
        nanos as f64 / 1e9
    }
}

impl Histogram {
    /// An empty histogram.
    pub const fn new() -> Histogram {
        Histogram {
            counts: Vec::new(),
            count: 0,
            sum: 0,
            max: 0,
        }
    }

    /// Adds one duration.
    #[inline(always)]
    pub fn record(&mut self, span: SimSpan) {
        self.record_times(span, 1);
    }

    /// Adds one duration that there was so many times.
    #[inline(always)]
    pub fn record_times(&mut self, span: SimSpan, times: u64) {
        let nanos = span.as_nanos();
        let bucket = bucket_of(nanos);
        if bucket >= self.counts.len() {
            self.grow(bucket);
        }
        self.counts[bucket] += times;
        self.count += times;
        self.sum += u128::from(nanos) * u128::from(times);
        self.max = self.max.max(nanos);
    }

    #[inline(never)]
    fn grow(&mut self, bucket: usize) {
        let len = (bucket + 1).next_multiple_of(HALF as usize);
        self.counts.resize(len, 0);
    }

    /// Adds all of `other`.
    pub fn merge(&mut self, other: &Histogram) {
        if other.counts.len() > self.counts.len() {
            self.counts.resize(other.counts.len(), 0);
        }
        for (mine, theirs) in self.counts.iter_mut().zip(&other.counts) {
            *mine += theirs;
        }
        self.count += other.count;
        self.sum += other.sum;
        self.max = self.max.max(other.max);
    }

    /// Forgets every duration; keeps its memory.
    pub fn clear(&mut self) {
        if self.count > 0 {
            let used = bucket_of(self.max) + 1;
            self.counts[..used].fill(0);
        }
        (self.count, self.sum, self.max) = (0, 0, 0);
    }

    /// Its figures.
    pub fn summary(&self) -> DurationSummary {
        self.summary_beside(0, &Histogram::new())
    }

    /// The figures of these durations together with others: see [`Censored`].
    pub fn summary_beside(&self, endless: u64, open: &Histogram) -> DurationSummary {
        let all = Censored {
            known: self,
            endless,
            open,
        };
        all.summary()
    }

    /// The sum of the durations, in microseconds.
    pub const fn micros(&self) -> u64 {
        (self.sum / 1_000) as u64
    }

    /// How many durations were recorded.
    pub const fn count(&self) -> u64 {
        self.count
    }

    /// The mean in seconds, exact up to the final division; `None` when empty.
    pub fn mean_seconds(&self) -> Option<f64> {
        (self.count > 0).then(|| self.sum as f64 / self.count as f64 / 1e9)
    }

    /// The largest duration recorded, exactly; zero when empty.
    pub const fn max(&self) -> SimSpanNanos {
        self.max
    }

    /// The smallest duration such that at least `share` of all are at most it, in nanoseconds:
    /// the upper end of its bucket, never above the maximum. Zero when empty.
    pub fn quantile(&self, share: f64) -> SimSpanNanos {
        let [Quantile::At(nanos) | Quantile::Above(nanos)] = self.quantiles([share], self.count);
        nanos
    }

    /// The quantiles of ascending shares of `total` durations, of which those that are not here
    /// are longer; in one pass.
    fn quantiles<const N: usize>(&self, shares: [f64; N], total: u64) -> [Quantile; N] {
        let beyond = if total > 0 {
            Quantile::Above(self.max)
        } else {
            Quantile::default()
        };
        let mut quantiles = [beyond; N];
        let mut ranks = shares
            .map(|share| (libm::ceil(share * total as f64) as u64).clamp(1, total.max(1)))
            .into_iter()
            .zip(&mut quantiles);
        let mut next = ranks.next();
        let mut seen = 0;
        for (block, counts) in self.counts.chunks(BLOCK).enumerate() {
            // Most blocks are passed over by their sum.
            let after: u64 = seen + counts.iter().sum::<u64>();
            if next.as_ref().is_some_and(|(rank, _)| after < *rank) {
                seen = after;
                continue;
            }
            for (bucket, count) in counts.iter().enumerate() {
                seen += count;
                while let Some((rank, quantile)) = &mut next {
                    if seen < *rank {
                        break;
                    }
                    **quantile = Quantile::At(self.end_of(block * BLOCK + bucket));
                    next = ranks.next();
                }
            }
            if next.is_none() {
                break;
            }
        }
        quantiles
    }
}

/// Below what share of what is left a step of the survival function is rounding.
const ROUNDING: f64 = 1e-12;

impl Histogram {
    /// The same, where `open` ones were looked at only for so long: those are as likely to end
    /// after that as the ones that were looked at for longer.
    fn censored_quantiles<const N: usize>(
        &self,
        shares: [f64; N],
        endless: u64,
        open: &Histogram,
    ) -> [Quantile; N] {
        let mut quantiles = [Quantile::Above(self.max); N];
        let mut next = shares.into_iter().zip(&mut quantiles).peekable();
        let mut at_risk = self.count + endless + open.count;
        let mut survival = 1.0;
        let of = |counts: &[u64], bucket: usize| counts.get(bucket).copied().unwrap_or(0);
        for bucket in 0..self.counts.len() {
            let (ended, left) = (self.counts[bucket], of(&open.counts, bucket));
            if ended > 0 {
                survival *= (at_risk - ended) as f64 / at_risk as f64;
                let is_reached = |it: &(f64, &mut Quantile)| survival <= 1.0 - it.0 + ROUNDING;
                while let Some((_, quantile)) = next.next_if(is_reached) {
                    *quantile = Quantile::At(self.end_of(bucket));
                }
            }
            at_risk -= ended + left;
        }
        quantiles
    }

    /// The longest duration that a bucket stands for.
    fn end_of(&self, bucket: usize) -> u64 {
        upper_end(bucket).min(self.max)
    }
}

/// Durations together with `endless` ones that are longer than all of them, and with others that
/// are only known to be longer than those in `open`: censored, as Kaplan and Meier (1958) count
/// them.
#[derive(Clone, Copy, Debug)]
pub struct Censored<'a> {
    /// Those that are known.
    pub known: &'a Histogram,
    /// How many are longer than all of them.
    pub endless: u64,
    /// How long others lasted when they were looked at last.
    pub open: &'a Histogram,
}

impl Censored<'_> {
    /// How many there are.
    pub const fn total(&self) -> u64 {
        self.known.count + self.endless + self.open.count
    }

    /// Their figures.
    pub fn summary(&self) -> DurationSummary {
        let [p50, p95, p99] = self.quantiles([0.5, 0.95, 0.99]);
        DurationSummary {
            count: self.known.count,
            total: self.total(),
            mean_seconds: self.known.mean_seconds(),
            p50,
            p95,
            p99,
            max: self.known.max,
        }
    }

    /// The quantiles of ascending shares.
    pub fn quantiles<const N: usize>(&self, shares: [f64; N]) -> [Quantile; N] {
        if self.open.count == 0 {
            self.known.quantiles(shares, self.total())
        } else {
            self.known
                .censored_quantiles(shares, self.endless, self.open)
        }
    }

    /// Which share of them is at most `nanos` long, to the end of its bucket.
    pub fn share_until(&self, nanos: u64) -> f64 {
        let (known, open) = (&self.known.counts, &self.open.counts);
        let (mut at_risk, mut survival) = (self.total(), 1.0);
        for (bucket, ended) in known.iter().take(bucket_of(nanos) + 1).enumerate() {
            if *ended > 0 {
                survival *= (at_risk - ended) as f64 / at_risk as f64;
            }
            at_risk -= ended + open.get(bucket).copied().unwrap_or(0);
        }
        1.0 - survival
    }
}

/// Nanoseconds, as plain numbers leave the histogram.
pub type SimSpanNanos = u64;

#[inline]
fn bucket_of(nanos: u64) -> usize {
    // Power of two above the exact range; 0 inside it.
    let exponent = (64 - SUB_BITS).saturating_sub((nanos | (SUB - 1)).leading_zeros());
    let part = nanos >> exponent;
    (u64::from(exponent) * HALF + part) as usize
}

fn upper_end(bucket: usize) -> u64 {
    let bucket = bucket as u64;
    if bucket < SUB {
        return bucket;
    }
    let exponent = bucket / HALF - 1;
    let part = bucket - exponent * HALF;
    // In 128 bits: the last bucket ends at 2^64 - 1.
    ((u128::from(part) + 1) << exponent)
        .saturating_sub(1)
        .min(u128::from(u64::MAX)) as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn buckets_tile_the_line() {
        let mut expected_start = 0_u64;
        for bucket in 0..6_000 {
            assert_eq!(
                bucket_of(expected_start),
                bucket,
                "start of bucket {bucket}"
            );
            let end = upper_end(bucket);
            assert_eq!(bucket_of(end), bucket, "end of bucket {bucket}");
            expected_start = end + 1;
        }
        assert_eq!(upper_end(bucket_of(u64::MAX)), u64::MAX);
    }

    #[test]
    fn quantiles_are_within_a_thousandth_of_the_exact_ones() {
        let mut histogram = Histogram::new();
        let mut values: Vec<u64> = (0..10_000_u64)
            .map(|k| k.wrapping_mul(2_654_435_761) % 1_000_000_007)
            .collect();
        for value in &values {
            histogram.record(SimSpan::from_nanos(*value));
        }
        values.sort_unstable();
        for share in [0.0001, 0.1, 0.5, 0.95, 0.99, 1.0] {
            let exact = values[(share * 10_000.0) as usize - 1];
            let found = histogram.quantile(share);
            assert!(
                found >= exact && found - exact <= exact / 1000,
                "{share}: {found} {exact}"
            );
        }
    }

    /// Gil Tene's HdrHistogram with three digits, from 1 ns to a day, as the oracle: the same
    /// counts, and quantiles within three digits.
    #[test]
    fn quantiles_are_those_of_hdr_histogram() {
        let mut ours = Histogram::new();
        let mut theirs = hdrhistogram::Histogram::<u64>::new_with_bounds(1, 86_400_000_000_000, 3)
            .expect("bounds that it takes");
        let mut state = 1_u64;
        for _ in 0..50_000 {
            state = state.wrapping_mul(0x5851_f42d_4c95_7f2d).wrapping_add(1);
            // Spread over nine orders of magnitude, as latencies and waits are.
            let nanos = (1_u64 << (state >> 59)) + (state >> 20) % (1 << (state >> 59));
            ours.record(SimSpan::from_nanos(nanos));
            theirs.record(nanos).expect("within its bounds");
        }
        assert_eq!(ours.count(), theirs.len());
        for share in [0.001, 0.01, 0.1, 0.5, 0.9, 0.95, 0.99, 0.999, 1.0] {
            let (found, expected) = (ours.quantile(share), theirs.value_at_quantile(share));
            assert!(
                found.abs_diff(expected) * 1_000 <= expected,
                "{share}: {found} {expected}"
            );
        }
    }

    proptest::proptest! {
        /// Whatever is merged into what, and in which order.
        #[test]
        fn merging_is_associative_and_commutative(
            parts in proptest::collection::vec(
                proptest::collection::vec(0_u64..1 << 45, 0..20), 3..=3
            ),
        ) {
            let [a, b, c] = [0, 1, 2].map(|part: usize| {
                let mut one = Histogram::new();
                for nanos in &parts[part] {
                    one.record(SimSpan::from_nanos(*nanos));
                }
                one
            });
            let merged = |first: &Histogram, second: &Histogram| {
                let mut sum = first.clone();
                sum.merge(second);
                sum
            };
            let left = merged(&merged(&a, &b), &c);
            proptest::prop_assert_eq!(&left, &merged(&a, &merged(&b, &c)));
            proptest::prop_assert_eq!(&left, &merged(&merged(&c, &b), &a));
            proptest::prop_assert_eq!(left.summary(), merged(&c, &merged(&a, &b)).summary());
        }
    }

    fn of(nanos: &[u64]) -> Histogram {
        let mut histogram = Histogram::new();
        for nanos in nanos {
            histogram.record(SimSpan::from_nanos(*nanos));
        }
        histogram
    }

    #[test]
    fn what_never_ended_is_longer_than_everything_that_did() {
        let known = of(&[10, 20, 30, 40]);
        let summary = |endless| known.summary_beside(endless, &Histogram::new());
        assert_eq!(summary(0).p50, Quantile::At(20));
        assert_eq!(summary(3).p50, Quantile::At(40));
        assert_eq!(summary(4).p50, Quantile::At(40));
        assert_eq!(summary(5).p50, Quantile::Above(40));
        assert_eq!((summary(5).count, summary(5).total), (4, 9));
        let none = Histogram::new().summary_beside(3, &Histogram::new());
        assert_eq!(none.p50, Quantile::Above(0));
        assert_eq!(Histogram::new().summary().p50, Quantile::At(0));
        assert!(none.p50.seconds() > 1e300 && none.p50.least_seconds() < 1e-300);
    }

    /// Worked by hand: of 6, one ends at 10, one is left at 15, one ends at 20 (5/6 · 3/4), one is
    /// left at 25, one ends at 30 (· 1/2), one never.
    #[test]
    fn what_was_left_is_censored_at_its_age() {
        let known = of(&[10, 20, 30]);
        let summary = known.summary_beside(1, &of(&[15, 25]));
        assert_eq!(summary.p50, Quantile::At(30));
        assert_eq!(summary.p95, Quantile::Above(30));
        // Left at once, they say nothing.
        let young = known.summary_beside(0, &of(&[0, 0]));
        assert_eq!((young.p50, young.p99), (Quantile::At(20), Quantile::At(30)));
        // Left last, they are longer than all that ended.
        let old = known.summary_beside(0, &of(&[50; 4]));
        assert_eq!(old.p50, Quantile::Above(30));
    }

    #[test]
    fn merging_equals_recording_together() {
        let (mut left, mut right, mut both) =
            (Histogram::new(), Histogram::new(), Histogram::new());
        for nanos in [0, 5, 3_000, 1 << 40] {
            left.record(SimSpan::from_nanos(nanos));
            both.record(SimSpan::from_nanos(nanos));
        }
        for nanos in [7, 1 << 20] {
            right.record(SimSpan::from_nanos(nanos));
            both.record(SimSpan::from_nanos(nanos));
        }
        left.merge(&right);
        assert_eq!(left, both);
    }
}
