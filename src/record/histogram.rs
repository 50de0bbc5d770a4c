//! A mergeable log-linear histogram of durations, three significant digits.
//!
//! The same buckets as HdrHistogram with 3 digits: values below 2048 ns are exact, above that
//! each power of two is cut into 1024 parts, so a quantile is at most 0.1 % too high. Histograms
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

/// A histogram's figures; durations in nanoseconds, zero when there is none.
#[derive(Clone, Copy, PartialEq, Debug, Default)]
pub struct DurationSummary {
    /// How many durations there were.
    pub count: u64,
    /// Their mean in seconds; `None` without any.
    pub mean_seconds: Option<f64>,
    /// The median.
    pub p50: u64,
    /// 95 % are at most this.
    pub p95: u64,
    /// 99 % are at most this.
    pub p99: u64,
    /// The longest.
    pub max: u64,
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
        let nanos = span.as_nanos();
        // Most requests wait for nothing.
        if nanos == 0 && !self.counts.is_empty() {
            self.counts[0] += 1;
            self.count += 1;
            return;
        }
        let bucket = bucket_of(nanos);
        if bucket >= self.counts.len() {
            self.grow(bucket);
        }
        self.counts[bucket] += 1;
        self.count += 1;
        self.sum += u128::from(nanos);
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
        let [p50, p95, p99] = self.quantiles([0.5, 0.95, 0.99]);
        DurationSummary {
            count: self.count,
            mean_seconds: self.mean_seconds(),
            p50,
            p95,
            p99,
            max: self.max,
        }
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
        let [quantile] = self.quantiles([share]);
        quantile
    }

    /// The quantiles of ascending shares, in one pass.
    fn quantiles<const N: usize>(&self, shares: [f64; N]) -> [SimSpanNanos; N] {
        let mut quantiles = [self.max; N];
        let mut ranks = shares
            .map(|share| (libm::ceil(share * self.count as f64) as u64).clamp(1, self.count.max(1)))
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
                    **quantile = upper_end(block * BLOCK + bucket).min(self.max);
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
