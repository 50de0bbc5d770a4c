//! `spsim calibrate`: a scenario fitted to an observed curve.

use super::args::threads;
use super::calibrate_args::CalibrateArgs;
use super::claim::{Claim, Others, claim, keep_foreign_file};
use super::diagnose::{WRITTEN_BY, open_all, series_of, snapshots, sniffed, write_scenario};
use super::exit::Exit;
use super::interrupt::{self, INTERRUPTED};
use super::load::{Loaded, load_all};
use super::render::Shell;
use super::write;
use crate::calibrate::{self, Curve, Fit, Job, Parameter, Problem, Reduce, Simulate};
use crate::draw::Look;
use crate::input::{InputFiles, curve, snapshot_curve};
use crate::output::calibration::{self, Calibration};
use crate::output::manifest;
use crate::scenario;
use crate::sim::TraceError;
use crate::study::Runner;
use crate::study::threads::run_all;
use anyhow::{Context, Result};
use std::path::Path;

/// Fits a scenario and says what came of it.
///
/// # Errors
/// A file exists and cannot be read, or a result cannot be written.
pub fn calibrate(shell: &Shell, args: &CalibrateArgs) -> Result<Exit> {
    let mut loaded = load_all(shell, &args.scenario_args())?;
    // One was named, so one was loaded.
    let Some(loaded) = loaded.pop() else {
        return Ok(Exit::Usage);
    };
    let problem = pose(args, &loaded, observe(shell, args)?);
    let problem = problem.map_err(|problem| shell.wrong(&problem))?;
    let look = args.style.look(shell)?;
    // Before anything is simulated.
    let claim = claimed(shell, args)?;
    interrupt::listen();
    let mut runs = Threads {
        files: &loaded.files,
        threads: threads(args.threads),
    };
    match calibrate::fit(&problem, &mut runs) {
        Ok(fit) => deliver(shell, (args, &look), &loaded, (&fit, claim.as_ref())),
        Err(Stopped::Interrupted) => {
            shell.error("interrupted: nothing is fitted yet");
            Ok(Exit::Interrupted)
        }
        Err(Stopped::Trace(error)) => Err(error).context("cannot read a trace"),
    }
}

/// Claims the folder, where one is asked for, and the file.
fn claimed(shell: &Shell, args: &CalibrateArgs) -> Result<Option<Claim>> {
    let force = args.force.force;
    if let Some(path) = &args.toml {
        keep_foreign_file(shell, path, WRITTEN_BY, force)?;
    }
    let folder = args.out.as_ref().filter(|it| it.as_os_str() != "none");
    let claimed = folder.map(|it| claim(shell, it, &[], Others::Nobody, force));
    claimed.transpose()
}

/// Reads the observation: a CSV of a curve, or snapshots.
fn observe(shell: &Shell, args: &CalibrateArgs) -> Result<Curve> {
    let (start, mut files) = sniffed(shell, open_all(shell, &args.observed)?)?;
    if files.len() == 1
        && let Some(file) = files.pop()
    {
        if curve::is_curve(&start) {
            if args.remote.is_some() || args.every.is_some() {
                let problem = "`--remote` and `--every` are for snapshots: this is a curve";
                return Err(shell.wrong(problem));
            }
            let read = curve::read_csv(file.input).map_err(|problems| {
                shell.wrong(&format!("{} {}", file.name, problems.join("\n  ")))
            })?;
            shell.account(&read.told, read.skipped);
            return Ok(read.curve);
        }
        files.push(file);
    }
    let series = series_of(snapshots(shell, files, args.every)?);
    let curve = snapshot_curve::of_series(&series, args.remote.as_deref());
    let (curve, notes) = curve.map_err(|problem| shell.wrong(&problem))?;
    shell.account(&notes, 0);
    Ok(curve)
}

