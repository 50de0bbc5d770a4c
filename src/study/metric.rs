//! The scalars of a strategy's runs: what `--fail-if`, `plan --goal` and `sweep.csv` speak of.

use crate::record::{DurationSummary, RunSummary};
use crate::stats::Moments;
use crate::stats::estimate::{Confidence, lower_median};
use crate::stats::sequential::{self, Reach};
use crate::units::{SimTime, rounded};
use alloc::vec::Vec;
use core::cmp::Ordering;

/// A scalar of one strategy's runs.
#[derive(Clone, Copy, Debug)]
pub struct Metric {
    /// Its name in expressions and as a column.
    pub name: &'static str,
    /// What it is, in words for the axis of a chart.
    pub title: &'static str,
    kind: Kind,
    /// Of what it is.
    pub of: Of,
}

/// What has a metric: the whole run always, and sometimes parts of it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Of {
    /// Requests: also those of a program, of a workload, of a window of time.
    Requests,
    /// Refused connects: also those of a program, those that a workload's requests fail for, those
    /// of a window.
    Refusals,
    /// Connections: also those of a program, and those of a window.
    Connections,
    /// The port table: also a program's share of it, and a window, both as the samples have them.
    Ports,
    /// What is known of the whole run only.
    Whole,
}

/// How a scalar comes from runs.
#[derive(Clone, Copy, Debug)]
enum Kind {
    /// The mean over those runs that have a value; Student's interval.
    Mean(fn(&RunSummary) -> Option<f64>),
    /// The mean over runs of the 99th percentile; it is infinite where that of any run lies beyond
    /// what is known.
    Quantile(fn(&RunSummary) -> &DurationSummary),
    /// As `Mean`, of something that a scenario may not have: then nothing of it is taken.
    MeanIfAny(fn(&RunSummary) -> Option<f64>),
    /// The share of runs of which it is true; Wilson's interval.
    Share(fn(&RunSummary) -> bool),
    /// The sum of the first over that of the second; the delta method's interval.
    Ratio(fn(&RunSummary) -> f64, fn(&RunSummary) -> f64),
    /// The median of a time that is later than the end where it is `None`; the interval of
    /// order statistics.
    MedianTime(fn(&RunSummary) -> Option<SimTime>),
}

/// What the runs say of a metric. `None` is undefined; infinity is "later than the end", or "beyond
/// what was answered".
#[derive(Clone, Copy, PartialEq, Debug, Default)]
pub struct Estimate {
    /// The value.
    pub value: Option<f64>,
    /// Lower end of the interval.
    pub low: Option<f64>,
    /// Upper end of the interval.
    pub high: Option<f64>,
    /// What an infinite quantile is above.
    pub above: Option<f64>,
}

/// Every metric, in the order of the columns of `sweep.csv`.
pub const METRICS: [Metric; 16] = [
    metric(
        "p_exhausted",
        "Share of runs that ran out of ports",
        Kind::Share(|run| run.exhausted_at.is_some()),
    )
    .of(Of::Refusals),
    metric(
        "exhausted_at_s",
        "First refused connect (s)",
        Kind::MedianTime(|run| run.exhausted_at),
    )
    .of(Of::Refusals),
    metric(
        "ports_peak",
        "Most local ports in use",
        Kind::Mean(|run| Some(run.ports.peak as f64)),
    )
    .of(Of::Ports),
    metric(
        "ports_peak_share",
        "Most local ports in use, share of the limit",
        Kind::Mean(|run| Some(run.ports.peak as f64 / run.ports.limit as f64)),
    )
    .of(Of::Ports),
    metric(
        "ports_mean",
        "Mean of local ports in use",
        Kind::Mean(|run| Some(run.ports.mean)),
    )
    .of(Of::Ports),
    metric(
        "failed",
        "Failed requests",
        Kind::Mean(|run| Some(run.requests.failed as f64)),
    ),
    metric(
        "failed_share",
        "Share of requests that failed",
        Kind::Ratio(
            |run| run.requests.failed as f64,
            |run| run.requests.submitted as f64,
        ),
    ),
    metric(
        "timed_out",
        "Requests that timed out",
        Kind::Mean(|run| Some(run.requests.timed_out as f64)),
    ),
    metric(
        "latency_mean_s",
        "Mean latency of answered requests (s)",
        Kind::Mean(|run| run.latency.mean_seconds),
    ),
    metric(
        "latency_p99_s",
        "99th percentile of the latency (s)",
        Kind::Quantile(|run| &run.latency),
    ),
    metric(
        "queue_mean_s",
        "Mean wait for a connection (s)",
        Kind::Mean(|run| run.queue.mean_seconds),
    ),
    metric(
        "queue_p99_s",
        "99th percentile of the wait for a connection (s)",
        Kind::Quantile(|run| &run.queue),
    ),
    metric(
        "answered",
        "Answered requests",
        Kind::Mean(|run| Some(run.requests.succeeded as f64)),
    ),
    metric(
        "unanswered",
        "Requests in flight at the end",
        Kind::Mean(|run| Some(run.requests.in_flight as f64)),
    ),
    metric(
        "opened",
        "Connections opened",
        Kind::Mean(|run| Some(run.connections.opened as f64)),
    )
    .of(Of::Connections),
    metric(
        "snat_peak_share",
        "Most SNAT ports in use, share of the limit",
        Kind::MeanIfAny(RunSummary::snat_peak_share),
    )
    .of(Of::Whole),
];

