//! What a scenario would take, before anything of it runs: time and memory that nobody has are
//! refused.
//!
//! The estimate counts requests, and the events that carry none: attempts of a retry, changes
//! between bursts, calls of `CloseConnectionGroup`, sweeps of idle connections. An event is
//! counted as often as it can happen, a request as often as it does on average.

use crate::model::profile::Mechanism;
use crate::model::strategy::{CloseGroups, Throttle};
use crate::model::workload::{ClientPerRequest, RateKnot, Retry};
use crate::model::{Arrivals, GroupRule, Law, Scenario, Workload};
use crate::scenario::context::Window;
use crate::scenario::diagnostic::{Place, Problems};
use crate::scenario::file::Fields;
use crate::units::{SimSpan, SimTime};
use crate::words::number;
use alloc::string::String;

/// Most requests, on average, over all strategies and replications, unless the scenario says
/// otherwise: about an hour of work.
const MOST_REQUESTS: u64 = 10_000_000_000;

/// Roughly what one request costs a core, waits and retries not included: what the estimate of a
/// refused scenario is made with.
const SECONDS_PER_REQUEST: f64 = 0.25e-6;

/// What a run costs a core besides its requests, in seconds: its beginning and its sums.
const SECONDS_PER_RUN: f64 = 25e-6;

/// What each of its samples costs, where they are kept.
const SECONDS_PER_SAMPLE: f64 = 0.13e-6;

/// What a user's request that finds no port costs a core, in seconds: the next of its users is
/// seldom one that the processor still remembers.
const SECONDS_PER_REFUSAL: f64 = 0.5e-6;

/// How much a core may work at events that carry no request, where these outweigh the requests.
const MOST_IDLE_SECONDS: f64 = 10.0;

/// By how much they must outweigh them: a load that is itself large may have large company.
const OUTWEIGHS: f64 = 10.0;

/// From how many seconds on one would like to know beforehand.
const A_WHILE: f64 = 5.0;

/// Most requests that one run may hold at a time: some 2 GiB with what belongs to them.
const MOST_AT_ONCE: f64 = 8e6;

/// Most groups that one run may leak: some 2.5 GiB.
const MOST_LEAKED: f64 = 24e6;

/// Refuses what would not end, or would not fit.
pub(super) fn check(fields: &Fields<'_>, scenario: &Scenario, problems: &mut Problems) {
    let place = fields
        .get("duration")
        .map_or(fields.place(), |node| &node.place);
    let per_run: f64 = requests(scenario).sum();
    if too_many(place, scenario, per_run, problems) {
        return;
    }
    // Each kind of event is told once, of the strategy that has most of it.
    let mut worst: Option<(f64, Idle)> = None;
    let (mut in_all, mut certain) = (0.0, 0.0);
    for strategy in &scenario.strategies {
        let variant = scenario.under(strategy);
        if held(place, &variant, &strategy.name, problems)
            || leaked(place, &variant, &strategy.name, problems)
        {
            return;
        }
        for idle in idle_events(&variant) {
            let seconds = idle.count * idle.cost * f64::from(scenario.replications);
            in_all += seconds;
            if idle.is_certain {
                certain += seconds;
            }
            if worst.as_ref().is_none_or(|(most, _)| seconds > *most) {
                worst = Some((seconds, idle));
            }
        }
    }
    let runs = scenario.strategies.len() as f64 * f64::from(scenario.replications);
    let at_requests = per_run * runs * SECONDS_PER_REQUEST;
    let Some((_, worst)) = worst else {
        return;
    };
    // Whoever has said how much is too much has said it of these, too.
    let (most, most_certain) = match scenario.most_requests {
        Some(most) => (most as f64 * SECONDS_PER_REQUEST, f64::INFINITY),
        None => (
            MOST_IDLE_SECONDS.max(OUTWEIGHS * at_requests),
            MOST_IDLE_SECONDS,
        ),
    };
    if in_all <= most && certain <= most_certain {
        return;
    }
    let message = format!(
        "the scenario asks for about {} {} a run, beside {} requests; one core would take about {}",
        number::short(worst.count),
        worst.what,
        number::short(per_run),
        roughly(in_all + at_requests),
    );
    problems.error(place, message).help(format!(
        "{}, or reduce `duration` or `replications`",
        worst.help
    ));
}

