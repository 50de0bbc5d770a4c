//! Named random streams.
//!
//! Every purpose draws from its own stream, derived from (seed, label, replication): strategies
//! meet the same arrivals and response times, and a new draw in one place moves no other.

use crate::units::{FNV_1A_START, fnv_1a};
use rand::SeedableRng;
use rand_xoshiro::Xoshiro256PlusPlus;

/// The generator of every stream: xoshiro256++ 1.0 (Blackman and Vigna, 2019).
pub type RandomStream = Xoshiro256PlusPlus;

/// The stream for one purpose in one replication of a run.
///
/// The four words of the generator's state are outputs of `SplitMix64` (Steele, Lea and Flood,
/// 2014) started from the seed, the replication and the FNV-1a digest of the label.
///
/// ```
/// use rand::Rng;
/// use spsim::inside::kernel::stream;
/// let mut one = stream(1, "arrivals/orders", 0);
/// let mut again = stream(1, "arrivals/orders", 0);
/// let mut other = stream(1, "response/orders", 0);
/// let first = one.next_u64();
/// assert_eq!(first, again.next_u64());
/// assert_ne!(first, other.next_u64());
/// ```
pub fn stream(seed: u64, label: &str, replication: u32) -> RandomStream {
    let digest = fnv_1a(FNV_1A_START, label.as_bytes());
    seeded(split_mix(
        seed ^ split_mix(digest ^ split_mix(u64::from(replication))),
    ))
}

/// The generator whose state are the next outputs of `SplitMix64`.
fn seeded(mut state: u64) -> RandomStream {
    let mut bytes = [0_u8; 32];
    for word in bytes.chunks_exact_mut(8) {
        state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        word.copy_from_slice(&split_mix(state).to_le_bytes());
    }
    RandomStream::from_seed(bytes)
}

/// Stream `n` of those that `key` starts: for draws that belong to one thing and may never be
/// needed.
pub fn keyed_stream(key: u64, n: u32) -> RandomStream {
    seeded(split_mix(key ^ split_mix(u64::from(n))))
}

/// Number `n` of the sequence that `key` starts, uniform from 0 up to 1: for draws that belong to
/// one thing and may never be needed, so that none of them moves another.
pub fn nth_uniform(key: u64, n: u32) -> f64 {
    let state = key.wrapping_add(u64::from(n).wrapping_mul(0x9e37_79b9_7f4a_7c15));
    // The upper 53 bits, as every double from 0 to 1 has.
    (split_mix(state) >> 11) as f64 / (1_u64 << 53) as f64
}

/// The output function of `SplitMix64`.
const fn split_mix(state: u64) -> u64 {
    let z = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::vec::Vec;

    #[test]
    fn numbers_of_a_sequence_are_spread_and_each_its_own() {
        let mut all: Vec<f64> = (0..1000).map(|n| nth_uniform(7, n)).collect();
        let mean = all.iter().sum::<f64>() / 1000.0;
        // Six standard errors of the mean of 1000: 6 · √(1/12/1000).
        assert!((mean - 0.5).abs() < 0.055, "{mean}");
        assert!(all.iter().all(|it| (0.0..1.0).contains(it)));
        all.sort_by(f64::total_cmp);
        all.dedup();
        assert_eq!(all.len(), 1000);
        assert_ne!(nth_uniform(8, 0).to_bits(), nth_uniform(7, 0).to_bits());
    }
}
