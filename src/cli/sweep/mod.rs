//! `spsim sweep`: a scenario at many points of its keys, on one machine or on many.

pub mod args;
mod config_files;
mod emit;
mod job;
mod journal;
mod kubernetes;
mod merge;
mod points;

pub use args::SweepArgs;

use super::args::threads;
use super::claim::{Claim, Others, claim};
use super::exit::Exit;
use super::interrupt;
use super::journal::read_line;
use super::load::{self, Source};
use super::render::{self, Shell};
use super::run::folder_name;
use super::write;
use crate::draw::Look;
use crate::model::Scenario;
use crate::output::sweep::{self as output, Table, metadata};
use crate::study::rare::can_estimate;
use crate::study::sweep::{Identity, Readings};
use crate::study::{Axis, Design, OfPart, Shard};
use anyhow::{Context, Result};
use journal::Opened;
pub(in crate::cli) use points::changed;
use points::{Ended, Failure, Sink, Work, Wrong};
use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::{BufReader, BufWriter, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Runs, joins or prints a sweep.
///
/// # Errors
/// A file cannot be read or written.
pub fn sweep(shell: &Shell, args: &SweepArgs) -> Result<Exit> {
    let look = args.style.look(shell)?;
    if let Some(folder) = &args.merge {
        fs::metadata(folder).with_context(|| format!("cannot read `{}`", folder.display()))?;
        // Whatever else is there: what is a part is known by its first line.
        let claim = claim(shell, folder, &[], Others::Nobody, true)?;
        let identity = merge::join(shell, folder)?;
        return deliver(shell, (args, &look), &claim, &identity);
    }
    let name = args.scenario.as_deref().unwrap_or_default();
    let prepared = prepare(shell, args, load::find(shell, name)?)?;
    if let Some(scheduler) = args.emit {
        return job::print(shell, args, scheduler, &prepared);
    }
    let choice = args
        .shard
        .map(|it| it.resolve(|name| std::env::var(name).ok()));
    let shard = choice
        .transpose()
        .map_err(|problem| shell.usage(&problem))?;
    interrupt::listen();
    run(shell, (args, &look), prepared, shard)
}

/// A sweep that is right as far as can be seen before it runs.
struct Prepared {
    work: Work,
    identity: Identity,
    /// The files that the scenario names, at any of its points.
    files: Vec<String>,
}

/// Reads the scenario with the values of every key, one key after the other, so that what is
/// wrong is said before anything is simulated.
fn prepare(shell: &Shell, args: &SweepArgs, mut source: Source) -> Result<Prepared> {
    if args.vary.iter().any(|axis| axis.key == "replications") {
        let problem = "`replications` is the same at all points: use --replications";
        return Err(shell.usage(problem));
    }
    let common = args.changes.overrides();
    let wanted = &args.changes.strategy;
    let probes: Vec<Vec<String>> = args.vary.iter().map(Axis::probes).collect();
    let first: Vec<String> = probes.iter().map(|values| values[0].clone()).collect();
    let last: Vec<String> = probes.iter().filter_map(|it| it.last().cloned()).collect();
    let mut points = vec![first.clone()];
    for (index, values) in probes.iter().enumerate() {
        points.extend(values[1..].iter().map(|value| {
            let mut point = first.clone();
            point[index].clone_from(value);
            point
        }));
    }
    // Where values fit only with others, the far corner may show it.
    points.push(last);
    let of_parts = args.metric.iter().filter(|it| !it.aim.is_empty());
    let of_parts: Vec<OfPart> = of_parts.cloned().collect();
    let mut readings = Readings::default();
    let mut files = BTreeSet::new();
    let mut scenario = None;
    for point in points {
        let overrides = changed(&common, &args.vary, point);
        let read = source.read(&overrides, wanted);
        let read = read.map_err(|problem| source.show(shell, &problem))?;
        readings.add(read.scenario.digest);
        files.extend(read.files.into_iter().map(|it| it.path));
        for it in &of_parts {
            if let Err(problem) = it.part(&read.scenario) {
                return Err(shell.usage(&format!("--metric: {problem}")));
            }
        }
        if scenario.is_none() {
            shell.warnings(&source.shown, &source.text, &read.warnings);
            scenario = Some(read.scenario);
        }
    }
    let Some(scenario) = scenario else {
        return Err(shell.usage("there is no point"));
    };
    if args.rare {
        say_what_is_counted(shell, &scenario);
    }
    let axes = args.vary.clone();
    let design = match args.sample {
        None => Design::grid(axes),
        Some(points) => Design::latin_hypercube(axes, points, scenario.seed),
    };
    let design = design.map_err(|problem| shell.usage(&problem.to_string()))?;
    let strategies = scenario.strategy_names();
    let keys = args.vary.iter().map(|axis| axis.key.clone()).collect();
    let identity = Identity {
        spsim: env!("CARGO_PKG_VERSION").into(),
        scenario: scenario.name.clone(),
        typed: load::file_name(args.scenario.as_deref().unwrap_or_default()),
        changes: changes(args),
        title: scenario.title.clone(),
        digest: readings.text(),
        seed: scenario.seed,
        replications: scenario.replications,
        vary: args.vary.iter().map(ToString::to_string).collect(),
        metrics: of_parts.iter().map(OfPart::name).collect(),
        sample: design.sample(),
        points: design.points(),
        shard: None,
        shards: 1,
        strategies: strategies.clone(),
    };
    let work = Work {
        source,
        overrides: common,
        wanted: wanted.clone(),
        design: Arc::new(design),
        shard: Shard::WHOLE,
        replications: scenario.replications,
        strategies: strategies.len(),
        table: Arc::new(Table::new(keys, strategies, of_parts.clone())),
        of_parts,
        rare: args.rare,
    };
    Ok(Prepared {
        work,
        identity,
        files: files.into_iter().collect(),
    })
}

/// Says under which strategies what is rare cannot be estimated.
fn say_what_is_counted(shell: &Shell, scenario: &Scenario) {
    for strategy in &scenario.strategies {
        if let Err(reason) = can_estimate(&scenario.under(strategy)) {
            shell.say(&reason.warning(&strategy.name));
        }
    }
}

/// The flags that change the scenario, as words of a command; what draws is told on its own.
fn changes(args: &SweepArgs) -> Vec<String> {
    let (args, rare) = (&args.changes, args.rare.then(|| "--rare".into()));
    let sets = args.set.iter().map(|it| format!("{}={}", it.key, it.value));
    let sets = sets.map(|it| ["--set".into(), it]);
    let strategies = args.strategy.iter().cloned();
    let strategies = strategies.map(|it| ["--strategy".into(), it]);
    sets.chain(strategies).flatten().chain(rare).collect()
}

/// The folder of the results; `None` writes nothing.
fn folder(args: &SweepArgs, name: &str) -> Option<PathBuf> {
    match &args.out {
        None => Some(Path::new("output").join(folder_name(name))),
        Some(out) if out == Path::new("none") => None,
        Some(out) => Some(out.clone()),
    }
}

/// Runs a part, or the whole where `shard` names none.
fn run(
    shell: &Shell,
    (args, look): (&SweepArgs, &Look),
    prepared: Prepared,
    shard: Option<Shard>,
) -> Result<Exit> {
    let (identity, others) = match shard {
        Some(shard) => (prepared.identity.of_shard(shard), Others::Shards),
        None => (prepared.identity, Others::Nobody),
    };
    let mut work = prepared.work;
    work.shard = shard.unwrap_or(Shard::WHOLE);
    let Some(folder) = folder(args, &identity.scenario) else {
        return run_in_memory(shell, args, work, &identity);
    };
    let claim = claim(shell, &folder, &[], others, args.force)?;
    let target = folder.join(file_name(shard));
    let unfinished = folder.join(format!("{}.unfinished", file_name(shard)));
    let refuse = |problem: String| {
        shell.wrong(&format!(
            "{problem}; choose another --out, or throw it away with --restart"
        ))
    };
    if !args.restart && !unfinished.exists() {
        match finished(&target, &folder, &identity, &work)? {
            Found::Same => {
                shell.say(&format!("`{}` is already finished", target.display()));
                return after(shell, (args, look), &claim, &identity, shard);
            }
            Found::Other(problem) => return Err(refuse(problem)),
            Found::Nothing => {}
        }
    }
    if args.restart && unfinished.exists() {
        fs::remove_file(&unfinished)
            .with_context(|| format!("cannot remove `{}`", unfinished.display()))?;
    }
    let opened = Opened::open(&unfinished, &identity, &work.table, &work.design)?;
    let Opened { journal, points } = opened.map_err(refuse)?;
    let total = work.shard.count(work.design.points());
    if points > 0 {
        shell.say(&format!("going on after {points} of {total} points"));
    }
    let mut sink = Sink::Journal(journal);
    let source = work.source.clone();
    let ended = points::run(work, points, threads(args.threads), &mut sink, shell)?;
    match ended {
        Ended::Done => {}
        Ended::Interrupted(points) => {
            shell.error(&format!(
                "interrupted: {points} of {total} points are finished and kept; the same command \
                 goes on from there"
            ));
            return Ok(Exit::Interrupted);
        }
        Ended::Wrong(wrong) => return Err(explain(shell, &source, wrong)),
    }
    if let Sink::Journal(journal) = sink {
        // A part goes on saying of what it is.
        journal.become_table(&target, usize::from(shard.is_none()))?;
    }
    after(shell, (args, look), &claim, &identity, shard)
}

/// `sweep.csv`, or `part-3-of-16.csv` with as many digits as the last part has.
fn file_name(shard: Option<Shard>) -> String {
    let Some(shard) = shard else {
        return "sweep.csv".into();
    };
    let width = shard.of().to_string().len();
    format!("part-{:0width$}-of-{}.csv", shard.number(), shard.of())
}

/// What is at the place of a result.
enum Found {
    /// The result itself, whole.
    Same,
    /// Another sweep's part.
    Other(String),
    /// Nothing that hinders.
    Nothing,
}

/// Whether the result is there already. A whole table of another sweep is no hindrance: it is
/// replaced, as other results are.
fn finished(target: &Path, folder: &Path, identity: &Identity, work: &Work) -> Result<Found> {
    let Ok(file) = File::open(target) else {
        return Ok(Found::Nothing);
    };
    let cannot = || format!("cannot read `{}`", target.display());
    let mut reader = BufReader::new(file);
    let mut line = Vec::new();
    if identity.shard.is_some() {
        read_line(&mut reader, &mut line).with_context(cannot)?;
        match output::identity_of(&line) {
            Some(found) if found == *identity => {}
            Some(found) => {
                let differences = identity.differences(&found).join("; ");
                let target = target.display();
                return Ok(Found::Other(format!(
                    "`{target}` is of another sweep: {differences}"
                )));
            }
            None => return Ok(Found::Nothing),
        }
    } else if fs::read_to_string(folder.join("sweep.json")).ok() != Some(metadata(identity)) {
        return Ok(Found::Nothing);
    }
    read_line(&mut reader, &mut line).with_context(cannot)?;
    let next = |line: &mut Vec<u8>| {
        read_line(&mut reader, line)?;
        Ok((line.last() == Some(&b'\n')).then_some(line.len() as u64))
    };
    let is_headed = line == work.table.header();
    let counted = journal::whole_points(next, &work.table, &work.design, work.shard);
    let (points, _) = counted.with_context(cannot)?;
    let mut rest = [0];
    let is_whole = points == work.shard.count(work.design.points())
        && is_headed
        && reader.read(&mut rest).with_context(cannot)? == 0;
    Ok(if is_whole {
        Found::Same
    } else {
        Found::Nothing
    })
}

/// Says at which point the sweep stopped, and why.
fn explain(shell: &Shell, source: &Source, wrong: Wrong) -> anyhow::Error {
    let point = wrong.point;
    match wrong.failure {
        Failure::Scenario(problem) => {
            let refused = source.show(shell, &problem);
            shell.error(&format!("the scenario is wrong at {point}"));
            refused
        }
        Failure::Strategies(count) => shell.wrong(&format!(
            "at {point} there are {count} strategies: all points need the same number"
        )),
        Failure::Metric(problem) => shell.usage(&format!("--metric at {point}: {problem}")),
        Failure::Trace(error) => {
            anyhow::Error::new(error).context(format!("cannot read a trace at {point}"))
        }
    }
}

/// What follows when a part, or the whole, is finished.
fn after(
    shell: &Shell,
    asked: (&SweepArgs, &Look),
    claim: &Claim,
    identity: &Identity,
    shard: Option<Shard>,
) -> Result<Exit> {
    let Some(of) = shard.map(Shard::of) else {
        return deliver(shell, asked, claim, identity);
    };
    let folder = claim.folder();
    let (file, merge) = (folder.join(file_name(shard)), folder.display());
    shell.say(&format!(
        "{} is finished; when all {of} are: spsim sweep --merge {merge}",
        file.display(),
    ));
    Ok(Exit::Done)
}

/// Writes what follows from the table in `folder`, and prints it.
fn deliver(
    shell: &Shell,
    (args, look): (&SweepArgs, &Look),
    claim: &Claim,
    identity: &Identity,
) -> Result<Exit> {
    let folder = claim.folder();
    let path = folder.join("sweep.csv");
    let open = || {
        let file = File::open(&path);
        file.map(BufReader::new)
            .with_context(|| format!("cannot read `{}`", path.display()))
    };
    let cannot = || format!("cannot read `{}`", path.display());
    let drawn = &args.metric;
    let how = (args.pictures.formats(), look);
    let artifacts = output::artifacts(identity, open()?, drawn, how);
    claim.replace_of_sweep(write::stage_all(folder, &artifacts.with_context(cannot)?)?)?;
    #[cfg(feature = "parquet")]
    write::stream_atomically(&folder.join("sweep.parquet"), |file| {
        output::parquet(identity, File::open(&path)?, file)
    })?;
    show(shell, args, identity, open()?)?;
    shell.say(&format!("results are in {}", folder.display()));
    Ok(Exit::Done)
}

/// Prints the table, or all of it as JSON.
fn show(shell: &Shell, args: &SweepArgs, identity: &Identity, table: impl Read) -> Result<()> {
    if args.json {
        let mut out = BufWriter::new(render::stdout());
        output::json(identity, table, &mut out)?;
        out.flush()?;
    } else if !shell.quiet {
        shell.print(&output::text(identity, table, shell.terminal().width))?;
    }
    Ok(())
}

/// A sweep of which nothing is kept but what is printed.
fn run_in_memory(shell: &Shell, args: &SweepArgs, work: Work, identity: &Identity) -> Result<Exit> {
    if identity.shard.is_some() {
        return Err(shell.usage("a part is written somewhere: give --out"));
    }
    let mut sink = Sink::Memory(work.table.header());
    let source = work.source.clone();
    match points::run(work, 0, threads(args.threads), &mut sink, shell)? {
        Ended::Done => {}
        Ended::Interrupted(points) => {
            shell.error(&format!("interrupted after {points} points"));
            return Ok(Exit::Interrupted);
        }
        Ended::Wrong(wrong) => return Err(explain(shell, &source, wrong)),
    }
    if let Sink::Memory(bytes) = sink {
        show(shell, args, identity, bytes.as_slice())?;
    }
    Ok(Exit::Done)
}
