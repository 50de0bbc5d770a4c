//! What the ports of an endpoint do, in one word.
//!
//! In this order:
//! 1. *close-wait*: in the last snapshot most ports are in CLOSE_WAIT, or these grow most;
//! 2. *burst*: most of the ports came in a small part of the time, or most are being given back;
//! 3. *leak* or *churn*: ports grow beyond doubt, and the growth is in live connections or in
//!    TIME_WAIT;
//! 4. *churn*: most ports are in TIME_WAIT, whether or not their level is reached;
//! 5. *bounded*.

use super::PortTable;
use super::growth::{Growth, by_increments, by_line};
use super::series::{Series, Step};
use super::table::State;
use alloc::vec::Vec;

/// What the ports of an endpoint do.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Kind {
    /// Live connections pile up.
    Leak,
    /// Ports are taken and closed all the time: TIME_WAIT holds them.
    Churn,
    /// A level that does not grow.
    Bounded,
    /// Many ports at once.
    Burst,
    /// The server has closed connections that the program keeps.
    CloseWait,
}

impl Kind {
    /// The word for it.
    pub const fn name(self) -> &'static str {
        match self {
            Kind::Leak => "leak",
            Kind::Churn => "churn",
            Kind::Bounded => "bounded",
            Kind::Burst => "burst",
            Kind::CloseWait => "close-wait",
        }
    }
}

/// Growth below this share of the level counts as none.
const MATERIAL_SHARE: f64 = 0.05;
/// Growth by fewer ports than this counts as none.
const MATERIAL_PORTS: f64 = 3.0;
/// Fewer ports than this are no burst.
const BURST_PORTS: f64 = 20.0;
/// A burst brings this share of the new ports …
const BURST_SHARE: f64 = 0.7;
/// … in at most this share of the time.
const BURST_TIME: f64 = 0.3;
/// Deviations from a line hang together below this Durbin-Watson statistic.
const INDEPENDENT: f64 = 1.2;

/// The kind of a series.
pub fn of(series: &Series, table: &PortTable) -> Kind {
    let Some(last) = series.steps.last() else {
        return Kind::Bounded;
    };
    let rises = |count: fn(&Step) -> u64| rise(series, count);
    let [alive, held, left] = [
        rises(Step::alive),
        rises(|step| step.count(State::TimeWait)),
        rises(|step| step.count(State::CloseWait)),
    ];
    let total = rises(Step::total);
    let mostly = |step: &Step, state: State| 2 * step.count(state) > step.total();
    if mostly(last, State::CloseWait) || (left > 0.0 && left >= alive.max(held)) {
        return Kind::CloseWait;
    }
    if is_burst(series) {
        return Kind::Burst;
    }
    if alive > 0.0 && alive >= held {
        return Kind::Leak;
    }
    if held > 0.0 && total > 0.0 {
        return Kind::Churn;
    }
    let sum = |count: fn(&Step) -> u64| series.steps.iter().map(count).sum::<u64>();
    let held = sum(|step| step.count(State::TimeWait));
    if 2 * held > sum(Step::total) || hidden_churn(series, table) {
        return Kind::Churn;
    }
    Kind::Bounded
}

/// By how many ports the count rose beyond doubt; 0 where it did not.
fn rise(series: &Series, count: fn(&Step) -> u64) -> f64 {
    let points = || {
        series
            .steps
            .iter()
            .map(|step| (step.time_s, count(step) as f64))
    };
    let n = series.steps.len() as f64;
    let level = points().map(|it| it.1).sum::<f64>() / n;
    let material = (level * MATERIAL_SHARE).max(MATERIAL_PORTS);
    let walk = by_increments(points());
    let line = by_line(points());
    let sure = walk.is_up() || (line.is_up() && independent(series, count, &line));
    // With two snapshots nothing is beyond doubt: a rise by more than chance brings is taken.
    let few = walk.interval.is_none() && walk.per_s * series.span_s() > 2.0 * libm::sqrt(level);
    let rate = if walk.is_up() || few {
        walk.per_s
    } else {
        line.per_s
    };
    let rise = rate * series.span_s();
    if (sure || few) && rise >= material {
        rise
    } else {
        0.0
    }
}

