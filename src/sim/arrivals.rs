//! When requests come, and what each brings along.
//!
//! What belongs to request k (its response time, its group, the time a connect would take) is
//! drawn when k arrives, each from its own stream, even if k is then refused or waits: so every
//! strategy meets the same requests.

use super::draw::{Draws, draw};
use super::traces::{TraceError, TraceRows, Traces};
use crate::kernel::{RandomStream, stream};
use crate::model::workload::{Action, Phases, RateKnot, TimedAction, TraceRow};
use crate::model::{Arrivals, GroupName, GroupRule, Law, Scenario};
use crate::net::Request;
use crate::units::{SimSpan, SimTime};
use alloc::format;
use alloc::sync::Arc;
use alloc::vec::Vec;
use rand::RngExt;
use rand_distr::{Distribution, Exp1};

/// The source of one workload's requests.
pub(super) struct Source<'t> {
    process: Process<'t>,
    /// A request with what all of this workload have in common.
    pattern: Request,
    from: SimTime,
    until: SimTime,
    arrivals: RandomStream,
    response_times: Draws,
    connect_times: Draws,
    groups: RandomStream,
    group: Option<GroupRule>,
    keep_alive: Option<bool>,
    /// How many requests there were: k of the next one.
    ordinal: u64,
    /// Cumulative weights of a Zipf choice; empty for a uniform one.
    zipf: Arc<[f64]>,
}

enum Process<'t> {
    Poisson {
        gaps: Draws,
    },
    Every {
        period: SimSpan,
        phase: SimSpan,
        jitter: SimSpan,
    },
    Devices {
        period: SimSpan,
        /// When each device starts, ascending.
        phases: Vec<SimSpan>,
        jitter: SimSpan,
    },
    Renewal(Law),
    Schedule {
        knots: Arc<[RateKnot]>,
        ramp: bool,
        highest: f64,
    },
    Bursts {
        rates: [f64; 2],
        means: [SimSpan; 2],
        on: bool,
        changes: SimTime,
    },
    Users {
        count: u32,
        think: Law,
    },
    Trace {
        rows: TraceRows<'t>,
        next: Option<TraceRow>,
    },
    Timeline {
        actions: Arc<[TimedAction]>,
        next: usize,
    },
}

