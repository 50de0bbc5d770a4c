//! The limit of a goal that asks for a share of runs, from the values at which runs turn.
//!
//! Along most keys the run of one seed turns once: it is refused a port at all harsher values and
//! at no milder one. The share of runs that are refused at a value is then the share of seeds that
//! have turned by there, and the limit is a quantile of the values at which they do. Its interval
//! is that of order statistics, which holds whatever the law is and however many values are looked
//! at (H. A. David and H. N. Nagaraja, "Order Statistics", 3rd edition (2003), section 7.1): of
//! 480 seeds none has turned, or eleven have, where one in a hundred does.
//!
//! A seed that has not turned is not run at a milder value, nor one that has at a harsher one.
//! Whether runs turn once is either known by construction ([`turns_once`](super::once::turns_once))
//! or looked at: some seeds are run at values all over the range, and all of them at both ends of
//! the answer. Where one turns back there is no answer here, and the general
//! [`search`](super::search::search) is for it.

mod conclude;
mod stage;

use self::stage::{Stage, stages};
use super::sampling::FIRST;
use super::search::{Found, GUARDS, NOTABLE, Scale, Search, all_over, between};
use crate::study::goal::ByRun;
use alloc::vec::Vec;

/// The first seeds: they find about where runs turn.
const SCOUTS: usize = 4;

/// The fewest seeds that decide anything.
const FEWEST: u32 = 100;

/// How near the place where runs turn is sought before many of them are made, where nothing
/// nearer is asked for.
const ABOUT: f64 = 0.005;

/// Where the last whole number is asked for and chance hides it, this is near enough.
const NEAR_ENOUGH: f64 = 0.01;

/// What runs at one value came to.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Ran {
    /// Whether each, in the order asked, was refused a port (in time).
    pub hits: Vec<bool>,
    /// How many events they took.
    pub events: u64,
}

/// What is known beforehand of a search among seeds.
#[derive(Clone, Copy, Debug)]
pub struct Among<'a> {
    /// What is asked of each run.
    pub asked: &'a ByRun,
    /// The most seeds.
    pub most: u32,
    /// Whether each of them turns once by construction.
    pub turns_once: bool,
    /// About where: what a closed form says.
    pub about: Option<f64>,
}

/// Searches the limit; `run` runs seeds, by their replication's number, at a value.
///
/// `None` where this is not for it: runs of one seed turn back, both ends look alike, or there are
/// too few seeds to decide anything.
///
/// # Errors
/// That of `run`.
pub fn search_turns<E>(
    search: Search<'_>,
    among: Among<'_>,
    run: impl FnMut(f64, &[u32]) -> Result<Ran, E>,
) -> Result<Option<Found>, E> {
    let stages = stages(among.asked.share, among.most);
    if stages.is_empty() {
        return Ok(None);
    }
    let mut state = Turns {
        search,
        among,
        run,
        rises: true,
        seeds: Vec::new(),
        seen: Vec::new(),
        turned_back: false,
    };
    if !state.look_all_over()? {
        return Ok(None);
    }
    let mut start = state.locate(&stages[0])?;
    for stage in &stages {
        let ends = state.close_in(stage, start)?;
        let is_last = stage.of == stages[stages.len() - 1].of;
        if !is_last && state.is_worth_more(ends, among.most) {
            start = ends.1.unwrap_or(start);
            continue;
        }
        state.confirm(stage, ends)?;
        let is_known = !state.turned_back;
        return Ok(is_known.then(|| state.conclude(stage, ends)).flatten());
    }
    unreachable!("the last stage returns")
}

/// Between which values a seed turns, in order of harshness.
#[derive(Clone, Copy, PartialEq, Debug)]
struct Seed {
    /// The harshest at which it was not hit.
    clear: f64,
    /// The mildest at which it was.
    hit: f64,
}

/// A value that was looked at.
#[derive(Clone, PartialEq, Debug)]
struct Seen {
    harshness: f64,
    /// The seeds that were run there.
    ran: Vec<u32>,
    events: u64,
}

/// The ends of what is known, in order of harshness.
type Ends = (Option<f64>, Option<f64>);

