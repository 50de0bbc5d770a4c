//! The steady state: what is left of each run when it has warmed up, and whether there is one.
//!
//! Every figure decides for itself: ports may be constant while connections are opened ever
//! faster.

use super::comparison::{PortsRow, StrategyResult};
use super::steady_run::{After, CUTS, sample_of};
use crate::model::{Arrivals, Scenario};
use crate::record::Column::{self, Answered, Failed, LatencyMicros, Opened, PortsInUse, Requests};
use crate::stats::warm_up;
pub use crate::stats::warm_up::Unsettled;
use crate::stats::{Confidence, Interval, batch_means};
use crate::units::{SimSpan, SimTime};
use alloc::vec::Vec;

/// What kind of question a strategy's runs answer.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Horizon {
    /// What happens until the end of the simulated time, the beginning included.
    Terminating,
    /// What happens in the long run, the beginning left out.
    Steady,
}

/// The horizon of one strategy, and its long-run figures where it has them.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Assessment {
    /// Which.
    pub horizon: Horizon,
    /// Whether the author or the user said so; else it was inferred.
    pub asked: bool,
    /// When the ports in use had warmed up; else why they have no level.
    pub warm_up: Result<SimTime, Unsettled>,
    /// Ports in use in the long run.
    pub ports_in_use: Option<LongRun>,
    /// Connections opened per second in the long run; `None` where that rate does not settle.
    pub opened_per_s: Option<LongRun>,
    /// The share of requests that fail in the long run; `None` where it does not settle.
    pub failed_share: Option<LongRun>,
    /// The mean latency of answered requests in the long run, in seconds; `None` where it does not
    /// settle, or none is answered.
    pub latency_mean_s: Option<LongRun>,
}

impl Assessment {
    /// For how long to simulate where a single run is too short for an interval of some figure.
    pub fn needed(&self) -> Option<SimSpan> {
        let all = [
            self.ports_in_use,
            self.opened_per_s,
            self.failed_share,
            self.latency_mean_s,
        ];
        all.into_iter().flatten().filter_map(|it| it.needed).max()
    }
}

/// A figure of the steady state.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct LongRun {
    /// Its mean.
    pub mean: f64,
    /// From when on.
    pub from: SimTime,
    /// The 95% interval: over replications, or over the batches of a single run.
    pub interval: Option<Interval>,
    /// Where a single run is too short for an interval: for how long to simulate, about.
    pub needed: Option<SimSpan>,
}

/// A figure, and how it is read from a series.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Figure {
    Ports,
    Opened,
    Failed,
    Latency,
}

/// Judges the runs of one strategy. Not asked, a steady state is inferred where the load goes on
/// unchanged to the end, no run ran out of ports, and the ports in use, averaged over the runs,
/// settle.
pub fn assess(result: &StrategyResult) -> Assessment {
    let asked = result.scenario.steady;
    let rows = &result.regular_rows();
    let warm_up = warmed_up(result, rows, Figure::Ports);
    let inferred =
        load_is_stationary(&result.scenario) && result.exhausted_count() == 0 && warm_up.is_ok();
    let is_steady = asked.unwrap_or(inferred);
    let figure = |figure: Figure| {
        let it = warmed_up(result, rows, figure).ok().filter(|_| is_steady)?;
        long_run(result, rows, figure, it)
    };
    Assessment {
        horizon: if is_steady {
            Horizon::Steady
        } else {
            Horizon::Terminating
        },
        asked: asked.is_some(),
        warm_up: warm_up.map(|it| it.from),
        ports_in_use: figure(Figure::Ports),
        opened_per_s: figure(Figure::Opened),
        failed_share: figure(Figure::Failed),
        latency_mean_s: figure(Figure::Latency),
    }
}

/// From where on the runs are warm.
#[derive(Clone, Copy, Debug)]
struct WarmedUp {
    cut: usize,
    sample: usize,
    from: SimTime,
}

/// After the warm-up that was given, or at the first cut after the one that MSER-5 finds in the
/// mean over the runs: one noisy run settles later by chance, their mean does not.
fn warmed_up(
    result: &StrategyResult,
    rows: &[PortsRow],
    figure: Figure,
) -> Result<WarmedUp, Unsettled> {
    let (cut, sample) = if let Some(span) = result.scenario.warm_up {
        let sample = rows.partition_point(|row| row.time < SimTime::ZERO + span);
        (0, sample)
    } else {
        let first = warm_up::settled(&figure.series(rows))?;
        let cut = (0..=CUTS).find(|cut| sample_of(*cut, rows.len()) >= first);
        let cut = cut.ok_or(Unsettled::Moving)?;
        (cut, sample_of(cut, rows.len()))
    };
    if sample + 1 >= rows.len() {
        return Err(Unsettled::TooFew);
    }
    let given = result.scenario.warm_up.map(|span| SimTime::ZERO + span);
    Ok(WarmedUp {
        cut,
        sample,
        from: given.unwrap_or(rows[sample].time),
    })
}

impl Figure {
    /// The figure over time; of what is counted, between one row and the next.
    fn series(self, rows: &[PortsRow]) -> Vec<f64> {
        let grown =
            |pair: &[PortsRow], column: Column| pair[1].values[column] - pair[0].values[column];
        match self {
            Figure::Ports => rows.iter().map(|row| row.values[PortsInUse]).collect(),
            Figure::Opened => {
                let rate = |pair: &[PortsRow]| {
                    grown(pair, Opened) / pair[1].time.since(pair[0].time).as_seconds()
                };
                rows.windows(2).map(rate).collect()
            }
            Figure::Failed => excess(rows, [Failed, Requests], 1.0),
            Figure::Latency => excess(rows, [LatencyMicros, Answered], 1e-6),
        }
    }
}

