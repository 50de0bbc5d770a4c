//! What queueing theory says without a run, where it says something: one steady stream of
//! requests from one program to one server.
//!
//! Little's law gives the ports that are held: rate × the time that each is. What a port is held
//! for depends on what the program does about its connections.

use crate::model::profile::Mechanism;
use crate::model::workload::GroupRule;
use crate::model::{Arrivals, CloseGroups, Closer, IdleClose, Scenario, Throttle};
use crate::stats::erlang::erlang_b;
use crate::stats::special::lower_gamma;
use crate::study::goal::{Condition, Goal};
use crate::units::{ConnectionLimit, SimTime};

/// How ports come and go.
#[derive(Clone, Copy, PartialEq, Debug)]
struct Flow {
    /// Requests per second.
    rate: f64,
    /// Whether they come at random instants (Poisson) or exactly spaced.
    poisson: bool,
    /// For how many seconds they come.
    window: f64,
    /// How many come, on average.
    requests: f64,
    /// How many ports there are.
    ports: f64,
    kind: Kind,
    /// What is set equal at the limit, in words.
    formula: &'static str,
}

/// For how long a port is held.
#[derive(Clone, Copy, PartialEq, Debug)]
enum Kind {
    /// So many seconds each, whatever the others do: a loss system.
    Held(f64),
    /// Until all are given back at once, every so many seconds.
    Swept(f64),
    /// For good.
    Leaked,
    /// Never more than so many.
    Bounded(f64),
}

/// Whether the goal holds, and the formula that says so; `None` where theory has no answer.
pub fn holds(goal: &Goal, variant: &Scenario) -> Option<(bool, &'static str)> {
    let flow = flow(variant)?;
    if goal.conditions().any(Condition::is_of_a_part) {
        return None;
    }
    let mut all = true;
    for condition in goal.all_of()? {
        all &= condition.is_true_of(Some(flow.metric(condition.metric.name)?));
    }
    let is_share = |it: &Condition| it.metric.name.starts_with("failed");
    let formula = match flow.kind {
        Kind::Held(_) if flow.poisson && goal.conditions().any(is_share) => {
            "Erlang B(ports, rate × hold)"
        }
        _ => flow.formula,
    };
    Some((all, formula))
}

impl Flow {
    /// Ports that would be in use if there were enough of them.
    fn wanted(&self) -> f64 {
        match self.kind {
            Kind::Held(hold) | Kind::Swept(hold) => self.rate * libm::fmin(hold, self.window),
            Kind::Leaked => self.requests,
            Kind::Bounded(most) => most,
        }
    }

    fn metric(&self, name: &str) -> Option<f64> {
        let (wanted, ports) = (self.wanted(), self.ports);
        Some(match name {
            "p_exhausted" => self.exhausted(),
            "exhausted_at_s" if wanted > ports => ports / self.rate,
            "exhausted_at_s" => f64::INFINITY,
            "ports_peak" => libm::fmin(wanted, ports),
            "ports_peak_share" => libm::fmin(wanted / ports, 1.0),
            "ports_mean" => match self.kind {
                // Only where filling up takes little of the time.
                Kind::Held(hold) if hold * 10.0 < self.window => libm::fmin(wanted, ports),
                _ => return None,
            },
            "failed_share" => self.failed_share()?,
            "failed" if self.kind == Kind::Leaked => libm::fmax(0.0, wanted - ports),
            "failed" => self.failed_share()? * self.requests,
            _ => return None,
        })
    }

    /// The probability that more ports are asked for than there are. Exact where they leak:
    /// the instant of the refusal is Gamma(ports + 1, rate); elsewhere by the mean alone.
    fn exhausted(&self) -> f64 {
        match self.kind {
            Kind::Leaked if self.poisson => lower_gamma(self.ports + 1.0, self.requests),
            _ if self.wanted() > self.ports => 1.0,
            _ => 0.0,
        }
    }

    fn failed_share(&self) -> Option<f64> {
        match self.kind {
            Kind::Leaked => Some(libm::fmax(0.0, 1.0 - self.ports / self.wanted())),
            Kind::Held(hold) if self.poisson && hold * 2.0 < self.window => {
                Some(erlang_b(self.ports as u32, self.rate * hold))
            }
            // Exact spacing leaves no fluctuation: what is above the limit is refused.
            Kind::Held(_) if !self.poisson => {
                Some(libm::fmax(0.0, 1.0 - self.ports / self.wanted()))
            }
            Kind::Bounded(most) if most <= self.ports => Some(0.0),
            _ => None,
        }
    }
}

