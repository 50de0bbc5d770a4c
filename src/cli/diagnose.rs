//! `spsim diagnose`: snapshots of ports to findings, and to a scenario that shows them.

use super::claim::keep_foreign_file;
use super::diagnose_args::{DiagnoseArgs, table_of};
use super::exit::Exit;
use super::render::Shell;
use super::write;
use crate::diagnose::{
    self, Diagnosis, Finding, Kind, LocalPorts, Series, dump, reproduce, series,
};
use crate::input::snapshots::{self, Observed, Refused, SnapshotFile};
use crate::input::{as_utf8, dump_heap, inflate, is_dump, open_stream};
use crate::model::settings::PortRange;
use crate::output::{Artifact, diagnosis};
use crate::profiles::ports;
use crate::units::SimSpan;
use anyhow::{Context, Result};
use std::cmp::Ordering;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

/// What a scenario that was made of observations says in its first line.
pub(super) const WRITTEN_BY: &str = "# Written by `spsim ";

/// Reads the snapshots and says what they show.
///
/// # Errors
/// A file exists and cannot be read, or a result cannot be written.
pub fn diagnose(shell: &Shell, args: &DiagnoseArgs) -> Result<Exit> {
    if let Some(path) = &args.scenario {
        keep_foreign_file(shell, path, WRITTEN_BY, args.force.force)?;
    }
    let (first, files) = sniffed(shell, open_all(shell, &args.files)?)?;
    if is_dump(&first) {
        return of_dumps(shell, args, files);
    }
    let observed = snapshots(shell, files, args.every)?;
    let nothing = observed.counters.is_empty() && series::of(&observed.sockets).is_empty();
    if nothing {
        return Err(shell.wrong(
            "there is no client's connection in these snapshots: nothing to judge. Take them on \
             the machine whose ports run out, while the program runs",
        ));
    }
    let usual = table_for(&observed);
    let table = match args.ports.clone() {
        // A range of the same system: its scope and its TIME_WAIT stay.
        Some(told) if told.name == range_name(told.range) => LocalPorts {
            name: told.name,
            range: told.range,
            ..usual
        },
        Some(told) => told,
        None => usual,
    };
    show(shell, args, &diagnose::diagnose(series_of(observed), table))
}

/// Reads snapshots and says what there is to tell of them.
///
/// # Errors
/// They are wrong, or have no times.
pub(super) fn snapshots(
    shell: &Shell,
    files: Vec<SnapshotFile>,
    every: Option<SimSpan>,
) -> Result<Observed> {
    let observed = snapshots::read(files, every).map_err(|refused| match refused {
        Refused::Wrong(problems) => shell.wrong(&problems.join("\n  ")),
        Refused::NeedsEvery(place) => shell.usage(&format!(
            "{place}: the snapshot has no time: say how far apart they are, as in `--every 2s`"
        )),
    })?;
    shell.account(&observed.told, observed.skipped);
    Ok(observed)
}

/// The counters that were observed, else what the sockets of each endpoint come to.
pub(super) fn series_of(observed: Observed) -> Vec<Series> {
    if observed.counters.is_empty() {
        return series::of(&observed.sockets);
    }
    observed.counters
}

/// What heaps of a process show.
fn of_dumps(shell: &Shell, args: &DiagnoseArgs, files: Vec<SnapshotFile>) -> Result<Exit> {
    let read = dump_heap::read(files);
    let read = read.map_err(|problems| shell.wrong(&problems.join("\n  ")))?;
    if !shell.quiet {
        Shell::insist(&read.told.join("\n  "));
    }
    let article = || table_of(ports::find("kb2551125").unwrap_or(&ports::ALL[0]));
    let table = args.ports.clone().unwrap_or_else(article);
    if let (Some(path), Some(last)) = (&args.scenario, read.dumps.last()) {
        let text = dump::scenario(last, &table);
        if path.as_os_str() == "-" {
            shell.print(&text)?;
            return Ok(Exit::Done);
        }
        write_scenario(path, text)?;
        shell.say(&format!("{}: a scenario like the dump", path.display()));
    }
    let range = (table.range.count, table.name.as_str());
    if args.json {
        shell.print(&diagnosis::dumps_json(&read.dumps))?;
    } else if !shell.quiet {
        shell.print(&diagnosis::dumps_text(&read.dumps, range, shell.terminal()))?;
    }
    Ok(Exit::Done)
}

/// How much of a file tells its kind: a debugger says much before its first table.
const SNIFFED_BYTES: u64 = 1 << 16;

/// The first bytes of the first file, and all files from their beginning.
pub(super) fn sniffed(
    shell: &Shell,
    mut files: Vec<SnapshotFile>,
) -> Result<(Vec<u8>, Vec<SnapshotFile>)> {
    let mut start = Vec::new();
    if let Some(file) = files.first_mut() {
        let input = file.input.by_ref();
        let read = input.take(SNIFFED_BYTES).read_to_end(&mut start);
        if let Err(error) = read {
            // What came before the damage may still be read.
            if start.is_empty() {
                let problem = crate::input::describe(&error);
                return Err(shell.wrong(&format!("{}: {problem}", file.name)));
            }
        }
        let rest = std::mem::replace(&mut file.input, Box::new(io::empty()));
        file.input = Box::new(io::Cursor::new(start.clone()).chain(rest));
    }
    Ok((start, files))
}