/// The requests of a run that was not seen, over the most that were.
const UNSEEN: f64 = 1.25;

const fn metric(name: &'static str, title: &'static str, kind: Kind) -> Metric {
    Metric {
        name,
        title,
        kind,
        of: Of::Requests,
    }
}

impl Metric {
    const fn of(self, of: Of) -> Metric {
        Metric { of, ..self }
    }
}

impl Metric {
    /// The metric of this name.
    pub fn find(name: &str) -> Option<&'static Metric> {
        METRICS.iter().find(|it| it.name == name)
    }

    /// Value and interval over `runs`. Where every run is the same in everything nothing is left
    /// to chance, and the interval has no width.
    pub fn estimate(&self, runs: &[RunSummary], confidence: Confidence) -> Estimate {
        if is_certain(runs) {
            let only = self.estimate(&runs[..1], confidence);
            return Estimate {
                low: only.value,
                high: only.value,
                ..only
            };
        }
        match self.kind {
            Kind::Mean(read) | Kind::MeanIfAny(read) => {
                let values: Vec<f64> = runs.iter().filter_map(read).collect();
                let mean = values.iter().sum::<f64>() / values.len() as f64;
                let value = (!values.is_empty()).then_some(mean);
                Estimate::of(value, confidence.mean(&values))
            }
            Kind::Quantile(of) => {
                let seen = || runs.iter().map(of).filter(|it| it.total > 0);
                let values: Vec<f64> = seen().map(|it| it.p99.seconds()).collect();
                let least: Vec<f64> = seen().map(|it| it.p99.least_seconds()).collect();
                let mean = |of: &[f64]| of.iter().sum::<f64>() / of.len() as f64;
                let value = (!values.is_empty()).then(|| mean(&values));
                let is_known = value.is_some_and(f64::is_finite);
                Estimate {
                    above: value.filter(|_| !is_known).map(|_| mean(&least)),
                    ..Estimate::of(value, confidence.mean(&values).filter(|_| is_known))
                }
            }
            Kind::Share(is_true) => {
                let hits = runs.iter().filter(|run| is_true(run)).count();
                let value = (!runs.is_empty()).then(|| hits as f64 / runs.len() as f64);
                Estimate::of(value, confidence.proportion(hits, runs.len()))
            }
            Kind::Ratio(above, below) => {
                let above: Vec<f64> = runs.iter().map(above).collect();
                let below: Vec<f64> = runs.iter().map(below).collect();
                let all: f64 = below.iter().sum();
                let value = (all > 0.0).then(|| above.iter().sum::<f64>() / all);
                Estimate::of(value, confidence.ratio(&above, &below))
            }
            Kind::MedianTime(read) => {
                let time = |run| read(run).map_or(f64::INFINITY, SimTime::as_seconds);
                let mut times: Vec<f64> = runs.iter().map(time).collect();
                let value = lower_median(&mut times);
                let ranks = confidence.median_ranks(times.len());
                Estimate {
                    value,
                    low: ranks.map(|(low, _)| times[low]),
                    high: ranks.map(|(_, high)| times[high]),
                    above: None,
                }
            }
        }
    }

    /// The value in one run, `None` where it has none; of a time that is later than the end, too.
    pub fn of_run(&self, run: &RunSummary) -> Option<f64> {
        match self.kind {
            Kind::Mean(read) | Kind::MeanIfAny(read) => read(run),
            Kind::Quantile(of) => (of(run).total > 0).then(|| of(run).p99.seconds()),
            Kind::Share(is_true) => Some(f64::from(u8::from(is_true(run)))),
            Kind::Ratio(above, below) => (below(run) > 0.0).then(|| above(run) / below(run)),
            Kind::MedianTime(read) => read(run).map(SimTime::as_seconds),
        }
    }

    /// Whether a value may lie beyond what is known.
    pub const fn is_quantile(&self) -> bool {
        matches!(self.kind, Kind::Quantile(_))
    }

    /// The value alone.
    pub fn value(&self, runs: &[RunSummary]) -> Option<f64> {
        self.estimate(runs, Confidence::new(0.95, runs.len())).value
    }

    /// What a comparison takes for a value that is not there: no request, none failed; no NAT,
    /// none of its ports taken; no answer, no latency short enough.
    pub const fn when_absent(&self) -> f64 {
        match self.kind {
            Kind::Ratio(..) | Kind::MeanIfAny(_) => 0.0,
            _ => f64::INFINITY,
        }
    }

    /// How far from `number` a run that was not seen may lie, which is above it by `rise` at most:
    /// no value is below 0, requests are no more than were submitted, ports no more than there
    /// are; of other things nobody knows, and ten times what was seen is thought to be the most.
    fn reach(&self, runs: &[RunSummary], number: f64, rise: f64) -> Reach {
        let largest = |of: &dyn Fn(&RunSummary) -> f64| runs.iter().map(of).fold(0.0, f64::max);
        let submitted = || UNSEEN * largest(&|run| run.requests.submitted as f64);
        let (fall, most) = match (self.name, self.kind) {
            (_, Kind::Ratio(_, below)) => {
                let most = UNSEEN * largest(&below);
                (number * most, (1.0 - number) * most)
            }
            ("failed" | "timed_out" | "answered" | "unanswered", _) => {
                (number, submitted() - number)
            }
            ("ports_peak" | "ports_mean", _) => {
                (number, largest(&|run| run.ports.limit as f64) - number)
            }
            ("ports_peak_share" | "snat_peak_share", _) => (number, 1.0 - number),
            _ => {
                let seen = largest(&|run| self.of_run(run).unwrap_or(0.0));
                (number, 10.0 * libm::fmax(number, seen) - number)
            }
        };
        Reach {
            fall,
            rise: libm::fmin(rise, most),
        }
    }

    /// About how many runs it takes to show on which side of `number` the metric lies where none
    /// tells the other; infinite where no number does.
    pub fn runs_needed(&self, number: f64, error: f64) -> f64 {
        let share = match self.kind {
            Kind::Share(_) => libm::fmin(number, 1.0 - number),
            _ => return 0.0,
        };
        -libm::log(error) / libm::fmax(share, 0.0)
    }

    /// By how much a run may lie above `number`, where `runs` show that well: six deviations above
    /// their mean. Infinite where they do not.
    pub fn rise(&self, runs: &[RunSummary], number: f64) -> f64 {
        let differences: Vec<f64> = if let Kind::Ratio(above, below) = self.kind {
            let difference = |run| above(run) - number * below(run);
            runs.iter().map(difference).collect()
        } else {
            let values = runs.iter().filter_map(|run| self.of_run(run));
            values.map(|value| value - number).collect()
        };
        let is_known = differences.iter().all(|it| it.is_finite());
        let all = Moments::of(&differences);
        if !is_known || !sequential::is_nearly_normal(&differences) {
            return f64::INFINITY;
        }
        // What is kept of a plan is read again: three digits are the same then.
        rounded(all.mean + 6.0 * libm::sqrt(all.variance), 3)
    }

    /// On which side of `number` the metric is, over all runs that might be made; `None` while
    /// these do not suffice. Wrong with a probability of at most `error`, however often it is
    /// asked while runs are added. A run is thought to be no further above `number` than `rise`.
    pub fn compare(
        &self,
        runs: &[RunSummary],
        number: f64,
        rise: f64,
        error: f64,
    ) -> Option<Ordering> {
        let share_of = |is_true: &dyn Fn(&RunSummary) -> bool, of: f64| {
            let hits = runs.iter().filter(|run| is_true(run)).count();
            sequential::share(hits, runs.len(), of, error)
        };
        match self.kind {
            Kind::Mean(read) => {
                let values = runs.iter().filter_map(read);
                let differences: Vec<f64> = values.map(|value| value - number).collect();
                sequential::mean(&differences, self.reach(runs, number, rise), error)
            }
            Kind::Quantile(of) => {
                let seen = runs.iter().map(of).filter(|it| it.total > 0);
                let values: Vec<f64> = seen.map(|it| it.p99.seconds() - number).collect();
                if values.contains(&f64::INFINITY) {
                    return Some(Ordering::Greater);
                }
                sequential::mean(&values, self.reach(runs, number, rise), error)
            }
            Kind::MeanIfAny(read) => {
                let value = |run| read(run).unwrap_or(self.when_absent());
                let differences: Vec<f64> = runs.iter().map(|run| value(run) - number).collect();
                sequential::mean(&differences, self.reach(runs, number, rise), error)
            }
            Kind::Share(is_true) => share_of(&is_true, number),
            // Σ above / Σ below against the number is the mean of this difference against 0
            // (Fieller 1954).
            Kind::Ratio(above, below) => {
                if runs.iter().all(|run| below(run) <= 0.0) {
                    return None;
                }
                let difference = |run| above(run) - number * below(run);
                let differences: Vec<f64> = runs.iter().map(difference).collect();
                sequential::mean(&differences, self.reach(runs, number, rise), error)
            }
            // A median is later than what fewer than half of the runs have reached.
            Kind::MedianTime(read) => {
                let time = |run: &RunSummary| read(run).map(SimTime::as_seconds);
                let before = |run: &RunSummary| time(run).is_some_and(|it| it < number);
                let until = |run: &RunSummary| time(run).is_some_and(|it| it <= number);
                if share_of(&before, 0.5) == Some(Ordering::Greater) {
                    return Some(Ordering::Less);
                }
                (share_of(&until, 0.5) == Some(Ordering::Less)).then_some(Ordering::Greater)
            }
        }
    }
}

