//! The stated confidence, held against many searches whose limit is known.

use super::search::ERROR;
use super::{
    Among, Evidence, Found, Question, Ran, Refusal, Sampling, Search, search, search_turns,
};
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
fn wrong_and_width(mut of: impl FnMut(u64) -> Result<Found, Refusal>, limit: f64) -> (u64, f64) {
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

/// A number of a seed's own, drawn evenly from 0 to 1.
fn number_of(seed: u64, run: u32) -> f64 {
    let mut random = Xoshiro256PlusPlus::seed_from_u64(seed * 100_000 + u64::from(run));
    (random.next_u64() >> 11) as f64 / (1_u64 << 53) as f64
}

/// A search among seeds, of which `is_hit` says whether it is hit at a value, and how many runs it
/// took.
fn one_among_seeds(
    (text, goal, most): (&str, &str, u32),
    (seed, turns_once): (u64, bool),
    is_hit: impl Fn(f64, f64) -> bool,
) -> (Option<Found>, usize) {
    let (range, goal) = (range(text), Goal::parse(goal).expect("good"));
    let asked = goal.by_run().expect("of runs");
    let query = Search {
        range: &range,
        precision: 0.01,
    };
    let among = Among {
        asked: &asked,
        most,
        turns_once,
        about: None,
    };
    let mut made = 0;
    let found = search_turns(query, among, |at, runs| {
        made += runs.len();
        let hits = runs.iter().map(|run| is_hit(at, number_of(seed, *run)));
        Ok::<Ran, ()>(Ran {
            hits: hits.collect(),
            events: 0,
        })
    });
    (found.expect("no errors"), made)
}

/// Harshness from 0 to 1 around 50, over about a twentieth of it.
fn steep(at: f64) -> f64 {
    1.0 / (1.0 + libm::exp(50.0 - at))
}

/// However many values are looked at, and whichever way harshness goes.
#[test]
fn both_ends_are_right_together_where_each_seed_turns_once() {
    let allowed = SEARCHES as f64 * ERROR;
    let turn = |share: f64| 50.0 + libm::log(share / (1.0 - share));
    // In the middle of the law many seeds turn between any two values, and are run again.
    for (goal, share, most_runs) in [
        ("p_exhausted < 0.01", 0.01, 3_200),
        ("p_exhausted <= 0.5", 0.5, 12_000),
    ] {
        let mut runs = 0;
        let (wrong, width) = wrong_and_width(
            |seed| {
                let query = ("a=1.5..100", goal, 1_920);
                let (found, made) =
                    one_among_seeds(query, (seed, true), |at, number| number < steep(at));
                runs += made;
                found.ok_or(Refusal::NotMonotone(Vec::new()))
            },
            turn(share),
        );
        assert!(wrong as f64 <= allowed, "{goal}: {wrong} of {SEARCHES}");
        assert!(width < 0.05, "{goal}: {width}");
        assert!(runs as u64 / SEARCHES < most_runs, "{goal}: {runs}");
    }
    let (wrong, width) = wrong_and_width(
        |seed| {
            let query = ("a=1.5..100", "p_exhausted < 0.1", 960);
            let is_hit = |at, number| number < steep(100.0 - at);
            let (found, _) = one_among_seeds(query, (seed, false), is_hit);
            assert!(!found.as_ref().is_some_and(|it| it.holds_below));
            found.ok_or(Refusal::NotMonotone(Vec::new()))
        },
        100.0 - turn(0.1),
    );
    assert!(wrong as f64 <= allowed, "{wrong} of {SEARCHES}");
    assert!(width < 0.05, "{width}");
}

/// Three seeds in ten are hit in a stretch far below the limit as well: that is seen before the
/// answer is believed.
#[test]
fn seeds_that_turn_back_are_left_to_the_general_search() {
    let is_hit =
        |at: f64, number: f64| number < steep(at) || number > 0.7 && (22.0..31.0).contains(&at);
    for seed in 1..20 {
        let query = ("a=1.5..100", "p_exhausted < 0.01", 1_920);
        let (found, _) = one_among_seeds(query, (seed, false), is_hit);
        assert!(found.is_none(), "{found:?}");
    }
}

#[test]
fn too_few_seeds_decide_nothing() {
    let query = ("a=1.5..100", "p_exhausted < 0.01", 200);
    let (found, made) = one_among_seeds(query, (1, true), |at, number| number < steep(at));
    assert!(found.is_none() && made == 0);
}
