//! How pictures are to look, as typed.

use super::args::parse_time;
use super::labels;
use super::render::Shell;
use crate::draw::{Annotation, KeyPlace, Look, Theme};
use crate::model::Scenario;
use crate::units::SimTime;
use crate::words::labels::Labels;
use crate::words::{closest, number, plain};
use anyhow::Result;
use clap::{Args, ValueEnum};
use std::path::PathBuf;

/// How pictures of a run are to look.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Pictures")]
pub struct LookArgs {
    /// What every picture has.
    #[command(flatten)]
    pub style: StyleArgs,
    /// The title of pictures (default: the scenario's)
    #[arg(long, value_name = "TEXT")]
    pub title: Option<String>,
    /// Show a strategy under another name in pictures, as in `as is=today`; may be repeated
    #[arg(long, value_name = "OLD=NEW", value_parser = parse_rename)]
    pub rename: Vec<(String, String)>,
    /// Mark an instant in charts over time, as in `90s=deployment`; may be repeated
    #[arg(long, value_name = "TIME=TEXT", value_parser = parse_annotation)]
    pub annotate: Vec<Annotation>,
    /// Enlarge nothing in charts over time: one axis, up to the limit
    #[arg(long)]
    pub no_zoom: bool,
}

/// How any picture is to look.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Pictures")]
pub struct StyleArgs {
    /// The colours of pictures
    #[arg(long, value_enum, default_value_t = ThemeName::Light, value_name = "THEME")]
    pub theme: ThemeName,
    /// The width of pictures in pixels, for which they are laid out (default: 900)
    #[arg(long, value_name = "WIDTH", value_parser = clap::value_parser!(u32).range(300..=4000))]
    pub size: Option<u32>,
    /// What stands below the title (default: the scenario's question)
    #[arg(long, value_name = "TEXT")]
    pub subtitle: Option<String>,
    /// Leave out what stands below pictures
    #[arg(long)]
    pub no_caption: bool,
    /// From where to where charts go upwards, and the colours of heat maps, as in `0..500`
    #[arg(long, value_name = "LO..HI", value_parser = parse_range)]
    pub y_range: Option<(f64, f64)>,
    /// How charts of lines go upwards
    #[arg(long, value_enum, default_value_t = ScaleName::Linear, value_name = "SCALE")]
    pub scale: ScaleName,
    /// Where the names of lines stand
    #[arg(long, value_enum, default_value_t = KeyName::Beside, value_name = "PLACE")]
    pub key: KeyName,
    /// Also write each picture as a Vega-Lite specification, as ports.vl.json
    #[arg(long)]
    pub vega_lite: bool,
    /// Also write each PNG at twice the size, as ports@2x.png
    #[arg(long)]
    pub double: bool,
    /// A table of the words of pictures, in TOML; `spsim new --labels` writes one to translate
    /// (default: English)
    #[arg(long, value_name = "FILE")]
    pub labels: Option<PathBuf>,
}

/// A theme.
#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
pub enum ThemeName {
    /// On white
    Light,
    /// On near black
    Dark,
    /// For paper
    Print,
}

/// How an axis goes.
#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
pub enum ScaleName {
    /// Equal distances are equal amounts
    Linear,
    /// Equal distances are equal factors
    Log,
}

/// Where names stand.
#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
pub enum KeyName {
    /// Right of the plot, at the heights of the lines
    Beside,
    /// Below the plot
    Below,
    /// Nowhere
    None,
}

impl LookArgs {
    /// What does not fit a scenario that is about to run, in words: a mark after its end, the name
    /// of no strategy.
    pub fn misfit(&self, scenario: &Scenario) -> Option<String> {
        let end = SimTime::ZERO + scenario.duration;
        if let Some(late) = self.annotate.iter().find(|it| it.at > end) {
            return Some(format!(
                "--annotate `{}={}` lies outside the run: it ends at {}",
                number::instant(late.at),
                plain::short(&late.text, 40),
                number::instant(end)
            ));
        }
        let names = || scenario.strategies.iter().map(|it| it.name.as_str());
        let (unknown, _) = self
            .rename
            .iter()
            .find(|(old, _)| !names().any(|it| it == old))?;
        let known: Vec<String> = names()
            .map(|it| format!("`{}`", plain::short(it, 40)))
            .collect();
        let hint = closest(unknown, names());
        let hint = hint.map_or_else(String::new, |it| format!("; did you mean `{it}`?"));
        Some(format!(
            "--rename `{}`: no strategy has that name; there are {}{hint}",
            plain::short(unknown, 40),
            known.join(", ")
        ))
    }

    /// The look asked for.
    ///
    /// # Errors
    /// It is wrong, or a file that exists cannot be read.
    pub fn look(&self, shell: &Shell) -> Result<Look> {
        Ok(Look {
            title: self.title.clone(),
            renames: self.rename.clone(),
            annotations: self.annotate.clone(),
            no_zoom: self.no_zoom,
            ..self.style.look(shell)?
        })
    }
}

impl StyleArgs {
    /// The look asked for.
    ///
    /// # Errors
    /// It is wrong, or a file that exists cannot be read.
    pub fn look(&self, shell: &Shell) -> Result<Look> {
        if let (Some((low, _)), ScaleName::Log) = (self.y_range, self.scale)
            && low <= 0.0
        {
            let problem = "--y-range must begin above 0 with --scale log: 0 has no place there";
            return Err(shell.usage(problem));
        }
        let labels = self.labels.as_ref();
        let labels = labels.map_or(Ok(Labels::default()), |path| labels::load(shell, path))?;
        Ok(Look {
            theme: match self.theme {
                ThemeName::Light => Theme::Light,
                ThemeName::Dark => Theme::Dark,
                ThemeName::Print => Theme::Print,
            },
            width: self.size,
            subtitle: self.subtitle.clone(),
            no_caption: self.no_caption,
            y_range: self.y_range,
            is_log: self.scale == ScaleName::Log,
            key: match self.key {
                KeyName::Beside => KeyPlace::Beside,
                KeyName::Below => KeyPlace::Below,
                KeyName::None => KeyPlace::Nowhere,
            },
            vega_lite: self.vega_lite,
            double: self.double,
            labels,
            ..Look::default()
        })
    }
}

fn parse_range(text: &str) -> Result<(f64, f64), String> {
    let ends = text.split_once("..");
    let (low, high) = ends.ok_or("LO..HI is expected, as in `0..500`")?;
    let number = |text: &str| {
        let number: Option<f64> = text.trim().parse().ok().filter(|it: &f64| it.is_finite());
        number.ok_or_else(|| format!("`{}` is no number", plain::short(text, 40)))
    };
    let (low, high) = (number(low)?, number(high)?);
    // Numbers so near to each other, or so large, have no ticks between them.
    if high - low <= high.abs().max(low.abs()) * 1e-6 || high.abs().max(low.abs()) > 1e15 {
        return Err("the second number must be greater than the first, and at most 1e15".into());
    }
    Ok((low, high))
}

fn parse_rename(text: &str) -> Result<(String, String), String> {
    let names = text.split_once('=');
    let (old, new) = names.ok_or("OLD=NEW is expected, as in `as is=today`")?;
    if new.trim().is_empty() {
        return Err("a strategy needs a name".into());
    }
    Ok((old.trim().into(), new.trim().into()))
}

fn parse_annotation(text: &str) -> Result<Annotation, String> {
    let (time, text) = text
        .split_once('=')
        .ok_or("TIME=TEXT is expected, as in `90s=deployment`")?;
    Ok(Annotation {
        at: parse_time(time.trim())?,
        text: text.trim().into(),
    })
}