/// What a scenario that is not refused would take, where that is a while: "about 36,000,000
/// requests; one core takes about 9 seconds".
pub fn long(scenario: &Scenario, keeps_samples: bool) -> Option<String> {
    let runs = scenario.strategies.len() as f64 * f64::from(scenario.replications);
    let total = requests(scenario).sum::<f64>() * runs;
    let samples = if keeps_samples { scenario.samples() } else { 0 };
    let per_run = SECONDS_PER_RUN + samples as f64 * SECONDS_PER_SAMPLE;
    let seconds = total * SECONDS_PER_REQUEST + runs * per_run;
    (seconds >= A_WHILE).then(|| {
        let (total, time) = (number::short(total), roughly(seconds));
        format!("about {total} requests; one core takes about {time}")
    })
}

/// Refuses more requests than can be simulated; whether it did.
fn too_many(place: &Place, scenario: &Scenario, per_run: f64, problems: &mut Problems) -> bool {
    let runs = scenario.strategies.len() as f64 * f64::from(scenario.replications);
    let total = per_run * runs;
    let most = scenario.most_requests.unwrap_or(MOST_REQUESTS) as f64;
    if total <= most {
        return false;
    }
    let message = format!(
        "the scenario asks for about {} requests, more than {}: {} a run, {}, {}; one core would \
         take about {}",
        number::short(total),
        number::short(most),
        number::short(per_run),
        number::counted(scenario.strategies.len() as f64, "strategy", "strategies"),
        number::counted(
            f64::from(scenario.replications),
            "replication",
            "replications"
        ),
        roughly(total * SECONDS_PER_REQUEST),
    );
    problems.error(place, message).help(
        "reduce a rate, `duration`, `replications` or the number of strategies (port counts \
         settle within a few times the idle time), or raise `most-requests`",
    );
    true
}

/// Refuses a run in which more requests wait than there is memory for; whether it did.
fn held(place: &Place, variant: &Scenario, strategy: &str, problems: &mut Problems) -> bool {
    let of = variant.workloads.iter().zip(requests(variant));
    let waiting: f64 = of.map(|(workload, n)| waiting(variant, workload, n)).sum();
    if waiting <= MOST_AT_ONCE {
        return false;
    }
    let message = format!(
        "up to {} requests would wait at a time under `{strategy}`, more than {}: they come faster \
         than they are let through",
        number::short(waiting),
        number::short(MOST_AT_ONCE),
    );
    problems.error(place, message).help(
        "reduce a rate, raise `connection-limit` or the number of groups, or give a shorter \
         `request-timeout`",
    );
    true
}

/// Refuses a run in which refused requests leak more groups than there is memory for (FL-6);
/// whether it did.
fn leaked(place: &Place, variant: &Scenario, strategy: &str, problems: &mut Problems) -> bool {
    let of = variant.workloads.iter().zip(requests(variant));
    let leaking = of.filter(|(workload, _)| {
        let client = variant.clients.get(workload.client);
        client.is_some_and(|it| it.reservation_leak)
            && matches!(workload.group, Some(GroupRule::Unique | GroupRule::Ntlm))
    });
    let groups: f64 = leaking.map(|(_, n)| n).sum();
    if groups <= MOST_LEAKED {
        return false;
    }
    let message = format!(
        "up to {} groups would be leaked under `{strategy}`, more than {}: each request that finds \
         no port leaks one of its own",
        number::short(groups),
        number::short(MOST_LEAKED),
    );
    problems.error(place, message).help(
        "reduce a rate or `duration`, limit the number of groups, or leave `reservation-leak` out",
    );
    true
}

/// How many of its `n` requests a workload has waiting at most, where they come faster than its
/// connections, or the program, let them through.
fn waiting(scenario: &Scenario, workload: &Workload, n: f64) -> f64 {
    let length = window_seconds(scenario, workload);
    if n <= MOST_AT_ONCE || length <= 0.0 {
        return 0.0;
    }
    let rate = n / length;
    let (Some(client), Some(server)) = (
        scenario.clients.get(workload.client),
        scenario.servers.get(workload.server),
    ) else {
        return 0.0;
    };
    // The program lets them out one by one; nothing times out before it is submitted.
    let let_out = match scenario.throttle {
        Some(Throttle::OncePer(span)) if workload.is_throttled => 1.0 / span.as_seconds(),
        _ => f64::INFINITY,
    };
    let held_back = (rate - let_out).max(0.0) * length;
    // Whoever has a connection of their own waits for a port, and there are few of those.
    if workload.client_per_request != ClientPerRequest::No {
        return held_back;
    }
    let names = match &workload.group {
        Some(GroupRule::Pool { size, .. }) => f64::from(*size),
        Some(GroupRule::Users { count, .. }) => f64::from(*count),
        Some(GroupRule::None | GroupRule::NtlmShared) | None => 1.0,
        Some(GroupRule::Unique | GroupRule::Ntlm) => return held_back,
    };
    let limit = f64::from(client.effective_limit(server).count());
    let connections = limit * names * f64::from(scenario.machine.instances);
    let served = connections / server.response_time.mean_within(scenario.duration);
    let patience = match client.request_timeout {
        Some(timeout) => timeout.as_seconds().min(length),
        None => length,
    };
    held_back + (rate.min(let_out) - served).max(0.0) * patience
}

