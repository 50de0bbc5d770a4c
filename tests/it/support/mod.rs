//! What tests of whole runs share: scenarios from text, without files.

pub(crate) mod leak;
pub(crate) mod recordings;

use spsim::inside::model::workload::{TimedAction, TraceSource};
use spsim::inside::scenario;
use spsim::{
    FileError, Files, RunOutput, Scenario, SimSpan, SimTime, TraceError, TraceRows, Traces, run_one,
};

/// No files, but one timeline for whoever names any.
#[derive(Default)]
pub(crate) struct InMemory {
    pub timeline: Vec<TimedAction>,
}

impl Files for InMemory {
    fn empirical(&mut self, path: &str) -> Result<Vec<SimSpan>, FileError> {
        Err(path.to_owned().into())
    }
    fn timeline(&mut self, _: &str) -> Result<Vec<TimedAction>, FileError> {
        Ok(self.timeline.clone())
    }
    fn trace(&mut self, path: &str) -> Result<TraceSource, FileError> {
        Err(path.to_owned().into())
    }
}

impl Traces for InMemory {
    fn open(&self, _: &TraceSource) -> Result<TraceRows<'_>, TraceError> {
        unreachable!("no scenario here names a trace")
    }
}

/// The scenario of this text.
pub(crate) fn read(text: &str) -> Scenario {
    read_with(text, Vec::new())
}

/// The same, with a timeline for a workload that names one.
pub(crate) fn read_with(text: &str, timeline: Vec<TimedAction>) -> Scenario {
    let mut files = InMemory { timeline };
    let read = scenario::read(text, "test", &[], &mut files);
    read.unwrap_or_else(|problems| panic!("{problems:#?}\n{text}"))
        .scenario
}

/// One run of a scenario as it is written.
pub(crate) fn run(scenario: &Scenario, replication: u32) -> RunOutput {
    run_one(scenario, replication, &InMemory::default()).expect("no trace to fail on")
}

/// The instant so many seconds after the start.
pub(crate) fn at(seconds: f64) -> SimTime {
    SimTime::ZERO + SimSpan::from_seconds_rounded(seconds)
}
