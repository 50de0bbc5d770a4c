//! How long work takes on a server that is slower at times.
//!
//! The server's speed is a step function of time: 1, divided by every slow-down in force, 0
//! while it hangs. Work that begins at an instant is done when the integral of the speed has
//! reached its length, so work that spans the edge of a window is charged for each part.

use crate::model::service::{OutageKind, Service};
use crate::units::{SimSpan, SimTime};
use alloc::vec::Vec;

/// The speed of one server over time.
///
/// **Invariant:** steps are in order of time, the first at time zero; the last speed is above 0.
#[derive(Clone, PartialEq, Debug)]
pub struct Pace {
    /// From when on, and how much work is done per unit of time.
    steps: Vec<(SimTime, f64)>,
}

impl Pace {
    /// The pace of a server.
    pub fn of(service: &Service) -> Pace {
        let hangs = service.outages.iter().filter_map(|outage| {
            (outage.kind == OutageKind::Hang).then_some((outage.from, outage.until, 0.0))
        });
        let slow = service
            .slow_downs
            .iter()
            .map(|slow| (slow.from, slow.until, 1.0 / slow.factor));
        let windows: Vec<(SimTime, SimTime, f64)> = hangs.chain(slow).collect();
        let mut edges: Vec<SimTime> = windows
            .iter()
            .flat_map(|(from, until, _)| [*from, *until])
            .chain([SimTime::ZERO])
            .collect();
        edges.sort_unstable();
        edges.dedup();
        let speed_at = |at: SimTime| {
            let in_force = windows
                .iter()
                .filter(|(from, until, _)| *from <= at && at < *until);
            in_force.map(|(_, _, speed)| speed).product()
        };
        Pace {
            steps: edges.into_iter().map(|at| (at, speed_at(at))).collect(),
        }
    }

    /// When `work` (its length at full speed) that begins at `from` is done.
    pub fn done_at(&self, from: SimTime, work: SimSpan) -> SimTime {
        let mut step = self.steps.partition_point(|(at, _)| *at <= from) - 1;
        let mut now = from;
        if (self.steps[step].1 - 1.0).abs() < f64::EPSILON
            && self.next_edge(step) >= from.saturating_add(work)
        {
            return from.saturating_add(work);
        }
        let mut left = work.as_nanos() as f64;
        loop {
            let speed = self.steps[step].1;
            let edge = self.next_edge(step);
            let room = edge.since(now).as_nanos() as f64 * speed;
            if edge == SimTime::NEVER || (room >= left && speed > 0.0) {
                let nanos = libm::round(left / speed);
                // As an integer conversion saturates, so does the sum.
                return now.saturating_add(SimSpan::from_nanos(nanos as u64));
            }
            left -= room;
            now = edge;
            step += 1;
        }
    }

    fn next_edge(&self, step: usize) -> SimTime {
        self.steps
            .get(step + 1)
            .map_or(SimTime::NEVER, |(at, _)| *at)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::service::{Outage, SlowDown};

    fn at(seconds: u64) -> SimTime {
        SimTime::ZERO + SimSpan::from_seconds(seconds)
    }

    /// When work is done, in milliseconds.
    fn done(service: &Service, from: u64, work: u64) -> u64 {
        Pace::of(service)
            .done_at(at(from), SimSpan::from_seconds(work))
            .as_nanos()
            / 1_000_000
    }

    fn slow(from: u64, until: u64, factor: f64) -> SlowDown {
        SlowDown {
            from: at(from),
            until: at(until),
            factor,
        }
    }

    fn hang(from: u64, until: u64) -> Outage {
        Outage {
            from: at(from),
            until: at(until),
            kind: OutageKind::Hang,
        }
    }

    #[test]
    fn without_windows_work_takes_its_length() {
        assert_eq!(done(&Service::default(), 7, 3), 10_000);
    }

    #[test]
    fn work_across_the_edges_of_a_slow_down_is_charged_by_parts() {
        let service = Service {
            slow_downs: alloc::vec![slow(10, 20, 4.0)],
            ..Service::default()
        };
        assert_eq!(done(&service, 5, 5), 10000, "done when it begins");
        assert_eq!(
            done(&service, 8, 3),
            14000,
            "2 s at full speed, 1 s times 4"
        );
        assert_eq!(done(&service, 10, 2), 18000, "all of it inside");
        assert_eq!(done(&service, 16, 3), 22000, "1 s times 4, 2 s after");
        assert_eq!(done(&service, 20, 3), 23000, "the end is outside");
    }

    #[test]
    fn a_hang_stops_work_and_overlapping_windows_multiply() {
        let service = Service {
            outages: alloc::vec![hang(10, 30)],
            slow_downs: alloc::vec![slow(0, 10, 2.0), slow(5, 40, 2.0)],
            ..Service::default()
        };
        // 5 s at 1/2, 5 s at 1/4, nothing until 30, 10 s at 1/2, full speed.
        assert_eq!(done(&service, 0, 3), 7000);
        assert_eq!(
            done(&service, 0, 6),
            34500,
            "3.75 by 10 s, 2.25 more at 1/2"
        );
        assert_eq!(done(&service, 12, 1), 32000);
        assert_eq!(done(&service, 12, 6), 41000);
    }
}
