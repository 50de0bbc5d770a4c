//! When requests come.

use super::draw::{Draws, draw};
use super::traces::{TraceError, TraceRows, Traces};
use crate::kernel::RandomStream;
use crate::model::workload::{Phases, RateKnot, TimedAction, TraceRow};
use crate::model::{Arrivals, Law, Workload};
use crate::units::{SimSpan, SimTime};
use alloc::collections::BinaryHeap;
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::cmp::Reverse;
use rand::RngExt;
use rand_distr::{Distribution, Exp1};

/// The instants at which the requests of one workload come.
pub(super) struct ArrivalTimes<'t> {
    process: Process<'t>,
    stream: RandomStream,
    from: SimTime,
    until: SimTime,
    /// Nobody looks for an arrival beyond it.
    end: SimTime,
}

enum Process<'t> {
    Poisson {
        gaps: Draws,
    },
    Every {
        period: SimSpan,
        phase: SimSpan,
        late: Late,
    },
    Devices {
        period: SimSpan,
        /// When each device starts, ascending.
        phases: Vec<SimSpan>,
        late: Late,
    },
    Renewal(Law),
    Schedule {
        knots: Arc<[RateKnot]>,
        ramp: bool,
    },
    Bursts {
        rates: [f64; 2],
        means: [SimSpan; 2],
        /// Whether it starts on; `None` leaves it to chance.
        starts_on: Option<bool>,
        /// Whether it is on, and until when; `None` before it has started.
        now: Option<(bool, SimTime)>,
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
    /// Drawn before the run, the last one first.
    Given(Vec<SimTime>),
}