struct Turns<'a, R> {
    search: Search<'a>,
    among: Among<'a>,
    run: R,
    /// Whether larger values are harsher.
    rises: bool,
    seeds: Vec<Seed>,
    seen: Vec<Seen>,
    /// Whether a seed was seen to turn more than once.
    turned_back: bool,
}

impl<E, R: FnMut(f64, &[u32]) -> Result<Ran, E>> Turns<'_, R> {
    /// Looks at both ends, and where nothing is known of the key all over the range. False where
    /// one cannot go on.
    fn look_all_over(&mut self) -> Result<bool, E> {
        let range = self.search.range;
        let first = FIRST.min(self.among.most);
        let scouts: Vec<u32> = (0..first).collect();
        let ends = [range.low(), range.high()];
        let ran = [(self.run)(ends[0], &scouts)?, (self.run)(ends[1], &scouts)?];
        let hits = |ran: &Ran| ran.hits.iter().filter(|hit| **hit).count();
        let counts = [hits(&ran[0]), hits(&ran[1])];
        self.rises = counts[0] <= counts[1];
        for (at, ran) in ends.into_iter().zip(ran) {
            self.enter(self.harshness(at), &scouts, ran);
        }
        let seems = |count| self.among.asked.seems_to_hold(count, first as usize);
        if seems(counts[0]) == seems(counts[1]) {
            return Ok(false);
        }
        if !self.among.turns_once {
            for at in all_over(range) {
                self.run_at(self.harshness(at), scouts.clone())?;
            }
        }
        Ok(!self.turned_back)
    }

    fn harshness(&self, at: f64) -> f64 {
        if self.rises { at } else { -at }
    }

    fn value(&self, harshness: f64) -> f64 {
        if self.rises { harshness } else { -harshness }
    }

    /// The mild and the harsh end of the range.
    fn range(&self) -> (f64, f64) {
        let (low, high) = (self.search.range.low(), self.search.range.high());
        if self.rises {
            (low, high)
        } else {
            (-high, -low)
        }
    }

    /// Runs those seeds at a value that were not run there.
    fn run_at(&mut self, harshness: f64, mut seeds: Vec<u32>) -> Result<(), E> {
        let seen = self.seen.iter().find(|it| is_same(it.harshness, harshness));
        if let Some(seen) = seen {
            seeds.retain(|seed| !seen.ran.contains(seed));
        }
        if seeds.is_empty() {
            return Ok(());
        }
        let at = self.value(harshness);
        let ran = (self.run)(at, &seeds)?;
        self.enter(harshness, &seeds, ran);
        Ok(())
    }

    fn enter(&mut self, harshness: f64, seeds: &[u32], ran: Ran) {
        for (seed, is_hit) in seeds.iter().zip(ran.hits) {
            let place = *seed as usize;
            if self.seeds.len() <= place {
                let unknown = Seed {
                    clear: f64::NEG_INFINITY,
                    hit: f64::INFINITY,
                };
                self.seeds.resize(place + 1, unknown);
            }
            let seed = &mut self.seeds[place];
            if is_hit {
                self.turned_back |= harshness <= seed.clear;
                seed.hit = libm::fmin(seed.hit, harshness);
            } else {
                self.turned_back |= harshness >= seed.hit;
                seed.clear = libm::fmax(seed.clear, harshness);
            }
        }
        let known = self.seen.iter_mut();
        let mut known = known.filter(|it| is_same(it.harshness, harshness));
        if let Some(seen) = known.next() {
            seen.ran.extend(seeds);
            seen.events += ran.events;
        } else {
            self.seen.push(Seen {
                harshness,
                ran: seeds.into(),
                events: ran.events,
            });
        }
    }

    /// How many of the first `of` seeds are hit at a value; those are run of which that is not
    /// known.
    fn count(&mut self, harshness: f64, of: u32) -> Result<u32, E> {
        let is_open = |seed: &u32| {
            let seed = self.seeds.get(*seed as usize);
            seed.is_none_or(|it| it.clear < harshness && harshness < it.hit)
        };
        let open: Vec<u32> = (0..of).filter(is_open).collect();
        self.run_at(harshness, open)?;
        // A value of which all was known is one that was looked at, too.
        self.enter(harshness, &[], Ran::default());
        Ok(self.hits(harshness, of))
    }

    /// How many of the first `of` are known to be hit at a value.
    fn hits(&self, harshness: f64, of: u32) -> u32 {
        let seeds = self.seeds.iter().take(of as usize);
        seeds.filter(|it| it.hit <= harshness).count() as u32
    }

    /// The value that is written for this harshness.
    fn written(&self, harshness: f64) -> f64 {
        let range = self.search.range;
        let value = self.value(harshness);
        let written = range.value(&range.text(value)).unwrap_or(value);
        let (mild, harsh) = self.range();
        self.harshness(written).clamp(mild, harsh)
    }

    fn middle(&self, mild: f64, harsh: f64) -> f64 {
        let (one, other) = (self.value(mild), self.value(harsh));
        let (low, high) = (one.min(other), one.max(other));
        self.harshness(between(self.search.range, low, high, 0.5))
    }

    fn is_near(&self, mild: f64, harsh: f64) -> bool {
        let (one, other) = (self.value(mild), self.value(harsh));
        self.search.is_near(one.min(other), one.max(other))
    }

    /// A step of about `share` of a value, and at least of one whole.
    fn step(&self, harshness: f64, share: f64) -> f64 {
        let step = share * libm::fabs(harshness);
        if self.search.range.is_whole() {
            libm::fmax(libm::round(step), 1.0)
        } else if step > 0.0 {
            step
        } else {
            let (mild, harsh) = self.range();
            (harsh - mild) * share
        }
    }

    /// A harsh enough value, as near as it is cheap to know, to begin with many seeds: those that
    /// pass it need not be run at milder ones.
    fn locate(&mut self, stage: &Stage) -> Result<f64, E> {
        let about = self.among.about.map(|at| self.written(self.harshness(at)));
        let apart = libm::fmax(self.search.precision, ABOUT);
        let scouts = SCOUTS as u32;
        let rough = self.bracket(scouts, scouts.div_ceil(2), 4.0 * apart, about)?;
        // Two deviations above what is needed of all.
        let all = FIRST.min(self.among.most);
        let share = f64::from(stage.many) / f64::from(stage.of);
        let spread = libm::sqrt(share * (1.0 - share) / f64::from(all));
        let wanted = libm::ceil((share + 2.0 * spread) * f64::from(all)) as u32;
        let exact = self.bracket(all, wanted.clamp(2, all), apart, Some(rough.1))?;
        Ok(exact.1)
    }

    /// Neighbours with fewer than `wanted` hits among `of` seeds and with as many, `apart` of their
    /// size from each other; sought from `start` outwards.
    fn bracket(
        &mut self,
        of: u32,
        wanted: u32,
        apart: f64,
        start: Option<f64>,
    ) -> Result<(f64, f64), E> {
        let (mut mild, mut harsh) = self.range();
        if let Some(start) = start.filter(|it| mild < *it && *it < harsh) {
            let mut step = self.step(start, apart);
            let is_harsh = self.count(start, of)? >= wanted;
            let mut at = start;
            loop {
                if is_harsh {
                    harsh = at;
                } else {
                    mild = at;
                }
                let next = self.written(if is_harsh { at - step } else { at + step });
                step *= 2.0;
                if next <= mild || next >= harsh {
                    break;
                }
                at = next;
                if (self.count(at, of)? >= wanted) != is_harsh {
                    if is_harsh {
                        mild = at;
                    } else {
                        harsh = at;
                    }
                    break;
                }
            }
        }
        while !self.is_near(mild, harsh) && harsh - mild > self.step(harsh, apart) {
            let middle = self.middle(mild, harsh);
            if middle <= mild || middle >= harsh {
                break;
            }
            if self.count(middle, of)? >= wanted {
                harsh = middle;
            } else {
                mild = middle;
            }
        }
        Ok((mild, harsh))
    }

    /// The ends of what `stage` knows, as near each other as is asked or as chance allows.
    fn close_in(&mut self, stage: &Stage, start: f64) -> Result<Ends, E> {
        let (mildest, harshest) = self.range();
        let apart = if self.search.precision > 0.0 {
            self.search.precision
        } else {
            ABOUT
        };
        // From a harsh value downwards: what passes it is done with. Upwards all are run again.
        let mut at = start;
        let mut step = self.step(start, apart);
        let mut harsh = None;
        loop {
            let count = self.count(at, stage.of)?;
            if count >= stage.many {
                harsh = Some(at);
                break;
            }
            if at >= harshest {
                break;
            }
            at = self.written(at + step).max(at).min(harshest);
            step *= 2.0;
        }
        // Downwards only those are run again that were hit: small steps are cheap.
        let apart = apart / 4.0;
        let mut mild = None;
        let mut step = self.step(at, apart);
        while at > mildest {
            let next = self.written(at - step);
            at = if next < at { next } else { mildest };
            let count = self.count(at, stage.of)?;
            if count <= stage.few {
                mild = Some(at);
                break;
            }
            if count >= stage.many {
                harsh = Some(at);
            } else {
                step *= 1.5;
            }
        }
        let (Some(mut low), Some(mut high)) = (mild, harsh) else {
            return Ok((mild, harsh));
        };
        while !self.is_near(low, high) {
            // What lies between can be told on neither side.
            let hidden =
                self.seen.iter().map(|it| it.harshness).filter(|it| {
                    low < *it && *it < high && self.known_at(*it) >= stage.of as usize
                });
            let first = hidden.clone().reduce(f64::min).unwrap_or(high);
            let last = hidden.reduce(f64::max).unwrap_or(high);
            let gaps = [(low, first), (last, high)];
            let wide = gaps.into_iter().filter(|(from, to)| {
                let middle = self.middle(*from, *to);
                to - from > NOTABLE * (high - low) && *from < middle && middle < *to
            });
            let widest = wide.reduce(|one, other| {
                if other.1 - other.0 > one.1 - one.0 {
                    other
                } else {
                    one
                }
            });
            let Some((from, to)) = widest else {
                break;
            };
            let middle = self.middle(from, to);
            let count = self.count(middle, stage.of)?;
            if count <= stage.few {
                low = middle;
            } else if count >= stage.many {
                high = middle;
            }
        }
        Ok((Some(low), Some(high)))
    }

    /// Whether more seeds may bring what is asked, or bring it notably nearer.
    fn is_worth_more(&self, ends: Ends, most: u32) -> bool {
        let (Some(mild), Some(harsh)) = ends else {
            return true;
        };
        if self.is_near(mild, harsh) {
            return false;
        }
        let size = libm::fmax(libm::fabs(mild), libm::fabs(harsh));
        let width = harsh - mild;
        let by_most = width * libm::sqrt(self.seeds.len() as f64 / f64::from(most));
        let is_exact = self.search.precision <= 0.0;
        let wanted = if is_exact {
            1.0
        } else {
            self.search.precision * size
        };
        by_most <= wanted || width > NEAR_ENOUGH * size || !is_exact
    }

    /// Runs everything at both ends that was not run there because a neighbour told, and some
    /// seeds in the widest gaps of the side that holds, unless runs turn once by construction.
    fn confirm(&mut self, stage: &Stage, (mild, harsh): Ends) -> Result<(), E> {
        if self.among.turns_once {
            return Ok(());
        }
        for end in [harsh, mild].into_iter().flatten() {
            self.run_at(end, (0..stage.of).collect())?;
        }
        for scale in Scale::all_of(self.search.range) {
            for _ in 0..GUARDS {
                if self.turned_back {
                    return Ok(());
                }
                let Some((from, to)) = self.widest_gap(*scale, (mild, harsh)) else {
                    break;
                };
                let middle = scale.between(self.search.range, from, to, 0.5);
                let middle = self.harshness(middle);
                self.run_at(middle, (0..FIRST.min(stage.of)).collect())?;
            }
        }
        Ok(())
    }
}

fn is_same(one: f64, other: f64) -> bool {
    one.to_bits() == other.to_bits()
}
