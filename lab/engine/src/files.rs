//! The traces that built-in scenarios bring along, read from memory.
//!
//! They are ours, so they are plain: no quotation marks, no blanks, four columns. What users bring
//! is read by the room `input`, which needs the standard library.

use alloc::boxed::Box;
use alloc::string::ToString;
use alloc::vec::Vec;
use alloc::{format, string::String};
use spsim::inside::model::workload::{TimedAction, TraceRow, TraceSource};
use spsim::inside::units::{FNV_1A_START, fnv_1a, parse_seconds};
use spsim::{FileError, Files, GroupName, SimSpan, SimTime, TraceError, TraceRows, Traces};

const HEADER: &str = "time_s,group,duration_s,keep_alive";

/// Pairs of path and text.
pub(crate) struct BuiltInFiles(pub(crate) &'static [(&'static str, &'static str)]);

impl BuiltInFiles {
    fn text(&self, path: &str) -> Option<&'static str> {
        let found = self.0.iter().find(|(name, _)| *name == path);
        found.map(|(_, text)| *text)
    }
}

impl Files for BuiltInFiles {
    fn empirical(&mut self, path: &str) -> Result<Vec<SimSpan>, FileError> {
        Err(format!("`{path}`: only traces are built in").into())
    }

    fn timeline(&mut self, path: &str) -> Result<Vec<TimedAction>, FileError> {
        Err(format!("`{path}`: only traces are built in").into())
    }

    fn trace(&mut self, path: &str) -> Result<TraceSource, FileError> {
        let text = self.text(path).filter(|text| text.starts_with(HEADER));
        let missing = || format!("`{path}` is no trace that is built in");
        Ok(TraceSource {
            path: path.into(),
            digest: fnv_1a(FNV_1A_START, text.ok_or_else(missing)?.as_bytes()),
            has_group: true,
            has_duration: true,
            has_keep_alive: true,
        })
    }
}

impl Traces for BuiltInFiles {
    fn open(&self, source: &TraceSource) -> Result<TraceRows<'_>, TraceError> {
        let text = self.text(&source.path).unwrap_or_default();
        let path = source.path.clone();
        Ok(Box::new(text.lines().skip(1).map(move |line| {
            row(line).map_err(|problem| TraceError {
                path: path.clone(),
                problem: format!("{line}: {problem}"),
            })
        })))
    }
}

fn row(line: &str) -> Result<TraceRow, String> {
    let cells: Vec<&str> = line.split(',').collect();
    let [time, group, duration, keep_alive] = cells[..] else {
        return Err("four cells are expected".into());
    };
    let nanos = |text: &str| parse_seconds(text.as_bytes()).map_err(|error| error.to_string());
    let duration = match duration {
        "" => None,
        text => Some(SimSpan::from_nanos(nanos(text)?)),
    };
    let keep_alive = match keep_alive {
        "" => None,
        "true" => Some(true),
        "false" => Some(false),
        _ => return Err("`true` or `false` is expected".into()),
    };
    Ok(TraceRow {
        at: SimTime::from_nanos(nanos(time)?),
        group: Some(GroupName::from_text(group)),
        duration,
        keep_alive,
    })
}
