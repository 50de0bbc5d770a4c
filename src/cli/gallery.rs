//! `spsim gallery`: pictures of what the numbers of scenarios depend on.

use super::args::{ForceArgs, Picture, threads};
use super::claim::{Claim, Others, claim};
use super::exit::Exit;
use super::look_args::StyleArgs;
use super::render::Shell;
use super::{interrupt, write};
use crate::draw::Look;
use crate::input::InputFiles;
use crate::output::gallery::{Gallery, Shown, index, pictures};
use crate::output::sweep::Table;
use crate::output::{Artifact, PictureFormats, manifest};
use crate::scenario::{self, BUILTIN, BuiltIn, Override};
use crate::sim::TraceError;
use crate::stats::Confidence;
use crate::study::gallery::{QUESTIONS, SweepQuestion};
use crate::study::sweep::{Identity, Readings, estimates};
use crate::study::threads::run_all;
use crate::study::{Axis, Design, gallery, inspect, run_one};
use crate::units::Fnv;
use crate::units::SimTime;
use anyhow::{Context, Result};
use clap::Args;
use clap::builder::PossibleValuesParser;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// `spsim gallery`.
#[derive(Debug, Args)]
pub struct GalleryArgs {
    /// Built-in scenarios (default: all)
    #[arg(value_name = "SCENARIO", value_parser = names())]
    pub scenarios: Vec<String>,
    /// Where the pictures go: a folder in this one for each scenario
    #[arg(long, value_name = "DIR", default_value = "output/gallery")]
    pub out: PathBuf,
    /// What may be written beside.
    #[command(flatten)]
    pub force: ForceArgs,
    /// Which picture formats to write
    #[arg(
        long,
        value_enum,
        value_delimiter = ',',
        default_value = "svg",
        value_name = "LIST"
    )]
    pub format: Vec<Picture>,
    /// How pictures look.
    #[command(flatten)]
    pub style: StyleArgs,
}

fn names() -> PossibleValuesParser {
    PossibleValuesParser::new(BUILTIN.iter().map(|it| it.name))
}

/// Makes the pictures of every chosen scenario.
///
/// # Errors
/// A file cannot be written.
pub fn gallery(shell: &Shell, args: &GalleryArgs) -> Result<Exit> {
    let look = args.style.look(shell)?;
    interrupt::listen();
    let wanted = |it: &&BuiltIn| {
        args.scenarios.is_empty() || args.scenarios.iter().any(|name| name == it.name)
    };
    let chosen: Vec<&'static BuiltIn> = BUILTIN.iter().filter(wanted).collect();
    // Before anything is simulated: this folder, and the one of each scenario in it.
    let folders: Vec<&str> = BUILTIN.iter().map(|it| it.name).collect();
    let claim =
        |folder: &Path, own: &[&str]| claim(shell, folder, own, Others::Nobody, args.force.force);
    let whole_claim = claim(&args.out, &folders)?;
    let claims = chosen.iter().map(|it| claim(&args.out.join(it.name), &[]));
    let claims: Vec<Claim> = claims.collect::<Result<_>>()?;
    let formats = Picture::formats(&args.format);
    let names: Vec<&str> = chosen.iter().map(|it| it.name).collect();
    let count = chosen.len();
    let job = move |(): &mut (), index: usize| of(chosen[index], formats, &look);
    let mut written = Ok(());
    // Scenarios are done in any order, and the index has one.
    let mut all = BTreeMap::new();
    let write = |index: usize, made: Result<Made, TraceError>| {
        let made = made.context("cannot read a trace");
        let one = made.and_then(
            |Made {
                 title,
                 digest,
                 shown,
             }| {
                let files: Vec<_> = shown.iter().flat_map(|it| it.files.clone()).collect();
                all.insert(index, (digest, (names[index].to_owned(), title, shown)));
                if files.is_empty() {
                    return Ok(());
                }
                put(&claims[index], names[index], digest, files)
            },
        );
        if written.is_ok() {
            written = one;
        }
    };
    let whole = run_all(count, threads(None), &interrupt::INTERRUPTED, job, write);
    written?;
    if !whole {
        shell.error("interrupted: the pictures of some scenarios are missing");
        return Ok(Exit::Interrupted);
    }
    // An index of some would hide the others.
    if args.scenarios.is_empty() {
        let mut digests = Fnv::new();
        let in_order = all.into_values().map(|(digest, one)| {
            digests.number(digest);
            one
        });
        let index = index(&in_order.collect::<Vec<_>>(), formats).into();
        put(&whole_claim, "gallery", digests.value(), index)?;
    }
    shell.say(&format!("the pictures are in {}", args.out.display()));
    Ok(Exit::Done)
}

