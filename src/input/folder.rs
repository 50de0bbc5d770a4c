//! The files that a scenario names: beside the scenario file, or built into the program.

use super::kind::{FIRST_BYTES, looks_like};
use super::stream::{inflate, open_as_it_is, open_stream};
use super::trace_csv::trace_error;
use super::{describe, empirical_csv, timeline_csv, trace_csv, utf16};
use crate::model::workload::{TimedAction, TraceSource};
use crate::scenario::{FileError, Files};
use crate::sim::{TraceError, TraceRows, Traces};
use crate::units::SimSpan;
use std::io::{self, Cursor, Read};
use std::path::{Path, PathBuf};

/// Opens the files of one scenario. It is shared by all runs, whatever their thread.
///
/// A path may lead anywhere (traces are often large and kept elsewhere), but it must lead to a
/// regular file: no folder, pipe or device.
#[derive(Clone, Debug)]
pub struct InputFiles {
    place: Place,
}

/// What is said of a name that a built-in scenario does not bring along.
const NOT_BUILT_IN: &str = "no such file beside this built-in scenario";

#[derive(Clone, Debug)]
enum Place {
    Folder(PathBuf),
    Memory(&'static [(&'static str, &'static str)]),
}

impl InputFiles {
    /// Files whose paths are relative to `folder`; an empty path is the current folder.
    pub fn in_folder(folder: impl Into<PathBuf>) -> InputFiles {
        InputFiles {
            place: Place::Folder(folder.into()),
        }
    }

    /// Files given as pairs of path and text.
    pub const fn in_memory(files: &'static [(&'static str, &'static str)]) -> InputFiles {
        InputFiles {
            place: Place::Memory(files),
        }
    }

    /// The bytes of one file as they are, at most so many.
    ///
    /// # Errors
    /// Why it cannot be read.
    pub fn bytes(&self, path: &str, most: u64) -> io::Result<Vec<u8>> {
        match &self.place {
            Place::Folder(folder) => {
                let mut bytes = Vec::new();
                let opened = open_as_it_is(&folder.join(Path::new(path)))?;
                opened.take(most).read_to_end(&mut bytes)?;
                Ok(bytes)
            }
            Place::Memory(files) => match files.iter().find(|(name, _)| *name == path) {
                Some((_, text)) => Ok(text.bytes().take(most as usize).collect()),
                None => Err(io::Error::other(NOT_BUILT_IN)),
            },
        }
    }

    /// Opens one file, decompressed if it is gzipped.
    fn open(&self, path: &str) -> io::Result<Box<dyn Read>> {
        if path.is_empty() {
            return Err(io::Error::other("a file name is missing"));
        }
        if path.contains('\0') {
            return Err(io::Error::other("a file name cannot hold a NUL"));
        }
        match &self.place {
            Place::Folder(folder) => open_stream(&folder.join(Path::new(path))),
            Place::Memory(files) => match files.iter().find(|(name, _)| *name == path) {
                Some((_, text)) => inflate(Cursor::new(text.as_bytes())),
                None => Err(io::Error::other(NOT_BUILT_IN)),
            },
        }
    }

    /// Opens a file and reads it; every message begins with the file's name. A file whose
    /// header is not `is_own` and that looks like something else is named as that.
    fn read<T>(
        &self,
        path: &str,
        is_own: impl FnOnce(&str) -> bool,
        read: impl FnOnce(Box<dyn Read>) -> Result<T, Vec<String>>,
    ) -> Result<T, FileError> {
        let problems = match self.open(path).map(read) {
            Ok(Ok(value)) => return Ok(value),
            Ok(Err(problems)) => match self.other_kind(path, is_own) {
                Some(kind) => vec![kind],
                None => problems,
            },
            Err(problem) => vec![describe(&problem)],
        };
        let named = problems.into_iter().map(|it| format!("`{path}` {it}"));
        Err(FileError(named.collect()))
    }

    /// What a file looks like that could not be read as what it was named as.
    fn other_kind(&self, path: &str, is_own: impl FnOnce(&str) -> bool) -> Option<String> {
        let input = utf16::as_utf8(self.open(path).ok()?).ok()?;
        let mut first = Vec::new();
        // Damage behind the beginning does not hide what the beginning is.
        let _ = input.take(FIRST_BYTES as u64).read_to_end(&mut first);
        let text = String::from_utf8_lossy(&first);
        let mut lines = text.lines().map(str::trim);
        let header = lines.find(|line| !line.is_empty() && !line.starts_with('#'));
        if is_own(header.unwrap_or_default()) {
            return None;
        }
        let kind = looks_like(&first)?;
        Some(kind.strip_prefix("it ").unwrap_or(kind).into())
    }
}

impl Files for InputFiles {
    fn empirical(&mut self, path: &str) -> Result<Vec<SimSpan>, FileError> {
        self.read(path, |it| it.contains("duration_s"), empirical_csv::read)
    }

    fn timeline(&mut self, path: &str) -> Result<Vec<TimedAction>, FileError> {
        self.read(path, |it| it.contains("action"), timeline_csv::read)
    }

