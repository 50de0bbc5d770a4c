//! `spsim verify`: the model against queueing theory, and the intervals against what they claim.

use super::args::{VerifyArgs, threads};
use super::exit::Exit;
use super::interrupt::{self, INTERRUPTED};
use super::render::Shell;
use crate::input::InputFiles;
use crate::output::verification::{self, Verification};
use crate::scenario::Override;
use crate::sim::TraceError;
use crate::study::threads::run_all;
use crate::verify::{self, Figures, Prepared};
use anyhow::{Context, Result};

/// Makes every experiment and prints the table; the exit is 4 where a check does not hold.
///
/// # Errors
/// The table cannot be printed, or a trace that `--set` brought cannot be read.
pub fn verify(shell: &Shell, args: &VerifyArgs) -> Result<Exit> {
    let mut files = InputFiles::in_folder("");
    let mut overrides = args.set.clone();
    overrides.push(Override {
        typed_as: "--seed",
        key: "seed".into(),
        value: args.seed.to_string(),
    });
    let experiments = if args.coverage {
        verify::coverage()
    } else {
        verify::experiments()
    };
    let prepared = verify::prepare(experiments, args.fast, &overrides, &mut files);
    let prepared = prepared.map_err(|unsuitable| {
        let shown = format!("the scenario of `{}`", unsuitable.experiment);
        shell.problems(&shown, &unsuitable.text, &unsuitable.problems)
    })?;
    interrupt::listen();
    let Some(figures) = measure(&prepared, threads(args.threads), files)? else {
        shell.error("interrupted: nothing is verified");
        return Ok(Exit::Interrupted);
    };
    let judged = prepared.iter().zip(&figures);
    let changes = args.set.iter();
    let changes: Vec<String> = changes
        .map(|it| format!("{}={}", it.key, it.value))
        .collect();
    let document = Verification {
        seed: args.seed,
        is_fast: args.fast,
        changes: &changes,
        checks: judged.flat_map(|(one, of)| one.judge(of)).collect(),
    };
    if args.json {
        shell.print(&verification::json(&document))?;
    } else if !shell.quiet {
        shell.print(&verification::table(&document, shell.terminal()))?;
    }
    let failed = document.checks.iter().filter(|it| !it.holds()).count();
    if failed == 0 {
        return Ok(Exit::Done);
    }
    shell.error(&format!(
        "{failed} of {} checks do not hold",
        document.checks.len()
    ));
    Ok(Exit::NotHeld)
}

/// The figures of every experiment, in order; `None` when the user interrupted.
fn measure(
    prepared: &[Prepared],
    threads: usize,
    files: InputFiles,
) -> Result<Option<Vec<Vec<Figures>>>> {
    let places: Vec<(usize, u32)> = prepared
        .iter()
        .enumerate()
        .flat_map(|(experiment, it)| (0..it.jobs()).map(move |job| (experiment, job)))
        .collect();
    let mut results: Vec<Option<Result<Vec<Figures>, TraceError>>> = Vec::new();
    results.resize_with(places.len(), || None);
    let (ours, work) = (places.clone(), prepared.to_vec());
    let job = move |(): &mut (), index: usize| {
        let (experiment, job) = ours[index];
        work[experiment].measure(job, &files)
    };
    let whole = run_all(places.len(), threads, &INTERRUPTED, job, |index, result| {
        results[index] = Some(result);
    });
    if !whole {
        return Ok(None);
    }
    let mut figures = vec![Vec::new(); prepared.len()];
    // In order of the jobs, whatever the order in which they ended.
    for ((experiment, _), result) in places.iter().zip(results) {
        let of_job = result.context("a job gave no result")?;
        figures[*experiment].extend(of_job.context("cannot read a trace")?);
    }
    Ok(Some(figures))
}