impl<'t> Source<'t> {
    pub(super) fn new(
        scenario: &Scenario,
        index: usize,
        endpoint: u32,
        replication: u32,
        traces: &'t dyn Traces,
    ) -> Result<Source<'t>, TraceError> {
        let workload = &scenario.workloads[index];
        let server = &scenario.servers[workload.server];
        let named = |purpose: &str| {
            stream(
                scenario.seed,
                &format!("{purpose}/{}", workload.name),
                replication,
            )
        };
        let process = match &workload.arrivals {
            Arrivals::Poisson { rate } => {
                let gap = Law::Exponential { mean: 1.0 / rate };
                Process::Poisson {
                    gaps: Draws::new(gap, named("arrivals")),
                }
            }
            Arrivals::Every {
                period,
                phase,
                jitter,
            } => Process::Every {
                period: *period,
                phase: *phase,
                jitter: *jitter,
            },
            Arrivals::Devices {
                count,
                period,
                phases,
                jitter,
            } => Process::Devices {
                period: *period,
                phases: starts_of(*count, *period, *phases, &mut named("phases")),
                jitter: *jitter,
            },
            Arrivals::Renewal(law) => Process::Renewal(law.clone()),
            Arrivals::Schedule { knots, ramp } => {
                let highest = knots.iter().map(|knot| knot.rate).fold(0.0, f64::max);
                Process::Schedule {
                    knots: knots.clone(),
                    ramp: *ramp,
                    highest,
                }
            }
            Arrivals::Bursts {
                rate_on,
                rate_off,
                mean_on,
                mean_off,
            } => Process::Bursts {
                rates: [*rate_off, *rate_on],
                means: [*mean_off, *mean_on],
                on: false,
                changes: SimTime::ZERO,
            },
            Arrivals::Users { count, think } => Process::Users {
                count: *count,
                think: think.clone(),
            },
            Arrivals::Trace(source) => Process::Trace {
                rows: traces.open(source)?,
                next: None,
            },
            Arrivals::Timeline(actions) => Process::Timeline {
                actions: actions.clone(),
                next: 0,
            },
        };
        Ok(Source {
            process,
            pattern: pattern(scenario, index, endpoint),
            from: workload.from,
            until: workload.until.unwrap_or(SimTime::NEVER),
            arrivals: named("arrivals"),
            response_times: Draws::new(server.response_time.clone(), named("response")),
            connect_times: Draws::new(server.connect_time.clone(), named("connect")),
            groups: named("group"),
            group: workload.group.clone(),
            keep_alive: workload.keep_alive,
            ordinal: 0,
            zipf: zipf_weights(workload.group.as_ref()),
        })
    }

    /// Whether the end of a response is for the path or a server to say.
    pub(super) const fn leave_answers_open(&mut self, open: bool) {
        self.pattern.answer_is_open = open;
    }

    /// How many users a closed workload has; `None` for an open one.
    pub(super) fn n_users(&self) -> Option<u32> {
        match self.process {
            Process::Users { count, .. } => Some(count),
            _ => None,
        }
    }

    /// When a user asks again (or, at the start, for the first time) who begins to think now.
    /// `None` when the load has ended by then.
    pub(super) fn after_thinking(&mut self, now: SimTime) -> Option<SimTime> {
        let Process::Users { think, .. } = &self.process else {
            return None;
        };
        let at = now
            .max(self.from)
            .saturating_add(draw(think, &mut self.arrivals));
        (at < self.until).then_some(at)
    }

    /// When the timeline's next action is.
    pub(super) fn next_action_at(&self) -> Option<SimTime> {
        match &self.process {
            Process::Timeline { actions, next } => actions.get(*next).map(|action| action.at),
            _ => None,
        }
    }

    /// The timeline's next action.
    pub(super) fn take_action(&mut self) -> Option<TimedAction> {
        match &mut self.process {
            Process::Timeline { actions, next } => {
                *next += 1;
                actions.get(*next - 1).cloned()
            }
            _ => None,
        }
    }

    /// When the next request of an open workload arrives, the last one having arrived `now`
    /// (or none yet, `now` being time zero). `None` when there is none.
    #[inline(always)]
    pub(super) fn next_arrival(&mut self, now: SimTime) -> Result<Option<SimTime>, TraceError> {
        let at = match &mut self.process {
            Process::Poisson { gaps } => now.max(self.from).saturating_add(gaps.take()),
            _ => match self.next_arrival_of_other(now)? {
                Some(at) => at,
                None => return Ok(None),
            },
        };
        Ok((at < self.until).then_some(at))
    }

    fn next_arrival_of_other(&mut self, now: SimTime) -> Result<Option<SimTime>, TraceError> {
        let started = now.max(self.from);
        let Source {
            process,
            arrivals,
            from,
            ordinal,
            until,
            ..
        } = self;
        let at = match process {
            Process::Poisson { .. } | Process::Users { .. } | Process::Timeline { .. } => {
                return Ok(None);
            }
            Process::Every {
                period,
                phase,
                jitter,
            } => {
                let spacing = SimSpan::from_nanos(period.as_nanos().saturating_mul(*ordinal));
                let nominal = from.saturating_add(*phase).saturating_add(spacing);
                nominal.saturating_add(lateness(*jitter, arrivals)).max(now)
            }
            Process::Devices {
                period,
                phases,
                jitter,
            } => {
                // Everybody has had a turn before anybody has the next.
                let (round, device) = (
                    *ordinal / phases.len() as u64,
                    (*ordinal % phases.len() as u64) as usize,
                );
                let spacing = SimSpan::from_nanos(period.as_nanos().saturating_mul(round));
                let nominal = from.saturating_add(phases[device]).saturating_add(spacing);
                nominal.saturating_add(lateness(*jitter, arrivals)).max(now)
            }
            Process::Renewal(law) => started.saturating_add(draw(law, arrivals)),
            Process::Schedule {
                knots,
                ramp,
                highest,
            } => thinned(started, *until, knots, *ramp, *highest, arrivals),
            Process::Bursts {
                rates,
                means,
                on,
                changes,
            } => burst(started, rates, means, on, changes, arrivals),
            Process::Trace { rows, next } => {
                // Rows before `from` are not part of the load.
                loop {
                    match rows.next() {
                        None => return Ok(None),
                        Some(row) => {
                            let row = row?;
                            let at = row.at;
                            if at >= *from {
                                *next = Some(row);
                                break at;
                            }
                        }
                    }
                }
            }
        };
        Ok(Some(at))
    }

    /// The request that arrives now. `fresh` gives the next fresh name.
    #[inline(always)]
    pub(super) fn request(&mut self, serial: u64, now: SimTime, fresh: &mut u64) -> Request {
        if let Process::Trace { next, .. } = &mut self.process
            && let Some(row) = next.take()
        {
            return self.request_of_row(serial, now, fresh, &row);
        }
        let mut request = Request::default();
        self.draw_request(&mut request, serial, now, fresh);
        request
    }

    /// The same for a source that may read rows, written into its place.
    #[inline(never)]
    pub(super) fn read_request(
        &mut self,
        place: &mut Request,
        serial: u64,
        now: SimTime,
        fresh: &mut u64,
    ) {
        *place = self.request(serial, now, fresh);
    }

    /// Whether its requests come from the rows of a trace.
    #[inline(always)]
    pub(super) const fn reads_rows(&self) -> bool {
        matches!(self.process, Process::Trace { .. })
    }

    /// The request that arrives now, from a source that reads no rows, written into its place.
    #[inline(always)]
    pub(super) fn draw_request(
        &mut self,
        place: &mut Request,
        serial: u64,
        now: SimTime,
        fresh: &mut u64,
    ) {
        let response = self.response_times.take();
        let connect_time = self.connect_times.take();
        let (group, closes_group) = self.name(None, fresh);
        self.ordinal += 1;
        *place = self.pattern;
        place.serial = serial;
        place.group = group;
        place.arrived = now;
        place.submitted = now;
        place.closes_group = closes_group;
        place.response = Some(response);
        place.connect_time = connect_time;
    }

    /// The request that a row of a trace stands for.
    #[inline(never)]
    fn request_of_row(
        &mut self,
        serial: u64,
        now: SimTime,
        fresh: &mut u64,
        row: &TraceRow,
    ) -> Request {
        let response = match row.duration {
            Some(duration) => duration,
            None => self.response_times.take(),
        };
        let connect_time = self.connect_times.take();
        let (group, closes_group) = self.name(Some(row), fresh);
        self.ordinal += 1;
        let mut request = self.plain_request(serial, now, group);
        request.keep_alive = self.keep_alive(row.keep_alive);
        request.closes_group = closes_group;
        request.response = Some(response);
        request.connect_time = connect_time;
        request
    }

    /// A request of this workload, nothing of its own in it but its name.
    #[inline(always)]
    fn plain_request(&self, serial: u64, now: SimTime, group: GroupName) -> Request {
        let mut request = self.pattern;
        request.serial = serial;
        request.group = group;
        request.arrived = now;
        request.submitted = now;
        request
    }

    /// The request that a timeline's action submits; `None` for any other action.
    pub(super) fn timeline_request(
        &mut self,
        serial: u64,
        now: SimTime,
        action: &Action,
    ) -> Option<Request> {
        let Action::Submit {
            id,
            group,
            keep_alive,
            duration,
            completed_by_timeline,
            held,
        } = action
        else {
            return None;
        };
        let drawn = self.response_times.take();
        let connect_time = self.connect_times.take();
        let mut request = self.plain_request(serial, now, *group);
        request.keep_alive = self.keep_alive(*keep_alive);
        request.held = *held;
        request.response = (!completed_by_timeline).then(|| duration.unwrap_or(drawn));
        request.connect_time = connect_time;
        request.tag = id + 1;
        Some(request)
    }

    /// The workload's own `KeepAlive`, else that of one request, else on.
    #[inline(always)]
    fn keep_alive(&self, of_one: Option<bool>) -> bool {
        self.keep_alive.or(of_one).unwrap_or(true)
    }

    /// The process that makes the requests.
    pub(super) const fn client(&self) -> u32 {
        self.pattern.process
    }

    /// The endpoint that the requests go to.
    pub(super) const fn endpoint(&self) -> u32 {
        self.pattern.endpoint
    }

    #[inline(always)]
    fn name(&mut self, row: Option<&TraceRow>, fresh: &mut u64) -> (GroupName, bool) {
        let mut next_fresh = || {
            *fresh += 1;
            GroupName::fresh(*fresh - 1)
        };
        match &self.group {
            None => (
                row.and_then(|row| row.group).unwrap_or(GroupName::UNNAMED),
                false,
            ),
            Some(GroupRule::None | GroupRule::NtlmShared) => (GroupName::UNNAMED, false),
            Some(GroupRule::Unique) => (next_fresh(), false),
            Some(GroupRule::Pool {
                size,
                random: false,
            }) => (GroupName::pooled(self.ordinal % u64::from(*size)), false),
            Some(GroupRule::Pool { size, random: true }) => (
                GroupName::pooled(self.groups.random_range(0..u64::from(*size))),
                false,
            ),
            Some(GroupRule::Users { count, .. }) => {
                let user = if self.zipf.is_empty() {
                    self.groups.random_range(0..u64::from(*count))
                } else {
                    let u: f64 = self.groups.random();
                    self.zipf.partition_point(|weight| *weight <= u) as u64
                };
                (GroupName::user(user), false)
            }
            Some(GroupRule::HttpClientPerRequest { disposed }) => (next_fresh(), *disposed),
            Some(GroupRule::Ntlm) => (next_fresh(), true),
        }
    }
}