/// Opens every file, those of a snapshot each in the order of their names.
pub(super) fn open_all(shell: &Shell, paths: &[PathBuf]) -> Result<Vec<SnapshotFile>> {
    let mut paths: Vec<&PathBuf> = paths.iter().collect();
    paths.sort_by(|a, b| natural(&a.to_string_lossy(), &b.to_string_lossy()));
    let opened = paths.into_iter().map(|path| {
        let (name, input) = open(shell, path)?;
        Ok(SnapshotFile { name, input })
    });
    opened.collect()
}

/// A file that a user brings, `-` being stdin, and what it is called in messages.
pub(super) fn opened(path: &Path) -> (String, io::Result<Box<dyn Read>>) {
    match path.to_str() {
        Some("-") => ("stdin".into(), inflate(io::stdin())),
        _ => (path.display().to_string(), open_stream(path)),
    }
}

/// The same, as text whatever its encoding; with what it is called in messages.
///
/// # Errors
/// It cannot be opened.
pub(super) fn open(shell: &Shell, path: &Path) -> Result<(String, Box<dyn Read>)> {
    let (name, opened) = opened(path);
    match opened.and_then(as_utf8) {
        Ok(input) => Ok((name, input)),
        Err(error) if error.kind() == io::ErrorKind::PermissionDenied => {
            Err(error).with_context(|| format!("cannot read `{name}`"))
        }
        Err(error) => Err(shell.wrong(&format!("{name}: {}", crate::input::describe(&error)))),
    }
}

/// `snap-9` before `snap-10`: runs of digits compare as numbers.
fn natural(a: &str, b: &str) -> Ordering {
    let split = |text: &str| {
        let mut parts: Vec<(u128, String)> = Vec::new();
        let is_digit = |c: &char| c.is_ascii_digit();
        let mut rest = text;
        while !rest.is_empty() {
            let word = rest
                .chars()
                .take_while(|c| !is_digit(c))
                .map(char::len_utf8)
                .sum();
            let (word, tail) = rest.split_at(word);
            let digits = tail.chars().take_while(is_digit).count().min(30);
            let (digits, tail) = tail.split_at(digits);
            parts.push((0, word.into()));
            parts.push((digits.parse().unwrap_or(0), String::new()));
            rest = tail;
        }
        parts
    };
    split(a).cmp(&split(b)).then_with(|| a.cmp(b))
}

/// The port range that goes with the format and, on Windows, with the ports that are seen.
fn table_for(observed: &Observed) -> LocalPorts {
    let used = series::local_ports(&observed.sockets);
    let old = used
        .iter()
        .filter(|port| (1025..=5000).contains(*port))
        .count();
    let name = match observed.preset {
        "windows" if !used.is_empty() && 10 * old >= 9 * used.len() => "windows-2003",
        name => name,
    };
    // Every name above is a preset: a test of the command uses each.
    let usual = table_of(ports::find(name).unwrap_or(&ports::ALL[0]));
    match observed.range.filter(|range| *range != usual.range) {
        Some(range) => LocalPorts {
            name: range_name(range),
            range,
            ..usual
        },
        None => usual,
    }
}

/// `1025-5000`.
pub(super) fn range_name(range: PortRange) -> String {
    let last = u32::from(range.first) + range.count - 1;
    format!("{}-{last}", range.first)
}

fn show(shell: &Shell, args: &DiagnoseArgs, found: &Diagnosis) -> Result<Exit> {
    let mut print_scenario = false;
    if let Some(path) = &args.scenario {
        let Some(finding) = worst(found, args.remote.as_deref()) else {
            return Err(shell.wrong(&match &args.remote {
                Some(remote) => format!("`{remote}` is not among the remote endpoints"),
                None => "there is no client connection to reproduce".into(),
            }));
        };
        let text = reproduce::scenario(found, finding);
        print_scenario = path.as_os_str() == "-";
        if print_scenario {
            shell.print(&text)?;
        } else {
            write_scenario(path, text)?;
            shell.say(&format!(
                "{}: a scenario like {}",
                path.display(),
                finding.remote
            ));
        }
    }
    if print_scenario {
        return Ok(Exit::Done);
    }
    if args.json {
        shell.print(&diagnosis::json(found))?;
    } else if !shell.quiet {
        shell.print(&diagnosis::text(found, shell.terminal()))?;
    }
    Ok(Exit::Done)
}

/// Writes one file atomically.
pub(super) fn write_scenario(path: &Path, text: String) -> Result<()> {
    let name = path.file_name().context("`--scenario` names no file")?;
    let folder = match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    write::write_all(folder, &[Artifact::new(name.to_string_lossy(), text)])
}

/// The endpoint asked for, or the one that runs out of ports first, or is in trouble, or has most.
fn worst<'d>(found: &'d Diagnosis, remote: Option<&str>) -> Option<&'d Finding> {
    if let Some(remote) = remote {
        return found.findings.iter().find(|it| it.remote == remote);
    }
    let left = |it: &Finding| it.outlook.left_s.unwrap_or(f64::INFINITY);
    found.findings.iter().min_by(|a, b| {
        let trouble = |it: &Finding| it.kind == Kind::Bounded;
        left(a)
            .total_cmp(&left(b))
            .then_with(|| trouble(a).cmp(&trouble(b)))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_in_names_count_as_numbers() {
        let mut names = ["s10.txt", "s9.txt", "s1.txt", "a/s2", "s1b"];
        names.sort_by(|a, b| natural(a, b));
        assert_eq!(names, ["a/s2", "s1.txt", "s1b", "s9.txt", "s10.txt"]);
    }
}
