//! The resolved scenario as TOML: every default filled in, each with its source.
//!
//! **Invariant:** what is written here reads back as an equal scenario, and that is written the
//! same again.

use super::keys::{
    self, Key, Shown, client, machine, nat, server, strategy, top, verdict, workload,
};
use super::overrides::Override;
use super::read::Read;
use super::words::{key, text};
use crate::model::{Target, Thresholds};
use crate::units::Fnv;
use alloc::borrow::ToOwned;
use alloc::string::String;
use alloc::vec::Vec;

/// The resolved scenario as TOML; a line whose value is the default says so and where that
/// comes from.
pub fn show(read: &Read) -> String {
    write(read, true)
}

/// The keys whose values differ between two scenarios of the same shape, with the values of
/// `after`: the overrides that would make one the other.
pub fn changes(before: &Read, after: &Read) -> Vec<Override> {
    let (before, after) = (write(before, false), write(after, false));
    let mut changes = Vec::new();
    let mut table = String::new();
    let pairs = before.lines().zip(after.lines());
    for (_, line) in pairs.filter(|(old, new)| old != new || new.starts_with('[')) {
        if let Some(header) = line.strip_prefix('[') {
            table = header.trim_end_matches(']').to_owned() + ".";
        } else if let Some((key, value)) = line.split_once(" = ") {
            changes.push(Override::new(format!("{table}{key}"), value));
        }
    }
    changes
}

/// FNV-1a of the canonical text (without comments) and of the named files' digests.
pub(super) fn digest(read: &Read) -> u64 {
    let mut digest = Fnv::new();
    digest.text(&write(read, false));
    for file in &read.files {
        digest.number(file.digest);
    }
    digest.value()
}

fn write(read: &Read, commented: bool) -> String {
    let scenario = &read.scenario;
    let mut page = Page {
        text: String::new(),
        commented,
        read,
    };
    page.keys("", top::KEYS, scenario);
    if scenario.verdict != Thresholds::default() {
        page.table("[verdict]");
        page.keys("verdict", verdict::KEYS, &scenario.verdict);
    }
    page.table("[machine]");
    page.keys("machine", machine::KEYS, &scenario.machine);
    if let Some(nat) = &scenario.nat {
        page.table("[nat]");
        page.keys("nat", nat::KEYS, nat);
    }
    for client in &scenario.clients {
        page.named("client", &client.name, client::KEYS, client);
    }
    for server in &scenario.servers {
        page.named("server", &server.name, server::KEYS, server);
    }
    for workload in &scenario.workloads {
        page.named("workload", &workload.name, workload::KEYS, workload);
    }
    for strategy in &scenario.strategies {
        page.table("[[strategy]]");
        page.line("name", &text(&strategy.name), &Shown::Set);
        if let Some(targets) = &strategy.only.0 {
            // A name may be another's as well: its kind goes with it.
            let name = |it: &Target| text(&format!("{}.{}", it.kind(), scenario.name_of(*it)));
            let names: Vec<String> = targets.iter().map(name).collect();
            page.line("only", &format!("[{}]", names.join(", ")), &Shown::Set);
        }
        for patch in &strategy.patches {
            let (key, value) = strategy::written(patch, read);
            page.line(key, &value, &Shown::Set);
        }
    }
    page.text
}

/// The text so far.
struct Page<'a> {
    text: String,
    commented: bool,
    read: &'a Read,
}

impl Page<'_> {
    fn table(&mut self, header: &str) {
        self.text.extend(["\n", header, "\n"]);
    }

    fn named<T>(&mut self, kind: &str, name: &str, keys: &[Key<T>], of: &T) {
        self.table(&format!("[{kind}.{}]", key(name)));
        self.keys(&format!("{kind}.{name}"), keys, of);
    }

    fn keys<T>(&mut self, path: &str, keys: &[Key<T>], of: &T) {
        let read = self.read;
        keys::show(keys, of, path, read, |key, value, shown| {
            self.line(key, value, shown);
        });
    }

    /// Writes `key = value`, and where the value is the default, its source.
    fn line(&mut self, key: &str, value: &str, shown: &Shown) {
        match shown {
            Shown::Default(source) if self.commented => {
                let parts = [key, " = ", value, "  # default: ", source, "\n"];
                self.text.extend(parts);
            }
            Shown::Set | Shown::Default(_) => self.text.extend([key, " = ", value, "\n"]),
            Shown::Unset(value, source) if self.commented => {
                self.text
                    .extend(["# ", key, " = ", value, "  # default: ", source, "\n"]);
            }
            Shown::Unset(..) | Shown::Nothing => {}
        }
    }
}
