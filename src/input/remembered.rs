//! Files that are read once, however often a scenario that names them is.

use super::InputFiles;
use crate::model::workload::{TimedAction, TraceSource};
use crate::scenario::{FileError, Files};
use crate::units::SimSpan;
use std::collections::BTreeMap;

/// [`InputFiles`] that remembers what it has read without a problem.
///
/// For many readings of one scenario with other values of its keys: a trace is checked once, not
/// at every point. Whoever holds it takes the files for unchanged.
#[derive(Clone, Debug)]
pub struct Remembered {
    files: InputFiles,
    empirical: BTreeMap<String, Vec<SimSpan>>,
    timelines: BTreeMap<String, Vec<TimedAction>>,
    traces: BTreeMap<String, TraceSource>,
}

impl Remembered {
    /// Nothing is read yet.
    pub const fn new(files: InputFiles) -> Remembered {
        Remembered {
            files,
            empirical: BTreeMap::new(),
            timelines: BTreeMap::new(),
            traces: BTreeMap::new(),
        }
    }

    /// The files themselves.
    pub const fn files(&self) -> &InputFiles {
        &self.files
    }
}

fn once<T: Clone>(
    known: &mut BTreeMap<String, T>,
    path: &str,
    read: impl FnOnce() -> Result<T, FileError>,
) -> Result<T, FileError> {
    if let Some(value) = known.get(path) {
        return Ok(value.clone());
    }
    let value = read()?;
    known.insert(path.into(), value.clone());
    Ok(value)
}

impl Files for Remembered {
    fn empirical(&mut self, path: &str) -> Result<Vec<SimSpan>, FileError> {
        once(&mut self.empirical, path, || self.files.empirical(path))
    }

    fn timeline(&mut self, path: &str) -> Result<Vec<TimedAction>, FileError> {
        once(&mut self.timelines, path, || self.files.timeline(path))
    }

    fn trace(&mut self, path: &str) -> Result<TraceSource, FileError> {
        once(&mut self.traces, path, || self.files.trace(path))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_read_once_and_a_problem_again() {
        let mut files = Remembered::new(InputFiles::in_memory(&[("t.csv", "time_s\n0\n")]));
        let first = files.trace("t.csv").expect("there");
        // Without the memory this would fail: the file is gone.
        files.files = InputFiles::in_memory(&[]);
        assert_eq!(files.trace("t.csv"), Ok(first));
        assert!(files.trace("u.csv").is_err() && files.trace("u.csv").is_err());
    }
}
