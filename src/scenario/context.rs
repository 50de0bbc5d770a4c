//! What everything needs that reads a part of a scenario.

use super::diagnostic::Problems;
use super::read::{FileError, Files, NamedFile};
use super::tree::{Node, shortened};
use crate::model::workload::{TimedAction, TraceSource};
use crate::units::{Fnv, SimSpan, SimTime};
use alloc::string::String;
use alloc::vec::Vec;

/// What every check needs: where problems go, and the files that the scenario names.
pub(super) struct Context<'a> {
    pub(super) problems: Problems,
    pub(super) files: &'a mut dyn Files,
    pub(super) named: Vec<NamedFile>,
    /// The names of the clients, for who refers to them.
    pub(super) clients: Vec<String>,
    /// The same of the servers.
    pub(super) servers: Vec<String>,
    /// How long the run is.
    pub(super) duration: SimSpan,
}

impl Context<'_> {
    /// The values of an empirical law.
    pub(super) fn empirical(&mut self, path: &str, at: &str, node: &Node) -> Option<Vec<SimSpan>> {
        let read = self.files.empirical(path).and_then(|values| {
            if values.is_empty() {
                Err(format!("`{path}` has no values").into())
            } else {
                Ok(values)
            }
        });
        let values = self.opened(read, path, node)?;
        let mut digest = Fnv::new();
        for value in &values {
            digest.number(value.as_nanos());
        }
        self.name(path, at, digest.value());
        Some(values)
    }

    /// The actions of a timeline.
    pub(super) fn timeline(
        &mut self,
        path: &str,
        at: &str,
        node: &Node,
    ) -> Option<Vec<TimedAction>> {
        let read = self.files.timeline(path);
        let actions = self.opened(read, path, node)?;
        let mut digest = Fnv::new();
        for action in &actions {
            digest.text(&format!("{action:?}"));
        }
        self.name(path, at, digest.value());
        Some(actions)
    }

    /// What a trace has.
    pub(super) fn trace(&mut self, path: &str, at: &str, node: &Node) -> Option<TraceSource> {
        let read = self.files.trace(path);
        let source = self.opened(read, path, node)?;
        self.name(path, at, source.digest);
        Some(source)
    }

    fn opened<T>(&mut self, read: Result<T, FileError>, path: &str, node: &Node) -> Option<T> {
        match read {
            Ok(value) => Some(value),
            Err(FileError(messages)) => {
                for message in messages {
                    self.problems
                        .error(&node.place, message)
                        .label(format!("`{}` is named here", shortened(path)));
                }
                None
            }
        }
    }

    fn name(&mut self, path: &str, at: &str, digest: u64) {
        self.named.push(NamedFile {
            key: at.into(),
            path: path.into(),
            digest,
        });
    }
}

/// The part of the run in which a workload makes requests.
#[derive(Clone, Copy, Debug)]
pub(super) struct Window {
    /// Its start.
    pub(super) from: SimTime,
    /// Its end, if it has one before the run's.
    pub(super) until: Option<SimTime>,
}
