//! What the ports of an endpoint do, in one word.
//!
//! Where only new connections were counted, none of those that are open, they are *opening*. Else,
//! in this order:
//! 1. *close-wait*: in the last snapshot most ports are in CLOSE_WAIT, or these grow most;
//! 2. *burst*: most of the ports came in a small part of the time, or most are being given back;
//! 3. *leak* or *churn*: ports grow beyond doubt, and the growth is in live connections or in
//!    TIME_WAIT;
//! 4. *churn*: most ports are in TIME_WAIT, whether or not their level is reached;
//! 5. *bounded*.

use super::LocalPorts;
use super::growth::{Growth, against_turnover, by_counting, by_increments, by_level, by_line};
use super::series::{Series, Step};
use super::table::State;
use crate::units::SimSpan;
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
    /// New connections were counted, but not how many of them stay open.
    Opening,
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
            Kind::Opening => "opening",
        }
    }

    /// The growth of all ports of a series of this kind, where TIME_WAIT is `time_wait`.
    pub fn growth(self, series: &Series, time_wait: Option<SimSpan>) -> Growth {
        let points = series.points(Step::total);
        // A pool that fills takes few ports as well, and does not go on.
        let goes_on = matches!(self, Kind::Leak | Kind::Churn | Kind::CloseWait);
        let counted = by_counting(&points).filter(|it| goes_on || it.per_s <= 0.0);
        let hovering = || {
            let time_wait = time_wait.filter(|_| self == Kind::Churn);
            by_level(&points, held_s(series, &points, time_wait))
        };
        match (self, counted) {
            (Kind::Opening, _) => by_increments(&series.running_total()),
            (_, Some(counted)) => counted,
            (Kind::Leak | Kind::Churn | Kind::CloseWait, None) => {
                let walk = by_increments(&points);
                // A churn that has reached its level hovers as well.
                if walk.is_up() { walk } else { hovering() }
            }
            (Kind::Bounded, None) => hovering(),
            (Kind::Burst, None) => by_line(&points),
        }
    }
}

/// Growth below this share of the level counts as none.
const MATERIAL_SHARE: f64 = 0.05;
/// Growth by fewer ports than this counts as none.
const FEW_PORTS: f64 = 3.0;
/// The later half of the time has at least this share of a rise that goes on.
const STILL_SHARE: f64 = 0.15;
/// Fewer ports than this are no burst.
const BURST_PORTS: f64 = 20.0;
/// A burst brings this share of the new ports …
const BURST_SHARE: f64 = 0.7;
/// … in at most this share of the time.
const BURST_TIME: f64 = 0.3;
/// Of new ports that are a leak at least this share stays.
const KEPT_SHARE: f64 = 0.7;
/// Deviations from a line hang together below this Durbin-Watson statistic.
const INDEPENDENT: f64 = 1.2;

/// The kind of a series.
pub fn of(series: &Series, table: &LocalPorts) -> Kind {
    let Some(last) = series.steps.last() else {
        return Kind::Bounded;
    };
    if series.counts_only_new() {
        return Kind::Opening;
    }
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
    if held > 0.0 && total > 0.0 && 4 * last.count(State::TimeWait) > last.total() {
        return Kind::Churn;
    }
    let sum = |count: fn(&Step) -> u64| series.steps.iter().map(count).sum::<u64>();
    let held = sum(|step| step.count(State::TimeWait));
    if 2 * held > sum(Step::total) || hidden_churn(series, table) {
        return Kind::Churn;
    }
    Kind::Bounded
}

/// For how many seconds a port of a level is held: by Little's law where new ports are known, else
/// in TIME_WAIT, else by how alike neighbouring snapshots are.
fn held_s(series: &Series, points: &[(f64, f64)], time_wait: Option<SimSpan>) -> f64 {
    let n = points.len() as f64;
    let level = points.iter().map(|it| it.1).sum::<f64>() / n;
    if let Some(opened) = series.opened_per_s().filter(|it| *it > 0.0) {
        return level / opened;
    }
    if let Some(time_wait) = time_wait {
        return time_wait.as_seconds();
    }
    let slope = by_line(points).per_s;
    let mean_t = points.iter().map(|it| it.0).sum::<f64>() / n;
    let rest: Vec<f64> = (points.iter())
        .map(|(t, y)| y - level - slope * (t - mean_t))
        .collect();
    let squares: f64 = rest.iter().map(|it| it * it).sum();
    let products: f64 = rest.windows(2).map(|pair| pair[0] * pair[1]).sum();
    if squares <= 0.0 {
        return 0.0;
    }
    // A short series looks less alike than it is (Kendall 1954, with a line taken off: twice).
    let alike = products / squares;
    let alike = (alike + 2.0 * (1.0 + 2.0 * alike) / n).clamp(0.0, 0.98);
    let step = series.span_s() / (n - 1.0).max(1.0);
    step * alike / (1.0 - alike)
}

