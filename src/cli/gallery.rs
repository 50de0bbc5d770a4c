//! `spsim gallery`: pictures of what the numbers of scenarios depend on.

use super::args::Picture;
use super::look_args::StyleArgs;
use super::render::Shell;
use super::{Exit, interrupt, threads, write};
use crate::draw::Look;
use crate::input::InputFiles;
use crate::output::gallery::{Gallery, pictures};
use crate::output::{Artifact, PictureFormats};
use crate::scenario::{self, BUILTIN, BuiltIn};
use crate::sim::TraceError;
use crate::study::threads::run_all;
use crate::study::{gallery, inspect, run_one};
use crate::units::SimTime;
use anyhow::{Context, Result};
use clap::Args;
use clap::builder::PossibleValuesParser;
use std::path::PathBuf;

/// `spsim gallery`.
#[derive(Debug, Args)]
pub struct GalleryArgs {
    /// Built-in scenarios (default: all)
    #[arg(value_name = "SCENARIO", value_parser = names())]
    pub scenarios: Vec<String>,
    /// Where the pictures go: a folder in this one for each scenario
    #[arg(long, value_name = "DIR", default_value = "output/gallery")]
    pub out: PathBuf,
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
    let look = match args.style.look(shell)? {
        Ok(look) => look,
        Err(exit) => return Ok(exit),
    };
    interrupt::listen();
    let wanted = |it: &&BuiltIn| {
        args.scenarios.is_empty() || args.scenarios.iter().any(|name| name == it.name)
    };
    let chosen: Vec<&'static BuiltIn> = BUILTIN.iter().filter(wanted).collect();
    let formats = Picture::formats(&args.format);
    let names: Vec<&str> = chosen.iter().map(|it| it.name).collect();
    let count = chosen.len();
    let job = move |(): &mut (), index: usize| of(chosen[index], formats, &look);
    let mut written = Ok(());
    let write = |index: usize, made: Result<Vec<Artifact>, TraceError>| {
        let made = made.context("cannot read a trace");
        let one = made.and_then(|files| write::write_all(&args.out.join(names[index]), &files));
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
    shell.say(&format!("the pictures are in {}", args.out.display()));
    Ok(Exit::Done)
}

fn of(
    built_in: &BuiltIn,
    formats: PictureFormats,
    look: &Look,
) -> Result<Vec<Artifact>, TraceError> {
    let mut files = InputFiles::in_memory(built_in.files);
    let read = scenario::read(built_in.toml, built_in.name, &[], &mut files);
    let scenario = read.expect("a built-in scenario is right").scenario;
    let variant = scenario.under(&scenario.strategies[0]);
    let run = run_one(&variant, 0, &files)?.summary;
    let (exhausted_at, events) = (run.exhausted_at, run.events);
    let half = SimTime::from_nanos(scenario.duration.as_nanos() / 2);
    let mut moment = None;
    let instants = [exhausted_at.unwrap_or(half)];
    inspect(&variant, 0, &files, &instants, |it| moment = Some(it))?;
    let studies = Gallery {
        moment,
        exhaustion: gallery::exhaustion_by_load(&scenario, &files, events)?,
        peak: gallery::peak_by_idle_time(&scenario, &files, events)?,
        latency: gallery::latency_by_limit(&scenario, &files, events)?,
        map: gallery::peak_by_load_and_idle_time(&scenario, &files, events)?,
        replicated: gallery::replicated(&scenario, &files, events)?,
        lives: gallery::first_lives(&scenario, &files)?,
        phases: gallery::phases(&scenario, &files)?,
        scenario: &scenario,
    };
    Ok(pictures(&studies, formats, look))
}