fn flow(variant: &Scenario) -> Option<Flow> {
    let ([client], [server], [workload]) = (
        variant.clients.as_slice(),
        variant.servers.as_slice(),
        variant.workloads.as_slice(),
    ) else {
        return None;
    };
    if variant.warm_up.is_some() || workload.retry.is_some() || server.closes_idle_after.is_some() {
        return None;
    }
    let (mut rate, mut poisson) = match &workload.arrivals {
        Arrivals::Poisson { rate } => (*rate, true),
        Arrivals::Every { period, .. } => (1.0 / period.as_seconds(), false),
        _ => return None,
    };
    if let Some(Throttle::OncePer(every)) = variant.throttle
        && 1.0 / every.as_seconds() < rate
    {
        (rate, poisson) = (1.0 / every.as_seconds(), false);
    }
    let last = SimTime::ZERO + variant.duration;
    let end = workload.until.map_or(last, |until| until.min(last));
    let window = end.since(workload.from).as_seconds();
    // What is exactly spaced begins at once; the end of the run counts, `until` does not.
    let ends_before = workload.until.is_some_and(|until| until <= last);
    let requests = match (poisson, ends_before) {
        (true, _) => rate * window,
        (false, true) => libm::ceil(rate * window),
        (false, false) => libm::floor(rate * window) + 1.0,
    };
    let service = server.connect_time.mean_seconds()? + server.response_time.mean_seconds()?;
    let time_wait = variant.machine.time_wait.as_seconds();
    let (kind, formula) = if workload.keep_alive == Some(false) {
        let hold = match server.active_close {
            Closer::Client => time_wait,
            Closer::Server => 0.0,
        };
        let slots = slots(workload.group.as_ref(), client.effective_limit(server));
        if slots.is_some_and(|slots| rate * service > slots) {
            // Requests wait for connections: the rate of connections is not that of requests.
            return None;
        }
        let formula = if hold > 0.0 {
            "rate × (service + TIME_WAIT) = ports"
        } else {
            "rate × service = ports"
        };
        (Kind::Held(service + hold), formula)
    } else {
        kept_alive(variant, rate, service)?
    };
    Some(Flow {
        rate,
        poisson,
        window,
        requests,
        ports: f64::from(variant.machine.ports.count),
        kind,
        formula,
    })
}

/// Connections that the groups together may have; `None` where every request has its own group.
fn slots(group: Option<&GroupRule>, limit: ConnectionLimit) -> Option<f64> {
    let limit = f64::from(limit.count());
    match group {
        None | Some(GroupRule::None) => Some(limit),
        Some(GroupRule::Pool { size, .. }) => Some(f64::from(*size) * limit),
        Some(GroupRule::Users { count, .. }) => Some(f64::from(*count) * limit),
        _ => None,
    }
}

/// Connections that stay open after their request.
fn kept_alive(variant: &Scenario, rate: f64, service: f64) -> Option<(Kind, &'static str)> {
    let (client, server) = (&variant.clients[0], &variant.servers[0]);
    let group = variant.workloads[0].group.as_ref();
    let Mechanism::Framework(rules) = &client.mechanism() else {
        return None;
    };
    if let Some(slots) = slots(group, client.effective_limit(server)) {
        let formula = "groups × connection limit = ports";
        return Some((Kind::Bounded(slots), formula));
    }
    if group != Some(&GroupRule::Unique) {
        return None;
    }
    let time_wait = match variant.machine.idle_close {
        IdleClose::Reset => 0.0,
        IdleClose::Fin => variant.machine.time_wait.as_seconds(),
    };
    match variant.close_groups {
        Some(CloseGroups::Every(every)) if time_wait <= 0.0 => {
            let hold = every.as_seconds() + service;
            return Some((Kind::Swept(hold), "rate × (close period + service) = ports"));
        }
        Some(CloseGroups::After(after)) => {
            let hold = after.as_seconds().max(service) + time_wait;
            return Some((Kind::Held(hold), "rate × age at the close = ports"));
        }
        Some(_) => return None,
        None => {}
    }
    let leaked = Some((Kind::Leaked, "rate × time = ports"));
    let Some(idle) = client.max_idle_time else {
        return leaked;
    };
    let idle = idle.as_seconds();
    if rules.group_idle_timer.value {
        let hold = idle + service + time_wait;
        return Some((Kind::Held(hold), "rate × (idle time + service) = ports"));
    }
    // The ServicePoint must never be idle that long: e^-20 a gap is never.
    if rate * idle > 20.0 { leaked } else { None }
}
