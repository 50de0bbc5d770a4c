//! The laws under which rare runs are made: as in the scenario, but that more of the requests come
//! which will hold a port at some instant.
//!
//! A *window* is such an instant and a factor. Under it the requests of the scenario come as they
//! do, and further ones, by the factor less one, of which only those are kept that hold a port
//! then. In measure: the density of a set of requests is changed by the factor for each that holds
//! a port at that instant, and normalised. Each run is made under one of several windows, drawn
//! with their shares; what it counts is the density under the scenario over that of the mixture
//! (A. Owen and Y. Zhou, "Safe and effective importance sampling", Journal of the American
//! Statistical Association 95 (2000)), both of what has come until the refusal, so that it is
//! exact whatever else the scenario does with these requests.

use super::held::Load;
use crate::kernel::{nth_uniform, stream};
use crate::model::{CloseGroups, Scenario, Workload};
use crate::sim::Given;
use crate::units::{SimSpan, SimTime};
use alloc::vec::Vec;

/// The first window is none: some runs are made as the scenario says, so that none ever counts
/// for more than the inverse of this.
const AS_IT_IS: f64 = 0.05;

/// The share that all other windows have equally, whatever is expected of them.
const EQUALLY: f64 = 0.1;

/// Windows at most.
const MOST_WINDOWS: usize = 400;

/// A window whose instant is so much less likely to be the one, in logarithms, is none.
const NEGLIGIBLE: f64 = 25.0;

/// By how much two windows may differ, in logarithms of what a run counts.
const APART: f64 = 1.5;

/// Two instants that differ by less than this share of the time between them are one.
const SAME: f64 = 1e-9;

/// Draws of which the scenario's own runs know nothing.
const FIRST: u32 = 1 << 31;

/// The golden ratio's fraction: multiples of it are spread evenly, however many there are.
const SPREAD: f64 = 0.618_033_988_749_894_9;

/// How requests hold ports, as far as it is known.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Shape {
    /// How many seconds longer than its answer takes a request holds a port; infinite: for good.
    pub plus: f64,
    /// How many ports a request holds, on average.
    pub ports_each: f64,
}

/// The windows of a scenario.
#[derive(Clone, PartialEq, Debug)]
pub struct Tilt {
    loads: Vec<Load>,
    plus: SimSpan,
    windows: Vec<Window>,
}

#[derive(Clone, Copy, PartialEq, Debug)]
struct Window {
    at: SimTime,
    /// How many times as many of those that hold a port then.
    factor: f64,
    /// The share of runs that are made under it.
    share: f64,
    /// How many requests of the scenario hold a port then.
    held: f64,
}

impl Tilt {
    /// The windows of `variant`, whose ports are held as `shape` says; `None` where requests do
    /// not come by Poisson processes.
    pub fn new(variant: &Scenario, shape: Shape) -> Option<Tilt> {
        let loads = loads(variant, shape.plus)?;
        let wanted = (f64::from(variant.machine.ports.count) + 1.0) / shape.ports_each;
        let end = loads.iter().map(Load::end).fold(0.0, f64::max);
        // From the end backwards: how many requests hold a port, how likely as many as it takes
        // are (Chernoff), and how far to the next window.
        let mut found: Vec<(Window, f64)> = Vec::new();
        let mut at = end;
        let least_step = end / (MOST_WINDOWS - 1) as f64;
        let swept = match variant.close_groups {
            Some(CloseGroups::Every(span)) => Some(span.as_seconds()),
            _ => None,
        };
        while at > 0.0 && found.len() < MOST_WINDOWS {
            // At the instant as it is rounded.
            let instant = SimTime::ZERO + SimSpan::from_seconds_rounded(at);
            let of = |it: &Load| it.held(instant.as_seconds(), instant.as_seconds());
            let held: f64 = loads.iter().map(of).sum();
            if held <= 0.0 {
                break;
            }
            let factor = libm::fmax(wanted / held, 1.0);
            let above = factor * libm::log(factor) - factor + 1.0;
            let rate: f64 = loads.iter().map(|it| it.rate(at)).sum();
            let step = libm::fmax(APART / (rate * above), least_step);
            let step = libm::fmin(step, end / 8.0);
            let window = Window {
                at: instant,
                factor,
                share: step,
                held,
            };
            found.push((window, -held * above));
            // Where ports are given back all at once, most are in use just before.
            at = match swept {
                Some(span) => span * (libm::ceil(at / span - SAME) - 1.0),
                None => at - step,
            };
        }
        let likeliest = found
            .iter()
            .map(|it| it.1)
            .fold(f64::NEG_INFINITY, f64::max);
        found.retain(|it| it.1 >= likeliest - NEGLIGIBLE);
        found.reverse();
        let weight = |it: &(Window, f64)| it.0.share * libm::exp(it.1 - likeliest);
        let all: f64 = found.iter().map(weight).sum();
        let equal = EQUALLY / found.len() as f64;
        let windows = found.iter().map(|it| Window {
            share: (1.0 - AS_IT_IS) * ((1.0 - EQUALLY) * weight(it) / all + equal),
            ..it.0
        });
        let as_it_is = Window {
            at: SimTime::ZERO,
            factor: 1.0,
            share: if found.is_empty() { 1.0 } else { AS_IT_IS },
            held: 0.0,
        };
        Some(Tilt {
            loads,
            plus: span(shape.plus),
            windows: core::iter::once(as_it_is).chain(windows).collect(),
        })
    }

