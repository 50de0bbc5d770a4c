//! The files that a scenario names: beside the scenario file, or built into the program.

use super::stream::{inflate, open_stream};
use super::trace_csv::trace_error;
use super::{describe, empirical_csv, timeline_csv, trace_csv};
use crate::model::workload::{TimedAction, TraceSource};
use crate::scenario::Files;
use crate::sim::{TraceError, TraceRows, Traces};
use crate::units::SimSpan;
use std::io::{Cursor, Read};
use std::path::{Path, PathBuf};

/// Opens the files of one scenario. It is shared by all runs, whatever their thread.
///
/// A path may lead anywhere (traces are often large and kept elsewhere), but it must lead to a
/// regular file: no folder, pipe or device.
#[derive(Clone, Debug)]
pub struct InputFiles {
    place: Place,
}

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

    /// Opens one file, decompressed if it is gzipped.
    fn open(&self, path: &str) -> Result<Box<dyn Read>, String> {
        if path.is_empty() {
            return Err("a file name is missing".into());
        }
        if path.contains('\0') {
            return Err("a file name cannot hold a NUL".into());
        }
        match &self.place {
            Place::Folder(folder) => open_stream(&folder.join(Path::new(path))),
            Place::Memory(files) => match files.iter().find(|(name, _)| *name == path) {
                Some((_, text)) => inflate(Cursor::new(text.as_bytes())),
                None => return Err("no such file beside this built-in scenario".into()),
            },
        }
        .map_err(|error| describe(&error))
    }

    /// Opens a file and reads it; every message begins with the file's name.
    fn read<T>(
        &self,
        path: &str,
        read: impl FnOnce(Box<dyn Read>) -> Result<T, Vec<String>>,
    ) -> Result<T, Vec<String>> {
        let problems = match self.open(path).map(read) {
            Ok(Ok(value)) => return Ok(value),
            Ok(Err(problems)) => problems,
            Err(problem) => vec![problem],
        };
        Err(problems
            .into_iter()
            .map(|problem| format!("`{path}` {problem}"))
            .collect())
    }
}

impl Files for InputFiles {
    fn empirical(&mut self, path: &str) -> Result<Vec<SimSpan>, Vec<String>> {
        self.read(path, empirical_csv::read)
    }

    fn timeline(&mut self, path: &str) -> Result<Vec<TimedAction>, Vec<String>> {
        self.read(path, timeline_csv::read)
    }

    fn trace(&mut self, path: &str) -> Result<TraceSource, Vec<String>> {
        self.read(path, |input| trace_csv::check(path, input))
    }
}

impl Traces for InputFiles {
    fn open(&self, source: &TraceSource) -> Result<TraceRows<'_>, TraceError> {
        let input = self
            .open(&source.path)
            .map_err(|problem| trace_error(&source.path, problem))?;
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
            files.trace("u.csv").expect_err("it is not"),
            ["`u.csv` no such file beside this built-in scenario"]
        );
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
        std::fs::write(folder.path().join("bin.csv"), [0xff, 0xfe, 0, 1]).expect("write");
        let mut problem = |path: &str| files.trace(path).expect_err("bad").join("; ");
        assert_eq!(problem("none.csv"), "`none.csv` no such file");
        assert_eq!(problem("."), "`.` is a directory, not a file");
        assert_eq!(problem(""), "`` a file name is missing");
        assert!(
            problem("cut.gz").starts_with("`cut.gz` "),
            "{}",
            problem("cut.gz")
        );
        assert!(
            problem("bin.csv").contains("is not UTF-8 text"),
            "{}",
            problem("bin.csv")
        );
        if cfg!(unix) {
            assert_eq!(problem("/dev/zero"), "`/dev/zero` is not a regular file");
        }
    }
}