/// A request with what all of a workload have in common.
fn pattern(scenario: &Scenario, index: usize, endpoint: u32) -> Request {
    let workload = &scenario.workloads[index];
    let mut pattern = Request::new(0, SimTime::ZERO, GroupName::UNNAMED);
    pattern.workload = index as u32;
    pattern.process = workload.client as u32;
    pattern.endpoint = endpoint;
    pattern.pipelined = workload.pipelined;
    pattern.private_client = !workload.proxy_untouched;
    pattern.keep_alive = workload.keep_alive.unwrap_or(true);
    pattern
}

/// How late an arrival is.
fn lateness(jitter: SimSpan, stream: &mut RandomStream) -> SimSpan {
    if jitter.is_zero() {
        return SimSpan::ZERO;
    }
    SimSpan::from_nanos(stream.random_range(0..=jitter.as_nanos()))
}

/// When each of `count` devices starts within `period`, ascending.
fn starts_of(
    count: u32,
    period: SimSpan,
    phases: Phases,
    stream: &mut RandomStream,
) -> Vec<SimSpan> {
    let period = period.as_nanos();
    let start = |device: u32| match phases {
        Phases::Together => 0,
        Phases::Random => stream.random_range(0..period),
        Phases::Spread => (u128::from(period) * u128::from(device) / u128::from(count)) as u64,
    };
    let mut starts: Vec<SimSpan> = (0..count).map(start).map(SimSpan::from_nanos).collect();
    starts.sort_unstable();
    starts
}