/// Whether there are several runs and all are the same in everything: nothing in them is drawn.
/// Runs without a request may just have been quiet.
pub fn is_certain(runs: &[RunSummary]) -> bool {
    let [first, rest @ ..] = runs else {
        return false;
    };
    let is_same = |run: &RunSummary| run == first;
    !rest.is_empty() && first.requests.submitted > 0 && first.events > 0 && rest.iter().all(is_same)
}

impl Estimate {
    fn of(value: Option<f64>, interval: Option<crate::stats::Interval>) -> Estimate {
        Estimate {
            value,
            low: interval.map(|it| it.low),
            high: interval.map(|it| it.high),
            above: None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::string::ToString;

    fn run(exhausted_at: Option<u64>, failed: u64) -> RunSummary {
        let mut run = RunSummary {
            exhausted_at: exhausted_at.map(|it| SimTime::from_nanos(it * 1_000_000_000)),
            ..RunSummary::default()
        };
        run.requests.submitted = 10;
        run.requests.failed = failed;
        run.ports.limit = 10;
        run
    }

    fn estimate(name: &str, runs: &[RunSummary]) -> Estimate {
        let metric = Metric::find(name).expect("a metric");
        metric.estimate(runs, Confidence::new(0.95, runs.len()))
    }

    #[test]
    fn a_median_of_times_is_censored_and_never_a_mean_of_those_that_did() {
        let mut runs = vec![run(Some(3), 1), run(None, 0), run(Some(5), 1)];
        assert_eq!(estimate("exhausted_at_s", &runs).value, Some(5.0));
        assert_eq!(estimate("exhausted_at_s", &runs).low, None, "too few");
        runs.extend(vec![run(None, 0); 3]);
        let late = estimate("exhausted_at_s", &runs);
        assert_eq!(late.value, Some(f64::INFINITY));
        assert_eq!((late.low, late.high), (Some(3.0), Some(f64::INFINITY)));
    }

    #[test]
    fn what_no_run_has_is_undefined() {
        let runs = vec![run(None, 0); 3];
        assert_eq!(estimate("latency_p99_s", &runs), Estimate::default());
        let idle = vec![RunSummary::default(); 3];
        assert_eq!(estimate("failed_share", &idle), Estimate::default());
        assert_eq!(estimate("p_exhausted", &runs).low, Some(0.0));
        assert!(
            estimate("p_exhausted", &runs)
                .high
                .is_some_and(|it| it > 0.5)
        );
    }

    #[test]
    fn without_a_nat_none_of_its_ports_are_taken() {
        let metric = Metric::find("snat_peak_share").expect("a metric");
        let mut runs = vec![run(None, 0)];
        assert_eq!(metric.value(&runs), None);
        assert!(metric.when_absent() < 0.8);
        runs[0].ports.peak = 4;
        assert_eq!(runs[0].tightest_peak_share().to_string(), "0.4");
        runs[0].nat = Some(crate::net::nat::NatTotals {
            limit: 64,
            peak: 48,
            ..crate::net::nat::NatTotals::default()
        });
        assert_eq!(metric.value(&runs), Some(0.75));
        assert_eq!(runs[0].tightest_peak_share().to_string(), "0.75");
    }

    #[test]
    fn shares_are_of_all_requests() {
        let share = estimate("failed_share", &[run(None, 1), run(None, 3)]);
        assert_eq!(share.value, Some(0.2));
    }
}
