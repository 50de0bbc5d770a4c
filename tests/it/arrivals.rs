//! Arrival processes against what they claim to be, on fixed seeds; each bound with its reason.

use crate::support::{InMemory, read};
use spsim::{Observation, Observer, SimTime, Simulation};

/// When requests arrived, in seconds.
#[derive(Default)]
struct Arrivals(Vec<f64>);

impl Observer for Arrivals {
    fn observes_each_step(&self) -> bool {
        false
    }

    fn observe(&mut self, now: SimTime, observation: Observation) {
        if let Observation::RequestArrived(_) = observation {
            self.0.push(now.as_seconds());
        }
    }
}

fn arrivals(duration: &str, arrivals: &str) -> Vec<f64> {
    let text = format!(
        "duration = \"{duration}\"\n[server.api]\nresponse-time = \"1ms\"\n\
         [workload.load]\narrivals = {{ {arrivals} }}\n"
    );
    let scenario = read(&text);
    let (mut seen, files) = (Arrivals::default(), InMemory::default());
    let run = Simulation::new(&scenario, 0, &files, &mut seen).expect("no traces");
    run.run().expect("no traces");
    seen.0
}

/// The largest distance between the uniform law and the values, times the root of their number:
/// beyond 1.95 in one of a thousand samples (Kolmogorov).
fn kolmogorov(mut uniform: Vec<f64>) -> f64 {
    uniform.sort_by(f64::total_cmp);
    let n = uniform.len() as f64;
    let far = |(index, value): (usize, &f64)| {
        let below = index as f64 / n;
        (value - below).abs().max((value - below - 1.0 / n).abs())
    };
    uniform.iter().enumerate().map(far).fold(0.0, f64::max) * n.sqrt()
}

/// Given their number, the arrivals of a Poisson process with integrated rate R(t) are spread
/// like R(t) / R(end), and their number is Poisson with mean R(end): within 4 roots of it.
fn is_poisson_with(times: &[f64], integral: impl Fn(f64) -> f64, end: f64) {
    let total = integral(end);
    let off = (times.len() as f64 - total).abs();
    assert!(off < 4.0 * total.sqrt(), "{} of {total}", times.len());
    let uniform = times.iter().map(|time| integral(*time) / total).collect();
    let distance = kolmogorov(uniform);
    assert!(distance < 1.95, "{distance}");
}

#[test]
fn a_poisson_process_has_exponential_gaps() {
    let times = arrivals("1000s", "poisson = { rate = 20 }");
    is_poisson_with(&times, |t| 20.0 * t, 1000.0);
    let gaps = times.windows(2).map(|pair| pair[1] - pair[0]);
    let distance = kolmogorov(gaps.map(|gap| 1.0 - (-20.0 * gap).exp()).collect());
    assert!(distance < 1.95, "{distance}");
}

#[test]
fn a_schedule_of_steps_is_a_poisson_process_with_that_rate() {
    let steps = "schedule = [{ at = \"0s\", rate = 10 }, { at = \"300s\", rate = 40 }, \
                 { at = \"500s\", rate = 0 }, { at = \"600s\", rate = 5 }]";
    let times = arrivals("1000s", steps);
    let integral = |t: f64| {
        10.0 * t.min(300.0) + 40.0 * (t.clamp(300.0, 500.0) - 300.0) + 5.0 * (t.max(600.0) - 600.0)
    };
    is_poisson_with(&times, integral, 1000.0);
    let silent = times.iter().filter(|t| (500.0..600.0).contains(*t)).count();
    assert_eq!(silent, 0);
}

#[test]
fn a_ramp_is_a_poisson_process_whose_rate_runs_straight() {
    let ramp = "schedule = [{ at = \"0s\", rate = 0 }, { at = \"400s\", rate = 40 }, \
                { at = \"1000s\", rate = 10 }], ramp = true";
    let times = arrivals("1000s", ramp);
    // Slopes 0.1 and -0.05 per second squared.
    let integral = |t: f64| {
        let (up, down) = (t.min(400.0), t.max(400.0) - 400.0);
        0.05 * up * up + 40.0 * down - 0.025 * down * down
    };
    is_poisson_with(&times, integral, 1000.0);
}

/// A rate that is never reached, or for a microsecond only, costs no draws: thinning from the
/// highest rate would take 3·10^7 and 10^9 candidates here.
#[test]
fn a_rate_that_hardly_applies_costs_nothing() {
    let late = "schedule = [{ at = \"0s\", rate = 5 }, { at = \"10s\", rate = 20 }, \
                { at = \"20s\", rate = 1e7 }], ramp = true";
    let times = arrivals("3s", late);
    let integral = |t: f64| 5.0 * t + 0.75 * t * t;
    is_poisson_with(&times, integral, 3.0);
    let pulse = "schedule = [{ at = \"0s\", rate = 1 }, { at = \"500s\", rate = 1e6 }, \
                 { at = \"500.00001s\", rate = 1 }]";
    let times = arrivals("1000s", pulse);
    let integral = |t: f64| t + 1e6 * (t.clamp(500.0, 500.00001) - 500.0);
    is_poisson_with(&times, integral, 1000.0);
}

