//! Bisection under a judge who may be unsure.

use crate::study::goal::Judgement;
use crate::study::vary::Range;
use alloc::string::String;
use alloc::vec::Vec;

/// Inner points that are tried before the search, to see whether one limit is all there is.
const INNER: [f64; 3] = [0.25, 0.5, 0.75];

/// Most judgements of one side of an answer that is not certain.
const MOST_TIGHTENINGS: u32 = 8;

/// How near a limit is sought between values that are not certain.
const FINEST_BY_CHANCE: f64 = 0.005;

/// A logarithmic middle suits ranges that span more than this factor.
const WIDE: f64 = 20.0;

/// What is searched.
#[derive(Clone, Copy, Debug)]
pub struct Search<'a> {
    /// Between which values.
    pub range: &'a Range,
    /// How near the answer must be known, relative to it; 0 asks for the last whole number, or
    /// for all digits that are written.
    pub precision: f64,
}

/// What was seen at one value.
#[derive(Clone, PartialEq, Debug)]
pub struct Evidence {
    /// The value.
    pub at: f64,
    /// Whether the goal holds there.
    pub judgement: Judgement,
    /// How many runs say so.
    pub runs: u32,
    /// The metrics of the goal, in words.
    pub seen: String,
}

/// The limit of a goal.
#[derive(Clone, PartialEq, Debug)]
pub struct Found {
    /// The last value at which the goal holds, as far as was looked.
    pub limit: f64,
    /// Below it, or at it, the answer is certain on the one side …
    pub low: f64,
    /// … and from here on, on the other.
    pub high: f64,
    /// Whether larger values break the goal.
    pub holds_below: bool,
    /// Whether the runs sufficed for the precision that was asked.
    pub is_certain: bool,
    /// Everything that was seen, by value.
    pub evidence: Vec<Evidence>,
}

/// Why there is no answer.
#[derive(Clone, PartialEq, Debug)]
pub enum Refusal {
    /// The goal holds at both ends.
    HoldsAtBoth(Vec<Evidence>),
    /// It holds at neither end.
    HoldsAtNeither(Vec<Evidence>),
    /// It holds, fails and holds again.
    NotMonotone(Vec<Evidence>),
}

/// Searches the limit; `judge` says whether the goal holds at a value.
///
/// # Errors
/// The outer error is the judge's.
pub fn search<E>(
    search: Search<'_>,
    mut judge: impl FnMut(f64) -> Result<Evidence, E>,
) -> Result<Result<Found, Refusal>, E> {
    let range = search.range;
    let mut seen = vec_of([judge(range.low())?, judge(range.high())?]);
    let ends = [leans(&seen[0]), leans(&seen[1])];
    if ends == [true, true] {
        return Ok(Err(Refusal::HoldsAtBoth(seen)));
    }
    if ends == [false, false] {
        return Ok(Err(Refusal::HoldsAtNeither(seen)));
    }
    for share in INNER {
        let at = between(range, range.low(), range.high(), share);
        if !is_known(&seen, at) {
            seen.push(judge(at)?);
        }
    }
    sort(&mut seen);
    let holds_below = ends[0];
    if !is_monotone(&seen, holds_below) {
        return Ok(Err(Refusal::NotMonotone(seen)));
    }
    let mut state = State {
        search,
        holds_below,
        seen,
    };
    state.bisect(&mut judge)?;
    state.tighten(&mut judge)?;
    sort(&mut state.seen);
    if !is_monotone(&state.seen, holds_below) {
        return Ok(Err(Refusal::NotMonotone(state.seen)));
    }
    Ok(Ok(state.found()))
}

fn vec_of(two: [Evidence; 2]) -> Vec<Evidence> {
    two.into()
}

fn leans(evidence: &Evidence) -> bool {
    evidence.judgement.leans_to_hold()
}

fn sort(seen: &mut [Evidence]) {
    seen.sort_by(|one, other| one.at.total_cmp(&other.at));
}

fn is_known(seen: &[Evidence], at: f64) -> bool {
    seen.iter().any(|it| it.at.to_bits() == at.to_bits())
}

