//! A socket table that is looked at again and again, in bounded memory.

use super::growth::by_increments;
use super::series::{self, Series, Step};
use super::table::{Connection, SocketTable};
use super::{Diagnosis, LocalPorts, diagnose};
use crate::units::NANOS_PER_SECOND;
use alloc::collections::BTreeMap;
use alloc::string::String;
use alloc::vec::Vec;

/// So many looks are kept of each endpoint.
const KEPT: usize = 600;
/// So many of the last looks tell whether the growth has changed.
const RECENT: usize = 60;

/// What successive looks at the sockets of one machine have shown.
#[derive(Debug, Default)]
pub struct Live {
    before: Option<(i64, Vec<Connection>)>,
    series: BTreeMap<String, Series>,
    looks: usize,
}

impl Live {
    /// Takes the connections of one look, at `time_ns` since the first.
    pub fn look(&mut self, time_ns: i64, connections: Vec<Connection>) {
        let mut table = SocketTable::default();
        if let Some((before_ns, before)) = &self.before {
            table.begin(*before_ns);
            for it in before {
                table.add(*it);
            }
        }
        table.begin(time_ns);
        for it in &connections {
            table.add(*it);
        }
        table.sort();
        let time_s = time_ns as f64 / NANOS_PER_SECOND as f64;
        for mut found in series::of(&table) {
            let Some(mut step) = found.steps.pop() else {
                continue;
            };
            step.time_s = time_s;
            let remote = found.remote.clone();
            let known = self.series.entry(remote).or_insert_with(|| Series {
                steps: Vec::new(),
                ..found
            });
            // What begins now is judged from now on.
            if known.last_total() == 0 {
                known.steps.clear();
                step.opened = Some(0);
            }
            known.steps.push(step);
        }
        for known in self.series.values_mut() {
            if known.steps.last().is_some_and(|it| it.time_s < time_s) {
                known.steps.push(Step {
                    time_s,
                    opened: Some(0),
                    ..Step::default()
                });
            }
            if known.steps.len() > KEPT {
                known.steps.remove(0);
            }
        }
        // An endpoint that has been gone for long is forgotten.
        self.series.retain(|_, known| {
            let last = known.steps.iter().rev().take(RECENT);
            known.steps.len() < RECENT || last.map(Step::total).sum::<u64>() > 0
        });
        self.before = Some((time_ns, connections));
        self.looks += 1;
    }

    /// How often was looked.
    pub const fn looks(&self) -> usize {
        self.looks
    }

    /// What the looks show.
    pub fn diagnosis(&self, table: &LocalPorts) -> Diagnosis {
        let series = self.series.values().map(judged).collect();
        let mut diagnosis = diagnose(series, table.clone());
        diagnosis.snapshots = self.looks;
        let last = self.before.as_ref().map_or(0, |it| it.0);
        diagnosis.span_s = last as f64 / NANOS_PER_SECOND as f64;
        diagnosis
    }
}

/// The part of a series that speaks of now: its end, where that grows at another rate.
fn judged(series: &Series) -> Series {
    let from = series.steps.len().saturating_sub(RECENT);
    let recent = Series {
        remote: series.remote.clone(),
        steps: series.steps[from..].to_vec(),
    };
    let growth = |series: &Series| by_increments(&series.points(Step::total));
    let (all, now) = (growth(series), growth(&recent));
    let is_same = |it: crate::stats::Interval| (it.low..=it.high).contains(&all.per_s);
    if from == 0 || now.interval.is_some_and(is_same) {
        return series.clone();
    }
    recent
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnose::{Kind, State};
    use crate::model::settings::{PortRange, PortScope};

    fn open(count: u16) -> Vec<Connection> {
        let end = |text: &str| text.parse().expect("an address");
        let connection = |number: u16| Connection {
            local: end(&format!("192.0.2.5:{}", 40_000 + number)),
            remote: end("203.0.113.10:443"),
            state: State::Established,
        };
        (0..count).map(connection).collect()
    }

    fn ports() -> LocalPorts {
        LocalPorts {
            name: "1000".into(),
            range: PortRange {
                first: 40_000,
                count: 1_000,
            },
            scope: PortScope::Destination,
            time_wait: None,
        }
    }

    #[test]
    fn a_leak_behind_a_long_calm_is_judged_by_its_own_rate() {
        let mut live = Live::default();
        let second = 1_000_000_000;
        for at in 0..300 {
            live.look(i64::from(at) * second, open(12));
        }
        let calm = live.diagnosis(&ports());
        assert_eq!(calm.findings[0].kind, Kind::Bounded);
        for at in 300..400_u16 {
            live.look(i64::from(at) * second, open(12 + 5 * (at - 299)));
        }
        let found = live.diagnosis(&ports());
        let finding = &found.findings[0];
        assert_eq!(finding.kind, Kind::Leak);
        assert!((finding.growth_per_s - 5.0).abs() < 0.05, "{finding:?}");
        let left = finding.outlook.left_s.expect("it ends");
        assert!((left - (1_000.0 - 512.0) / 5.0).abs() < 1.0, "{left}");
    }

    #[test]
    fn memory_is_bounded_and_what_is_gone_is_forgotten() {
        let mut live = Live::default();
        for at in 0..2_000 {
            live.look(at, open(if at < 1_000 { 7 } else { 0 }));
            assert!(live.series.values().all(|it| it.steps.len() <= KEPT));
        }
        assert!(live.series.is_empty());
        assert_eq!(live.looks(), 2_000);
    }
}
