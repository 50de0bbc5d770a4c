//! What is beyond the machines, as TOML: connects, the NAT, and what servers can do.
//!
//! Only what was asked for is written: a server that is a plain delay stays a plain table.

use super::Page;
use crate::model::nat::Nat;
use crate::model::service::{AbandonedWork, QueueFull};
use crate::model::settings::{Client, Machine, Server};
use crate::profiles::nats::{self, NatPreset};
use crate::scenario::check::client::dns_refresh_of;
use crate::scenario::check::machine::syn_retry_of;
use crate::scenario::check::nat;
use crate::scenario::check::service::{abandoned_work_word, outage_word, queue_full_word};
use crate::scenario::words::{span, text, unlimited};
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

/// Where the value of a key comes from, if it is the preset's own.
fn source_of(preset: &NatPreset, nat: &Nat, key: &str) -> Option<&'static str> {
    match key {
        "ports" => Some(preset.allocation.source),
        "hold-after-fin" if nat.hold_after_fin == preset.hold_after_fin.value => {
            Some(preset.hold_after_fin.source)
        }
        "hold-after-reset" if nat.hold_after_reset == preset.hold_after_reset.value => {
            Some(preset.hold_after_reset.source)
        }
        "idle-timeout" if nat.idle_timeout == Some(preset.idle_timeout.value) => {
            Some(preset.idle_timeout.source)
        }
        "when-forgotten" if nat.forgotten == preset.forgotten.value => {
            Some(preset.forgotten.source)
        }
        _ => None,
    }
}

impl Page<'_> {
    /// The rest of `[machine]`.
    pub(super) fn beyond_of_machine(&mut self, machine: &Machine) {
        let syn = machine.syn_retry;
        if syn != syn_retry_of(machine.preset.as_deref()) {
            let first = span(syn.first);
            self.set(
                "syn-retry",
                format!("{{ first = {first}, times = {} }}", syn.times),
            );
        }
        if machine.instances > 1 {
            self.set("instances", machine.instances.to_string());
        }
    }

    /// `[nat]`.
    pub(super) fn nat(&mut self, nat: &Nat) {
        self.table("[nat]");
        let preset = nat.preset.as_deref().and_then(nats::find);
        for (key, value) in nat::pairs(nat) {
            let source = preset.and_then(|preset| source_of(preset, nat, key));
            self.set_or(key, value, source.is_some(), source.unwrap_or(""));
        }
    }

    /// The rest of `[client.NAME]`.
    pub(super) fn dns_refresh(&mut self, client: &Client) {
        let refresh = client.dns_refresh_timeout;
        if refresh != dns_refresh_of(client.runtime) {
            self.set("dns-refresh-timeout", span(refresh));
        }
    }

    /// The rest of `[server.NAME]`.
    pub(super) fn service(&mut self, server: &Server) {
        let service = &server.service;
        if service.workers.is_some() {
            self.set("workers", unlimited(service.workers));
            let endless = service.queue.is_none();
            self.set_or("queue", unlimited(service.queue), endless, "no bound");
            let usual = service.queue_full == QueueFull::Answer503;
            let full = text(queue_full_word(service.queue_full));
            self.set_or("queue-full", full, usual, "HTTP.sys answers 503");
            let usual = service.abandoned_work == AbandonedWork::Finishes;
            let fate = text(abandoned_work_word(service.abandoned_work));
            self.set_or(
                "abandoned-work",
                fate,
                usual,
                "a server at work reads nothing",
            );
        } else {
            // Without workers they change nothing; they are kept for strategies that add some.
            if service.queue.is_some() {
                self.set("queue", unlimited(service.queue));
            }
            if service.queue_full != QueueFull::default() {
                self.set("queue-full", text(queue_full_word(service.queue_full)));
            }
            if service.abandoned_work != AbandonedWork::default() {
                let fate = text(abandoned_work_word(service.abandoned_work));
                self.set("abandoned-work", fate);
            }
        }
        let outages: Vec<String> = service
            .outages
            .iter()
            .map(|it| {
                let kind = text(outage_word(it.kind));
                format!(
                    "{{ from = \"{}\", until = \"{}\", kind = {kind} }}",
                    it.from, it.until
                )
            })
            .collect();
        self.list("outages", &outages);
        let slow_downs: Vec<String> = service
            .slow_downs
            .iter()
            .map(|it| {
                format!(
                    "{{ from = \"{}\", until = \"{}\", factor = {} }}",
                    it.from, it.until, it.factor
                )
            })
            .collect();
        self.list("slow-downs", &slow_downs);
        let moves = server.moves_at.iter().map(|at| format!("\"{at}\""));
        self.list("moves-at", &moves.collect::<Vec<_>>());
        if let Some(after) = server.old_address_down_after {
            self.set("old-address-down-after", format!("\"{after}\""));
        }
    }

    fn list(&mut self, key: &str, items: &[String]) {
        if !items.is_empty() {
            self.set(key, format!("[{}]", items.join(", ")));
        }
    }
}