    fn trace(&mut self, path: &str) -> Result<TraceSource, FileError> {
        let is_trace = |header: &str| {
            let has = |name: &str| header.contains(name);
            has("time_s") && !has("action") && !has("ports_in_use")
        };
        self.read(path, is_trace, |input| trace_csv::check(path, input))
    }
}

impl Traces for InputFiles {
    fn open(&self, source: &TraceSource) -> Result<TraceRows<'_>, TraceError> {
        let input = self
            .open(&source.path)
            .map_err(|problem| trace_error(&source.path, describe(&problem)))?;
        Ok(Box::new(trace_csv::rows(source, input)?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    const BUILT_IN: &[(&str, &str)] = &[("t.csv", "time_s\n0\n1\n")];

    #[test]
    fn built_in_files_are_found_by_name() {
        let mut files = InputFiles::in_memory(BUILT_IN);
        let source = files.trace("t.csv").expect("it is there");
        let rows = Traces::open(&files, &source).expect("it opens").count();
        assert_eq!(rows, 2);
        assert_eq!(
            files.trace("u.csv").expect_err("it is not").0,
            ["`u.csv` no such file beside this built-in scenario"]
        );
    }

    #[test]
    fn what_power_shell_redirects_is_read() {
        let folder = tempfile::tempdir().expect("a folder");
        let text = "\u{feff}time_s,group\r\n0,\u{e4}\r\n1.5,b\r\n";
        let wide: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
        std::fs::write(folder.path().join("wide.csv"), wide).expect("write");
        std::fs::write(folder.path().join("marked.csv"), text).expect("write");
        let mut files = InputFiles::in_folder(folder.path());
        for name in ["wide.csv", "marked.csv"] {
            let source = files.trace(name).expect("good");
            assert!(source.has_group, "{name}");
            assert_eq!(Traces::open(&files, &source).expect("opens").count(), 2);
        }
    }

    #[test]
    fn a_file_of_another_kind_is_named() {
        let mut files = InputFiles::in_memory(&[
            (
                "iis.log",
                "#Software: IIS\n#Fields: date time\n2026-11-22 07:20:43\n",
            ),
            ("timeline.csv", "time_s,action\n0,submit\n"),
            ("trace.csv", "time_s,group\nx,a\n"),
            ("requests.csv", "when,path\n1,/a\n"),
        ]);
        let mut of_trace = |path: &str| files.trace(path).expect_err("no trace").0.join("; ");
        assert_eq!(
            of_trace("iis.log"),
            "`iis.log` looks like an IIS W3C extended log: use `spsim import iis`"
        );
        assert!(of_trace("timeline.csv").contains("`arrivals = { timeline = … }`"));
        assert!(of_trace("requests.csv").contains("`spsim import csv`"));
        assert!(of_trace("trace.csv").contains("line 2: "), "it is one");
        let of_timeline = files.timeline("trace.csv").expect_err("no timeline");
        assert!(of_timeline.0[0].contains("`arrivals = { trace = … }`"));
        let of_law = files.empirical("iis.log").expect_err("no durations");
        assert_eq!(of_law.0.len(), 1, "not one for each line: {of_law:?}");
    }

    #[test]
    fn gzip_is_seen_by_its_bytes_and_has_the_same_digest() {
        let folder = tempfile::tempdir().expect("a folder");
        let text = BUILT_IN[0].1.as_bytes();
        let mut gz = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
        gz.write_all(text).expect("memory");
        std::fs::write(folder.path().join("t.csv.gz"), gz.finish().expect("memory"))
            .expect("write");
        std::fs::write(folder.path().join("t.csv"), text).expect("write");
        let mut files = InputFiles::in_folder(folder.path());
        let packed = files.trace("t.csv.gz").expect("good");
        let plain = files.trace("t.csv").expect("good");
        assert_eq!(packed.digest, plain.digest);
        assert_eq!(Traces::open(&files, &packed).expect("opens").count(), 2);
    }

    #[test]
    fn what_cannot_be_opened_says_why() {
        let folder = tempfile::tempdir().expect("a folder");
        let mut files = InputFiles::in_folder(folder.path());
        std::fs::write(folder.path().join("cut.gz"), [0x1f, 0x8b, 8]).expect("write");
        std::fs::write(folder.path().join("bin.csv"), [0xff, 0x80, 1]).expect("write");
        let mut problem = |path: &str| files.trace(path).expect_err("bad").0.join("; ");
        assert_eq!(problem("none.csv"), "`none.csv` no such file");
        assert_eq!(problem("."), "`.` is a directory, not a file");
        assert_eq!(problem(""), "`` a file name is missing");
        assert!(
            problem("cut.gz").starts_with("`cut.gz` "),
            "{}",
            problem("cut.gz")
        );
        assert_eq!(problem("bin.csv"), "`bin.csv` is not UTF-8 text");
        if cfg!(unix) {
            assert_eq!(problem("/dev/zero"), "`/dev/zero` is not a regular file");
        }
    }
}
