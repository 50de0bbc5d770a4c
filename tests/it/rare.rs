//! Probabilities too small to be counted, against what is known exactly.

use crate::support::{InMemory, read};
use spsim::inside::stats::special::lower_gamma;
use spsim::inside::study::rare::{PILOTS, Reason, Shape, Share, Tilt, tilt_of};
use spsim::{Runner, Scenario, SimTime};

/// One program that asks one server, each request by a connection of its own.
fn scenario(seed: u64, machine: &str, server: &str, workload: &str) -> Scenario {
    read(&format!(
        r#"
seed = {seed}
{machine}
[client.app]
runtime = "net40"
[server.api]
uri = "http://api.example.com/"
{server}
[workload.orders]
group = "unique"
{workload}
"#
    ))
}

/// No port comes back: one is refused if more than 60 requests come in 15 s.
fn leak(seed: u64, rate: f64) -> Scenario {
    let machine = "duration = \"15s\"\n[machine]\nports = 60";
    let workload = format!("arrivals = {{ poisson = {{ rate = {rate} }} }}");
    scenario(seed, machine, "response-time = \"1ms\"", &workload)
}

/// Ports that are held as long as an answer takes, and in TIME_WAIT.
fn held(seed: u64, (ports, time_wait): (u32, &str), response: &str, rate: f64) -> Scenario {
    let machine =
        format!("duration = \"20s\"\n[machine]\nports = {ports}\ntime-wait = \"{time_wait}\"");
    let server = format!("response-time = {response}\nactive-close = \"client\"");
    let workload = format!("keep-alive = false\narrivals = {{ poisson = {{ rate = {rate} }} }}");
    scenario(seed, &machine, &server, &workload)
}

fn tilt(scenario: &Scenario) -> Result<Tilt, Reason> {
    let files = InMemory::default();
    let mut runner = Runner::new(true);
    let pilot = |number| runner.pilot(scenario, number, &files).expect("no trace");
    let pilots: Vec<_> = (0..PILOTS).map(pilot).collect();
    tilt_of(scenario, &pilots)
}

fn share_under(scenario: &Scenario, tilt: &Tilt, runs: u32) -> (Share, Vec<f64>) {
    let files = InMemory::default();
    let mut runner = Runner::new(false);
    let mut run = |number| {
        runner
            .weighed(scenario, tilt, number, &files)
            .expect("no trace")
    };
    let weights: Vec<f64> = (0..runs).map(|number| run(number).weight).collect();
    (Share::of(&weights, 0.95).expect("several"), weights)
}

fn share(scenario: &Scenario, runs: u32) -> Share {
    share_under(scenario, &tilt(scenario).expect("it fits"), runs).0
}

/// Estimates of `truth` with several seeds hold it as often as they say, and their mean is nearer.
fn expect(truth: f64, runs: u32, seeded: impl Fn(u64) -> Scenario) {
    const SEEDS: u32 = 16;
    let (mut hold, mut sum, mut width) = (0, 0.0, 0.0);
    for seed in 1..=SEEDS {
        let found = share(&seeded(seed.into()), runs);
        let it = found.interval;
        hold += u32::from(it.low <= truth && truth <= it.high);
        sum += found.share / truth / f64::from(SEEDS);
        width += (it.high - it.low) / truth / f64::from(SEEDS);
    }
    // 95% of 16 is 15.2; fewer than 13 have a probability of 0.7%.
    assert!(hold >= 13, "{hold} of {SEEDS} hold {truth}");
    assert!(width < 1.5, "{width} times {truth}");
    // The mean of all: a quarter of an interval is one standard error of one.
    let error = width / 4.0 / f64::from(SEEDS).sqrt();
    assert!((sum - 1.0).abs() < 4.0 * error, "{sum} of {truth}");
}

#[test]
fn a_leak_is_a_poisson_tail() {
    for (rate, about) in [(2.9, 1e-3), (2.1, 1e-6), (1.2, 1e-15)] {
        let truth = lower_gamma(61.0, 15.0 * rate);
        assert!((0.1..10.0).contains(&(truth / about)), "{truth}");
        expect(truth, 200, |seed| leak(seed, rate));
    }
}

