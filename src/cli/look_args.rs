//! How pictures are to look, as typed.

use super::args::parse_time;
use super::render::Shell;
use super::{Exit, labels};
use crate::draw::{Annotation, Look, Theme};
use crate::words::labels::Labels;
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
    /// Mark an instant in the chart of ports over time, as in `90s=deployment`; may be repeated
    #[arg(long, value_name = "TIME=TEXT", value_parser = parse_annotation)]
    pub annotate: Vec<Annotation>,
}

/// How any picture is to look.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Pictures")]
pub struct StyleArgs {
    /// The colours of pictures
    #[arg(long, value_enum, default_value_t = ThemeName::Light, value_name = "THEME")]
    pub theme: ThemeName,
    /// The width of pictures in pixels; their height follows (default: 900)
    #[arg(long, value_name = "WIDTH", value_parser = clap::value_parser!(u32).range(300..=4000))]
    pub size: Option<u32>,
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

impl LookArgs {
    /// The look asked for; the inner error is how to end where it is wrong, which was shown.
    ///
    /// # Errors
    /// A file that exists cannot be read.
    pub fn look(&self, shell: &Shell) -> Result<Result<Look, Exit>> {
        let style = self.style.look(shell)?;
        Ok(style.map(|style| Look {
            title: self.title.clone(),
            annotations: self.annotate.clone(),
            ..style
        }))
    }
}

impl StyleArgs {
    /// The look asked for; the inner error is how to end where it is wrong, which was shown.
    ///
    /// # Errors
    /// A file that exists cannot be read.
    pub fn look(&self, shell: &Shell) -> Result<Result<Look, Exit>> {
        let labels = match &self.labels {
            None => Ok(Labels::default()),
            Some(path) => labels::load(shell, path)?,
        };
        Ok(labels.map(|labels| Look {
            theme: match self.theme {
                ThemeName::Light => Theme::Light,
                ThemeName::Dark => Theme::Dark,
                ThemeName::Print => Theme::Print,
            },
            width: self.size,
            double: self.double,
            labels,
            ..Look::default()
        }))
    }
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
