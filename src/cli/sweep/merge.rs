//! `spsim sweep --merge DIR`: the parts of a sweep become its table, row for row the one that a
//! single machine writes.

use crate::cli::exit::{Exit, Refused};
use crate::cli::journal::read_line;
use crate::cli::render::Shell;
use crate::cli::write::stream_atomically;
use crate::output::sweep::{Table, identity_of, is_part};
use crate::study::sweep::Identity;
use crate::study::{Design, Shard};
use anyhow::{Context, Result};
use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, BufRead, BufReader, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

/// Memory for reading all parts beside each other.
const BUFFERS: usize = 32 << 20;

/// How many names a message lists.
const MOST_NAMED: usize = 12;

/// A file that is, or was meant as, part of a sweep.
struct Part {
    path: PathBuf,
    /// `None` where the first line says nothing that we know.
    identity: Option<Identity>,
    /// Bytes of the lines before the rows.
    begins: u64,
}

impl Part {
    fn name(&self) -> String {
        let name = self.path.file_name().unwrap_or_default();
        format!("`{}`", name.to_string_lossy())
    }
}

/// Joins the parts in `folder`.
///
/// # Errors
/// They are no whole sweep, a part cannot be read, or the table cannot be written.
pub(super) fn join(shell: &Shell, folder: &Path) -> Result<Identity> {
    let cannot = || format!("cannot read `{}`", folder.display());
    let parts = parts_in(folder).with_context(cannot)?;
    let (whole, parts) = sorted_out(&parts).map_err(|problems| {
        for problem in &problems {
            shell.error(problem);
        }
        Refused(Exit::Wrong)
    })?;
    let design = whole.design();
    let design =
        design.map_err(|problem| shell.wrong(&format!("{}: {problem}", parts[0].name())))?;
    let target = folder.join("sweep.csv");
    let mut torn = None;
    let written = stream_atomically(&target, |file| {
        let copied = interleave(file, &whole, &design, &parts)?;
        copied.map_err(|problem| {
            torn = Some(problem);
            io::Error::other("a part is not whole")
        })
    });
    match torn {
        Some(problem) => Err(shell.wrong(&problem)),
        None => written.map(|()| Identity { shards: 1, ..whole }),
    }
}

/// Every file in the folder that begins as a part does, in the order of their names.
fn parts_in(folder: &Path) -> io::Result<Vec<Part>> {
    let mut paths = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        let is_table = path
            .extension()
            .is_some_and(|it| it == "csv" || it == "unfinished");
        if is_table && path.is_file() {
            paths.push(path);
        }
    }
    paths.sort();
    let mut parts = Vec::new();
    for path in paths {
        // A journal: whose part it is becoming, its name says. Its own process may have locked it.
        if path.extension().is_some_and(|it| it == "unfinished") {
            let is_part = path
                .file_name()
                .is_some_and(|it| it.to_string_lossy().starts_with("part-"));
            parts.extend(is_part.then_some(Part {
                path,
                identity: None,
                begins: 0,
            }));
            continue;
        }
        let mut reader = BufReader::new(File::open(&path)?);
        let mut line = Vec::new();
        read_line(&mut reader, &mut line)?;
        if is_part(&line) {
            let identity = identity_of(&line);
            let mut begins = line.len() as u64;
            read_line(&mut reader, &mut line)?;
            begins += line.len() as u64;
            parts.push(Part {
                path,
                identity,
                begins,
            });
        }
    }
    Ok(parts)
}

/// One part for each shard, in order, and what they are parts of; or everything that is wrong.
fn sorted_out(all: &[Part]) -> Result<(Identity, Vec<&Part>), Vec<String>> {
    let is_unfinished = |part: &&Part| part.path.extension().is_some_and(|it| it == "unfinished");
    let (unfinished, finished): (Vec<&Part>, Vec<&Part>) = all.iter().partition(is_unfinished);
    let mut problems = Vec::new();
    let mut known: Vec<(&Part, &Identity)> = Vec::new();
    for part in finished {
        match &part.identity {
            Some(identity) if identity.shard().is_ok() => known.push((part, identity)),
            _ => problems.push(format!(
                "{} says nothing of what it is a part of",
                part.name()
            )),
        }
    }
    let Some(whole) = commonest(&known) else {
        problems.push(match unfinished.first() {
            Some(part) => format!("no part is finished; {} is not", part.name()),
            None => "there is no part of a sweep: no file that `spsim sweep --shard` wrote".into(),
        });
        return Err(problems);
    };
    let mut by_shard: BTreeMap<u32, Vec<&Part>> = BTreeMap::new();
    for (part, identity) in known {
        let differences = whole.differences(identity);
        if differences.is_empty() {
            let number = identity.shard.unwrap_or(1);
            by_shard.entry(number).or_default().push(part);
        } else {
            let differences = differences.join("; ");
            problems.push(format!(
                "{} is of another sweep: {differences}",
                part.name()
            ));
        }
    }
    for (number, parts) in by_shard.iter().filter(|(_, parts)| parts.len() > 1) {
        let names: Vec<String> = parts.iter().map(|part| part.name()).collect();
        let of = whole.shards;
        problems.push(format!(
            "shard {number} of {of} is there twice: {}",
            names.join(", ")
        ));
    }
    problems.extend(missing(&whole, &by_shard, &unfinished));
    if !problems.is_empty() {
        return Err(problems);
    }
    let parts = by_shard.into_values().map(|parts| parts[0]).collect();
    Ok((whole, parts))
}