#[test]
fn so_is_one_whose_rate_changes() {
    let load = "arrivals = { schedule = [{ at = \"0s\", rate = 1 }, { at = \"5s\", rate = 4 }, \
                { at = \"10s\", rate = 0 }], ramp = true }";
    let machine = "duration = \"15s\"\n[machine]\nports = 60";
    // 5 s from 1 to 4 a second, 5 s from 4 to 0.
    let truth = lower_gamma(61.0, 12.5 + 10.0);
    expect(truth, 200, |seed| {
        scenario(seed, machine, "response-time = \"1ms\"", load)
    });
}

/// Groups that are closed every 5 s: one of three independent counts is above the ports.
#[test]
fn ports_that_are_given_back_at_once_are_several_tails() {
    let machine = "duration = \"15s\"\n[machine]\nports = 60";
    let load = "arrivals = { poisson = { rate = 6 } }\n[[strategy]]\nname = \"closes\"\n\
                close-groups = { every = \"5s\" }";
    let truth = 3.0 * lower_gamma(61.0, 30.0);
    expect(truth, 300, |seed| {
        let scenario = scenario(seed, machine, "response-time = \"1us\"", load);
        scenario.under(&scenario.strategies[0])
    });
}

/// TIME_WAIT longer than the run is a leak by another name.
#[test]
fn time_wait_that_no_port_leaves_is_a_poisson_tail() {
    let truth = lower_gamma(31.0, 20.0 * 0.6);
    expect(truth, 200, |seed| held(seed, (30, "60s"), "\"200ms\"", 0.6));
}

/// The probability that a birth-and-death process of so many states, from the first on, leaves
/// the last upwards within `time`: uniformised.
fn leaves(states: usize, time: f64, moves: impl Fn(usize) -> Vec<(Option<usize>, f64)>) -> f64 {
    let rates: Vec<Vec<(Option<usize>, f64)>> = (0..states).map(moves).collect();
    let total = |it: &Vec<(Option<usize>, f64)>| it.iter().map(|(_, rate)| rate).sum::<f64>();
    let fastest = rates.iter().map(total).fold(0.0, f64::max);
    let mut at = vec![0.0; states];
    at[0] = 1.0;
    let (mut gone, mut sum) = (0.0, 0.0);
    let expected = fastest * time;
    for step in 0..(expected + 12.0 * expected.sqrt() + 60.0) as u32 {
        // P(N = step) of a Poisson number of steps, times what is gone by then.
        let log = f64::from(step) * expected.ln() - expected - libm::lgamma(f64::from(step) + 1.0);
        sum += log.exp() * gone;
        let mut next = vec![0.0; states];
        for (state, moves) in rates.iter().enumerate() {
            next[state] += at[state] * (1.0 - total(moves) / fastest);
            for (to, rate) in moves {
                let share = at[state] * rate / fastest;
                match to {
                    Some(to) => next[*to] += share,
                    None => gone += share,
                }
            }
        }
        at = next;
    }
    sum
}

/// Erlang's loss system: the first refusal of 20 ports that are each held for an exponential time.
#[test]
fn erlangs_loss_system_is_left_as_often_as_its_chain_says() {
    for (rate, about) in [(9.0, 1e-2), (4.5, 1e-6)] {
        let truth = leaves(21, 20.0, |busy| {
            let up = (busy < 20).then_some(busy + 1);
            let mut moves = vec![(up, rate)];
            if busy > 0 {
                moves.push((Some(busy - 1), busy as f64));
            }
            moves
        });
        assert!((0.1..10.0).contains(&(truth / about)), "{truth}");
        let response = "{ exponential = { mean = \"1s\" } }";
        expect(truth, 400, |seed| held(seed, (20, "0s"), response, rate));
    }
}