/// Writes files and their manifest into a folder; what was there of an earlier gallery goes.
fn put(claim: &Claim, name: &str, digest: u64, mut files: Vec<Artifact>) -> Result<()> {
    files.push(manifest::over(name, digest, &[], &files));
    claim.replace(write::stage_all(claim.folder(), &files)?)
}

/// What is made of a built-in scenario.
struct Made {
    title: String,
    digest: u64,
    shown: Vec<Shown>,
}

/// The title of a built-in scenario and its pictures.
fn of(built_in: &BuiltIn, formats: PictureFormats, look: &Look) -> Result<Made, TraceError> {
    let mut files = InputFiles::in_memory(built_in.files);
    let read = scenario::read(built_in.toml, built_in.name, &[], &mut files);
    let scenario = read.expect("a built-in scenario is right").scenario;
    let variant = scenario.under(&scenario.strategies[0]);
    let run = run_one(&variant, 0, &files)?.summary;
    let mut moment = None;
    if gallery::OF_MOMENTS.contains(&built_in.name) {
        let half = SimTime::from_nanos(scenario.duration.as_nanos() / 2);
        let instants = [run.exhausted_at.unwrap_or(half)];
        inspect(&variant, 0, &files, &instants, |it| moment = Some(it))?;
    }
    let questions = QUESTIONS.iter().filter(|it| it.scenario == built_in.name);
    let sweeps: Result<Vec<_>, TraceError> = questions.map(|it| sweep(built_in, it)).collect();
    let studies = Gallery {
        moment,
        sweeps: sweeps?,
        replicated: gallery::replicated(&scenario, &files, run.events)?,
        lives: gallery::first_lives(&scenario, &files)?,
        phases: gallery::phases(&scenario, &files)?,
        scenario: &scenario,
    };
    Ok(Made {
        title: scenario.title.clone(),
        digest: scenario.digest,
        shown: pictures(&studies, formats, look),
    })
}

/// What `spsim sweep` would write of a question: its identity and its table.
fn sweep(
    built_in: &BuiltIn,
    question: &SweepQuestion,
) -> Result<(SweepQuestion, Identity, Vec<u8>), TraceError> {
    const RIGHT: &str = "a question of the gallery is right";
    let axes: Vec<Axis> = question
        .vary
        .iter()
        .map(|it| Axis::parse(it).expect(RIGHT))
        .collect();
    let design = Design::grid(axes.clone()).expect(RIGHT);
    let mut readings = Readings::default();
    let mut table: Option<Table> = None;
    let mut bytes = Vec::new();
    let mut read = None;
    for point in 0..design.points() {
        let values = design.values(point);
        let own = axes.iter().zip(&values);
        let own: Vec<Override> = own
            .map(|(axis, value)| Override::new(axis.key.clone(), value.clone()))
            .collect();
        let mut files = InputFiles::in_memory(built_in.files);
        let found = scenario::read(built_in.toml, built_in.name, &own, &mut files);
        let scenario = found.expect(RIGHT).scenario;
        readings.add(scenario.digest);
        let table = table.get_or_insert_with(|| {
            let keys = axes.iter().map(|it| it.key.clone()).collect();
            let table = Table::new(keys, scenario.strategy_names(), Vec::new());
            bytes.extend(table.header());
            table
        });
        let mut rows = Vec::new();
        for strategy in &scenario.strategies {
            let run = run_one(&scenario.under(strategy), 0, &files)?;
            rows.push(estimates(&[run.summary], &[], Confidence::new(0.95, 1)));
        }
        bytes.extend(table.rows(&values, &rows));
        read = Some(scenario);
    }
    let scenario = read.expect(RIGHT);
    let identity = Identity {
        spsim: env!("CARGO_PKG_VERSION").into(),
        scenario: scenario.name.clone(),
        typed: scenario.name.clone(),
        changes: Vec::new(),
        metrics: Vec::new(),
        title: scenario.title.clone(),
        digest: readings.text(),
        seed: scenario.seed,
        replications: 1,
        strategies: scenario.strategy_names(),
        vary: axes.iter().map(ToString::to_string).collect(),
        sample: None,
        points: design.points(),
        shard: None,
        shards: 1,
    };
    Ok((*question, identity, bytes))
}
