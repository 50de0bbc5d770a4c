//! Bisection under a judge who may be unsure.
//!
//! Every value is judged by a test that may be looked at after every run, as in Waeber, Frazier
//! and Henderson, "A Bayesian approach to stochastic root finding", Winter Simulation Conference
//! 2011 (there: tests of power one). The error that is allowed is shared among all values that a
//! search may look at (Bonferroni), so that the two ends of an answer are right together.
//!
//! Glances of a few runs find about where the goal turns; what is certain is then sought from
//! there outwards, so that few runs are spent on values that the nearer ones decide as well.
//! Where chance hides the limit, no value between two others can be decided: that stretch is
//! narrowed from both sides as long as it can become notably shorter.

use crate::study::goal::Judgement;
use crate::study::vary::Range;
use alloc::string::String;
use alloc::vec::Vec;

/// With which probability anything that a search calls certain may be wrong.
pub const ERROR: f64 = 0.05;

/// Values that are decided, at most; they share nine tenths of [`ERROR`] equally.
pub const MOST_DECIDED: u32 = 24;

/// Glances, at most; they share the rest. What they show is clear or nothing.
const MOST_GLANCES: u32 = 64;

/// Into how many parts the range is cut, on each of its scales, for glances before the search: is
/// one limit all there is?
const PARTS: u32 = 8;

/// Glances after the search on each scale, in the widest gaps of the side on which the goal is said
/// to hold.
pub(super) const GUARDS: u32 = 8;

/// A stretch that chance hides is not narrowed by less than this share of what is known.
pub(super) const NOTABLE: f64 = 0.2;

/// The first step away from a value that chance hides, relative to it: steps then double.
const FIRST_STEP: f64 = 0.02;

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

impl Search<'_> {
    /// Whether nothing between the two is asked for, or can be written.
    pub(super) fn is_near(&self, low: f64, high: f64) -> bool {
        if high <= low {
            return true;
        }
        let size = libm::fmax(libm::fabs(low), libm::fabs(high));
        let last_whole = self.range.is_whole() && high - low <= 1.0;
        let middle = between(self.range, low, high, 0.5);
        let is_last = [low, high].map(f64::to_bits).contains(&middle.to_bits());
        last_whole || is_last || high - low <= self.precision * size
    }
}

/// How much a judgement is worth.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Effort {
    /// A few runs: they show what is far from the limit, and an island of failures.
    Glance,
    /// As many as it takes.
    Decide,
}

/// What the judge is asked.
#[derive(Clone, PartialEq, Debug)]
pub struct Question {
    /// At which value.
    pub at: f64,
    /// How thoroughly.
    pub effort: Effort,
    /// With which probability the judgement may be wrong and yet be called certain.
    pub error: f64,
    /// How far above the numbers of the goal a run may lie at most: as at the nearest value at
    /// which the goal is broken for sure, on whose safe side runs are no worse. Empty where none
    /// is known.
    pub rises: Vec<f64>,
}

/// What was seen at one value.
#[derive(Clone, PartialEq, Debug)]
pub struct Evidence {
    /// The value.
    pub at: f64,
    /// How thoroughly it was looked at.
    pub effort: Effort,
    /// Whether the goal holds there.
    pub judgement: Judgement,
    /// How many runs say so.
    pub runs: u32,
    /// How far above the numbers of the goal runs lie here at most.
    pub rises: Vec<f64>,
    /// How many events these runs took.
    pub events: u64,
    /// The metrics of the goal, in words.
    pub seen: String,
}

