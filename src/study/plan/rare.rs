//! The limit of a goal about runs that are too rare to be counted, by the estimates of
//! [`rare`](crate::study::rare).
//!
//! The logarithm of such a probability is nearly a parabola along a key: two or three estimates
//! lead to where it is what the goal asks. Then one goes outwards to where its interval leaves the
//! goal out on either side; these are the ends, for which runs are added as long as they are too
//! far apart.

use super::search::{Effort, Evidence, Found, Refusal, Search, between};
use crate::study::goal::{ByRun, Judgement};
use crate::study::rare::Share;
use crate::units::rounded;
use alloc::string::String;
use alloc::vec::Vec;
use core::cmp::Ordering;

/// The confidence of each interval. At the limit itself it would leave the goal out once in a
/// hundred plans; one looks at a few values near it.
pub const CONFIDENCE: f64 = 0.99;

/// Runs of each end of the range.
const GLANCE: u32 = 64;

/// Runs of a value at first.
const FIRST: u32 = 128;

/// Values that are looked at on the way to the limit, at most …
const MOST_STEPS: u32 = 40;

/// … and on the way outwards from it.
const MOST_OUTWARDS: u32 = 12;

/// By how much further each of these is.
const WIDER: f64 = 1.4;

/// The first of them at least, relative to the limit.
const SMALLEST: f64 = 1e-3;

/// Where the probability is so near to the goal, in logarithms, the limit is found.
const NEAR: f64 = 0.3;

/// Where the last whole number is asked for and chance hides it, this is near enough.
const NEAR_ENOUGH: f64 = 0.01;

/// Searches the limit; `estimate` gives the share at a value by so many runs, and the events that
/// they took.
///
/// # Errors
/// The outer error is that of `estimate`.
pub fn search_rare<E>(
    search: Search<'_>,
    asked: &ByRun,
    about: Option<f64>,
    most: u32,
    estimate: impl FnMut(f64, u32) -> Result<(Share, u64), E>,
) -> Result<Result<Found, Refusal>, E> {
    let mut state = State {
        search,
        asked,
        estimate,
        seen: Vec::new(),
    };
    let (low, high) = (search.range.low(), search.range.high());
    let glance = GLANCE.min(most);
    let ends = [state.look(low, glance)?, state.look(high, glance)?];
    let is_above = ends.map(|it| it.share.share > asked.share);
    if is_above[0] == is_above[1] {
        let seen = state.evidence();
        return Ok(Err(if state.holds(is_above[0]) {
            Refusal::HoldsAtBoth(seen)
        } else {
            Refusal::HoldsAtNeither(seen)
        }));
    }
    // The side on which ports are refused less often than is asked, and the other.
    let (mut mild, mut harsh) = if is_above[0] {
        (ends[1], ends[0])
    } else {
        (ends[0], ends[1])
    };
    let is_rising = harsh.at > mild.at;
    let mut runs = FIRST.min(most);
    let near = state.locate(&mut mild, &mut harsh, about, runs)?;
    loop {
        let known = state.outwards(near, is_rising, runs)?;
        let is_near = known.0.zip(known.1).is_some_and(|(one, other)| {
            let (low, high) = (one.min(other), one.max(other));
            let size = libm::fmax(libm::fabs(low), libm::fabs(high));
            let enough = if search.precision > 0.0 {
                search.precision
            } else {
                NEAR_ENOUGH
            };
            high - low <= enough * size || search.is_near(low, high)
        });
        if is_near || runs >= most {
            return Ok(Ok(state.conclude(near, is_rising, known)));
        }
        runs = runs.saturating_mul(2).min(most);
    }
}

/// What is known on the side on which ports are refused less often than is asked, and on the other.
type Ends = (Option<f64>, Option<f64>);

/// What is known of a value.
#[derive(Clone, Copy, PartialEq, Debug)]
struct Point {
    at: f64,
    share: Share,
    runs: u32,
    events: u64,
}

struct State<'a, J> {
    search: Search<'a>,
    asked: &'a ByRun,
    estimate: J,
    /// The last that is known of each value.
    seen: Vec<Point>,
}

