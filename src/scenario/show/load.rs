//! Arrivals and laws as TOML writes them.

use super::Page;
use crate::model::Law;
use crate::model::workload::{Arrivals, Workload};
use crate::scenario::check::arrivals::PHASES;
use crate::scenario::words::{span, text};
use crate::units::{SimSpan, SimTime};
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

impl Page<'_> {
    /// The value of `arrivals`, with its `from` and `until`.
    pub(super) fn arrivals(&self, workload: &Workload, at: &str) -> String {
        let mut parts = self.arrival_parts(&workload.arrivals, at);
        if workload.from != SimTime::ZERO {
            parts.push(format!("from = \"{}\"", workload.from));
        }
        if let Some(until) = workload.until {
            parts.push(format!("until = \"{until}\""));
        }
        format!("{{ {} }}", parts.join(", "))
    }

    fn arrival_parts(&self, arrivals: &Arrivals, at: &str) -> Vec<String> {
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
                format!("renewal = {}", self.law(gaps, &format!("{at}.renewal")))
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
            } => format!(
                "bursts = {{ rate-on = {rate_on}, rate-off = {rate_off}, mean-on = {}, mean-off = {} }}",
                span(*mean_on),
                span(*mean_off)
            ),
            Arrivals::Users { count, think } => {
                let think = self.law(think, &format!("{at}.users.think"));
                format!("users = {{ count = {count}, think = {think} }}")
            }
            Arrivals::Trace(source) => format!("trace = {}", text(&source.path)),
            Arrivals::Timeline(_) => format!("timeline = {}", text(self.path(at))),
        };
        alloc::vec![kind]
    }

    /// The path of the file that the key `at` names.
    fn path(&self, at: &str) -> &str {
        let file = self.read.files.iter().find(|file| file.key == at);
        file.map_or("", |file| &file.path)
    }

    /// A law; `at` is the dotted path of the key that holds it.
    pub(super) fn law(&self, law: &Law, at: &str) -> String {
        let seconds = |value: f64| span(SimSpan::from_seconds_rounded(value));
        let (kind, parameters) = match law {
            Law::Constant(value) => return span(*value),
            Law::Exponential { mean } => ("exponential", format!("mean = {}", seconds(*mean))),
            Law::Uniform { low, high } => (
                "uniform",
                format!("low = {}, high = {}", seconds(*low), seconds(*high)),
            ),
            Law::Normal { mean, sd } => (
                "normal",
                format!("mean = {}, sd = {}", seconds(*mean), seconds(*sd)),
            ),
            Law::Lognormal { mu, sigma } => ("lognormal", format!("mu = {mu}, sigma = {sigma}")),
            Law::Gamma { shape, scale } => (
                "gamma",
                format!("shape = {shape}, mean = {}", seconds(shape * scale)),
            ),
            Law::Weibull { shape, scale } => (
                "weibull",
                format!("shape = {shape}, scale = {}", seconds(*scale)),
            ),
            Law::Pareto { scale, shape } => (
                "pareto",
                format!("shape = {shape}, scale = {}", seconds(*scale)),
            ),
            Law::Mixture(parts) => return self.mixture(parts, at),
            Law::Empirical(_) => {
                return format!("{{ empirical = {} }}", text(self.path(at)));
            }
        };
        format!("{{ {kind} = {{ {parameters} }} }}")
    }

    fn mixture(&self, parts: &[(f64, Law)], at: &str) -> String {
        let mut below = 0.0;
        let mut shown = Vec::new();
        for (index, (up_to, law)) in parts.iter().enumerate() {
            // Twelve digits: a weight read back and normalised again is written the same.
            let weight = libm::rint((up_to - below) * 1e12) / 1e12;
            below = *up_to;
            let law = self.law(law, &format!("{at}.{index}"));
            shown.push(format!("{{ weight = {weight}, law = {law} }}"));
        }
        format!("{{ mixture = [{}] }}", shown.join(", "))
    }
}