/// The limit of a goal.
#[derive(Clone, PartialEq, Debug)]
pub struct Found {
    /// The last value at which the goal holds, as far as the runs show.
    pub limit: f64,
    /// The nearest value below from which the limit is known not to lie further down; `None`
    /// where not even the end of the range is certain …
    pub low: Option<f64>,
    /// … and above, from which it is known not to lie further up. Both are right together but
    /// for a chance of [`ERROR`].
    pub high: Option<f64>,
    /// Whether larger values break the goal.
    pub holds_below: bool,
    /// Whether the runs sufficed for the precision that was asked.
    pub is_certain: bool,
    /// Whether each run turns once along the key by construction: nothing can lie between the
    /// values that were looked at.
    pub turns_once: bool,
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

impl Found {
    /// At how many values of the side on which the goal is said to hold somebody looked.
    pub fn values_that_hold(&self) -> usize {
        let is_safe = |it: &&Evidence| {
            if self.holds_below {
                it.at <= self.limit
            } else {
                it.at >= self.limit
            }
        };
        self.evidence.iter().filter(is_safe).count()
    }
}

/// Searches the limit; `judge` says whether the goal holds at a value.
///
/// # Errors
/// The outer error is the judge's.
pub fn search<E>(
    search: Search<'_>,
    judge: impl FnMut(Question) -> Result<Evidence, E>,
) -> Result<Result<Found, Refusal>, E> {
    let range = search.range;
    let mut state = State {
        search,
        judge,
        holds_below: true,
        seen: Vec::new(),
        asked: [0; 2],
    };
    for effort in [Effort::Glance, Effort::Decide] {
        state.ask(range.low(), effort)?;
        state.ask(range.high(), effort)?;
        state.sort();
        if leans(&state.seen[0]) != leans(&state.seen[1]) {
            break;
        }
    }
    state.holds_below = leans(&state.seen[0]);
    if state.turn(|_| true).is_some() {
        for at in all_over(range) {
            state.ask(at, Effort::Glance)?;
        }
        if state.is_monotone() {
            state.locate()?;
            state.close_in()?;
            state.settle()?;
            state.guard()?;
        }
    }
    Ok(state.conclude())
}

fn leans(evidence: &Evidence) -> bool {
    evidence.judgement.leans_to_hold()
}

/// Whether one can tell on which side of the limit it lies, or at least on which it seems to.
fn is_decided(evidence: &Evidence) -> bool {
    evidence.judgement.is_certain() || evidence.effort == Effort::Decide
}

/// How far apart two values are: by their ratio, or by their difference.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Scale {
    Factors,
    Sizes,
}

impl Scale {
    /// The one in which a stretch of the range is halved: factors where it is wide.
    fn of(range: &Range, low: f64, high: f64) -> Scale {
        if low > 0.0 && (range.is_logarithmic() || high / low > WIDE) {
            Scale::Factors
        } else {
            Scale::Sizes
        }
    }

    /// Those on which the range is looked at for islands. Equal factors leave wide stretches at
    /// its upper end: where they suit, it is looked at in equal sizes too.
    pub(super) fn all_of(range: &Range) -> &'static [Scale] {
        match Scale::of(range, range.low(), range.high()) {
            Scale::Factors => &[Scale::Factors, Scale::Sizes],
            Scale::Sizes => &[Scale::Sizes],
        }
    }

    /// How wide a stretch is.
    pub(super) fn width(self, low: f64, high: f64) -> f64 {
        match self {
            Scale::Factors => high / low,
            Scale::Sizes => high - low,
        }
    }

    /// The point at `share` of the way from `low` to `high`, as it is written: that is what is
    /// judged.
    pub(super) fn between(self, range: &Range, low: f64, high: f64, share: f64) -> f64 {
        let value = match self {
            Scale::Factors => low * libm::pow(high / low, share),
            Scale::Sizes => low + (high - low) * share,
        };
        let written = range.value(&range.text(value)).unwrap_or(value);
        written.clamp(low, high)
    }
}

/// The point at `share` of the way from `low` to `high`, by factors where that is wide.
pub(super) fn between(range: &Range, low: f64, high: f64, share: f64) -> f64 {
    Scale::of(range, low, high).between(range, low, high, share)
}

/// Where the range is looked at before a search.
pub(super) fn all_over(range: &Range) -> Vec<f64> {
    let parts = |scale: &Scale| {
        let scale = *scale;
        (1..PARTS).map(move |part| {
            let share = f64::from(part) / f64::from(PARTS);
            scale.between(range, range.low(), range.high(), share)
        })
    };
    Scale::all_of(range).iter().flat_map(parts).collect()
}