/// Which numbers are fitted, and what is known of the start.
fn pose(args: &CalibrateArgs, loaded: &Loaded, observed: Curve) -> Result<Problem, String> {
    let scenario = loaded.read.scenario.clone();
    let has = |parameter: Parameter| parameter.value(&scenario).is_some();
    let begins_with = observed.total().first().copied().unwrap_or(0.0);
    let mut parameters: Vec<Parameter> = if args.fit.is_empty() {
        let all = Parameter::ALL.into_iter();
        all.filter(|it| *it != Parameter::Start && has(*it))
            .chain((begins_with > 0.0 && args.start.is_none()).then_some(Parameter::Start))
            .collect()
    } else {
        args.fit.iter().map(|it| Parameter::from(*it)).collect()
    };
    parameters.sort();
    parameters.dedup();
    if args.start.is_some() && parameters.contains(&Parameter::Start) {
        return Err("`start` is either given by `--start` or fitted, not both".into());
    }
    if let Some(missing) = parameters.iter().find(|it| !has(**it)) {
        let (name, why) = (missing.name(), why_missing(*missing));
        return Err(format!("`{name}` cannot be fitted: {why}"));
    }
    if parameters.is_empty() {
        return Err("the scenario has no number that can be fitted".into());
    }
    let (n, n_points) = (parameters.len(), observed.times_s.len());
    if n_points <= n {
        return Err(format!(
            "{n_points} observations are too few for {n} numbers: fit fewer with `--fit`"
        ));
    }
    Ok(Problem {
        strategy: 0,
        observed,
        parameters,
        start_s: args.start.map_or(0.0, crate::units::SimSpan::as_seconds),
        replications: args.replications,
        scenario,
    })
}

const fn why_missing(parameter: Parameter) -> &'static str {
    match parameter {
        Parameter::Rate => {
            "a trace and a timeline say themselves when requests come, and a law without a mean \
             has no rate"
        }
        Parameter::ResponseTime => "the law is `empirical`, 0 or without a mean",
        Parameter::TimeWait => {
            "the scenario has none; say where to start, as in `--set machine.time-wait=60s`"
        }
        Parameter::MaxIdleTime => "every client has `never`",
        Parameter::Start => "it is given",
    }
}

fn deliver(
    shell: &Shell,
    (args, look): (&CalibrateArgs, &Look),
    loaded: &Loaded,
    (fit, claim): (&Fit, Option<&Claim>),
) -> Result<Exit> {
    let fitted = scenario::Read {
        scenario: fit.scenario.clone(),
        ..loaded.read.clone()
    };
    let changes: Vec<(String, String)> = scenario::show::changes(&loaded.read, &fitted)
        .into_iter()
        .map(|change| (change.key, change.value))
        .collect();
    let mut toml = String::from("# Written by `spsim calibrate`. Fitted:\n");
    for (key, value) in &changes {
        let line = format!("#   {key} = {value}\n");
        toml += &line;
    }
    toml.push('\n');
    toml += &scenario::show(&fitted);
    let strategy = &fit.scenario.strategies[0].name;
    let calibration = Calibration {
        fit,
        scenario: &fit.scenario.name,
        strategy,
        changes: &changes,
        toml: &toml,
    };
    if let Some(claim) = claim {
        let mut artifacts = calibration::artifacts(&calibration, args.pictures(), look);
        let scenario = &fitted.scenario;
        artifacts.push(manifest::over(
            &scenario.name,
            scenario.digest,
            &[],
            &artifacts,
        ));
        let folder = claim.folder();
        claim.replace(write::stage_all(folder, &artifacts)?)?;
        shell.say(&format!("results are in {}", folder.display()));
    }
    match args.toml.as_deref() {
        Some(path) if path == Path::new("-") => {
            shell.print(&toml)?;
            return Ok(Exit::Done);
        }
        Some(path) => {
            write_scenario(path, toml.clone())?;
            shell.say(&format!("{}: the fitted scenario", path.display()));
        }
        None => {}
    }
    if args.json {
        shell.print(&calibration::json(&calibration))?;
    } else if !shell.quiet {
        shell.print(&calibration::text(&calibration, shell.terminal()))?;
    }
    Ok(Exit::Done)
}

/// Makes runs on several threads; the results stand in the order of the jobs.
struct Threads<'f> {
    files: &'f InputFiles,
    threads: usize,
}

/// Why a fit ended early.
enum Stopped {
    Interrupted,
    Trace(TraceError),
}

impl Simulate for Threads<'_> {
    type Error = Stopped;

    fn run(&mut self, jobs: &[Job], reduce: Reduce<'_>) -> Result<Vec<Vec<f64>>, Stopped> {
        let (to_run, files): (Vec<Job>, _) = (jobs.into(), self.files.clone());
        let job = move |(): &mut (), index: usize| {
            let Job {
                scenario,
                replication,
                ..
            } = &to_run[index];
            Runner::new(true).run(scenario, *replication, &files)
        };
        let mut results: Vec<_> = jobs.iter().map(|_| Err(Stopped::Interrupted)).collect();
        run_all(
            jobs.len(),
            self.threads,
            &INTERRUPTED,
            job,
            |index, output| {
                let reduced = output.map(|output| reduce(&jobs[index], &output.samples));
                results[index] = reduced.map_err(Stopped::Trace);
            },
        );
        results.into_iter().collect()
    }
}
