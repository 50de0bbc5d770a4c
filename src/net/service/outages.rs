//! What a connect or a request meets at an instant of a server's outages.

use crate::model::service::{Outage, OutageKind, SynRetry};
use crate::units::{SimSpan, SimTime};
use alloc::vec::Vec;

/// The outages of one server.
///
/// **Invariant:** in order of time, none overlapping another.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Outages(Vec<Outage>);

/// How a connect is answered.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ConnectAnswer {
    /// It is established.
    Established(SimTime),
    /// The host refuses it: nobody listens.
    Refused(SimTime),
    /// Nobody answers, and the client gives up.
    GivenUp(SimTime),
}

impl SynRetry {
    /// When try number `n` (from 0) of a connect that begins at `start` goes out; the try after
    /// the last is the moment of giving up.
    pub fn sent_at(&self, start: SimTime, n: u32) -> SimTime {
        let waits = (1_u64 << n.min(32)) - 1;
        let nanos = self.first.as_nanos().saturating_mul(waits);
        start.saturating_add(SimSpan::from_nanos(nanos))
    }

    /// When a connect that begins at `start` and is never answered fails.
    pub fn gives_up_at(&self, start: SimTime) -> SimTime {
        self.sent_at(start, self.times + 1)
    }
}

impl Outages {
    /// The outages in `windows`, which do not overlap and are in order.
    pub fn new(windows: Vec<Outage>) -> Outages {
        Outages(windows)
    }

    /// The outage at an instant.
    pub fn at(&self, now: SimTime) -> Option<Outage> {
        let after = self.0.partition_point(|outage| outage.from <= now);
        let last = self.0[..after].last()?;
        (now < last.until).then_some(*last)
    }

    /// The kind of outage at an instant.
    fn kind_at(&self, now: SimTime) -> Option<OutageKind> {
        self.at(now).map(|outage| outage.kind)
    }

    /// When what is sent at an instant arrives: at once, or when a silence is over.
    pub fn arrives_at(&self, sent: SimTime) -> SimTime {
        let mut at = sent;
        // Silences may follow one another without a gap.
        while let Some(outage) = self.at(at)
            && outage.kind == OutageKind::Silent
        {
            at = outage.until;
        }
        at
    }

    /// How a connect is answered that begins at `start`, whose answer takes `takes`, and whose
    /// tries before number `first` got no further than the client's side.
    pub fn connect(
        &self,
        start: SimTime,
        first: u32,
        takes: SimSpan,
        syn: SynRetry,
    ) -> ConnectAnswer {
        for n in first..=syn.times {
            let answer = syn.sent_at(start, n).saturating_add(takes);
            if answer >= syn.gives_up_at(start) {
                break;
            }
            match self.kind_at(answer) {
                Some(OutageKind::Silent) => {}
                Some(OutageKind::Refuse) => return ConnectAnswer::Refused(answer),
                _ => return ConnectAnswer::Established(answer),
            }
        }
        ConnectAnswer::GivenUp(syn.gives_up_at(start))
    }

    /// When the server's process goes: its connections are lost then.
    pub fn losses(&self) -> impl Iterator<Item = SimTime> {
        let lost = self.0.iter().filter(|it| it.kind == OutageKind::Refuse);
        lost.map(|outage| outage.from)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: u64) -> SimTime {
        SimTime::ZERO + SimSpan::from_seconds(seconds)
    }

    fn outages(windows: &[(u64, u64, OutageKind)]) -> Outages {
        let outage = |&(from, until, kind): &(u64, u64, OutageKind)| Outage {
            from: at(from),
            until: at(until),
            kind,
        };
        Outages::new(windows.iter().map(outage).collect())
    }

    const WINDOWS: SynRetry = SynRetry::WINDOWS;

    #[test]
    fn a_connect_goes_out_three_times_and_is_given_up_after_21_seconds() {
        let silent = outages(&[(10, 100, OutageKind::Silent)]);
        let connect = |start| silent.connect(at(start), 0, SimSpan::ZERO, WINDOWS);
        assert_eq!(connect(9), ConnectAnswer::Established(at(9)));
        assert_eq!(connect(10), ConnectAnswer::GivenUp(at(31)));
        // Tries at 92, 95 and 101: the third is heard.
        assert_eq!(connect(92), ConnectAnswer::Established(at(101)));
        assert_eq!(connect(90), ConnectAnswer::GivenUp(at(111)), "last at 99");
        assert_eq!(connect(97), ConnectAnswer::Established(at(100)));
    }

    #[test]
    fn a_host_without_its_process_refuses_at_once() {
        let gone = outages(&[(10, 20, OutageKind::Refuse)]);
        let takes = SimSpan::from_seconds(1);
        let connect = |start| gone.connect(at(start), 0, takes, WINDOWS);
        assert_eq!(connect(8), ConnectAnswer::Established(at(9)));
        assert_eq!(connect(9), ConnectAnswer::Refused(at(10)), "asked before");
        assert_eq!(connect(19), ConnectAnswer::Established(at(20)));
        assert_eq!(gone.losses().collect::<Vec<_>>(), [at(10)]);
    }

    #[test]
    fn what_is_sent_into_a_silence_arrives_when_it_is_over() {
        let windows = [
            (10, 20, OutageKind::Silent),
            (20, 25, OutageKind::Silent),
            (30, 40, OutageKind::Hang),
        ];
        let outages = outages(&windows);
        let arrives = |sent| outages.arrives_at(at(sent));
        assert_eq!(
            [5, 10, 24, 25, 35].map(arrives),
            [5, 25, 25, 25, 35].map(at)
        );
    }
}