/// The same of times that are no exponential ones: two phases of half a second each.
#[test]
fn so_it_is_with_times_of_another_law() {
    const PORTS: usize = 10;
    let place = |first: usize, second: usize| second * (PORTS + 1) + first;
    let rate = 1.0;
    let truth = leaves((PORTS + 1) * (PORTS + 1), 20.0, |state| {
        let (first, second) = (state % (PORTS + 1), state / (PORTS + 1));
        if first + second > PORTS {
            return vec![];
        }
        let up = (first + second < PORTS).then(|| place(first + 1, second));
        let mut moves = vec![(up, rate)];
        if first > 0 {
            moves.push((Some(place(first - 1, second + 1)), 2.0 * first as f64));
        }
        if second > 0 {
            moves.push((Some(place(first, second - 1)), 2.0 * second as f64));
        }
        moves
    });
    assert!((1e-8..1e-4).contains(&truth), "{truth}");
    let response = "{ erlang = { k = 2, mean = \"1s\" } }";
    expect(truth, 400, |seed| {
        held(seed, (PORTS as u32, "0s"), response, rate)
    });
}

/// What can be counted as well is counted, in runs that have nothing in common with the others.
#[test]
fn time_wait_is_what_counting_says() {
    const RUNS: u32 = 3_000;
    let response = "{ lognormal = { median = \"200ms\", p99 = \"2s\" } }";
    let scenario = held(3, (30, "3s"), response, 5.0);
    let files = InMemory::default();
    let mut runner = Runner::new(false);
    let mut is_refused = |run| {
        let run = runner.first_refusal(&scenario, run, &files, SimTime::NEVER);
        run.expect("no trace").exhausted_at.is_some()
    };
    let counted = (0..RUNS).filter(|run| is_refused(*run)).count() as f64;
    let counted = counted / f64::from(RUNS);
    assert!((0.003..0.05).contains(&counted), "{counted}");
    let found = share(&scenario, 600);
    let half = (found.interval.high - found.interval.low) / 2.0;
    let error = half / 2.0 + (counted / f64::from(RUNS)).sqrt();
    let z = (found.share - counted) / error;
    assert!(z.abs() < 3.5, "{} and {counted}: {z}", found.share);
    assert_eq!(share(&scenario, 600), found, "the same every time");
}

/// Windows that are wrong make it worse and not wrong; nothing counts for more than its bound.
#[test]
fn it_is_unbiased_whatever_the_windows() {
    let truth = lower_gamma(61.0, 15.0 * 2.9);
    for (plus, ports_each) in [
        (f64::INFINITY, 1.0),
        (6.0, 1.0),
        (f64::INFINITY, 1.1),
        (12.0, 0.9),
    ] {
        let shape = Shape { plus, ports_each };
        let tilt = Tilt::new(&leak(1, 2.9), shape).expect("Poisson");
        let (mut all, mut counts) = (Vec::new(), 0);
        for seed in 1..=8 {
            let (found, weights) = share_under(&leak(seed, 2.9), &tilt, 300);
            counts += found.refused;
            all.extend(weights);
        }
        let found = Share::of(&all, 0.999).expect("several");
        let it = found.interval;
        assert!(
            it.low <= truth && truth <= it.high,
            "{shape:?}: {found:?} {truth}"
        );
        assert!(counts > 100 && all.iter().all(|it| *it <= 20.0));
    }
}

#[test]
fn what_cannot_be_estimated_is_said() {
    let load = "arrivals = { users = { count = 5, think = \"1s\" } }";
    let machine = "duration = \"15s\"\n[machine]\nports = 60";
    let users = scenario(1, machine, "response-time = \"1ms\"", load);
    assert_eq!(tilt(&users), Err(Reason::Arrivals));
    let two = format!("{machine}\ninstances = 2");
    let load = "arrivals = { poisson = { rate = 1 } }";
    let several = scenario(1, &two, "response-time = \"1ms\"", load);
    assert_eq!(tilt(&several), Err(Reason::Tables));
}
