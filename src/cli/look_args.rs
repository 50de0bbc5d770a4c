//! How pictures are to look, as typed.

use super::args::parse_time;
use crate::output::look::{Annotation, Look, Theme};
use clap::{Args, ValueEnum};

/// How pictures of a run are to look.
#[derive(Clone, Debug, Args)]
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
    /// The look asked for.
    pub fn look(&self) -> Look {
        Look {
            title: self.title.clone(),
            annotations: self.annotate.clone(),
            ..self.style.look()
        }
    }
}

impl StyleArgs {
    /// The look asked for.
    pub fn look(&self) -> Look {
        Look {
            theme: match self.theme {
                ThemeName::Light => Theme::Light,
                ThemeName::Dark => Theme::Dark,
                ThemeName::Print => Theme::Print,
            },
            width: self.size,
            double: self.double,
            ..Look::default()
        }
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