    /// The requests of run `number`, one list for each workload.
    pub fn requests(&self, variant: &Scenario, number: u32) -> Vec<Given> {
        // Which window is drawn for each run, evenly over all runs together.
        let start = nth_uniform(variant.seed, FIRST);
        let place = start + SPREAD * f64::from(number);
        let window = self.window_at(place - libm::floor(place));
        let of = |workload: &Workload| {
            let response = &variant.servers[workload.server].response_time;
            let draw = |workload: &Workload, purpose: &str, keeps: &dyn Fn(_, _) -> bool| {
                let named = |what: &str| {
                    let label = format!("rare/{purpose}{what}/{}", workload.name);
                    stream(variant.seed, &label, FIRST + number)
                };
                let streams = (named("arrivals"), named("phases"), named("response"));
                Given::draw(workload, response, variant.duration, streams, keeps)
            };
            let given = draw(workload, "", &|_, _| true);
            let further = workload.arrivals.times(window.factor - 1.0);
            let Some(arrivals) = further.filter(|_| window.factor > 1.0) else {
                return given;
            };
            let until = workload.until.unwrap_or(SimTime::NEVER);
            let further = Workload {
                arrivals,
                until: Some(until.min(window.at)),
                ..workload.clone()
            };
            let holds = |at, response| self.holds_from(at, response) > window.at;
            given.and(&draw(&further, "more-", &holds))
        };
        variant.workloads.iter().map(of).collect()
    }

    /// What a run counts whose first refusal is at `refused_at`: the likelihood of these requests
    /// until then under the scenario, over that under the windows.
    pub fn weight(&self, given: &[Given], refused_at: SimTime) -> f64 {
        // How many of the requests hold a port at each window's instant, by differences.
        let mut changes = alloc::vec![0_i64; self.windows.len() + 1];
        let windows = &self.windows[1..];
        let pairs = given.iter().flat_map(Given::pairs);
        for (at, response) in pairs.filter(|(at, _)| *at <= refused_at) {
            let end = self.holds_from(at, response);
            let from = windows.partition_point(|it| it.at < at);
            let to = windows.partition_point(|it| it.at < end);
            changes[from] += 1;
            changes[to.max(from)] -= 1;
        }
        let mut count = 0;
        let logs = windows.iter().zip(&changes).map(|(window, change)| {
            count += change;
            let expected = if window.at <= refused_at {
                window.held
            } else {
                self.held(window.at, refused_at)
            };
            let density =
                libm::log(window.factor) * count as f64 - (window.factor - 1.0) * expected;
            libm::log(window.share) + density
        });
        let as_it_is = libm::log(self.windows[0].share);
        let logs: Vec<f64> = logs.chain([as_it_is]).collect();
        let most = logs.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let sum: f64 = logs.iter().map(|it| libm::exp(it - most)).sum();
        // What is less than any float is not nothing.
        libm::fmax(libm::exp(-most - libm::log(sum)), f64::MIN_POSITIVE)
    }

    /// How many of the requests until `until` hold a port at `at`, on average.
    fn held(&self, at: SimTime, until: SimTime) -> f64 {
        let (at, until) = (at.as_seconds(), until.as_seconds());
        self.loads.iter().map(|it| it.held(at, until)).sum()
    }

    /// Until when a request holds its port.
    fn holds_from(&self, at: SimTime, response: SimSpan) -> SimTime {
        at.saturating_add(response).saturating_add(self.plus)
    }

    fn window_at(&self, share: f64) -> Window {
        let mut left = share;
        for window in &self.windows {
            left -= window.share;
            if left < 0.0 {
                return *window;
            }
        }
        self.windows[self.windows.len() - 1]
    }
}

/// The loads of all workloads; `None` where one is no Poisson process.
pub(super) fn loads(variant: &Scenario, plus: f64) -> Option<Vec<Load>> {
    let of = |workload: &Workload| {
        let response = &variant.servers[workload.server].response_time;
        Load::of(workload, variant.duration, response, plus)
    };
    variant.workloads.iter().map(of).collect()
}

fn span(seconds: f64) -> SimSpan {
    if seconds.is_finite() {
        SimSpan::from_seconds_rounded(seconds)
    } else {
        SimTime::NEVER.since(SimTime::ZERO)
    }
}