/// Whether the deviations from the line look independent (Durbin and Watson, 1950).
fn independent(series: &Series, count: fn(&Step) -> u64, line: &Growth) -> bool {
    let n = series.steps.len() as f64;
    let mean = |value: fn(&Step, fn(&Step) -> u64) -> f64| {
        series
            .steps
            .iter()
            .map(|step| value(step, count))
            .sum::<f64>()
            / n
    };
    let (mean_t, mean_y) = (
        mean(|step, _| step.time_s),
        mean(|step, count| count(step) as f64),
    );
    let residuals: Vec<f64> = series
        .steps
        .iter()
        .map(|step| count(step) as f64 - mean_y - line.per_s * (step.time_s - mean_t))
        .collect();
    let squares: f64 = residuals.iter().map(|it| it * it).sum();
    let pairs = residuals.windows(2).map(|pair| pair[1] - pair[0]);
    let differences: f64 = pairs.map(|it| it * it).sum();
    squares == 0.0 || differences / squares > INDEPENDENT
}

fn is_burst(series: &Series) -> bool {
    let totals: Vec<f64> = series.steps.iter().map(|it| it.total() as f64).collect();
    let mut sorted = totals.clone();
    sorted.sort_by(f64::total_cmp);
    let (median, peak) = (sorted[sorted.len() / 2], sorted[sorted.len() - 1]);
    let (first, last) = (totals[0], totals[totals.len() - 1]);
    // Given back for most of the time: the burst was before the first snapshot.
    let line = by_line(series.steps.iter().map(|it| (it.time_s, it.total() as f64)));
    let falls = line.interval.is_some_and(|it| it.high < 0.0);
    let at_first = totals
        .iter()
        .take(totals.len() / 3 + 1)
        .copied()
        .fold(0.0, f64::max);
    if falls && peak - last >= BURST_PORTS && last < peak / 2.0 && at_first >= peak {
        return !steady_births(series);
    }
    let low = first.min(median).min(last);
    if peak - low < BURST_PORTS || peak - low < low / 2.0 {
        return false;
    }
    concentrated(series) && !fills_and_stays(&totals)
}

/// Whether most new ports came within a small part of the time.
fn concentrated(series: &Series) -> bool {
    let mut intervals: Vec<(f64, f64)> = births(series);
    if intervals.len() < 4 {
        return false;
    }
    let all: f64 = intervals.iter().map(|it| it.1).sum();
    intervals.sort_by(|a, b| (b.1 * a.0).total_cmp(&(a.1 * b.0)));
    let (mut time, mut born) = (0.0, 0.0);
    for (length, count) in intervals {
        time += length;
        if time > BURST_TIME * series.span_s() {
            break;
        }
        born += count;
    }
    all > 0.0 && born >= BURST_SHARE * all
}

/// Length and new ports of each interval.
fn births(series: &Series) -> Vec<(f64, f64)> {
    let pairs = series.steps.windows(2);
    pairs
        .map(|pair| {
            let more = pair[1].total().saturating_sub(pair[0].total());
            (
                pair[1].time_s - pair[0].time_s,
                pair[1].opened.unwrap_or(more) as f64,
            )
        })
        .collect()
}

/// Whether new ports keep coming: at least one in most intervals, not in a few only.
fn steady_births(series: &Series) -> bool {
    let births = births(series);
    let busy = births.iter().filter(|it| it.1 > 0.0).count();
    4 * busy >= 3 * births.len() && !concentrated(series)
}

/// A pool that fills right from the first snapshot and then keeps its level for at least half of
/// the time is bounded, not a burst.
fn fills_and_stays(totals: &[f64]) -> bool {
    let peak = totals.iter().copied().fold(0.0, f64::max);
    let half = &totals[totals.len() / 2..];
    let stays = half.iter().all(|it| *it >= 0.9 * peak);
    let jump = totals
        .windows(2)
        .position(|pair| pair[1] - pair[0] > peak / 10.0);
    stays && jump.is_none_or(|at| at < 2)
}

/// Counters without single ports do not show TIME_WAIT: opens at a rate that must hold more ports
/// there than are in use is churn all the same.
fn hidden_churn(series: &Series, table: &PortTable) -> bool {
    let shows = series.steps.iter().any(|it| it.count(State::TimeWait) > 0);
    let is_counter = !series.remote.contains(':') || series.remote.starts_with('\\');
    let (Some(opened), Some(hold)) = (series.opened_per_s(), table.time_wait) else {
        return false;
    };
    let level = by_mean(series);
    is_counter && !shows && opened > 1.0 && opened * hold.as_seconds() > 10.0 * level
}

fn by_mean(series: &Series) -> f64 {
    let sum: u64 = series.steps.iter().map(Step::total).sum();
    sum as f64 / series.steps.len().max(1) as f64
}
