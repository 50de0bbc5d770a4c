//! `sweep.md` of a sweep: ready to paste.

use super::rows::Head;
use crate::study::sweep::Identity;
use crate::words::plain::{line, markdown, quoted};

/// The page: what was varied, the charts, the first rows, how to reproduce.
pub(super) fn readme(identity: &Identity, pictures: &[(String, String)], head: &Head) -> String {
    let runs = match identity.replications {
        1 => String::from("one run"),
        several => format!("{several} runs"),
    };
    let strategies = identity.strategies.len();
    let mut page = format!("# {}: a sweep\n\n", markdown(&identity.title));
    page += &format!(
        "{} points, {} under each, {runs} of each.\n\n",
        crate::words::number::count(identity.points as f64),
        crate::words::number::counted(strategies as f64, "strategy", "strategies"),
    );
    for (file, alt) in pictures {
        page += &format!("![{}]({file})\n\n", markdown(alt));
    }
    page += &table(identity, head);
    page += "## Reproduce\n\n    spsim sweep";
    page += &format!(" {}", quoted(&line(&identity.typed)));
    for vary in &identity.vary {
        page += &format!(" --vary {}", quoted(&line(vary)));
    }
    for word in &identity.changes {
        page += &format!(" {}", quoted(&line(word)));
    }
    for metric in &identity.metrics {
        page += &format!(" --metric {}", quoted(&line(metric)));
    }
    if let Some(points) = identity.sample {
        page += &format!(" --sample {points}");
    }
    page += &format!(" --seed {}", identity.seed);
    if identity.replications > 1 {
        page += &format!(" --replications {}", identity.replications);
    }
    page += &format!(
        "\n\nMade by spsim {}; digest `{}`. The same scenario, seed and version give the same \
         bytes on every machine, with any number of threads or parts.\nAll metrics, with their \
         95% intervals (`_lo`, `_hi`; empty where there is none), are in `sweep.csv`.\n",
        identity.spsim, identity.digest
    );
    page
}

fn table(identity: &Identity, head: &Head) -> String {
    let rows = head.table(identity);
    let cells = |cells: &[String]| -> String {
        let all: Vec<String> = cells.iter().map(|cell| markdown(cell)).collect();
        format!("| {} |\n", all.join(" | "))
    };
    let mut text = cells(&rows.header);
    text += &format!("|{}\n", "---|".repeat(rows.header.len()));
    for row in &rows.cells {
        text += &cells(row);
    }
    if rows.hidden() > 0 {
        text += &format!("\n… and {} rows more in `sweep.csv`.\n", rows.hidden());
    }
    text.push('\n');
    text
}
