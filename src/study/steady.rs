//! The steady state: what is left of each run when it has warmed up, and whether there is one.

use super::comparison::{PortsRow, StrategyResult};
use crate::model::{Arrivals, Scenario};
use crate::record::Column::{Opened, PortsInUse};
use crate::record::Sample;
use crate::stats::{Interval, Moments, batch_means, warm_up};
use crate::units::{SimSpan, SimTime};
use alloc::vec::Vec;

/// At most this many shares of a run can be left out as its warm-up: fortieths, up to one half.
const CUTS: usize = 20;
const PARTS: usize = 2 * CUTS;

/// What one run says of the steady state: means over its end, however much of it is left out. So
/// little is kept that the memory of many runs does not grow with their samples.
#[derive(Clone, Copy, PartialEq, Debug, Default)]
pub struct SteadyRun {
    /// Ports in use, with k fortieths of the samples left out.
    ports_in_use: [f64; CUTS + 1],
    /// Connections opened per second, likewise.
    opened_per_s: [f64; CUTS + 1],
}

impl SteadyRun {
    /// Reads it from the samples of a run; a `given` warm-up is left out wherever the cut is.
    pub fn of(samples: &[Sample], given: Option<SimSpan>) -> SteadyRun {
        let mut run = SteadyRun::default();
        for cut in 0..=CUTS {
            let from = given.map_or(sample_of(cut, samples.len()), |span| {
                samples.partition_point(|it| it.time < SimTime::ZERO + span)
            });
            let Some((first, last)) = samples.get(from).zip(samples.last()) else {
                return run;
            };
            let left = &samples[from..];
            let ports: u64 = left.iter().map(|it| it.ports_in_use).sum();
            run.ports_in_use[cut] = ports as f64 / left.len() as f64;
            let span = last.time.since(first.time).as_seconds();
            if span > 0.0 {
                run.opened_per_s[cut] = (last.opened - first.opened) as f64 / span;
            }
        }
        run
    }
}

/// The first sample that is kept at a cut.
const fn sample_of(cut: usize, samples: usize) -> usize {
    cut * samples / PARTS
}

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
    /// When the runs had warmed up; `None` where they never settled.
    pub warm_up: Option<SimTime>,
    /// Ports in use in the long run.
    pub ports_in_use: Option<LongRun>,
    /// Connections opened per second in the long run.
    pub opened_per_s: Option<LongRun>,
}

/// A figure of the steady state.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct LongRun {
    /// Its mean.
    pub mean: f64,
    /// The 95 % interval: Student's over replications, or over the batches of a single run.
    pub interval: Option<Interval>,
    /// False where the batches of a single run are correlated: its interval is too narrow then.
    pub is_independent: bool,
}

/// Judges the runs of one strategy. Not asked, a steady state is inferred where the load goes on
/// unchanged to the end, no run ran out of ports, and the ports in use, averaged over the runs,
/// settle by MSER-5 in the first half.
pub fn assess(result: &StrategyResult) -> Assessment {
    let asked = result.scenario.steady;
    let warmed_up = warmed_up(result);
    let inferred = load_is_stationary(&result.scenario)
        && result.exhausted_count() == 0
        && warmed_up.is_some();
    let is_steady = asked.unwrap_or(inferred);
    let warmed_up = warmed_up.filter(|_| is_steady);
    let rows = &result.regular_rows();
    let ports = |it: WarmedUp| {
        let series: Vec<f64> = rows[it.sample..]
            .iter()
            .map(|row| row.values[PortsInUse])
            .collect();
        long_run(result, &series, |run| run.ports_in_use[it.cut])
    };
    let opened = |it: WarmedUp| {
        let pairs = rows[it.sample..].windows(2);
        let rate = |pair: &[PortsRow]| {
            let span = pair[1].time.since(pair[0].time).as_seconds();
            (pair[1].values[Opened] - pair[0].values[Opened]) / span
        };
        let series: Vec<f64> = pairs.map(rate).collect();
        long_run(result, &series, |run| run.opened_per_s[it.cut])
    };
    Assessment {
        horizon: if is_steady {
            Horizon::Steady
        } else {
            Horizon::Terminating
        },
        asked: asked.is_some(),
        warm_up: warmed_up.map(|it| {
            let given = result.scenario.warm_up.map(|span| SimTime::ZERO + span);
            given.unwrap_or(rows[it.sample].time)
        }),
        ports_in_use: warmed_up.and_then(ports),
        opened_per_s: warmed_up.and_then(opened),
    }
}

/// From where on the runs are warm.
#[derive(Clone, Copy, Debug)]
struct WarmedUp {
    cut: usize,
    sample: usize,
}

/// After the warm-up that was given, or at the first cut after the one that MSER-5 finds in the
/// mean over the runs: one noisy run settles later by chance, their mean does not.
fn warmed_up(result: &StrategyResult) -> Option<WarmedUp> {
    let rows = &result.regular_rows();
    if let Some(span) = result.scenario.warm_up {
        let sample = rows.partition_point(|row| row.time < SimTime::ZERO + span);
        return (sample + 1 < rows.len()).then_some(WarmedUp { cut: 0, sample });
    }
    let ports: Vec<f64> = rows.iter().map(|row| row.values[PortsInUse]).collect();
    let first = warm_up::mser_5(&ports)?;
    let cut = (0..=CUTS).find(|cut| sample_of(*cut, rows.len()) >= first)?;
    let sample = sample_of(cut, rows.len());
    (sample + 1 < rows.len()).then_some(WarmedUp { cut, sample })
}

/// Student's interval over the runs, or over the batches of the only one's `series`.
fn long_run(
    result: &StrategyResult,
    series: &[f64],
    mean: impl Fn(&SteadyRun) -> f64,
) -> Option<LongRun> {
    if let [only] = result.steady.as_slice() {
        let batches = batch_means(series);
        return Some(LongRun {
            mean: mean(only),
            interval: batches.map(|it| it.interval),
            is_independent: batches.is_none_or(|it| it.is_independent),
        });
    }
    let means: Vec<f64> = result.steady.iter().map(mean).collect();
    let moments = Moments::of(&means);
    (!means.is_empty()).then(|| LongRun {
        mean: moments.mean,
        interval: moments.interval(0.95),
        is_independent: true,
    })
}

/// Whether the load has the same law from the start to the end of the run.
fn load_is_stationary(scenario: &Scenario) -> bool {
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
        assert!((run.ports_in_use[7] - 100.0).abs() < 1e-12, "{run:?}");
        assert!(run.ports_in_use[0] < 95.0);
        assert!((run.opened_per_s[7] - 3.0).abs() < 1e-12);
        let given = SteadyRun::of(&rising, Some(SimSpan::from_seconds(100)));
        assert!((given.ports_in_use[0] - 100.0).abs() < 1e-12);
        assert_eq!(SteadyRun::of(&[], None), SteadyRun::default());
    }
}
