//! Parts of a sweep: which point belongs to which, so that any number of machines share one.
//!
//! Points are dealt in rounds of N, each round starting at another part: neighbours, which cost
//! about the same, go to different parts, and no period of the grid can meet the same part.

use core::fmt;

/// Most parts of a sweep.
pub const MOST_SHARDS: u32 = 100_000;

/// One of several parts.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Shard {
    /// Which, from 0.
    index: u32,
    of: u32,
}

/// Why there is no such part.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ShardError {
    /// A sweep has not so many.
    #[error("a sweep has 1 to {most} shards, found {0}", most = MOST_SHARDS)]
    Of(u64),
    /// There is none of this number among so many.
    #[error("there is no shard {0} of {1}: they count from 1 to {1}")]
    Number(u64, u64),
}

impl Shard {
    /// All points in one part.
    pub const WHOLE: Shard = Shard { index: 0, of: 1 };

    /// Part `number` (from 1) of `of`.
    ///
    /// # Errors
    /// There is no such part.
    pub const fn new(number: u64, of: u64) -> Result<Shard, ShardError> {
        if of == 0 || of > MOST_SHARDS as u64 {
            return Err(ShardError::Of(of));
        }
        if number == 0 || number > of {
            return Err(ShardError::Number(number, of));
        }
        Ok(Shard {
            index: (number - 1) as u32,
            of: of as u32,
        })
    }

    /// Which part, from 1.
    pub const fn number(self) -> u32 {
        self.index + 1
    }

    /// Of how many.
    pub const fn of(self) -> u32 {
        self.of
    }

    /// How many of `points` points this part has.
    pub fn count(self, points: u64) -> u64 {
        let of = u64::from(self.of);
        let (rounds, rest) = (points / of, points % of);
        rounds + u64::from(self.place(rounds) < rest)
    }

    /// The point that is number `local` (from 0) of this part.
    pub fn point(self, local: u64) -> u64 {
        local * u64::from(self.of) + self.place(local)
    }

    /// The index (from 0) of the part that has `point`, of `of` parts.
    pub fn owner(point: u64, of: u32) -> u32 {
        let of = u64::from(of);
        ((point % of + start(point / of, of)) % of) as u32
    }

    /// Where in round `round` this part has its point.
    fn place(self, round: u64) -> u64 {
        let of = u64::from(self.of);
        (u64::from(self.index) + of - start(round, of)) % of
    }
}

/// The part with which a round starts: the finalizer of `MurmurHash3`, which has no period.
const fn start(round: u64, of: u64) -> u64 {
    let mut mixed = round ^ (round >> 33);
    mixed = mixed.wrapping_mul(0xff51_afd7_ed55_8ccd);
    mixed ^= mixed >> 33;
    mixed = mixed.wrapping_mul(0xc4ce_b9fe_1a85_ec53);
    (mixed ^ (mixed >> 33)) % of
}

impl fmt::Display for Shard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.number(), self.of)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::string::ToString;

    #[test]
    fn every_point_has_one_owner_and_one_place() {
        for of in [1, 2, 3, 7, 16, 100] {
            for points in [0, 1, 2, 15, 16, 17, 1_000] {
                let mut seen = vec![0; points as usize];
                for number in 1..=of {
                    let shard = Shard::new(number, of).expect("there");
                    for local in 0..shard.count(points) {
                        let point = shard.point(local);
                        assert_eq!(Shard::owner(point, of as u32), shard.index);
                        seen[point as usize] += 1;
                    }
                }
                assert!(seen.iter().all(|count| *count == 1), "{of} {points}");
            }
        }
        assert_eq!(Shard::WHOLE.point(41), 41);
    }

    #[test]
    fn a_period_of_the_grid_does_not_meet_one_part() {
        // 16 values of the fastest key, 16 parts: each part must see most of them.
        let shard = Shard::new(3, 16).expect("there");
        let mut met = [false; 16];
        (0..64).for_each(|local| met[(shard.point(local) % 16) as usize] = true);
        assert!(met.iter().filter(|it| **it).count() >= 12, "{met:?}");
    }

    #[test]
    fn what_is_out_of_range_is_said() {
        let problem = Shard::new(17, 16).map_err(|it| it.to_string());
        let expected = "there is no shard 17 of 16: they count from 1 to 16";
        assert_eq!(problem, Err(expected.into()));
        assert!(Shard::new(0, 16).is_err() && Shard::new(1, 0).is_err());
    }
}