impl<E, J: FnMut(f64, u32) -> Result<(Share, u64), E>> State<'_, J> {
    /// Whether the goal holds where the share is above what is asked, or below.
    fn holds(&self, is_above: bool) -> bool {
        self.asked.holds_on(if is_above {
            Ordering::Greater
        } else {
            Ordering::Less
        })
    }

    fn look(&mut self, at: f64, runs: u32) -> Result<Point, E> {
        let known = self.seen.iter().position(|it| is_same(it.at, at));
        if let Some(known) = known
            && self.seen[known].runs >= runs
        {
            return Ok(self.seen[known]);
        }
        let (share, events) = (self.estimate)(at, runs)?;
        let point = Point {
            at,
            share,
            runs,
            events,
        };
        match known {
            Some(known) => self.seen[known] = point,
            None => self.seen.push(point),
        }
        Ok(point)
    }

    fn is_above(&self, point: &Point) -> bool {
        point.share.share > self.asked.share
    }

    /// The value that is written for this one.
    fn written(&self, at: f64) -> f64 {
        let range = self.search.range;
        let written = range.value(&range.text(at)).unwrap_or(at);
        written.clamp(range.low(), range.high())
    }

    /// The value nearest to the limit, between where the share is below what is asked and where it
    /// is above.
    fn locate(
        &mut self,
        mild: &mut Point,
        harsh: &mut Point,
        about: Option<f64>,
        runs: u32,
    ) -> Result<Point, E> {
        let mut next = about;
        let mut nearest = *mild;
        // Where one end stays, the other creeps: half of the way then.
        let mut stayed = 0_i32;
        for _ in 0..MOST_STEPS {
            let (low, high) = (mild.at.min(harsh.at), mild.at.max(harsh.at));
            if self.search.is_near(low, high) {
                break;
            }
            let middle = || between(self.search.range, low, high, 0.5);
            let guess = next.take().or_else(|| {
                let line = (stayed.abs() < 3).then(|| self.crossing(mild, harsh));
                line.flatten()
            });
            let guess = guess.map_or_else(middle, |it| self.written(it));
            let inside = |at: f64| low < at && at < high;
            let at = if inside(guess) { guess } else { middle() };
            if !inside(at) {
                break;
            }
            let found = self.look(at, runs)?;
            let is_near = found.share.share > 0.0 && {
                let off = libm::log(found.share.share / self.asked.share);
                libm::fabs(off) < NEAR
            };
            if self.is_above(&found) {
                *harsh = found;
                stayed = stayed.max(0) + 1;
            } else {
                *mild = found;
                stayed = stayed.min(0) - 1;
            }
            nearest = found;
            if is_near {
                break;
            }
        }
        Ok(nearest)
    }

    /// Where a straight line in the deviations says that the share is what is asked.
    fn crossing(&self, one: &Point, other: &Point) -> Option<f64> {
        let of = |point: &Point| deviations(point.share.share);
        let (from, to) = (of(one)?, of(other)?);
        let wanted = deviations(self.asked.share)?;
        let share = (wanted - from) / (to - from);
        let is_between = share > 0.0 && share < 1.0;
        is_between.then_some(one.at + (other.at - one.at) * share)
    }

    /// The nearest values on either side whose intervals leave out what is asked.
    fn outwards(&mut self, near: Point, is_rising: bool, runs: u32) -> Result<Ends, E> {
        let near = self.look(near.at, runs)?;
        let limit = self.limit(&near);
        let mut known = [None, None];
        for (place, known) in known.iter_mut().enumerate() {
            let away = if is_rising == (place == 1) { 1.0 } else { -1.0 };
            let mut step = self.reach(&near, limit, place);
            for _ in 0..MOST_OUTWARDS {
                let at = self.written(limit + away * step);
                let found = self.look(at, runs)?;
                if self.is_certain(&found, place) {
                    *known = Some(at);
                    break;
                }
                if [self.search.range.low(), self.search.range.high()].contains(&at) {
                    break;
                }
                step *= WIDER;
            }
        }
        Ok((known[0], known[1]))
    }

    /// How far from the limit the interval is likely to leave out what is asked: as far as that of
    /// a value next to it reaches.
    fn reach(&self, near: &Point, limit: f64, place: usize) -> f64 {
        let interval = near.share.interval;
        let end = if place == 0 {
            interval.high
        } else {
            interval.low
        };
        // An end at 0 says nothing of how far.
        let times = libm::fmax(end / near.share.share, 0.01);
        let least = if self.search.range.is_whole() {
            1.0
        } else {
            SMALLEST * libm::fabs(limit)
        };
        let from_to = deviations(self.asked.share).zip(deviations(times * self.asked.share));
        let by_slope = from_to.zip(self.slope());
        let by_slope = by_slope.map(|((from, to), slope)| libm::fabs((to - from) / slope));
        let by_slope = by_slope.filter(|it| it.is_finite());
        libm::fmax(by_slope.unwrap_or(SMALLEST * libm::fabs(limit)), least)
    }

    /// About where the limit is, from a value next to it.
    fn limit(&self, near: &Point) -> f64 {
        let off = deviations(self.asked.share).zip(deviations(near.share.share));
        let by_slope = off.zip(self.slope());
        let by_slope = by_slope.map(|((wanted, seen), slope)| near.at + (wanted - seen) / slope);
        let (low, high) = (self.search.range.low(), self.search.range.high());
        by_slope
            .filter(|it| low <= *it && *it <= high)
            .unwrap_or(near.at)
    }

    /// How fast the deviations change along the key: the least squares through what was seen not
    /// too far from the limit.
    fn slope(&self) -> Option<f64> {
        let wanted = deviations(self.asked.share)?;
        let seen = self.seen.iter();
        let points = seen.filter_map(|it| Some((it.at, deviations(it.share.share)?)));
        let points: Vec<(f64, f64)> = points.filter(|it| it.1 < 2.0 * wanted).collect();
        let count = points.len() as f64;
        let mean = |of: fn(&(f64, f64)) -> f64| points.iter().map(of).sum::<f64>() / count;
        let (at, seen) = (mean(|it| it.0), mean(|it| it.1));
        let product: f64 = points.iter().map(|it| (it.0 - at) * (it.1 - seen)).sum();
        let square: f64 = points.iter().map(|it| (it.0 - at) * (it.0 - at)).sum();
        let slope = product / square;
        (slope.is_finite() && slope != 0.0).then_some(slope)
    }

    fn is_certain(&self, point: &Point, side: usize) -> bool {
        let interval = point.share.interval;
        if side == 0 {
            interval.high < self.asked.share
        } else {
            interval.low > self.asked.share
        }
    }

    fn evidence(&self) -> Vec<Evidence> {
        let mut seen = self.seen.clone();
        seen.sort_by(|one, other| one.at.total_cmp(&other.at));
        let of = |it: &Point| {
            let (share, interval) = (it.share.share, it.share.interval);
            let is_above = self.is_above(it);
            let is_certain = self.is_certain(it, usize::from(is_above));
            let holds = self.holds(is_above);
            Evidence {
                at: it.at,
                effort: Effort::Decide,
                judgement: if is_certain {
                    Judgement::certain(holds)
                } else {
                    Judgement::Open(holds)
                },
                runs: it.runs,
                rises: Vec::new(),
                events: it.events,
                seen: format!(
                    "p_exhausted = {}, {} to {}",
                    told(share),
                    told(interval.low),
                    told(interval.high)
                ),
            }
        };
        seen.iter().map(of).collect()
    }

    fn conclude(&self, near: Point, is_rising: bool, known: Ends) -> Found {
        let near = self
            .seen
            .iter()
            .find(|it| is_same(it.at, near.at))
            .unwrap_or(&near);
        let limit = self.limit(near);
        let holds_below = self.holds(false) == is_rising;
        // The last value that holds, where only whole ones are written.
        let limit = if self.search.range.is_whole() {
            if holds_below {
                libm::floor(limit)
            } else {
                libm::ceil(limit)
            }
        } else {
            self.written(limit)
        };
        let (low, high) = if is_rising { known } else { (known.1, known.0) };
        let limit = libm::fmin(
            libm::fmax(limit, low.unwrap_or(limit)),
            high.unwrap_or(limit),
        );
        let both = low.zip(high);
        Found {
            limit,
            low,
            high,
            holds_below,
            is_certain: both.is_some_and(|(low, high)| self.search.is_near(low, high)),
            turns_once: false,
            evidence: self.evidence(),
        }
    }
}