/// Cumulative weights of a Zipf law over the users of a rule, ending at 1.
fn zipf_weights(rule: Option<&GroupRule>) -> Arc<[f64]> {
    let Some(GroupRule::Users {
        count,
        zipf_exponent,
    }) = rule
    else {
        return Arc::from([]);
    };
    if *zipf_exponent == 0.0 {
        return Arc::from([]);
    }
    let mut sum = 0.0;
    let mut weights: Vec<f64> = (1..=*count)
        .map(|rank| {
            sum += libm::pow(f64::from(rank), -zipf_exponent);
            sum
        })
        .collect();
    for weight in &mut weights {
        *weight /= sum;
    }
    weights.into()
}

/// The next arrival of a non-homogeneous Poisson process, by thinning (Lewis and Shedler, 1979):
/// candidates come at the highest rate and are kept with the share of the rate there.
fn thinned(
    from: SimTime,
    until: SimTime,
    knots: &[RateKnot],
    ramp: bool,
    highest: f64,
    stream: &mut RandomStream,
) -> SimTime {
    if highest <= 0.0 {
        return SimTime::NEVER;
    }
    let last = knots.last().map_or(SimTime::ZERO, |knot| knot.at);
    let mut at = from;
    loop {
        let e: f64 = Exp1.sample(stream);
        at = at.saturating_add(SimSpan::from_seconds_rounded(e / highest));
        let rate = rate_at(knots, ramp, at);
        let too_late = at.since(SimTime::ZERO) > crate::units::LONGEST;
        if at >= until || (at > last && rate <= 0.0) || too_late {
            return SimTime::NEVER;
        }
        if stream.random::<f64>() * highest < rate {
            return at;
        }
    }
}

/// The rate of a schedule at an instant: that of the knot before it, or on the line to the next.
fn rate_at(knots: &[RateKnot], ramp: bool, at: SimTime) -> f64 {
    let after = knots.partition_point(|knot| knot.at <= at);
    if after == 0 {
        return 0.0;
    }
    let before = knots[after - 1];
    match knots.get(after) {
        Some(next) if ramp => {
            let share = at.since(before.at).as_seconds() / next.at.since(before.at).as_seconds();
            before.rate + (next.rate - before.rate) * share
        }
        _ => before.rate,
    }
}

/// The next arrival of a two-state Markov-modulated Poisson process. The process starts off and
/// changes at once, so that it starts on.
fn burst(
    from: SimTime,
    rates: &[f64; 2],
    means: &[SimSpan; 2],
    on: &mut bool,
    changes: &mut SimTime,
    stream: &mut RandomStream,
) -> SimTime {
    let mut at = from;
    loop {
        if at >= *changes {
            *on = !*on;
            let e: f64 = Exp1.sample(stream);
            let mean = means[usize::from(*on)].as_seconds();
            *changes = at.saturating_add(SimSpan::from_seconds_rounded(mean * e));
        }
        let rate = rates[usize::from(*on)];
        if rate > 0.0 {
            let e: f64 = Exp1.sample(stream);
            let next = at.saturating_add(SimSpan::from_seconds_rounded(e / rate));
            if next < *changes {
                return next;
            }
        }
        // No arrival before the change; the exponential has no memory, so start anew there.
        at = *changes;
        if at.since(SimTime::ZERO) > crate::units::LONGEST {
            return SimTime::NEVER;
        }
    }
}
