//! The stated confidence, held against many searches whose limit is known.

use super::search::ERROR;
use super::{Evidence, Found, Question, Refusal, Sampling, Search, search};
use crate::record::RunSummary;
use crate::study::goal::Goal;
use crate::study::vary::{Axis, Range, Values};
use crate::units::SimTime;
use alloc::string::String;
use alloc::vec::Vec;
use rand::{Rng, SeedableRng};
use rand_xoshiro::Xoshiro256PlusPlus;

const SEARCHES: u64 = 150;

fn range(text: &str) -> Range {
    match Axis::parse(text).expect("right").values {
        Values::Range(range) => range,
        Values::List(list) => panic!("{list:?}"),
    }
}

/// A search among runs that `run` makes of a value and a number that is drawn evenly from 0 to 1,
/// the same at all values: common random numbers.
fn one(
    (text, goal, most): (&str, &str, u32),
    seed: u64,
    run: impl Fn(f64, f64) -> RunSummary,
) -> Result<Found, Refusal> {
    let (range, goal) = (range(text), Goal::parse(goal).expect("good"));
    let query = Search {
        range: &range,
        precision: 0.01,
    };
    let judge = |Question {
                     at,
                     effort,
                     error,
                     rises,
                 }: Question| {
        let mut random = Xoshiro256PlusPlus::seed_from_u64(seed);
        let sampling = Sampling {
            goal: &goal,
            rises: &rises,
            most,
            error,
            effort,
        };
        let (judgement, runs) = sampling.judge(|runs: &mut Vec<RunSummary>, wanted| {
            while runs.len() < wanted as usize {
                let number = (random.next_u64() >> 11) as f64 / (1_u64 << 53) as f64;
                runs.push(run(at, number));
            }
            Ok::<(), ()>(())
        })?;
        Ok::<_, ()>(Evidence {
            at,
            effort,
            judgement,
            runs: runs.len() as u32,
            rises: goal.rises(&runs),
            events: 0,
            seen: String::new(),
        })
    };
    search(query, judge).expect("the judge has no errors")
}

/// How many of the searches give an answer that is wrong at either end, or refuse; how long what
/// is known is on average, relative to the limit.
fn wrong_and_width(of: impl Fn(u64) -> Result<Found, Refusal>, limit: f64) -> (u64, f64) {
    let (mut wrong, mut width) = (0, 0.0);
    for seed in 1..=SEARCHES {
        match of(seed) {
            Ok(found) => {
                let low = found.low.unwrap_or(f64::NEG_INFINITY);
                let high = found.high.unwrap_or(f64::INFINITY);
                wrong += u64::from(!(low..=high).contains(&limit));
                width += (high - low) / limit / SEARCHES as f64;
            }
            Err(_) => wrong += 1,
        }
    }
    (wrong, width)
}

/// Runs that run out with a probability that rises from 0 to 1 around 50.
fn exhausted(at: f64, number: f64) -> RunSummary {
    let probability = 1.0 / (1.0 + libm::exp((50.0 - at) / 5.0));
    RunSummary {
        exhausted_at: (number < probability).then_some(SimTime::ZERO),
        ..RunSummary::default()
    }
}

#[test]
fn both_ends_are_right_together_as_often_as_is_said() {
    let allowed = SEARCHES as f64 * ERROR;
    for (goal, limit) in [
        ("p_exhausted < 0.1", 50.0 - 5.0 * libm::log(9.0)),
        ("p_exhausted < 0.5", 50.0),
    ] {
        let (wrong, width) = wrong_and_width(
            |seed| one(("a=1.5..100", goal, 400), seed, exhausted),
            limit,
        );
        assert!(wrong as f64 <= allowed, "{goal}: {wrong} of {SEARCHES}");
        // Who never decides is never wrong: an answer it must be as well.
        assert!(width < 1.0, "{goal}: {width}");
    }
}

/// Failed requests, a hundred at 50 on average, of an exponential law.
fn failed(at: f64, number: f64) -> RunSummary {
    let mut run = RunSummary::default();
    run.requests.submitted = 10_000;
    run.requests.failed = (-2.0 * at * libm::log1p(-number)) as u64;
    run
}

#[test]
fn means_of_a_skewed_law_are_right_as_often_as_is_said() {
    let allowed = SEARCHES as f64 * ERROR;
    // Whole numbers are cut off, which takes half a request of the mean.
    let limit = 50.25;
    for goal in ["failed < 100", "failed_share < 0.01"] {
        let (wrong, width) =
            wrong_and_width(|seed| one(("a=1.5..100", goal, 400), seed, failed), limit);
        assert!(wrong as f64 <= allowed, "{goal}: {wrong} of {SEARCHES}");
        assert!(width < 1.0, "{goal}: {width}");
    }
}

/// The tests above would see a confidence that does not hold: where the plain values of 30 runs
/// are called certain, the same searches are wrong far more often than is said.
#[test]
fn a_confidence_that_does_not_hold_would_be_seen() {
    let careless = |seed| {
        let (range, goal) = (
            range("a=1.5..100"),
            Goal::parse("p_exhausted < 0.5").expect("good"),
        );
        let query = Search {
            range: &range,
            precision: 0.01,
        };
        let judge = |Question { at, effort, .. }: Question| {
            let mut random = Xoshiro256PlusPlus::seed_from_u64(seed);
            let number = |_| (random.next_u64() >> 11) as f64 / (1_u64 << 53) as f64;
            let runs: Vec<RunSummary> = (0..30)
                .map(number)
                .map(|number| exhausted(at, number))
                .collect();
            Ok::<_, ()>(Evidence {
                at,
                effort,
                judgement: crate::study::goal::Judgement::certain(goal.holds(&runs)),
                runs: 30,
                rises: Vec::new(),
                events: 0,
                seen: String::new(),
            })
        };
        search(query, judge).expect("the judge has no errors")
    };
    let (wrong, _) = wrong_and_width(careless, 50.0);
    assert!(wrong as f64 > 4.0 * SEARCHES as f64 * ERROR, "{wrong}");
}