/// Events that carry no request, of one kind.
struct Idle {
    /// How many of them a run has at most.
    count: f64,
    /// What one of them costs a core, in seconds.
    cost: f64,
    /// What they are.
    what: String,
    /// What makes them fewer.
    help: &'static str,
    /// Whether they will happen, and not only may: then no other load excuses them.
    is_certain: bool,
}

/// Every kind of them in one run of a variant.
fn idle_events(variant: &Scenario) -> impl Iterator<Item = Idle> + '_ {
    let seconds = variant.duration.as_seconds();
    let of_workloads = variant
        .workloads
        .iter()
        .zip(requests(variant))
        .flat_map(|(workload, n)| of_workload(variant, workload, n));
    let closings = match variant.close_groups {
        Some(CloseGroups::Every(span)) => Some(Idle {
            count: seconds / span.as_seconds(),
            cost: 0.1e-6,
            what: "calls of `close-groups`".into(),
            help: "close groups less often",
            is_certain: false,
        }),
        _ => None,
    };
    let sweeps = variant.clients.iter().filter_map(move |client| {
        let span = client.max_idle_time.filter(|span| !span.is_zero())?;
        // M4-2: a ServicePoint's timer ticks at this span, whether anything is idle or not.
        matches!(client.mechanism(), Mechanism::Mono4).then(|| {
            let service_points =
                variant.servers.len() as f64 * f64::from(variant.machine.instances);
            Idle {
                count: seconds / span.as_seconds() * service_points,
                cost: 0.1e-6,
                what: format!("sweeps of `client.{}`'s idle connections", client.name),
                help: "raise `max-idle-time`",
                is_certain: false,
            }
        })
    });
    let collections = variant.clients.iter().filter_map(move |client| {
        let machines = f64::from(variant.machine.instances);
        client.gc_every.map(|span| Idle {
            count: seconds / span.as_seconds() * machines,
            cost: 0.1e-6,
            what: format!("collections of `client.{}`", client.name),
            help: "collect less often (`gc`)",
            is_certain: false,
        })
    });
    of_workloads
        .chain(closings)
        .chain(sweeps)
        .chain(collections)
}

fn of_workload(
    variant: &Scenario,
    workload: &Workload,
    n: f64,
) -> impl Iterator<Item = Idle> + use<> {
    let length = window_seconds(variant, workload);
    let name = &workload.name;
    let own = match &workload.arrivals {
        Arrivals::Bursts {
            mean_on, mean_off, ..
        } => Some(Idle {
            count: 2.0 * length / (mean_on.as_seconds() + mean_off.as_seconds()),
            cost: 0.02e-6,
            what: format!("changes between the bursts of `workload.{name}`"),
            help: "let bursts be longer",
            is_certain: false,
        }),
        // A request that fails at once is followed by the next as soon as its user has thought.
        Arrivals::Users { count, think } => Some(Idle {
            count: f64::from(*count) * length / think.mean_within(variant.duration),
            cost: SECONDS_PER_REFUSAL,
            what: format!("requests of `workload.{name}`, should they fail at once,"),
            help: "let users think longer (`think`), or let them be fewer",
            is_certain: are_too_many(variant, workload, f64::from(*count), think),
        }),
        _ => None,
    };
    let retries = workload.retry.map(|retry| Idle {
        count: n * further_attempts(&retry, length),
        cost: SECONDS_PER_REQUEST,
        what: format!("retries of `workload.{name}`, should every request fail,"),
        help: "allow fewer attempts, or pause between them (`backoff`)",
        is_certain: false,
    });
    own.into_iter().chain(retries)
}

/// Whether so many users want more ports at a time than there are, so that most of what they send
/// fails at once.
fn are_too_many(variant: &Scenario, workload: &Workload, count: f64, think: &Law) -> bool {
    let Some(server) = variant.servers.get(workload.server) else {
        return false;
    };
    let answer = server.response_time.mean_within(variant.duration);
    let at_work = count * answer / (think.mean_within(variant.duration) + answer);
    let machine = &variant.machine;
    at_work > f64::from(machine.ports.count) * f64::from(machine.instances)
}

