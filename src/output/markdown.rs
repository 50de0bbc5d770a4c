//! `README.md` of an output folder: ready to paste into documentation.

use super::{PICTURES, PictureFormats, text};
use crate::findings;
use crate::study::Comparison;
use crate::words::plain::{self, markdown, markdown_prose};

/// The page: question, charts, table, findings, assumptions, how to reproduce.
pub(super) fn readme(comparison: &Comparison, formats: PictureFormats) -> String {
    let scenario = &comparison.scenario;
    let found = findings::of(comparison);
    let mut page = format!("# {}\n\n", markdown(&scenario.title));
    if !scenario.question.is_empty() {
        page += &format!("**Question.** {}\n\n", markdown(&scenario.question));
    }
    page += &format!("**Answer.** {}.\n\n", markdown(&found.headline));
    if !scenario.expect.is_empty() {
        page += &format!("**Why.** {}\n\n", markdown_prose(&scenario.expect));
    }
    page += &pictures(comparison, formats);
    page += &text::strategies(comparison, false).markdown();
    page += "\n## Findings\n\n";
    for sentence in &found.sentences {
        page += &format!("- {}.\n", markdown(sentence));
    }
    page += &winner(comparison, &found.winner);
    page += &certainty(&found.certainty);
    page += "## Assumptions\n\n";
    for sentence in &found.assumptions {
        page += &format!("- {}.\n", markdown_prose(sentence));
    }
    for warning in &found.warnings {
        page += &format!("- **Warning:** {}.\n", markdown_prose(warning));
    }
    page += &reproduce(comparison);
    page
}

/// A picture with its alt text and its caption, to be pasted where it is to stand.
pub(super) fn figure(file: &str, alt: &str, caption: &str) -> String {
    format!(
        "![{}]({file})\n\n{}\n",
        markdown(alt),
        markdown_prose(caption)
    )
}

/// SVG where there is one: it is sharp at every size.
fn pictures(comparison: &Comparison, formats: PictureFormats) -> String {
    let ending = match formats {
        PictureFormats { svg: true, .. } => "svg",
        PictureFormats { png: true, .. } => "png",
        _ => return String::new(),
    };
    let mut text = String::new();
    for picture in PICTURES.iter().filter(|it| (it.is_drawn)(comparison)) {
        let alt = markdown(&(picture.alt)(comparison));
        text += &format!("![{alt}]({}.{ending})\n\n", picture.stem);
    }
    text
}

/// What several runs say that one does not.
fn certainty(sentences: &[String]) -> String {
    if sentences.is_empty() {
        return String::new();
    }
    let mut text = String::from("## How sure it is\n\n");
    for sentence in sentences {
        text += &format!("- {}.\n", markdown(sentence));
    }
    text.push('\n');
    text
}

fn winner(comparison: &Comparison, winner: &findings::Winner) -> String {
    let name = markdown(&comparison.strategies[winner.index].name);
    let reason = markdown(&winner.reason);
    let mut text = format!("\nBest here: **{name}** ({reason}). ");
    if let Some(why) = &winner.without_change {
        text += &format!("{}.\n\n", markdown(&plain::capital(why)));
        return text;
    }
    text += "What it changes:\n\n";
    for change in &winner.changes {
        // An indented block shows its text as it is, whatever it holds.
        text += &format!("    {}\n", plain::line(change));
    }
    text.push('\n');
    text
}

fn reproduce(comparison: &Comparison) -> String {
    let scenario = &comparison.scenario;
    let command = match &*plain::line(&comparison.command) {
        "" => String::new(),
        command => format!("    {command}\n\n"),
    };
    format!(
        "\n## Reproduce\n\n{command}Made by spsim {}; scenario digest `{:016x}`. The same scenario, seed and version give \
         the same bytes on every machine.\nThe numbers behind the charts are in `ports.csv` and \
         `summary.json`.\n",
        env!("CARGO_PKG_VERSION"),
        scenario.digest,
    )
}