/// Whether no certain judgement contradicts another: only certain ones count, chance may make
/// the others look like anything.
fn is_monotone(seen: &[Evidence], holds_below: bool) -> bool {
    let (first, second) = if holds_below {
        (Judgement::Holds, Judgement::Fails)
    } else {
        (Judgement::Fails, Judgement::Holds)
    };
    let turn = seen.iter().position(|it| it.judgement == second);
    let last = seen.iter().rposition(|it| it.judgement == first);
    match (turn, last) {
        (Some(turn), Some(last)) => last < turn,
        _ => true,
    }
}

/// The point at `share` of the way from `low` to `high`, in steps of equal factors where the
/// range is wide.
fn between(range: &Range, low: f64, high: f64, share: f64) -> f64 {
    let by_factors = low > 0.0 && (range.is_logarithmic() || high / low > WIDE);
    let value = if by_factors {
        low * libm::pow(high / low, share)
    } else {
        low + (high - low) * share
    };
    // What is judged is what is written.
    let written = range.value(&range.text(value)).unwrap_or(value);
    written.clamp(low, high)
}

struct State<'a> {
    search: Search<'a>,
    holds_below: bool,
    seen: Vec<Evidence>,
}

impl State<'_> {
    /// The nearest pair of values between which the leaning turns.
    fn bracket(&self) -> (f64, f64) {
        let side = |wanted: bool| {
            let of_side = self.seen.iter().filter(move |it| leans(it) == wanted);
            of_side.map(|it| it.at)
        };
        // Values that lean against what lies beyond them are noise: the innermost turn counts.
        if self.holds_below {
            let high = side(false).fold(f64::INFINITY, f64::min);
            let low = side(true)
                .filter(|at| *at < high)
                .fold(f64::NEG_INFINITY, f64::max);
            (low, high)
        } else {
            let high = side(true).fold(f64::INFINITY, f64::min);
            let low = side(false)
                .filter(|at| *at < high)
                .fold(f64::NEG_INFINITY, f64::max);
            (low, high)
        }
    }

    fn is_near(&self, low: f64, high: f64) -> bool {
        let size = libm::fmax(libm::fabs(low), libm::fabs(high));
        let last_whole = self.search.range.is_whole() && high - low <= 1.0;
        // Between values that chance leaves open there is no last digit to be found.
        let is_open = |at: f64| {
            let mut of_value = self
                .seen
                .iter()
                .filter(|it| it.at.to_bits() == at.to_bits());
            of_value.any(|it| !it.judgement.is_certain())
        };
        let precision = if is_open(low) || is_open(high) {
            libm::fmax(self.search.precision, FINEST_BY_CHANCE)
        } else {
            self.search.precision
        };
        last_whole || high - low <= precision * size
    }

    fn bisect<E>(&mut self, judge: &mut impl FnMut(f64) -> Result<Evidence, E>) -> Result<(), E> {
        loop {
            let (low, high) = self.bracket();
            let middle = between(self.search.range, low, high, 0.5);
            if self.is_near(low, high) || is_known(&self.seen, middle) {
                return Ok(());
            }
            self.seen.push(judge(middle)?);
        }
    }

    /// Looks for certainty on each side of the turn, as near to it as the precision asks.
    fn tighten<E>(&mut self, judge: &mut impl FnMut(f64) -> Result<Evidence, E>) -> Result<(), E> {
        for _ in 0..MOST_TIGHTENINGS {
            let (low, high) = self.certain();
            // Up to the nearest value that chance leaves open, or the turn.
            let seen = || self.seen.iter().map(|it| it.at);
            let above_low = seen().filter(|at| *at > low).fold(high, f64::min);
            let below_high = seen().filter(|at| *at < high).fold(low, f64::max);
            let mut asked = false;
            for (from, to) in [(low, above_low), (below_high, high)] {
                if self.is_near(from, to) {
                    continue;
                }
                let middle = between(self.search.range, from, to, 0.5);
                if !is_known(&self.seen, middle) {
                    asked = true;
                    self.seen.push(judge(middle)?);
                }
            }
            if !asked {
                break;
            }
        }
        Ok(())
    }

    /// The nearest values between which the answer certainly lies; the ends where none is
    /// certain.
    fn certain(&self) -> (f64, f64) {
        let (below, above) = if self.holds_below {
            (Judgement::Holds, Judgement::Fails)
        } else {
            (Judgement::Fails, Judgement::Holds)
        };
        let of = |wanted| {
            let all = self.seen.iter().filter(move |it| it.judgement == wanted);
            all.map(|it| it.at)
        };
        let (low, high) = (self.search.range.low(), self.search.range.high());
        (
            of(below).fold(low, f64::max),
            of(above).fold(high, f64::min),
        )
    }

    fn found(self) -> Found {
        let (low, high) = self.bracket();
        let limit = if self.holds_below { low } else { high };
        let (certain_low, certain_high) = self.certain();
        Found {
            limit,
            low: certain_low,
            high: certain_high,
            holds_below: self.holds_below,
            is_certain: self.is_near(certain_low, certain_high)
                || (certain_low, certain_high) == (low, high),
            evidence: self.seen,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::study::vary::{Axis, Values};

    fn range(text: &str) -> Range {
        match Axis::parse(text).expect("right").values {
            Values::Range(range) => range,
            Values::List(list) => panic!("{list:?}"),
        }
    }

    fn found(
        text: &str,
        precision: f64,
        judge: impl Fn(f64) -> Judgement,
    ) -> (Result<Found, Refusal>, usize) {
        let range = range(text);
        let mut asked = 0;
        let result = search(
            Search {
                range: &range,
                precision,
            },
            |at| {
                asked += 1;
                Ok::<_, ()>(Evidence {
                    at,
                    judgement: judge(at),
                    runs: 1,
                    seen: String::new(),
                })
            },
        );
        (result.expect("the judge has no errors"), asked)
    }

    fn sure(holds: bool) -> Judgement {
        if holds {
            Judgement::Holds
        } else {
            Judgement::Fails
        }
    }

    #[test]
    fn the_last_whole_number_is_found() {
        let (result, asked) = found("a=1..65535", 0.0, |at| sure(at >= 4_711.0));
        let it = result.expect("monotone");
        assert!((it.limit - 4_711.0).abs() < 1e-9 && !it.holds_below);
        assert!((it.low - 4_710.0).abs() < 1e-9 && it.is_certain);
        assert!(asked < 24, "{asked}");
        let (result, _) = found("a=1..100", 0.0, |at| sure(at <= 1.0));
        assert!((result.expect("monotone").limit - 1.0).abs() < 1e-9);
    }

    #[test]
    fn numbers_are_known_to_the_precision() {
        let (result, asked) = found("a=0.5..500", 0.001, |at| sure(at < 16.5667));
        let it = result.expect("monotone");
        assert!((it.limit / 16.5667 - 1.0).abs() < 0.001 && it.is_certain);
        assert!(it.low <= 16.5667 && it.high >= 16.5667 && asked < 25);
        let (result, _) = found("a=1s..100s", 0.0, |at| sure(at < 31.25));
        assert!((result.expect("monotone").limit - 31.25).abs() < 0.001);
    }

    #[test]
    fn what_chance_leaves_open_widens_the_answer() {
        let judge = |at: f64| match at {
            at if at < 40.0 => Judgement::Holds,
            at if at > 60.0 => Judgement::Fails,
            at => Judgement::Open(at < 50.0),
        };
        let (result, _) = found("a=1.5..100", 0.01, judge);
        let it = result.expect("monotone");
        assert!((it.limit - 50.0).abs() < 1.0, "{}", it.limit);
        assert!((38.0..40.0).contains(&it.low), "{}", it.low);
        assert!((60.0..62.0).contains(&it.high), "{}", it.high);
        assert!(!it.is_certain);
    }

    #[test]
    fn a_goal_without_one_limit_is_refused() {
        let refused =
            |judge: fn(f64) -> Judgement| found("a=1..100", 0.0, judge).0.expect_err("no");
        assert!(matches!(refused(|_| sure(true)), Refusal::HoldsAtBoth(_)));
        assert!(matches!(
            refused(|_| sure(false)),
            Refusal::HoldsAtNeither(_)
        ));
        let island = |at: f64| sure(at < 2.0 || (8.0..20.0).contains(&at));
        let Refusal::NotMonotone(evidence) = refused(island) else {
            panic!("it is not monotone");
        };
        assert_eq!(evidence.len(), 5);
        // Known limit: an island that lies between the probes is not seen.
        let (missed, _) = found("a=1..100", 0.0, |at| {
            sure(at < 20.0 || (40.0..60.0).contains(&at))
        });
        assert!((missed.expect("unseen").limit - 19.0).abs() < 1e-9);
    }
}