/// How often a request that always fails is tried again before the run is over.
fn further_attempts(retry: &Retry, length: f64) -> f64 {
    let most = retry.attempts.saturating_sub(1);
    let (mut pause, mut waited) = (retry.backoff.as_seconds(), 0.0);
    let longest = retry.max_backoff.map_or(f64::INFINITY, SimSpan::as_seconds);
    for attempt in 0..most {
        // Jitter halves a pause on average.
        waited += pause.min(longest) * if retry.jitter { 0.5 } else { 1.0 };
        if waited > length {
            return f64::from(attempt);
        }
        pause *= retry.factor;
    }
    f64::from(most)
}

/// How many requests each workload makes in a run, on average.
fn requests(scenario: &Scenario) -> impl Iterator<Item = f64> + '_ {
    scenario.workloads.iter().map(|workload| {
        let window = Window {
            from: workload.from,
            until: workload.until,
        };
        let none = Law::Constant(SimSpan::ZERO);
        let server = scenario.servers.get(workload.server);
        let response = server.map_or(&none, |server| &server.response_time);
        expected_requests(&workload.arrivals, window, scenario.duration, response)
    })
}

/// How many requests the arrivals make between `from` and the end, on average. A trace's rows
/// are not known before it runs: they count as none.
fn expected_requests(
    arrivals: &Arrivals,
    window: Window,
    duration: SimSpan,
    response: &Law,
) -> f64 {
    let end = SimTime::ZERO + duration;
    let end = window.until.map_or(end, |until| until.min(end));
    let length = end.since(window.from).as_seconds();
    match arrivals {
        Arrivals::Poisson { rate } => rate * length,
        Arrivals::Every { period, .. } => length / period.as_seconds(),
        Arrivals::Devices { count, period, .. } => {
            f64::from(*count) * (1.0 + length / period.as_seconds())
        }
        Arrivals::Renewal(gaps) => length / gaps.mean_within(duration),
        Arrivals::Schedule { knots, ramp } => scheduled(knots, *ramp, window.from, end),
        Arrivals::Bursts {
            rate_on,
            rate_off,
            mean_on,
            mean_off,
            ..
        } => {
            let (on, off) = (mean_on.as_seconds(), mean_off.as_seconds());
            length * (rate_on * on + rate_off * off) / (on + off)
        }
        Arrivals::Users { count, think } => {
            let cycle = think.mean_within(duration) + response.mean_within(duration);
            // Everybody asks once, however long the cycle.
            f64::from(*count) * (1.0 + length / cycle)
        }
        Arrivals::Trace(_) => 0.0,
        Arrivals::Timeline(actions) => actions.len() as f64,
    }
}

/// The integral of a schedule's rate.
fn scheduled(knots: &[RateKnot], ramp: bool, from: SimTime, end: SimTime) -> f64 {
    let mut sum = 0.0;
    for (index, knot) in knots.iter().enumerate() {
        let next = knots.get(index + 1);
        let stop = next.map_or(end, |next| next.at.min(end));
        let seconds = stop.since(knot.at.max(from)).as_seconds();
        // The mean of both ends bounds what a partly used ramp gives well enough.
        let rate = match next {
            Some(next) if ramp => f64::midpoint(knot.rate, next.rate),
            _ => knot.rate,
        };
        sum += seconds * rate;
    }
    sum
}

/// How long a workload makes requests.
fn window_seconds(scenario: &Scenario, workload: &Workload) -> f64 {
    let end = crate::units::SimTime::ZERO + scenario.duration;
    let end = workload.until.map_or(end, |until| until.min(end));
    end.since(workload.from.min(end)).as_seconds()
}

/// A long time for people, in one unit.
fn roughly(seconds: f64) -> String {
    const UNITS: [(f64, &str); 4] = [
        (365.0 * 86_400.0, "years"),
        (86_400.0, "days"),
        (3_600.0, "hours"),
        (60.0, "minutes"),
    ];
    let fits = |unit: &&(f64, &str)| seconds >= 2.0 * unit.0;
    let (length, name) = UNITS.iter().find(fits).unwrap_or(&(1.0, "seconds"));
    if !seconds.is_finite() {
        return "forever".into();
    }
    format!("{:.0} {name}", seconds / length)
}
