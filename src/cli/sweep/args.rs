//! The command line of `spsim sweep`.

use crate::cli::args::{ChangeArgs, PictureArgs};
use crate::cli::look_args::StyleArgs;
use crate::study::vary::Axis;
use crate::study::{OfPart, Shard};
use clap::{Args, ValueEnum};
use std::num::NonZeroUsize;
use std::path::PathBuf;

/// `spsim sweep`.
#[derive(Debug, Args)]
#[command(after_help = AFTER_HELP)]
#[allow(clippy::struct_excessive_bools, reason = "each is a flag of its own")]
pub struct SweepArgs {
    /// A scenario file, the name of a built-in scenario (see `spsim list`), or - for stdin
    #[arg(required_unless_present = "merge", value_name = "SCENARIO")]
    pub scenario: Option<String>,
    /// What is different.
    #[command(flatten)]
    pub changes: ChangeArgs,
    /// A key of the scenario and its values; may be repeated, then all combinations are run
    #[arg(
        long,
        required_unless_present = "merge",
        value_name = "KEY=VALUES",
        value_parser = Axis::parse
    )]
    pub vary: Vec<Axis>,
    /// Not all combinations but a Latin hypercube of N points
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    pub sample: Option<u32>,
    /// Where results go: this folder, or `none` to write nothing (default: `output/<scenario>`)
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
    /// Which picture formats to write.
    #[command(flatten)]
    pub pictures: PictureArgs,
    /// How pictures look.
    #[command(flatten)]
    pub style: StyleArgs,
    /// A metric to draw; one of a program, a workload or a window of time, as in
    /// `failed[billing]` or `latency_p99_s[13h..14h]`, is a column more; may be repeated
    /// (default: `ports_peak_share`, `p_exhausted` and, with a NAT, `snat_peak_share`)
    #[arg(long, value_name = "NAME", value_parser = OfPart::parse)]
    pub metric: Vec<OfPart>,
    /// Estimate `p_exhausted` although it is too small to be counted, by further runs in which
    /// more requests come; where that cannot be, it is counted
    #[arg(long)]
    pub rare: bool,
    /// Print the results as JSON instead of the table
    #[arg(long)]
    pub json: bool,
    /// How many threads to use; results do not depend on it (default: one per core)
    #[arg(long, value_name = "N")]
    pub threads: Option<NonZeroUsize>,
    /// Run only part I of N and write `part-I-of-N.csv`; `auto` takes I from the scheduler
    #[arg(long, value_name = "I/N", value_parser = ShardChoice::parse)]
    pub shard: Option<ShardChoice>,
    /// Throw away what another sweep left unfinished in the folder
    #[arg(long)]
    pub restart: bool,
    /// Write into a folder although other files are in it
    #[arg(long)]
    pub force: bool,
    /// Join the parts in this folder to `sweep.csv`
    #[arg(
        long,
        value_name = "DIR",
        conflicts_with_all = ["scenario", "vary", "sample", "out", "shard", "emit", "restart"]
    )]
    pub merge: Option<PathBuf>,
    /// Print the job that runs the sweep in parts, as many as `--shard auto/N` says (default: 16)
    #[arg(long, value_enum, value_name = "SCHEDULER", conflicts_with = "json")]
    pub emit: Option<Scheduler>,
    /// The container image of a Kubernetes job
    #[arg(long, value_name = "IMAGE", requires = "emit")]
    pub image: Option<String>,
}

const AFTER_HELP: &str = "\
VALUES are texts as `--set` takes them, separated by commas, or ranges:
  --vary machine.ports=windows,linux,5000
  --vary workload.orders.arrivals.poisson.rate=1..100:log:9
  --vary client.app.max-idle-time=1s..100s:lin:5
  --vary 'strategy.\"16 groups\".groups=4,8,16'
With --sample N a range needs no number of values: --vary machine.ports=1000..64000

A sweep that was interrupted goes on where it was when the same command is given again.
With --shard auto/N, I comes from SLURM_ARRAY_TASK_ID - SLURM_ARRAY_TASK_MIN + 1,
JOB_COMPLETION_INDEX + 1, AWS_BATCH_JOB_ARRAY_INDEX + 1, HQ_TASK_ID, PBS_ARRAY_INDEX or
SGE_TASK_ID.";

/// Which part of a sweep to run.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ShardChoice {
    /// This one.
    Given(Shard),
    /// The one that the scheduler says, of so many.
    Auto(u32),
}

/// A scheduler whose job can be printed.
#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
pub enum Scheduler {
    /// An array job of Slurm
    Slurm,
    /// An Indexed Job of Kubernetes
    Kubernetes,
    /// GNU parallel on this machine
    Parallel,
}

impl ShardChoice {
    fn parse(text: &str) -> Result<ShardChoice, String> {
        const EXPECTED: &str = "I/N is expected, as in `3/16` or `auto/16`";
        let shard = |number, of| Shard::new(number, of).map_err(|it| it.to_string());
        let (part, of) = text.split_once('/').ok_or(EXPECTED)?;
        let of: u64 = of.parse().map_err(|_| EXPECTED)?;
        if part == "auto" {
            return Ok(ShardChoice::Auto(shard(1, of)?.of()));
        }
        let number: u64 = part.parse().map_err(|_| EXPECTED)?;
        shard(number, of).map(ShardChoice::Given)
    }

    /// Of how many parts it is one.
    pub const fn of(self) -> u32 {
        match self {
            ShardChoice::Given(shard) => shard.of(),
            ShardChoice::Auto(of) => of,
        }
    }

