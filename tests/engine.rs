//! The engine on the built-in scenarios, against what each header promises.

use spsim::model::workload::{TimedAction, TraceSource};
use spsim::scenario::{self, BUILTIN, Files};
use spsim::sim::{TraceError, TraceRows, Traces};
use spsim::units::SimSpan;

struct NoFiles;
impl Files for NoFiles {
    fn empirical(&mut self, path: &str) -> Result<Vec<SimSpan>, Vec<String>> {
        Err(vec![path.to_owned()])
    }
    fn timeline(&mut self, path: &str) -> Result<Vec<TimedAction>, Vec<String>> {
        Err(vec![path.to_owned()])
    }
    fn trace(&mut self, path: &str) -> Result<TraceSource, Vec<String>> {
        Err(vec![path.to_owned()])
    }
}
impl Traces for NoFiles {
    fn open(&self, _: &TraceSource) -> Result<TraceRows<'_>, TraceError> {
        unreachable!()
    }
}

#[test]
fn look() {
    for b in BUILTIN {
        if b.name == "real-iis-log" {
            continue;
        }
        let read = scenario::read(b.toml, b.name, &[], &mut NoFiles).unwrap();
        for strategy in &read.scenario.strategies {
            let variant = read.scenario.under(strategy);
            let t = std::time::Instant::now();
            let out = spsim::study::run_one(&variant, 0, &NoFiles).unwrap();
            let s = out.summary;
            println!(
                "{} / {}: {:?} {:?} ex {:?} {:?} {:?} {:?} ev {} p99 {} {:?}",
                b.name,
                strategy.name,
                s.verdict(),
                s.ports,
                s.exhausted_at,
                s.requests,
                s.errors,
                s.connections,
                s.events,
                s.latency.p99 as f64 / 1e9,
                t.elapsed()
            );
        }
    }
}
