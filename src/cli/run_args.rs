//! `spsim run`, as typed.

use super::args::{PictureArgs, ScenarioArgs};
use super::look_args::LookArgs;
use crate::scenario::Override;
use crate::study::Goal;
use crate::study::{METRICS, Metric};
use clap::Args;
use std::num::NonZeroUsize;
use std::path::PathBuf;

/// `spsim run`.
#[derive(Debug, Args)]
#[allow(clippy::struct_excessive_bools, reason = "each is a flag of its own")]
pub struct RunArgs {
    /// What to run.
    #[command(flatten)]
    pub scenario: ScenarioArgs,
    /// The flags that change results, as words of a command.
    #[arg(skip)]
    pub typed: Vec<String>,
    /// Add replications, 30 or more, until the half-width of the 95% interval is this share of
    /// the value under every strategy, as in 0.02
    #[arg(long, value_name = "SHARE", value_parser = parse_share)]
    pub precision: Option<f64>,
    /// The metric that --precision is about; any that --fail-if knows
    #[arg(long, value_name = "METRIC", default_value = "ports_mean", value_parser = parse_metric)]
    pub precision_of: MetricName,
    /// Where --precision gives up
    #[arg(
        long,
        value_name = "N",
        default_value_t = 1_000,
        value_parser = clap::value_parser!(u32).range(30..)
    )]
    pub most_replications: u32,
    /// Estimate in which share of runs ports are refused although it is too small to be counted,
    /// by further runs in which more requests come
    #[arg(long)]
    pub rare: bool,
    /// Ask for the long run: leave the warm-up of every run out
    #[arg(long)]
    pub steady: bool,
    /// How long a run warms up, as in 60s (default: found by MSER-5); asks for the long run
    #[arg(long, value_name = "TIME")]
    pub warm_up: Option<String>,
    /// Where results go: this folder (with several scenarios, a folder in it for each), or
    /// `none` to write nothing (default: `output/<scenario>`)
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
    /// Write into a folder although other files are in it; they stay
    #[arg(long)]
    pub force: bool,
    /// Which picture formats to write.
    #[command(flatten)]
    pub pictures: PictureArgs,
    /// How pictures look.
    #[command(flatten)]
    pub look: LookArgs,
    /// Also write port-map.json, what every single port is doing over time, for `spsim report`
    #[arg(long)]
    pub port_map: bool,
    /// Print summary.json instead of the table
    #[arg(long)]
    pub json: bool,
    /// How many threads to use; results do not depend on it (default: one per core)
    #[arg(long, value_name = "N")]
    pub threads: Option<NonZeroUsize>,
    /// Exit with 4 when this is true of any strategy, as in `ports_peak_share >= 0.8`;
    /// several conditions are joined by `and` and `or`, and a number may end in `%` or a unit of
    /// time (repeatable)
    #[arg(long, value_name = "EXPR", value_parser = Goal::parse)]
    pub fail_if: Vec<Goal>,
}

/// A metric by its name.
#[derive(Clone, Copy, Debug)]
pub struct MetricName(pub &'static Metric);

fn parse_metric(name: &str) -> Result<MetricName, String> {
    let known = || {
        METRICS
            .iter()
            .map(|it| it.name)
            .collect::<Vec<_>>()
            .join(", ")
    };
    let metric = Metric::find(name);
    metric
        .map(MetricName)
        .ok_or_else(|| format!("unknown metric; metrics are {}", known()))
}

fn parse_share(text: &str) -> Result<f64, String> {
    let share = text.parse().ok();
    share
        .filter(|share| *share > 0.0 && *share < 1.0)
        .ok_or_else(|| "a number above 0 and below 1 is expected, as in 0.02".into())
}

impl RunArgs {
    /// What to run, the flags of the long run among the changes.
    pub fn scenario_args(&self) -> ScenarioArgs {
        let mut scenario = self.scenario.clone();
        let mut set = |flag, key: &str, value: &str| {
            scenario.changes.set.push(Override {
                typed_as: flag,
                key: key.into(),
                value: value.into(),
            });
        };
        if self.steady || self.warm_up.is_some() {
            set("--steady", "steady", "true");
        }
        if let Some(warm_up) = &self.warm_up {
            set("--warm-up", "warm-up", warm_up);
        }
        scenario
    }
}