/// How far what `above` grows by is above its share of what `below` grows by, in units of `below`
/// and times `unit`, so that its mean is 0: a share of the little that comes between two rows would
/// give that little too much weight.
fn excess(rows: &[PortsRow], [above, below]: [Column; 2], unit: f64) -> Vec<f64> {
    let ends = rows.first().zip(rows.last());
    let total = |column: Column| {
        ends.map_or(0.0, |(first, last)| {
            last.values[column] - first.values[column]
        })
    };
    // Of nothing there is no share.
    let share = total(above) / libm::fmax(total(below), f64::MIN_POSITIVE);
    let each = libm::fmax(total(below) / rows.len() as f64, f64::MIN_POSITIVE);
    let grown = |pair: &[PortsRow], column: Column| pair[1].values[column] - pair[0].values[column];
    let excess =
        |pair: &[PortsRow]| (grown(pair, above) - share * grown(pair, below)) / each * unit;
    rows.windows(2).map(excess).collect()
}

/// The interval over the runs, or over the batches of the only one.
fn long_run(
    result: &StrategyResult,
    rows: &[PortsRow],
    figure: Figure,
    warm: WarmedUp,
) -> Option<LongRun> {
    let runs = result.steady.iter().map(|run| run.after[warm.cut]);
    let values = |read: fn(After) -> f64| -> Vec<f64> { runs.clone().map(read).collect() };
    let of_mean = |values: &[f64]| {
        let mean = values.iter().sum::<f64>() / values.len() as f64;
        (mean, Confidence::new(0.95, values.len()).mean(values))
    };
    let of_ratio = |above: Vec<f64>, below: &[f64]| {
        let all: f64 = below.iter().sum();
        let ratio = Confidence::new(0.95, above.len()).ratio(&above, below);
        (above.iter().sum::<f64>() / libm::fmax(all, 1.0), ratio)
    };
    if result.steady.is_empty() {
        return None;
    }
    let (mean, interval) = match figure {
        Figure::Ports => of_mean(&values(|it| it.ports_in_use)),
        Figure::Opened => of_mean(&values(|it| it.opened_per_s)),
        Figure::Failed => of_ratio(values(|it| it.failed), &values(|it| it.requests)),
        Figure::Latency => {
            let seconds = values(|it| it.latency_us * 1e-6);
            let answered = values(|it| it.answered);
            if answered.iter().all(|it| *it <= 0.0) {
                return None;
            }
            of_ratio(seconds, &answered)
        }
    };
    let known = LongRun {
        mean,
        from: warm.from,
        interval,
        needed: None,
    };
    if result.steady.len() > 1 {
        return Some(known);
    }
    let series = figure.series(&rows[warm.sample..]);
    let batches = batch_means(&series);
    // The series of a share is around 0: its interval is moved to the share.
    let moved = match figure {
        Figure::Failed | Figure::Latency => mean,
        Figure::Ports | Figure::Opened => 0.0,
    };
    let interval = batches.and_then(|it| it.interval).map(|it| Interval {
        low: libm::fmax(it.low + moved, 0.0),
        high: it.high + moved,
    });
    let length = result.scenario.duration.as_seconds() - warm.from.as_seconds();
    let needed =
        |times: f64| SimSpan::from_seconds_rounded(times * length + warm.from.as_seconds());
    Some(LongRun {
        interval,
        needed: batches
            .filter(|_| interval.is_none())
            .map(|it| needed(it.needed)),
        ..known
    })
}

/// Whether the load has the same law from the start to the end of the run.
pub fn load_is_stationary(scenario: &Scenario) -> bool {
    let end = SimTime::ZERO + scenario.duration;
    scenario.workloads.iter().all(|workload| {
        let whole = workload.from == SimTime::ZERO && workload.until.is_none_or(|it| it >= end);
        let lasting = matches!(
            workload.arrivals,
            Arrivals::Poisson { .. }
                | Arrivals::Every { .. }
                | Arrivals::Renewal { .. }
                | Arrivals::Bursts { .. }
                | Arrivals::Users { .. }
        );
        whole && lasting
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::Sample;
    use crate::study::steady_run::SteadyRun;

    fn samples(ports: impl Fn(u64) -> u64) -> Vec<Sample> {
        (0..=600)
            .map(|step| Sample {
                time: SimTime::from_nanos(step * 1_000_000_000),
                ports_in_use: ports(step),
                opened: step * 3,
                ..Sample::default()
            })
            .collect()
    }

    #[test]
    fn means_leave_the_warm_up_out() {
        // 100 samples of a ramp, then 501 at 100.
        let rising = samples(|step| step.min(100));
        let run = SteadyRun::of(&rising, None);
        // Seven fortieths of 601 samples are 105.
        assert!((run.after[7].ports_in_use - 100.0).abs() < 1e-12, "{run:?}");
        assert!(run.after[0].ports_in_use < 95.0);
        assert!((run.after[7].opened_per_s - 3.0).abs() < 1e-12);
        let given = SteadyRun::of(&rising, Some(SimSpan::from_seconds(100)));
        assert!((given.after[0].ports_in_use - 100.0).abs() < 1e-12);
        assert_eq!(SteadyRun::of(&[], None), SteadyRun::default());
    }
}
