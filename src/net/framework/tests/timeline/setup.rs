//! What a timeline starts with (`#[cfg(test)]`).

use super::{number, span, span_or_never};
use crate::model::profile::{FrameworkRules, Mechanism};
use crate::model::settings::{Closer, IdleClose, Machine, PortErrorName, PortRange, PortScope};
use crate::net::framework::{EndpointSettings, FrameworkSettings};
use crate::profiles;
use crate::units::{ConnectionLimit, SimSpan};

/// What a setup says.
pub(super) struct Setup {
    pub(super) settings: FrameworkSettings,
    pub(super) machine: Machine,
    pub(super) looks_only: bool,
    pub(super) essential: bool,
}

impl Setup {
    pub(super) fn of(text: &str) -> Setup {
        let mut words = text.split_whitespace();
        let name = words.next().expect("a setup begins with a profile");
        let profile = profiles::find(name).unwrap_or_else(|| panic!("no profile `{name}`"));
        let Mechanism::Framework(rules) = profile.mechanism else {
            panic!("{name} is not a Framework profile")
        };
        let mut setup = Setup::plain(rules);
        while let Some(word) = words.next() {
            let mut next = || words.next().expect("a value follows");
            match word {
                "limit" => setup.limit(number(next())),
                "idle" => setup.settings.max_idle_time = span_or_never(next()),
                "lease" => setup.settings.connection_lease = Some(span(next())),
                "timeout" => setup.settings.request_timeout = Some(span(next())),
                "slack" => setup.settings.timer_slack = span(next()),
                "max-sp" => setup.settings.max_service_points = number(next()),
                "ports" => setup.machine.ports.count = number(next()),
                "time-wait" => setup.machine.time_wait = span(next()),
                "leak" => setup.settings.reservation_leak = rules.reserves.value,
                "leak-abort-body" => setup.settings.leak_abort_body = true,
                "resubmits-pipelined" => setup.settings.resubmits_pipelined = true,
                "fin" => setup.settings.idle_close = IdleClose::Fin,
                "client-closes" => setup.closer(Closer::Client),
                "looks" => setup.looks_only = true,
                "essential" => setup.essential = true,
                _ => panic!("unknown word `{word}` in a setup"),
            }
        }
        setup
    }

    fn plain(rules: FrameworkRules) -> Setup {
        let endpoint = EndpointSettings {
            limit: ConnectionLimit::new(2),
            active_close: Closer::Server,
            keep_alive_timeout: None,
        };
        Setup {
            settings: FrameworkSettings {
                rules,
                max_idle_time: Some(SimSpan::from_seconds(100)),
                connection_lease: None,
                request_timeout: None,
                max_service_points: 0,
                reservation_leak: false,
                leak_abort_body: false,
                resubmits_pipelined: false,
                idle_close: IdleClose::Reset,
                endpoints: alloc::vec![endpoint; 2],
                timer_slack: SimSpan::ZERO,
                timer_jitter: None,
            },
            machine: Machine {
                ports: PortRange {
                    first: 1025,
                    count: 3976,
                },
                preset: None,
                time_wait: SimSpan::ZERO,
                time_wait_given: true,
                scope: PortScope::Host,
                time_wait_error: PortErrorName::Wsaenobufs,
                idle_close: IdleClose::Reset,
                time_wait_reuse_after: None,
                syn_retry: crate::model::service::SynRetry::WINDOWS,
                instances: 1,
            },
            looks_only: false,
            essential: false,
        }
    }

    fn limit(&mut self, count: u32) {
        for endpoint in &mut self.settings.endpoints {
            endpoint.limit = ConnectionLimit::new(count);
        }
    }

    fn closer(&mut self, closer: Closer) {
        for endpoint in &mut self.settings.endpoints {
            endpoint.active_close = closer;
        }
    }
}
