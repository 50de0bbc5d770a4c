//! When requests waited long for a connection: how large their share was in the worst tenth of
//! the load.

use crate::units::{SimSpan, SimTime};
use alloc::vec::Vec;

/// At most so many stretches of time are told apart; each tenth has at least 51 of them.
const MOST: usize = 1_024;
/// Of fewer requests no share is taken.
const FEWEST: u64 = 100;

/// Counts by stretches of equal length from the first request on. How long the load will last
/// is not known before: when there are too many stretches, each two become one.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Waits {
    first: SimTime,
    /// A stretch is two to this many nanoseconds long.
    exponent: u32,
    stretches: Vec<Stretch>,
    /// The stretch of the last request that was submitted, and its end.
    last: usize,
    last_until: SimTime,
    /// Requests of that stretch that are not counted in it yet.
    uncounted: u64,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
struct Stretch {
    submitted: u64,
    waited: u64,
}

impl Waits {
    /// A request is submitted; each is at or after the one before.
    #[inline(always)]
    pub fn submitted(&mut self, now: SimTime) {
        if now < self.last_until {
            self.uncounted += 1;
        } else {
            self.submitted_behind(now);
        }
    }

    /// The first request behind the stretch of the last one.
    #[inline(never)]
    fn submitted_behind(&mut self, now: SimTime) {
        self.count();
        if self.stretches.is_empty() {
            self.first = now;
            self.stretches.resize(MOST, Stretch::default());
        }
        let mut place = self.place(now);
        if place >= MOST as u64 {
            self.widen(now);
            place = self.place(now);
        }
        self.last = place as usize;
        let until = SimSpan::from_nanos((place + 1) << self.exponent);
        self.last_until = self.first.saturating_add(until);
        self.uncounted = 1;
    }

    /// Brings the stretches up to the last request.
    fn count(&mut self) {
        if let Some(last) = self.stretches.get_mut(self.last) {
            last.submitted += core::mem::take(&mut self.uncounted);
        }
    }

    /// A request that was submitted then has waited long.
    #[inline]
    pub fn waited(&mut self, submitted: SimTime) {
        let place = self.place(submitted);
        self.stretches[place as usize].waited += 1;
    }

    /// The largest share of requests that waited long, over tenths of the time between the first
    /// and the last request; 0 where no tenth has enough of them.
    pub fn worst_share(&mut self) -> f64 {
        self.count();
        let last = self.stretches.iter().rposition(|it| it.submitted > 0);
        let n = last.map_or(0, |last| last + 1);
        let tenth = |k: usize| &self.stretches[k * n / 10..(k + 1) * n / 10];
        let share = |of: &[Stretch]| {
            let submitted: u64 = of.iter().map(|it| it.submitted).sum();
            let waited: u64 = of.iter().map(|it| it.waited).sum();
            (submitted >= FEWEST).then(|| waited as f64 / submitted as f64)
        };
        let shares = (0..10).filter_map(|k| share(tenth(k)));
        shares.fold(0.0, libm::fmax)
    }

    /// Forgets everything; keeps its memory.
    pub fn clear(&mut self) {
        let mut stretches = core::mem::take(&mut self.stretches);
        stretches.clear();
        *self = Waits {
            stretches,
            ..Waits::default()
        };
    }

    /// In which stretch this is. Not a `usize`: before the stretches have grown it may be beyond
    /// 32 bits, which is all that WebAssembly has.
    #[inline(always)]
    fn place(&self, at: SimTime) -> u64 {
        at.since(self.first).as_nanos() >> self.exponent
    }

    /// Stretches become longer, each two one, until there is one for this instant.
    fn widen(&mut self, now: SimTime) {
        let mut halvings = 0;
        while self.place(now) >> halvings >= MOST as u64 {
            halvings += 1;
        }
        // Behind the stretch of the last request there is nothing yet; after so many, all stands in
        // the first.
        for _ in 0..halvings.min(MOST.ilog2()) {
            let half = self.last / 2;
            for k in 0..=half {
                let (one, other) = (self.stretches[2 * k], self.stretches[2 * k + 1]);
                self.stretches[k] = Stretch {
                    submitted: one.submitted + other.submitted,
                    waited: one.waited + other.waited,
                };
            }
            self.stretches[half + 1..=self.last].fill(Stretch::default());
            self.last = half;
        }
        self.exponent += halvings;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The worst share where request k of `n`, one every `gap` seconds, waits long if told so.
    fn worst(n: u64, gap: f64, waits: impl Fn(u64) -> bool) -> f64 {
        let mut found = Waits::default();
        for run in 0..2 {
            for k in 0..n {
                let at = SimTime::ZERO + SimSpan::from_seconds_rounded(3.0 + gap * k as f64);
                found.submitted(at);
                if waits(k) {
                    found.waited(at);
                }
            }
            if run == 0 {
                found.clear();
            }
        }
        found.worst_share()
    }

    #[test]
    fn the_worst_tenth_decides() {
        for gap in [1e-6, 0.001, 0.1, 60.0] {
            assert!(worst(5_000, gap, |_| false) < 1e-9, "gap {gap}");
            let all = worst(5_000, gap, |_| true);
            assert!(all > 0.99 && all < 1.01, "gap {gap}: {all}");
            let a_third_of_the_third = worst(5_000, gap, |k| k / 500 == 2 && k % 3 == 0);
            assert!((a_third_of_the_third - 1.0 / 3.0).abs() < 0.02, "gap {gap}");
        }
    }

    #[test]
    fn of_few_requests_no_share_is_taken() {
        assert!(worst(900, 0.1, |_| true) < 1e-9);
        assert!(worst(1_100, 0.1, |_| true) > 0.99);
    }
}
