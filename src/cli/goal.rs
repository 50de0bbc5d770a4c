//! Conditions on results: `METRIC OP NUMBER`, joined by `and`; for `--fail-if`.

use crate::record::RunSummary;
use crate::study::StrategyResult;
use crate::units::SimTime;
use std::fmt;

/// Conditions that must all be true.
#[derive(Clone, Debug)]
pub struct Goal {
    conditions: Vec<Condition>,
}

/// One comparison of a metric with a number.
#[derive(Clone, Copy, Debug)]
pub struct Condition {
    metric: Metric,
    op: Op,
    number: f64,
}

/// A scalar of one strategy's runs.
#[derive(Clone, Copy, Debug)]
struct Metric {
    name: &'static str,
    value: fn(&StrategyResult) -> f64,
}

#[derive(Clone, Copy, Debug)]
struct Op {
    text: &'static str,
    holds: fn(&f64, &f64) -> bool,
}

/// The longest texts first, so that `<` does not cut `<=`.
const OPS: [Op; 5] = [
    op("<=", f64::le),
    op(">=", f64::ge),
    op("==", f64::eq),
    op("<", f64::lt),
    op(">", f64::gt),
];

const fn op(text: &'static str, holds: fn(&f64, &f64) -> bool) -> Op {
    Op { text, holds }
}

/// Every metric. Over replications: means, except shares (of all requests) and
/// `exhausted_at_s` (the median; infinite when most runs never exhausted).
const METRICS: [Metric; 11] = [
    metric("p_exhausted", |it| {
        it.exhausted_count() as f64 / it.runs.len() as f64
    }),
    metric("exhausted_at_s", |it| {
        it.exhausted_at().map_or(f64::INFINITY, SimTime::as_seconds)
    }),
    metric("ports_peak", |it| it.mean(|run| run.ports.peak as f64)),
    metric("ports_peak_share", |it| {
        it.mean(|run| run.ports.peak as f64 / run.ports.limit as f64)
    }),
    metric("ports_mean", |it| it.mean(|run| run.ports.mean)),
    metric("failed", failed),
    metric("failed_share", |it| {
        let submitted = it.mean(|run| run.requests.submitted as f64);
        // No request, none failed.
        if submitted > 0.0 {
            failed(it) / submitted
        } else {
            0.0
        }
    }),
    metric("timed_out", |it| {
        it.mean(|run| run.requests.timed_out as f64)
    }),
    metric("latency_p99_s", |it| {
        it.mean(|run| run.latency.p99 as f64 / 1e9)
    }),
    metric("queue_p99_s", |it| {
        it.mean(|run| run.queue.p99 as f64 / 1e9)
    }),
    metric("opened", |it| it.mean(|run| run.connections.opened as f64)),
];

const fn metric(name: &'static str, value: fn(&StrategyResult) -> f64) -> Metric {
    Metric { name, value }
}

fn failed(result: &StrategyResult) -> f64 {
    result.mean(|run: &RunSummary| run.requests.failed as f64)
}

impl Goal {
    /// Reads `METRIC OP NUMBER and METRIC OP NUMBER …`.
    ///
    /// # Errors
    /// What is wrong with the text.
    pub fn parse(text: &str) -> Result<Goal, String> {
        // `and` stands alone: no metric, operator or number holds blanks.
        let words: Vec<&str> = text.split_whitespace().collect();
        let conditions = words
            .split(|word| word.eq_ignore_ascii_case("and"))
            .map(|words| Condition::parse(&words.concat()))
            .collect::<Result<_, _>>()?;
        Ok(Goal { conditions })
    }

    /// Whether every condition is true of `result`.
    pub fn holds(&self, result: &StrategyResult) -> bool {
        self.conditions
            .iter()
            .all(|it| (it.op.holds)(&it.value(result), &it.number))
    }

    /// The metrics of `result` that the conditions ask for: `ports_peak = 5000`.
    pub fn values(&self, result: &StrategyResult) -> String {
        let values: Vec<String> = self
            .conditions
            .iter()
            .map(|it| format!("{} = {}", it.metric.name, it.value(result)))
            .collect();
        values.join(", ")
    }
}

impl Condition {
    fn parse(text: &str) -> Result<Condition, String> {
        let found = OPS
            .iter()
            .filter_map(|op| Some((text.find(op.text)?, op)))
            .min_by_key(|(at, _)| *at);
        let Some((at, op)) = found else {
            return Err("METRIC OP NUMBER is expected, as in `ports_peak_share >= 0.8`".into());
        };
        let name = &text[..at];
        let number = &text[at + op.text.len()..];
        let metric = METRICS.iter().find(|it| it.name == name).ok_or_else(|| {
            let known: Vec<&str> = METRICS.iter().map(|it| it.name).collect();
            format!("unknown metric `{name}`; metrics are {}", known.join(", "))
        })?;
        let number = number
            .parse()
            .ok()
            .filter(|number: &f64| number.is_finite())
            .ok_or_else(|| format!("`{number}` is not a number"))?;
        Ok(Condition {
            metric: *metric,
            op: *op,
            number,
        })
    }

    fn value(&self, result: &StrategyResult) -> f64 {
        (self.metric.value)(result)
    }
}

impl fmt::Display for Goal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, it) in self.conditions.iter().enumerate() {
            let and = if index > 0 { " and " } else { "" };
            write!(f, "{and}{} {} {}", it.metric.name, it.op.text, it.number)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn conditions_are_read_with_and_without_blanks() {
        let goal = Goal::parse("p_exhausted>0 and ports_peak_share <= 0.8 AND opened == 3");
        let text = goal.expect("good").to_string();
        assert_eq!(
            text,
            "p_exhausted > 0 and ports_peak_share <= 0.8 and opened == 3"
        );
    }

    #[test]
    fn what_is_wrong_is_said() {
        let problem = |text| Goal::parse(text).expect_err("bad");
        assert!(problem("ports").starts_with("METRIC OP NUMBER is expected"));
        assert!(problem("ports > 1").starts_with("unknown metric `ports`; metrics are p_exh"));
        assert_eq!(problem("opened > many"), "`many` is not a number");
        assert_eq!(problem("opened > NaN"), "`NaN` is not a number");
        assert!(problem("opened > 1 and").starts_with("METRIC OP NUMBER is expected"));
    }
}