    /// The part to run; `variable` reads the environment.
    ///
    /// # Errors
    /// The scheduler says nothing, or names a part that does not exist.
    pub fn resolve(self, variable: impl Fn(&str) -> Option<String>) -> Result<Shard, String> {
        let of = match self {
            ShardChoice::Given(shard) => return Ok(shard),
            ShardChoice::Auto(of) => of,
        };
        let (name, number) = number_of(variable)?;
        Shard::new(number, of.into()).map_err(|problem| format!("{name}: {problem}"))
    }
}

/// The number (from 1) of this task of an array, and the variable that says it.
fn number_of(variable: impl Fn(&str) -> Option<String>) -> Result<(&'static str, u64), String> {
    // Those that count from 0, and those that count from 1 as users number their arrays.
    const OTHERS: [(&str, u64); 5] = [
        ("JOB_COMPLETION_INDEX", 1),
        ("AWS_BATCH_JOB_ARRAY_INDEX", 1),
        ("HQ_TASK_ID", 0),
        ("PBS_ARRAY_INDEX", 0),
        ("SGE_TASK_ID", 0),
    ];
    let whole = |name: &str, text: &str| -> Result<u64, String> {
        let number = text.trim().parse();
        number.map_err(|_| format!("{name} is not a number of a task: `{text}`"))
    };
    if let Some(id) = variable("SLURM_ARRAY_TASK_ID") {
        let missing = "SLURM_ARRAY_TASK_ID is set, but SLURM_ARRAY_TASK_MIN is not";
        let least = variable("SLURM_ARRAY_TASK_MIN").ok_or(missing)?;
        let step = variable("SLURM_ARRAY_TASK_STEP").unwrap_or_else(|| "1".into());
        let id = whole("SLURM_ARRAY_TASK_ID", &id)?;
        let least = whole("SLURM_ARRAY_TASK_MIN", &least)?;
        let step = whole("SLURM_ARRAY_TASK_STEP", &step)?.max(1);
        let after = id.checked_sub(least);
        let number = after.ok_or("SLURM_ARRAY_TASK_ID is below SLURM_ARRAY_TASK_MIN")? / step + 1;
        return Ok(("SLURM_ARRAY_TASK_ID", number));
    }
    for (name, offset) in OTHERS {
        // SGE says `undefined` outside of an array.
        if let Some(text) = variable(name).filter(|text| text != "undefined") {
            return Ok((name, whole(name, &text)?.saturating_add(offset)));
        }
    }
    Err(
        "--shard auto finds no task of an array: none of SLURM_ARRAY_TASK_ID, \
         JOB_COMPLETION_INDEX, AWS_BATCH_JOB_ARRAY_INDEX, HQ_TASK_ID, PBS_ARRAY_INDEX and \
         SGE_TASK_ID is set; give the part itself, as in `--shard 3/16`"
            .into(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn resolved(variables: &[(&str, &str)]) -> Result<u32, String> {
        let read = |name: &str| {
            let found = variables.iter().find(|(known, _)| *known == name);
            found.map(|(_, value)| (*value).to_owned())
        };
        let shard = ShardChoice::Auto(16).resolve(read)?;
        Ok(shard.number())
    }

    #[test]
    fn every_scheduler_counts_in_its_way() {
        let slurm = |id| [("SLURM_ARRAY_TASK_ID", id), ("SLURM_ARRAY_TASK_MIN", "5")];
        assert_eq!(resolved(&slurm("5")), Ok(1));
        assert_eq!(resolved(&slurm("20")), Ok(16));
        assert_eq!(resolved(&[("JOB_COMPLETION_INDEX", "0")]), Ok(1));
        assert_eq!(resolved(&[("AWS_BATCH_JOB_ARRAY_INDEX", "15")]), Ok(16));
        assert_eq!(resolved(&[("HQ_TASK_ID", "3")]), Ok(3));
        assert_eq!(resolved(&[("PBS_ARRAY_INDEX", "3")]), Ok(3));
        assert_eq!(resolved(&[("SGE_TASK_ID", "16")]), Ok(16));
        let step = [
            ("SLURM_ARRAY_TASK_ID", "4"),
            ("SLURM_ARRAY_TASK_MIN", "0"),
            ("SLURM_ARRAY_TASK_STEP", "2"),
        ];
        assert_eq!(resolved(&step), Ok(3));
    }

    #[test]
    fn what_the_scheduler_does_not_say_is_said() {
        let problem = |variables: &[(&str, &str)]| resolved(variables).expect_err("wrong");
        assert!(problem(&[]).contains("finds no task of an array"));
        assert!(problem(&[("SGE_TASK_ID", "undefined")]).contains("finds no task"));
        assert!(problem(&[("SGE_TASK_ID", "17")]).contains("SGE_TASK_ID: there is no shard 17"));
        assert!(problem(&[("HQ_TASK_ID", "x")]).contains("`x`"));
        assert!(problem(&[("SLURM_ARRAY_TASK_ID", "1")]).contains("TASK_MIN is not"));
    }

    #[test]
    fn a_shard_is_written_as_a_fraction() {
        assert_eq!(
            ShardChoice::parse("3/16").map(ShardChoice::of),
            Ok(16),
            "a part"
        );
        assert_eq!(ShardChoice::parse("auto/4"), Ok(ShardChoice::Auto(4)));
        for wrong in ["3", "0/4", "5/4", "1/0", "x/4", "auto/x", "-1/4"] {
            assert!(ShardChoice::parse(wrong).is_err(), "{wrong}");
        }
    }
}
