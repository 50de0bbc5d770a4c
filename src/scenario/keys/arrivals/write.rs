//! Arrivals as text.

use super::rows::{BURST_STARTS, PHASES};
use crate::model::workload::{Arrivals, Workload};
use crate::scenario::keys::key::Form;
use crate::scenario::keys::law::{self, LAW};
use crate::scenario::read::Read;
use crate::scenario::words::{span, text};
use crate::units::SimTime;
use alloc::string::String;
use alloc::vec::Vec;

/// The value of `arrivals`, with its `from` and `until`.
pub(super) fn write(workload: &Workload, at: &str, read: &Read) -> String {
    let mut parts = parts_of(&workload.arrivals, at, read);
    if workload.from != SimTime::ZERO {
        parts.push(format!("from = \"{}\"", workload.from));
    }
    if let Some(until) = workload.until {
        parts.push(format!("until = \"{until}\""));
    }
    format!("{{ {} }}", parts.join(", "))
}

pub(super) fn parts_of(arrivals: &Arrivals, at: &str, read: &Read) -> Vec<String> {
    let kind = match arrivals {
        Arrivals::Poisson { rate } => format!("poisson = {{ rate = {rate} }}"),
        Arrivals::Every {
            period,
            phase,
            jitter,
        } => {
            let mut parts = alloc::vec![format!("every = {}", span(*period))];
            for (key, value) in [("phase", phase), ("jitter", jitter)] {
                if !value.is_zero() {
                    parts.push(format!("{key} = {}", span(*value)));
                }
            }
            return parts;
        }
        Arrivals::Devices {
            count,
            period,
            phases,
            jitter,
        } => {
            let known = PHASES.iter().find(|(_, known)| known == phases);
            let word = text(known.map_or("spread", |(word, _)| word));
            let late = if jitter.is_zero() {
                String::new()
            } else {
                format!(", jitter = {}", span(*jitter))
            };
            let every = span(*period);
            format!("devices = {{ count = {count}, every = {every}, phases = {word}{late} }}")
        }
        Arrivals::Renewal(gaps) => {
            format!(
                "renewal = {}",
                LAW.write(gaps, &format!("{at}.renewal"), read)
            )
        }
        Arrivals::Schedule { knots, ramp } => {
            let knots: Vec<String> = knots
                .iter()
                .map(|knot| format!("{{ at = \"{}\", rate = {} }}", knot.at, knot.rate))
                .collect();
            let ramp = if *ramp { ", ramp = true" } else { "" };
            format!("schedule = [{}]{ramp}", knots.join(", "))
        }
        Arrivals::Bursts {
            rate_on,
            rate_off,
            mean_on,
            mean_off,
            starts_on,
        } => {
            let known = BURST_STARTS.iter().find(|(_, known)| known == starts_on);
            let word = text(known.map_or("stationary", |(word, _)| word));
            let (on, off) = (span(*mean_on), span(*mean_off));
            format!(
                "bursts = {{ rate-on = {rate_on}, rate-off = {rate_off}, mean-on = {on}, \
                 mean-off = {off}, start = {word} }}"
            )
        }
        Arrivals::Users { count, think } => {
            let think = LAW.write(think, &format!("{at}.users.think"), read);
            format!("users = {{ count = {count}, think = {think} }}")
        }
        Arrivals::Trace(source) => format!("trace = {}", text(&source.path)),
        Arrivals::Timeline(_) => format!("timeline = {}", text(law::path(read, at))),
    };
    alloc::vec![kind]
}