/// By how many ports the count rose beyond doubt, and still does; 0 where it did not.
fn rise(series: &Series, count: fn(&Step) -> u64) -> f64 {
    let points = series.points(count);
    let n = series.steps.len();
    let level = points.iter().map(|it| it.1).sum::<f64>() / n as f64;
    let walk = by_increments(&points);
    let net = walk.per_s * series.span_s();
    let opened = series.opened_per_s().map(|it| it * series.span_s());
    let opened = opened.filter(|it| *it > 0.0);
    // Nearly all new ports stayed.
    let kept = opened.filter(|opened| net >= KEPT_SHARE * opened);
    let (is_sure, rise) = match opened {
        // Two snapshots have no interval: more than chance brings must have come.
        _ if n == 2 => {
            let noise = opened.map_or(level, |opened| opened.min(level));
            (net > FEW_PORTS + 3.0 * libm::sqrt(noise), net)
        }
        Some(opened) => {
            let line = against_turnover(&points, opened);
            let is_kept = kept.is_some_and(|kept| kept >= 2.0 * FEW_PORTS);
            let rise = line.per_s * series.span_s();
            (
                line.is_up() || is_kept,
                if is_kept { rise.max(net) } else { rise },
            )
        }
        None => {
            let line = by_line(&points);
            let by_line = line.is_up() && independent(series, count, &line);
            if by_line && !walk.is_up() {
                (true, line.per_s * series.span_s())
            } else {
                (walk.is_up(), net)
            }
        }
    };
    // Ports that are never given back are a leak beside however large a pool.
    let material = match kept {
        Some(_) => FEW_PORTS,
        None => FEW_PORTS.max(level * MATERIAL_SHARE),
    };
    if is_sure && rise >= material && goes_on(series, count) {
        rise
    } else {
        0.0
    }
}

/// Whether the later half has its part in the rise: a pool that has filled grows no more.
fn goes_on(series: &Series, count: fn(&Step) -> u64) -> bool {
    let steps = &series.steps;
    let value = |at: usize| count(&steps[at]) as f64;
    let last = steps.len() - 1;
    let later = value(last) - value(last / 2);
    last < 2 || later >= STILL_SHARE * (value(last) - value(0))
}

/// Whether the deviations from the line look independent (Durbin and Watson, 1950).
fn independent(series: &Series, count: fn(&Step) -> u64, line: &Growth) -> bool {
    let points = series.points(count);
    let n = points.len() as f64;
    let mean = |value: fn(&(f64, f64)) -> f64| points.iter().map(value).sum::<f64>() / n;
    let (mean_t, mean_y) = (mean(|it| it.0), mean(|it| it.1));
    let residuals: Vec<f64> = points
        .iter()
        .map(|(t, y)| y - mean_y - line.per_s * (t - mean_t))
        .collect();
    let squares: f64 = residuals.iter().map(|it| it * it).sum();
    let pairs = residuals.windows(2).map(|pair| pair[1] - pair[0]);
    let differences: f64 = pairs.map(|it| it * it).sum();
    squares <= 0.0 || differences / squares > INDEPENDENT
}

fn is_burst(series: &Series) -> bool {
    let totals: Vec<f64> = series.steps.iter().map(|it| it.total() as f64).collect();
    let mut sorted = totals.clone();
    sorted.sort_by(f64::total_cmp);
    let (median, peak) = (sorted[sorted.len() / 2], sorted[sorted.len() - 1]);
    let (first, last) = (totals[0], totals[totals.len() - 1]);
    // Given back for most of the time: the burst was before the first snapshot.
    let line = by_line(&series.points(Step::total));
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
    let mut intervals = stretches(series);
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

/// Length and new ports of stretches of at least a tenth of the time: of many short intervals most
/// have no new port where few come, by chance alone.
fn stretches(series: &Series) -> Vec<(f64, f64)> {
    let least = series.span_s() / 10.0;
    let mut all: Vec<(f64, f64)> = Vec::new();
    for (length, count) in births(series) {
        match all.last_mut().filter(|it| it.0 < least) {
            Some(last) => *last = (last.0 + length, last.1 + count),
            None => all.push((length, count)),
        }
    }
    all
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
    let rise = peak - totals[0];
    let reached = |share: f64| totals.iter().position(|it| *it >= totals[0] + share * rise);
    let stays = totals[totals.len() / 2..]
        .iter()
        .all(|it| *it >= 0.9 * peak);
    let soon =
        |at: Option<usize>, part: usize| at.is_some_and(|at| at <= (totals.len() / part).max(1));
    stays && soon(reached(0.05), 8) && soon(reached(0.5), 3)
}

/// Counters without single ports do not show TIME_WAIT: opens at a rate that must hold more ports
/// there than are in use is churn all the same.
fn hidden_churn(series: &Series, table: &LocalPorts) -> bool {
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