impl<'t> ArrivalTimes<'t> {
    /// Those of `workload` in a run of `duration`, drawn from `stream`; where devices start is
    /// drawn from `phases_stream`.
    pub(super) fn new(
        workload: &Workload,
        duration: SimSpan,
        stream: RandomStream,
        phases_stream: &mut RandomStream,
        traces: &'t dyn Traces,
    ) -> Result<ArrivalTimes<'t>, TraceError> {
        let process = match &workload.arrivals {
            Arrivals::Poisson { rate } => {
                let gap = Law::Exponential { mean: 1.0 / rate };
                Process::Poisson {
                    gaps: Draws::new(gap, stream.clone()),
                }
            }
            Arrivals::Every {
                period,
                phase,
                jitter,
            } => Process::Every {
                period: *period,
                phase: *phase,
                late: Late::by(*jitter),
            },
            Arrivals::Devices {
                count,
                period,
                phases,
                jitter,
            } => Process::Devices {
                period: *period,
                phases: starts_of(*count, *period, *phases, phases_stream),
                late: Late::by(*jitter),
            },
            Arrivals::Renewal(law) => Process::Renewal(law.clone()),
            Arrivals::Schedule { knots, ramp } => Process::Schedule {
                knots: knots.clone(),
                ramp: *ramp,
            },
            Arrivals::Bursts {
                rate_on,
                rate_off,
                mean_on,
                mean_off,
                starts_on,
            } => Process::Bursts {
                rates: [*rate_off, *rate_on],
                means: [*mean_off, *mean_on],
                starts_on: *starts_on,
                now: None,
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
        Ok(ArrivalTimes {
            process,
            stream,
            from: workload.from,
            until: workload.until.unwrap_or(SimTime::NEVER),
            end: SimTime::ZERO + duration,
        })
    }

    /// Takes these instants, in order, instead of drawing any.
    pub(super) fn give(&mut self, mut times: Vec<SimTime>) {
        times.reverse();
        self.process = Process::Given(times);
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
            .saturating_add(draw(think, &mut self.stream));
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
    pub(super) fn next(&mut self, now: SimTime) -> Result<Option<SimTime>, TraceError> {
        let at = match &mut self.process {
            Process::Poisson { gaps } => now.max(self.from).saturating_add(gaps.take()),
            _ => match self.next_of_other(now)? {
                Some(at) => at,
                None => return Ok(None),
            },
        };
        Ok((at < self.until).then_some(at))
    }

    fn next_of_other(&mut self, now: SimTime) -> Result<Option<SimTime>, TraceError> {
        let started = now.max(self.from);
        let ArrivalTimes {
            process,
            stream,
            from,
            end,
            ..
        } = self;
        let at = match process {
            Process::Poisson { .. } | Process::Users { .. } | Process::Timeline { .. } => {
                return Ok(None);
            }
            Process::Every {
                period,
                phase,
                late,
            } => {
                let first = from.saturating_add(*phase);
                let due = |ordinal: u64| {
                    let spacing = SimSpan::from_nanos(period.as_nanos().saturating_mul(ordinal));
                    first.saturating_add(spacing)
                };
                late.next(due, stream)
            }
            Process::Devices {
                period,
                phases,
                late,
            } => {
                // Everybody has had a turn before anybody has the next.
                let due = |ordinal: u64| {
                    let (round, device) = (
                        ordinal / phases.len() as u64,
                        (ordinal % phases.len() as u64) as usize,
                    );
                    let spacing = SimSpan::from_nanos(period.as_nanos().saturating_mul(round));
                    from.saturating_add(phases[device]).saturating_add(spacing)
                };
                late.next(due, stream)
            }
            Process::Given(times) => match times.pop() {
                Some(at) => at,
                None => return Ok(None),
            },
            Process::Renewal(law) => started.saturating_add(draw(law, stream)),
            Process::Schedule { knots, ramp } => scheduled(started, *end, knots, *ramp, stream),
            Process::Bursts {
                rates,
                means,
                starts_on,
                now,
            } => {
                let means = means.map(SimSpan::as_seconds);
                let state = now.get_or_insert_with(|| {
                    let on = starts_on.unwrap_or_else(|| {
                        let share = means[1] / (means[0] + means[1]);
                        stream.random::<f64>() < share
                    });
                    (
                        on,
                        started.saturating_add(exponential(means[usize::from(on)], stream)),
                    )
                });
                burst((started, *end), rates, &means, state, stream)
            }
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

    /// Whether requests come from the rows of a trace.
    #[inline(always)]
    pub(super) const fn reads_rows(&self) -> bool {
        matches!(self.process, Process::Trace { .. })
    }

    /// The row of the request that arrives now, where requests come from the rows of a trace.
    #[inline(always)]
    pub(super) fn take_row(&mut self) -> Option<TraceRow> {
        match &mut self.process {
            Process::Trace { next, .. } => next.take(),
            _ => None,
        }
    }
}

/// Arrivals that are due at even distances and each come later by a uniform draw, in the order in
/// which they come: one that is late by more than the distance comes after the next.
struct Late {
    most: SimSpan,
    /// How many were due so far.
    due: u64,
    /// Those of them that have not come yet.
    waiting: BinaryHeap<Reverse<SimTime>>,
}

impl Late {
    fn by(most: SimSpan) -> Late {
        Late {
            most,
            due: 0,
            waiting: BinaryHeap::new(),
        }
    }

    /// When the next comes; `due_at` says when number k (from 0) is due.
    fn next(&mut self, due_at: impl Fn(u64) -> SimTime, stream: &mut RandomStream) -> SimTime {
        loop {
            let due = due_at(self.due);
            // What is due later comes later.
            if let Some(Reverse(first)) = self.waiting.peek()
                && *first <= due
            {
                let first = *first;
                self.waiting.pop();
                return first;
            }
            self.due += 1;
            let at = due.saturating_add(lateness(self.most, stream));
            if self.most.is_zero() {
                return at;
            }
            self.waiting.push(Reverse(at));
        }
    }
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

/// The next arrival of a non-homogeneous Poisson process, by inversion (Çinlar, 1975): the rate's
/// integral up to it is a standard exponential. One draw an arrival, however the rates differ; at
/// most `end`, beyond which nobody asks.
fn scheduled(
    from: SimTime,
    end: SimTime,
    knots: &[RateKnot],
    ramp: bool,
    stream: &mut RandomStream,
) -> SimTime {
    let mut left: f64 = Exp1.sample(stream);
    let mut at = from;
    let mut after = knots.partition_point(|knot| knot.at <= at);
    while at <= end {
        let next = knots.get(after);
        let stop = next.map_or(SimTime::NEVER, |knot| knot.at);
        let (rate, slope) = match (after.checked_sub(1).map(|it| knots[it]), next) {
            // Nobody asks before the first knot.
            (None, _) => (0.0, 0.0),
            (Some(before), Some(next)) if ramp => {
                let slope = (next.rate - before.rate) / next.at.since(before.at).as_seconds();
                let since = at.since(before.at).as_seconds();
                ((before.rate + slope * since).max(0.0), slope)
            }
            (Some(before), _) => (before.rate, 0.0),
        };
        // After the last knot the rate stays forever, so there is no integral to its end.
        let (whole, goes_on) = match next {
            Some(_) => {
                let span = stop.since(at).as_seconds();
                ((rate + slope * span / 2.0) * span, true)
            }
            None => (left, rate > 0.0),
        };
        if !goes_on {
            return SimTime::NEVER;
        }
        if next.is_none() || left < whole {
            // The root of `slope/2 · x² + rate · x = left` that also holds where the slope is 0.
            let root = libm::sqrt((rate * rate + 2.0 * slope * left).max(0.0));
            let wait = SimSpan::from_seconds_rounded(2.0 * left / (rate + root));
            return at.saturating_add(wait).min(stop);
        }
        left -= whole;
        at = stop;
        after += 1;
    }
    SimTime::NEVER
}

/// The next arrival of a two-state Markov-modulated Poisson process that is on or off until the
/// instant of `state`.
fn burst(
    (from, end): (SimTime, SimTime),
    rates: &[f64; 2],
    means: &[f64; 2],
    (on, changes): &mut (bool, SimTime),
    stream: &mut RandomStream,
) -> SimTime {
    let mut at = from;
    loop {
        if at >= *changes {
            *on = !*on;
            *changes = at.saturating_add(exponential(means[usize::from(*on)], stream));
        }
        let rate = rates[usize::from(*on)];
        if rate > 0.0 {
            let next = at.saturating_add(exponential(1.0 / rate, stream));
            if next < *changes {
                return next;
            }
        }
        // No arrival before the change; the exponential has no memory, so start anew there.
        at = *changes;
        if at > end {
            return SimTime::NEVER;
        }
    }
}

/// An exponential time with this mean, in seconds.
fn exponential(mean: f64, stream: &mut RandomStream) -> SimSpan {
    let e: f64 = Exp1.sample(stream);
    SimSpan::from_seconds_rounded(mean * e)
}