struct State<'a, J> {
    search: Search<'a>,
    judge: J,
    holds_below: bool,
    seen: Vec<Evidence>,
    /// Glances, and values that were decided.
    asked: [u32; 2],
}

impl<E, J: FnMut(Question) -> Result<Evidence, E>> State<'_, J> {
    /// Looks at a value; false if that was done before, or if no further value may be asked for.
    fn ask(&mut self, at: f64, effort: Effort) -> Result<bool, E> {
        let known = self
            .seen
            .iter()
            .position(|it| it.at.to_bits() == at.to_bits());
        if known.is_some_and(|it| effort == Effort::Glance || is_decided(&self.seen[it])) {
            return Ok(false);
        }
        let (asked, most, share) = match effort {
            Effort::Glance => (&mut self.asked[0], MOST_GLANCES, 0.1),
            Effort::Decide => (&mut self.asked[1], MOST_DECIDED, 0.9),
        };
        if *asked >= most {
            return Ok(false);
        }
        *asked += 1;
        let error = ERROR * share / f64::from(most);
        let rises = self.rises(at);
        let evidence = (self.judge)(Question {
            at,
            effort,
            error,
            rises,
        })?;
        match known {
            Some(known) => self.seen[known] = evidence,
            None => self.seen.push(evidence),
        }
        Ok(true)
    }

    /// What the nearest value tells at which the goal is broken for sure, where all such lie on one
    /// side of `at`.
    fn rises(&self, at: f64) -> Vec<f64> {
        let broken = || {
            let seen = self.seen.iter();
            seen.filter(|it| it.judgement == Judgement::Fails && !it.rises.is_empty())
        };
        let is_one_sided = broken().all(|it| it.at > at) || broken().all(|it| it.at < at);
        let far = |it: &&Evidence| libm::fabs(it.at - at);
        let nearest = broken().min_by(|one, other| far(one).total_cmp(&far(other)));
        let nearest = nearest.filter(|_| is_one_sided);
        nearest.map_or_else(Vec::new, |it| it.rises.clone())
    }

    /// Finds by glances about where the goal turns.
    fn locate(&mut self) -> Result<(), E> {
        while let Some((from, to)) = self.turn(|_| true) {
            let middle = between(self.search.range, from, to, 0.5);
            if self.search.is_near(from, to) || !self.ask(middle, Effort::Glance)? {
                break;
            }
        }
        Ok(())
    }

    /// Narrows down what is certain: at the turn, then outwards from what chance hides.
    fn close_in(&mut self) -> Result<(), E> {
        while let Some(next) = self.next() {
            if !self.ask(next, Effort::Decide)? {
                break;
            }
        }
        Ok(())
    }

    /// The next value to be decided; `None` if nothing is notably better known by any.
    fn next(&self) -> Option<f64> {
        let (low, high) = self.certain();
        let (is_low_known, is_high_known) = (self.known().0.is_some(), self.known().1.is_some());
        if is_low_known && is_high_known && self.search.is_near(low, high) {
            return None;
        }
        let Some((first, last)) = self.hidden(low, high) else {
            return self.next_at_turn();
        };
        let is_enough = |gap: f64, from: f64, to: f64, is_known: bool| {
            is_known && (self.search.is_near(from, to) || gap <= NOTABLE * (high - low))
        };
        let (below, above) = (first - low, high - last);
        let is_below_done = is_enough(below, low, first, is_low_known);
        let is_above_done = is_enough(above, last, high, is_high_known);
        let size = libm::fmax(libm::fabs(low), libm::fabs(high));
        let least = libm::fmax(self.search.precision, FIRST_STEP) * size;
        let step = libm::fmax(last - first, least);
        if !is_below_done && (is_above_done || below >= above) {
            Some(self.outwards(first, low, step))
        } else if !is_above_done {
            Some(self.outwards(last, high, step))
        } else {
            None
        }
    }

    /// The first and last value that were to be decided and could not be.
    fn hidden(&self, low: f64, high: f64) -> Option<(f64, f64)> {
        let open = self.seen.iter().filter(|it| {
            let is_inside = low <= it.at && it.at <= high;
            is_inside && is_decided(it) && !it.judgement.is_certain()
        });
        let at = open.map(|it| it.at);
        let first = at.clone().reduce(f64::min)?;
        Some((first, at.reduce(f64::max)?))
    }

    /// Between the values at which the goal seems to turn, and then they themselves.
    fn next_at_turn(&self) -> Option<f64> {
        let (from, to) = self.turn(|_| true)?;
        if !self.search.is_near(from, to) {
            return Some(between(self.search.range, from, to, 0.5));
        }
        let is_open = |at: &f64| {
            let mut seen = self.seen.iter();
            seen.any(|it| it.at.to_bits() == at.to_bits() && !is_decided(it))
        };
        [from, to].into_iter().find(is_open)
    }

    /// A step from what is hidden towards what is known, half of the way at most; the end where
    /// nothing lies between.
    fn outwards(&self, hidden: f64, known: f64, step: f64) -> f64 {
        let (low, high) = (hidden.min(known), hidden.max(known));
        if self.search.is_near(low, high) {
            return known;
        }
        let middle = between(self.search.range, low, high, 0.5);
        let share = step / (high - low);
        let near = if hidden < known { share } else { 1.0 - share };
        let candidate = low + (high - low) * near;
        let range = self.search.range;
        let candidate = range.value(&range.text(candidate)).unwrap_or(candidate);
        let is_between = candidate > low && candidate < high;
        let is_nearer = libm::fabs(candidate - hidden) < libm::fabs(middle - hidden);
        if is_between && is_nearer {
            candidate
        } else {
            middle
        }
    }

    /// Finds the turn among what chance leaves open, as near as the rest is known.
    fn settle(&mut self) -> Result<(), E> {
        let (low, high) = self.certain();
        while let Some((from, to)) = self.turn(is_decided) {
            if self.search.is_near(from, to) || to - from <= NOTABLE * (high - low) {
                break;
            }
            let middle = between(self.search.range, from, to, 0.5);
            if !self.ask(middle, Effort::Decide)? {
                break;
            }
        }
        Ok(())
    }

    /// Looks once more for failures where the goal is said to hold: in the widest gaps. What
    /// contradicts the answer, here or before, is decided.
    fn guard(&mut self) -> Result<(), E> {
        self.look_into_contradictions()?;
        for scale in Scale::all_of(self.search.range) {
            for _ in 0..GUARDS {
                let Some((from, to)) = self.widest_gap(*scale) else {
                    break;
                };
                let middle = scale.between(self.search.range, from, to, 0.5);
                if !self.ask(middle, Effort::Glance)? {
                    break;
                }
            }
        }
        self.look_into_contradictions()
    }

    /// Decides about values that seem to lie on the other side than those around them.
    fn look_into_contradictions(&mut self) -> Result<(), E> {
        let (low, high) = self.certain();
        let is_suspect = |it: &&Evidence| {
            let is_below = it.at <= low && leans(it) != self.holds_below;
            let is_above = it.at >= high && leans(it) == self.holds_below;
            !is_decided(it) && (is_below || is_above)
        };
        let suspects = self.seen.iter().filter(is_suspect).map(|it| it.at);
        for at in suspects.collect::<Vec<f64>>() {
            self.ask(at, Effort::Decide)?;
        }
        Ok(())
    }

    /// The neighbours that are furthest apart where the goal is said to hold.
    fn widest_gap(&mut self, scale: Scale) -> Option<(f64, f64)> {
        let (from, to) = self.safe_side();
        self.sort();
        let values: Vec<f64> = self.seen.iter().map(|it| it.at).collect();
        let inside = values.windows(2).map(|pair| (pair[0], pair[1]));
        let gaps = inside
            .filter(|(low, high)| from <= *low && *high <= to && !self.search.is_near(*low, *high));
        let width = |(low, high): (f64, f64)| scale.width(low, high);
        gaps.fold(None, |widest, gap| match widest {
            Some(other) if width(other) >= width(gap) => widest,
            _ => Some(gap),
        })
    }

    /// Where the goal is said to hold.
    fn safe_side(&self) -> (f64, f64) {
        let range = self.search.range;
        let (low, high) = self.certain();
        if self.holds_below {
            (range.low(), low)
        } else {
            (high, range.high())
        }
    }

    /// The nearest pair of values, among those that count, between which the leaning turns.
    fn turn(&self, counts: impl Fn(&Evidence) -> bool) -> Option<(f64, f64)> {
        let side = |wanted: bool| {
            let counting = self.seen.iter().filter(|it| counts(it));
            let of_side = counting.filter(move |it| leans(it) == wanted);
            of_side.map(|it| it.at)
        };
        // Values that lean against what lies beyond them are noise: the innermost turn counts.
        let high = side(!self.holds_below).reduce(f64::min)?;
        let below = side(self.holds_below).filter(|at| *at < high);
        Some((below.reduce(f64::max)?, high))
    }

    /// What is certain below the limit, and above it.
    const fn sides(&self) -> (Judgement, Judgement) {
        if self.holds_below {
            (Judgement::Holds, Judgement::Fails)
        } else {
            (Judgement::Fails, Judgement::Holds)
        }
    }

    /// The nearest values between which the limit certainly lies.
    fn known(&self) -> (Option<f64>, Option<f64>) {
        let (below, above) = self.sides();
        let of = |wanted| {
            let all = self.seen.iter().filter(move |it| it.judgement == wanted);
            all.map(|it| it.at)
        };
        (of(below).reduce(f64::max), of(above).reduce(f64::min))
    }

    /// The same, with the ends of the range where none is certain.
    fn certain(&self) -> (f64, f64) {
        let (low, high) = self.known();
        let range = self.search.range;
        (low.unwrap_or(range.low()), high.unwrap_or(range.high()))
    }

    fn sort(&mut self) {
        self.seen.sort_by(|one, other| one.at.total_cmp(&other.at));
    }

    /// Whether no certain judgement contradicts another: only certain ones count, chance may make
    /// the others look like anything.
    fn is_monotone(&self) -> bool {
        let (low, high) = self.known();
        low.zip(high).is_none_or(|(low, high)| low < high)
    }

    fn conclude(mut self) -> Result<Found, Refusal> {
        self.sort();
        if !self.is_monotone() {
            return Err(Refusal::NotMonotone(self.seen));
        }
        let turn = self.turn(is_decided).or_else(|| self.turn(|_| true));
        let Some((below, above)) = turn else {
            return Err(if self.seen.iter().all(leans) {
                Refusal::HoldsAtBoth(self.seen)
            } else {
                Refusal::HoldsAtNeither(self.seen)
            });
        };
        let (low, high) = self.known();
        let both = low.zip(high);
        Ok(Found {
            limit: if self.holds_below { below } else { above },
            low,
            high,
            holds_below: self.holds_below,
            is_certain: both.is_some_and(|(low, high)| self.search.is_near(low, high)),
            turns_once: false,
            evidence: self.seen,
        })
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
            |Question { at, effort, .. }| {
                asked += 1;
                Ok::<_, ()>(Evidence {
                    at,
                    effort,
                    judgement: judge(at),
                    runs: 1,
                    rises: Vec::new(),
                    events: 0,
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
        assert!(it.low == Some(4_710.0) && it.is_certain);
        assert!(asked < 52, "{asked}");
        let (result, _) = found("a=1..100", 0.0, |at| sure(at <= 1.0));
        assert!((result.expect("monotone").limit - 1.0).abs() < 1e-9);
    }

    #[test]
    fn numbers_are_known_to_the_precision() {
        let (result, asked) = found("a=0.5..500", 0.001, |at| sure(at < 16.5667));
        let it = result.expect("monotone");
        assert!((it.limit / 16.5667 - 1.0).abs() < 0.001 && it.is_certain);
        let (low, high) = it.low.zip(it.high).expect("certain");
        assert!(low <= 16.5667 && high >= 16.5667 && asked < 52, "{asked}");
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
        let (result, asked) = found("a=1.5..100", 0.01, judge);
        let it = result.expect("monotone");
        assert!((it.limit - 50.0).abs() < 5.0, "{}", it.limit);
        let (low, high) = it.low.zip(it.high).expect("the ends are certain");
        assert!((33.0..40.0).contains(&low), "{low}");
        assert!((60.0..67.0).contains(&high), "{high}");
        assert!(!it.is_certain && asked < 52, "{asked}");
    }

    #[test]
    fn an_end_that_chance_leaves_open_is_not_called_known() {
        let judge = |at: f64| match at {
            at if at > 60.0 => Judgement::Fails,
            at => Judgement::Open(at < 50.0),
        };
        let (result, _) = found("a=1.5..100", 0.01, judge);
        let it = result.expect("monotone");
        assert_eq!(it.low, None);
        assert!(it.high.is_some_and(|high| (60.0..75.0).contains(&high)));
        assert!((it.limit - 50.0).abs() < 12.0, "{}", it.limit);
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
        assert_eq!(
            evidence.len(),
            16,
            "the ends, and each eighth by factors and by size"
        );
    }

    #[test]
    fn islands_of_failures_are_looked_for_where_the_goal_is_said_to_hold() {
        let with_island = |from: f64, to: f64| {
            found("a=1..1000:lin", 0.0, move |at| {
                sure(at < 900.0 && !(from..to).contains(&at))
            })
        };
        // No eighth of the range lies in it, no step of the bisection either: a guard does.
        let (found, _) = with_island(300.0, 320.0);
        assert!(matches!(found, Err(Refusal::NotMonotone(_))), "{found:?}");
        // Known limit: an island that lies between all values is not seen.
        let (missed, _) = with_island(330.0, 340.0);
        let missed = missed.expect("unseen");
        assert!((missed.limit - 899.0).abs() < 1e-9);
        assert_eq!(missed.values_that_hold(), 34);
    }

    /// Where a range is taken by factors, its upper end is looked at as closely as its lower one.
    #[test]
    fn islands_on_a_range_by_factors_are_looked_for_on_both_scales() {
        let with_island = |from: f64, to: f64| {
            let judge = move |at: f64| sure(at < 80.0 && !(from..to).contains(&at));
            found("a=1s..100s", 0.0, judge).0
        };
        for (from, to) in [(61.0, 67.0), (1.6, 1.9), (30.0, 37.0), (48.0, 55.0)] {
            let found = with_island(from, to);
            let is_seen = matches!(found, Err(Refusal::NotMonotone(_)));
            assert!(is_seen, "{from} to {to}: {found:?}");
        }
    }

    #[test]
    fn a_glance_that_sees_failures_is_followed_up() {
        let range = range("a=100..1000");
        let mut decided = 0;
        let query = Search {
            range: &range,
            precision: 0.01,
        };
        let result = search(query, |Question { at, effort, .. }| {
            let is_island = (430.0..445.0).contains(&at);
            let is_sure = effort == Effort::Decide || at > 900.0;
            decided += u32::from(is_island && is_sure);
            Ok::<_, ()>(Evidence {
                at,
                effort,
                judgement: match (is_sure, at < 900.0 && !is_island) {
                    (true, holds) => sure(holds),
                    (false, holds) => Judgement::Open(holds),
                },
                runs: 1,
                rises: Vec::new(),
                events: 0,
                seen: String::new(),
            })
        });
        let result = result.expect("no errors");
        assert!(matches!(result, Err(Refusal::NotMonotone(_))), "{result:?}");
        assert!(decided > 0, "the island itself");
    }
}