/// A two-state process: the share of time on is 10 / (10 + 30), so 0.25 * 80 + 0.75 * 4 = 23 per
/// second. With some 2,500 cycles the standard error is about 2%; interval 8%. The counts of
/// seconds are far more uneven than a Poisson process's, whose index of dispersion is 1.
#[test]
fn bursts_have_their_mean_and_are_uneven() {
    let bursts = "bursts = { rate-on = 80, rate-off = 4, mean-on = \"10s\", mean-off = \"30s\" }";
    let times = arrivals("100000s", bursts);
    let rate = times.len() as f64 / 100_000.0;
    assert!((rate / 23.0 - 1.0).abs() < 0.08, "{rate}");
    let mut counts = vec![0.0_f64; 100_000];
    for time in times {
        counts[time as usize] += 1.0;
    }
    let mean = counts.iter().sum::<f64>() / 1e5;
    let spread = counts.iter().map(|n| (n - mean).powi(2)).sum::<f64>() / 1e5;
    assert!(spread / mean > 20.0, "{}", spread / mean);
}

/// Gaps of a renewal process follow its law: Erlang of two stages with mean 100 ms, whose
/// distribution is 1 - e^(-20t) (1 + 20t).
#[test]
fn a_renewal_process_has_the_gaps_of_its_law() {
    let times = arrivals(
        "1000s",
        "renewal = { erlang = { k = 2, mean = \"100ms\" } }",
    );
    let gaps = times.windows(2).map(|pair| pair[1] - pair[0]);
    let law = |gap: f64| 1.0 - (-20.0 * gap).exp() * (1.0 + 20.0 * gap);
    let distance = kolmogorov(gaps.map(law).collect());
    assert!(distance < 1.95, "{distance}");
}

/// A closed loop: 20 users who think 9.9 s and are answered in 0.1 s ask 2 times a second.
#[test]
fn users_ask_again_after_their_answer_and_their_thought() {
    let text = "duration = \"1000s\"\n[client.app]\nconnection-limit = 100\n[server.api]\n\
                response-time = \"100ms\"\n[workload.load]\n\
                arrivals = { users = { count = 20, think = \"9900ms\" } }\n";
    let scenario = read(text);
    let (mut seen, files) = (Arrivals::default(), InMemory::default());
    let run = Simulation::new(&scenario, 0, &files, &mut seen).expect("no traces");
    run.run().expect("no traces");
    // Everybody at 9.9, 19.9 ... 999.9 s.
    assert_eq!(seen.0.len(), 20 * 100);
    assert!(
        seen.0
            .chunks(20)
            .all(|round| round[0].to_bits() == round[19].to_bits())
    );
}

#[test]
fn devices_ask_once_a_period_each_in_its_phase() {
    let every = "devices = { count = 50, every = \"10s\"";
    let spread = arrivals("100s", &format!("{every} }}"));
    assert_eq!(spread.len(), 501);
    let even = |(index, time): (usize, &f64)| (time - index as f64 * 0.2).abs() < 1e-9;
    assert!(spread.iter().enumerate().all(even));
    let random = arrivals("100s", &format!("{every}, phases = \"random\" }}"));
    let (first, later) = random.split_at(50);
    assert!(first.iter().all(|time| *time < 10.0));
    assert!(
        first
            .iter()
            .zip(later)
            .all(|(a, b)| (b - a - 10.0).abs() < 1e-9)
    );
    let together = arrivals("100s", &format!("{every}, phases = \"together\" }}"));
    assert_eq!(together.len(), 50 * 11);
    assert!(together[..50].iter().all(|time| *time == 0.0));
}

/// Late by up to ten times the distance: the arrivals come in the order in which they come, none
/// together, and half of the pairs have changed places.
#[test]
fn jitter_beyond_the_spacing_changes_places_and_makes_no_batches() {
    for load in [
        "every = \"20ms\", jitter = \"200ms\"",
        "devices = { count = 500, every = \"10s\", jitter = \"200ms\" }",
    ] {
        let times = arrivals("600s", load);
        assert!((29_900..=30_001).contains(&times.len()), "{}", times.len());
        assert!(times.windows(2).all(|pair| pair[0] < pair[1]), "{load}");
        // In the middle they are due every 20 ms and late by 100 ms on average: the k-th comes
        // 20 k + 100 ms after the start but for less than the jitter.
        let shift = |(k, time): (usize, &f64)| time - k as f64 * 0.02;
        let middle = times.iter().enumerate().skip(1_000).take(20_000);
        let mean = middle.map(shift).sum::<f64>() / 20_000.0;
        assert!((mean - 0.1).abs() < 0.002, "{load}: {mean}");
        // With so much jitter the gaps are far from even: their variation is more than half.
        let gaps: Vec<f64> = times.windows(2).map(|pair| pair[1] - pair[0]).collect();
        let square = gaps.iter().map(|gap| (gap - 0.02).powi(2)).sum::<f64>() / gaps.len() as f64;
        assert!(square.sqrt() > 0.01, "{load}: {}", square.sqrt());
    }
}

/// A quarter of all runs find a burst at their start, unless they are told what to find.
#[test]
fn bursts_are_found_in_their_long_run() {
    let first_second = |start: &str, seed: u32| {
        let bursts = format!(
            "bursts = {{ rate-on = 200, mean-on = \"1000s\", mean-off = \"3000s\"{start} }}"
        );
        let text = format!(
            "duration = \"1s\"\nseed = {seed}\n[server.api]\nresponse-time = \"1ms\"\n\
             [workload.load]\narrivals = {{ {bursts} }}\n"
        );
        let (mut seen, files) = (Arrivals::default(), InMemory::default());
        let scenario = read(&text);
        let run = Simulation::new(&scenario, 0, &files, &mut seen).expect("no traces");
        run.run().expect("no traces");
        !seen.0.is_empty()
    };
    let share = |start: &str| (1..=400).filter(|seed| first_second(start, *seed)).count();
    // 100 of 400, four standard deviations of 8.7 each way.
    assert!((65..=135).contains(&share("")), "{}", share(""));
    assert!(share(", start = \"on\"") > 395);
    assert!(share(", start = \"off\"") < 5);
}
