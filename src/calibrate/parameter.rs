//! The numbers of a scenario that a fit may change. All but one are factors on what the scenario
//! has, so that several workloads or servers keep their proportions.

use crate::model::scaled::longer;
use crate::model::workload::Arrivals;
use crate::model::{Client, Scenario};
use crate::units::{SimSpan, rounded};
use alloc::vec::Vec;

/// A number that a fit may change.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Parameter {
    /// Requests per second, of all workloads.
    Rate,
    /// The mean response time of all servers.
    ResponseTime,
    /// `machine.time-wait`.
    TimeWait,
    /// `max-idle-time` of all clients.
    MaxIdleTime,
    /// How long before the first observation the load began. Not a number of the scenario.
    Start,
}

impl Parameter {
    /// Every parameter.
    pub const ALL: [Parameter; 5] = [
        Parameter::Rate,
        Parameter::ResponseTime,
        Parameter::TimeWait,
        Parameter::MaxIdleTime,
        Parameter::Start,
    ];

    /// The name on the command line and in files.
    pub const fn name(self) -> &'static str {
        match self {
            Parameter::Rate => "rate",
            Parameter::ResponseTime => "response-time",
            Parameter::TimeWait => "time-wait",
            Parameter::MaxIdleTime => "max-idle-time",
            Parameter::Start => "start",
        }
    }

    /// Its unit in files: `1/s` or `s`.
    pub const fn unit(self) -> &'static str {
        match self {
            Parameter::Rate => "1/s",
            _ => "s",
        }
    }

    /// The number as the scenario has it, in its unit: of several workloads the sum, of several
    /// servers or clients the mean. `None` where there is no such number to change: a trace's
    /// rate, an observed law, a TIME_WAIT of 0.
    pub fn value(self, scenario: &Scenario) -> Option<f64> {
        let value = match self {
            Parameter::Rate => rate_of(scenario)?,
            Parameter::ResponseTime => {
                let means = scenario.servers.iter().map(|server| {
                    let known = server.response_time.times(1.0).is_some();
                    server.response_time.mean_seconds().filter(|_| known)
                });
                mean(means.collect::<Option<Vec<f64>>>()?)
            }
            Parameter::TimeWait => scenario.machine.time_wait.as_seconds(),
            Parameter::MaxIdleTime => {
                let settable = (scenario.clients.iter()).filter(|it| it.can_set_idle_time());
                let spans = settable.filter_map(Client::idle_time);
                mean(spans.map(SimSpan::as_seconds).collect())
            }
            Parameter::Start => 0.0,
        };
        (value > 0.0 || self == Parameter::Start).then_some(value)
    }

    /// The factor of `exp(x)`, changed so that the number has four digits.
    pub(super) fn rounded_factor(self, scenario: &Scenario, x: f64) -> f64 {
        match self.value(scenario) {
            // Where nothing was learned nothing changes, however many digits there are.
            Some(value) if self != Parameter::Start && x != 0.0 => {
                rounded(value * libm::exp(x), 4) / value
            }
            _ => 1.0,
        }
    }

    /// Multiplies the number by `factor`.
    pub(super) fn scale(self, scenario: &mut Scenario, factor: f64) {
        match self {
            Parameter::Rate => {
                for workload in &mut scenario.workloads {
                    if let Some(arrivals) = workload.arrivals.times(factor) {
                        workload.arrivals = arrivals;
                    }
                }
            }
            Parameter::ResponseTime => {
                for server in &mut scenario.servers {
                    if let Some(law) = server.response_time.times(factor) {
                        server.response_time = law;
                    }
                }
            }
            Parameter::TimeWait => {
                let hold = &mut scenario.machine.time_wait;
                *hold = longer(*hold, factor);
            }
            Parameter::MaxIdleTime => {
                for client in &mut scenario.clients {
                    client.set_idle_time(client.idle_time().map(|it| longer(it, factor)));
                }
            }
            Parameter::Start => {}
        }
    }
}

fn mean(values: Vec<f64>) -> f64 {
    let n = values.len().max(1) as f64;
    values.into_iter().sum::<f64>() / n
}

/// Requests per second of all workloads together; of a schedule the highest.
fn rate_of(scenario: &Scenario) -> Option<f64> {
    let rates = scenario.workloads.iter().map(|workload| {
        Some(match &workload.arrivals {
            Arrivals::Poisson { rate } => *rate,
            Arrivals::Every { period, .. } => 1.0 / period.as_seconds(),
            Arrivals::Devices { count, period, .. } => f64::from(*count) / period.as_seconds(),
            Arrivals::Renewal(gaps) => {
                gaps.times(1.0)?;
                1.0 / gaps.mean_seconds()?
            }
            Arrivals::Schedule { knots, .. } => {
                knots.iter().map(|knot| knot.rate).fold(0.0, f64::max)
            }
            Arrivals::Bursts {
                rate_on,
                rate_off,
                mean_on,
                mean_off,
                ..
            } => {
                let (on, off) = (mean_on.as_seconds(), mean_off.as_seconds());
                (rate_on * on + rate_off * off) / (on + off)
            }
            Arrivals::Users { count, think } => {
                think.times(1.0)?;
                f64::from(*count) / think.mean_seconds()?
            }
            Arrivals::Trace(_) | Arrivals::Timeline(_) => return None,
        })
    });
    rates.sum()
}
