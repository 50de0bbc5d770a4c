//! What the heap of a process says: the article's picture of `!dumpheap -stat`.
//!
//! Groups, connections and sockets that are alike and many are one connection a group, each with
//! its port, none of them closed: the leak. Few groups that carry the connections are a pool.

use super::reproduce::{machine, quoted};
use super::{Kind, LocalPorts};
use crate::words::number;
use alloc::string::String;

/// The objects of one dump; `None` where the dump was not asked for them.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Dump {
    /// `System.Net.Sockets.Socket`.
    pub sockets: Option<u64>,
    /// `System.Net.ConnectionGroup`, or what groups connections in another runtime.
    pub groups: Option<u64>,
    /// `System.Net.Connection`, or what is one in another runtime.
    pub connections: Option<u64>,
}

/// From so many on, objects that are alike are a leak.
pub const MANY: u64 = 100;

/// Counts whose smallest is at least this part of the largest are alike.
const ALIKE: u64 = 2;

/// Requests a second of the scenario: a dump shows no rate.
const ASSUMED_RATE: f64 = 20.0;

impl Dump {
    /// The ports that it shows: each socket has one.
    pub fn ports(&self) -> u64 {
        self.sockets.or(self.connections).unwrap_or(0)
    }

    /// Leak or bounded.
    pub fn kind(&self) -> Kind {
        let known = [self.sockets, self.groups, self.connections];
        let known = || known.into_iter().flatten();
        let (least, most) = (known().min().unwrap_or(0), known().max().unwrap_or(0));
        let is_leak = self.groups.is_some() && known().count() > 1;
        if is_leak && least >= MANY && ALIKE * least >= most {
            Kind::Leak
        } else {
            Kind::Bounded
        }
    }
}

/// The scenario that shows what `dump` does.
pub fn scenario(dump: &Dump, table: &LocalPorts) -> String {
    let kind = dump.kind();
    let limit = f64::from(table.range.count);
    let count = |count: Option<u64>| count.map_or("unknown".into(), |it| format!("{it}"));
    let groups = dump.groups.unwrap_or(1).max(1);
    let (question, duration, group) = match kind {
        Kind::Leak => (
            "When do these ports run out, and which remedy holds?",
            1.5 * limit / ASSUMED_RATE,
            "group = \"unique\"".into(),
        ),
        _ => (
            "How much more load does this pool of connections bear?",
            300.0,
            format!("group = {{ pool = {groups} }}"),
        ),
    };
    let found = format!(
        "{} sockets, {} connection groups, {} connections",
        count(dump.sockets),
        count(dump.groups),
        count(dump.connections)
    );
    let reached = match kind {
        Kind::Leak => format!(
            "# As many as in the dump are there after {} s.\n",
            number::plain(dump.ports() as f64 / ASSUMED_RATE)
        ),
        _ => String::new(),
    };
    let remedies = match kind {
        Kind::Leak => {
            "\n[[strategy]]\nname = \"16 groups\"\ngroups = 16\n\
             \n[[strategy]]\nname = \"keep-alive off\"\nkeep-alive = false\n\
             \n[[strategy]]\nname = \"close groups every 30 s\"\n\
             close-groups = { every = \"30s\" }\n"
        }
        _ => "\n[[strategy]]\nname = \"one group per request\"\ngroup = \"unique\"\n",
    };
    format!(
        "# Written by `spsim diagnose` from a dump: {found}.\n\
         # Assumed, because a dump does not show it: the rate, the response time, the runtime.\n\
         {reached}\n\
         title = {}\nquestion = {}\nduration = \"{:.0}s\"\n\n\
         [machine]\n{}\n\n\
         [client.app]\nruntime = \"net40\"\n\n\
         [server.observed]\nuri = \"http://observed.example/\"\n\
         response-time = \"100ms\"   # assumed\n\n\
         [workload.observed]\n\
         arrivals = {{ poisson = {{ rate = {} }} }}   # assumed\n{group}\n\n\
         [[strategy]]\nname = \"as observed\"\n{remedies}",
        quoted("The heap of a process, as dumped"),
        quoted(question),
        libm::ceil(duration.clamp(120.0, 86_400.0)),
        machine(table),
        number::plain(ASSUMED_RATE),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn dump(sockets: u64, groups: u64, connections: u64) -> Dump {
        Dump {
            sockets: Some(sockets),
            groups: Some(groups),
            connections: Some(connections),
        }
    }

    #[test]
    fn objects_that_are_alike_and_many_are_a_leak() {
        assert_eq!(dump(4_980, 4_975, 4_975).kind(), Kind::Leak);
        assert_eq!(dump(260, 250, 250).kind(), Kind::Leak);
        // Few groups carry them; other sockets; too few to say.
        assert_eq!(dump(510, 4, 500).kind(), Kind::Bounded);
        assert_eq!(dump(4_000, 2, 4).kind(), Kind::Bounded);
        assert_eq!(dump(14, 12, 12).kind(), Kind::Bounded);
        let only_sockets = Dump {
            sockets: Some(5_000),
            ..Dump::default()
        };
        assert_eq!(only_sockets.kind(), Kind::Bounded);
        let without_sockets = Dump {
            sockets: None,
            ..dump(0, 700, 700)
        };
        assert_eq!(without_sockets.kind(), Kind::Leak);
    }
}