/// What most parts are parts of; the first of equals by name.
fn commonest(known: &[(&Part, &Identity)]) -> Option<Identity> {
    let same = |one: &Identity| {
        let alike = |(_, other): &&(&Part, &Identity)| one.differences(other).is_empty();
        known.iter().filter(alike).count()
    };
    let most = known.iter().map(|(_, one)| same(one)).max()?;
    let (_, found) = known.iter().find(|(_, one)| same(one) == most)?;
    Some(Identity {
        shard: None,
        ..(*found).clone()
    })
}

/// Which shards have no part.
fn missing(
    whole: &Identity,
    by_shard: &BTreeMap<u32, Vec<&Part>>,
    unfinished: &[&Part],
) -> Option<String> {
    let of = whole.shards;
    let absent = (1..=of).filter(|number| !by_shard.contains_key(number));
    let absent: Vec<String> = absent.map(|number| number.to_string()).collect();
    if absent.is_empty() {
        return None;
    }
    let noun = if absent.len() == 1 { "shard" } else { "shards" };
    let absent = listed(&absent);
    let begun: Vec<String> = unfinished.iter().map(|part| part.name()).collect();
    let begun = match begun.as_slice() {
        [] => String::new(),
        some => format!("; begun and not finished: {}", listed(some)),
    };
    Some(format!(
        "{noun} {absent} of {of} missing{begun}; run them with `--shard I/{of}`"
    ))
}

fn listed(names: &[String]) -> String {
    let shown = &names[..names.len().min(MOST_NAMED)];
    let more = match names.len() - shown.len() {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    format!("{}{more}", shown.join(", "))
}

/// Writes the header and all rows in the order of the points. The inner error says which part is
/// not whole.
fn interleave(
    file: &mut impl Write,
    whole: &Identity,
    design: &Design,
    parts: &[&Part],
) -> io::Result<Result<(), String>> {
    let keys = design.axes().iter().map(|axis| axis.key.clone()).collect();
    let table = Table::new(keys, whole.strategies.clone(), whole.of_parts());
    file.write_all(&table.header())?;
    let buffer = (BUFFERS / parts.len()).clamp(4 << 10, 256 << 10);
    let mut readers: Vec<BufReader<Reopened>> = parts
        .iter()
        .map(|part| {
            let source = Reopened {
                path: part.path.clone(),
                at: part.begins,
            };
            BufReader::with_capacity(buffer, source)
        })
        .collect();
    let torn = |shard: u32, point: u64| {
        let name = parts[shard as usize].name();
        format!("{name} is not whole: the rows of point {point} are missing or are others")
    };
    let mut line = Vec::new();
    for point in 0..design.points() {
        let shard = Shard::owner(point, whole.shards);
        for beginning in table.beginnings(&design.values(point)) {
            read_line(&mut readers[shard as usize], &mut line)?;
            if line.last() != Some(&b'\n') || !line.starts_with(&beginning) {
                return Ok(Err(torn(shard, point)));
            }
            file.write_all(&line)?;
        }
    }
    for (part, reader) in parts.iter().zip(&mut readers) {
        if !reader.fill_buf()?.is_empty() {
            return Ok(Err(format!(
                "{} has more rows than its points",
                part.name()
            )));
        }
    }
    Ok(Ok(()))
}

/// A file that is open only while it is read: there may be more parts than a process may have
/// open files.
struct Reopened {
    path: PathBuf,
    at: u64,
}

impl Read for Reopened {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let mut file = File::open(&self.path)?;
        file.seek(SeekFrom::Start(self.at))?;
        let length = file.read(buffer)?;
        self.at += length as u64;
        Ok(length)
    }
}