/// About by how many deviations so rare a thing is off: the logarithm of a tail is a parabola in
/// them. `None` where nothing was seen, or where it is not rare.
fn deviations(share: f64) -> Option<f64> {
    (share > 0.0 && share < 0.6).then(|| libm::sqrt(-2.0 * libm::log(share)))
}

/// A share for people: `0.0123`, `1.23e-6`.
fn told(share: f64) -> String {
    let share = rounded(share, 3);
    if share > 0.0 && share < 1e-3 {
        format!("{share:e}")
    } else {
        format!("{share}")
    }
}

fn is_same(one: f64, other: f64) -> bool {
    one.to_bits() == other.to_bits()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::stream;
    use crate::stats::special::lower_gamma;
    use crate::study::goal::Goal;
    use crate::study::plan::ERROR;
    use crate::study::vary::{Axis, Values};
    use rand_distr::{Distribution, Gamma};

    const PORTS: f64 = 1_000.0;

    /// Runs of a leak of a second, at this rate: the first refusal is at a gamma time.
    fn leak(seed: u64, rate: f64, runs: u32) -> Share {
        let (asked, mut stream) = (PORTS + 1.0, stream(seed, "leak", 0));
        let gamma = Gamma::new(asked, 1.0).expect("a shape");
        let factor = libm::fmax(asked / rate, 1.0);
        let weights: Vec<f64> = (0..runs)
            .map(|_| {
                let at: f64 = gamma.sample(&mut stream) / (rate * factor);
                let log = rate * (factor - 1.0) * at - asked * libm::log(factor);
                if at <= 1.0 { libm::exp(log) } else { 0.0 }
            })
            .collect();
        Share::of(&weights, CONFIDENCE).expect("several")
    }

    /// The rate at which the probability is this.
    fn limit(share: f64) -> f64 {
        let (mut low, mut high) = (1.0, PORTS);
        for _ in 0..100 {
            let middle = f64::midpoint(low, high);
            if lower_gamma(PORTS + 1.0, middle) < share {
                low = middle;
            } else {
                high = middle;
            }
        }
        low
    }

    fn found(goal: &str, range: &str, of: impl Fn(f64, u32) -> Share) -> Result<Found, Refusal> {
        let goal = Goal::parse(goal).expect("good");
        let Values::Range(range) = Axis::parse(range).expect("right").values else {
            panic!("{range}");
        };
        let query = Search {
            range: &range,
            precision: 0.01,
        };
        let asked = goal.by_run().expect("a share of runs");
        let found = search_rare(query, &asked, None, 1_920, |at, runs| {
            Ok::<_, ()>((of(at, runs), 0))
        });
        found.expect("no errors")
    }

    #[test]
    fn both_ends_are_right_together_and_near() {
        const SEEDS: u32 = 200;
        for share in [1e-3, 1e-6, 1e-9] {
            let truth = limit(share);
            let (mut wrong, mut asked) = (0, 0);
            for seed in 0..SEEDS {
                let goal = alloc::format!("p_exhausted < {share}");
                let it = found(&goal, "a=100.5..2000", |rate, runs| {
                    leak(seed.into(), rate, runs)
                });
                let it = it.expect("a limit");
                let (low, high) = it.low.zip(it.high).expect("both ends");
                wrong += u32::from(!(low < truth && truth < high));
                assert!((high - low) / truth < 0.02, "{low} {high}");
                assert!(it.holds_below && low <= it.limit && it.limit <= high);
                asked += it.evidence.len();
            }
            assert!(
                f64::from(wrong) <= f64::from(SEEDS) * ERROR,
                "{share}: {wrong}"
            );
            assert!(
                asked < 20 * SEEDS as usize,
                "{asked} values in {SEEDS} plans"
            );
        }
    }

    /// The larger the better, in whole numbers, and the other way round.
    #[test]
    fn a_key_may_be_whole_and_fall() {
        let of = |ports: f64, runs| leak(1, 1e6 / ports, runs);
        let truth = 1e6 / limit(1e-6);
        let it = found("p_exhausted < 1e-6", "a=500..5000", of).expect("a limit");
        let (low, high) = it.low.zip(it.high).expect("both ends");
        assert!(low < truth && truth < high && !it.holds_below, "{it:?}");
        assert!((high - low) / truth < 0.02 && it.limit >= low && it.limit <= high);
        let it = found("p_exhausted >= 1e-6", "a=500..5000", of).expect("a limit");
        assert!(it.holds_below, "{it:?}");
    }

    #[test]
    fn a_goal_without_a_limit_is_refused() {
        let none = |_, runs: u32| {
            let weights = alloc::vec![0.0; runs as usize];
            Share::of(&weights, CONFIDENCE).expect("several")
        };
        let refused = found("p_exhausted < 1e-6", "a=1..9", none);
        assert!(
            matches!(refused, Err(Refusal::HoldsAtBoth(_))),
            "{refused:?}"
        );
        let refused = found("p_exhausted < 1e-6", "a=990.5..999.5", |at, runs| {
            leak(1, at, runs)
        });
        assert!(
            matches!(refused, Err(Refusal::HoldsAtNeither(_))),
            "{refused:?}"
        );
    }
}
