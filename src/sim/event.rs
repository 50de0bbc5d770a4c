//! The closed list of things that can happen.

use crate::kernel::arena_id;
use crate::net::framework::ExchangeId;
use crate::net::service::workers::JobId;
use crate::net::{ConnectionId, RequestId};

arena_id!(
    /// A request that its program holds back or will try again.
    HeldBackId,
    "held-back"
);

/// A request on the wire.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum SentRequest {
    /// One that has a number.
    Numbered {
        /// Its number.
        id: RequestId,
        /// The low half of its serial: tells a reused number apart.
        serial: u32,
    },
    /// One that its process alone knows of.
    Exchange(ExchangeId),
}

/// Something that happens at an instant. Small, because thousands are kept.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Event {
    /// The next request of an open workload is made.
    Arrival {
        /// Index of the workload.
        workload: u32,
    },
    /// A user of a closed workload asks.
    UserAsks {
        /// Index of the workload.
        workload: u32,
    },
    /// The next action of a timeline.
    TimelineAction {
        /// Index of the workload.
        workload: u32,
    },
    /// A request that was held back is submitted.
    Resume(HeldBackId),
    /// A response has been read to its end.
    ResponseArrived {
        /// To which request.
        to: SentRequest,
        /// It carries `Connection: close`.
        closes: bool,
    },
    /// The headers of a response are there, before its end.
    HeadersArrived {
        /// The request.
        request: RequestId,
        /// The low half of its serial.
        serial: u32,
        /// The low half of its connection's serial.
        connection: u32,
        /// They say `Connection: close`.
        closes: bool,
    },
    /// A connect is answered.
    ConnectAnswered {
        /// The process.
        process: u32,
        /// The connection.
        connection: ConnectionId,
        /// The low half of its serial.
        serial: u32,
    },
    /// A connect that was not answered at once: it fails, or is tried again.
    ConnectGoesOn {
        /// The process.
        process: u32,
        /// The connection.
        connection: ConnectionId,
        /// The low half of its serial.
        serial: u32,
    },
    /// A request at its server comes to its next stage.
    JobMoves {
        /// The request, as the server knows it.
        job: JobId,
        /// Tells a reused number apart.
        serial: u32,
    },
    /// A connection is reset under a request.
    ConnectionReset {
        /// The request.
        request: RequestId,
        /// The low half of its serial.
        serial: u32,
    },
    /// The process behind an endpoint is gone (an outage that refuses).
    ServerGoesDown {
        /// The endpoint.
        endpoint: u32,
    },
    /// An address that an endpoint's name has left is gone.
    OldAddressGoesDown {
        /// The endpoint.
        endpoint: u32,
    },
    /// The program looks after its groups.
    CloseGroups {
        /// The place of the policy that it follows.
        policy: u32,
    },
    /// A full garbage collection runs in a process.
    CollectGarbage {
        /// The process.
        process: u32,
    },
    /// The run has warmed up: usage counts from now on.
    WarmedUp,
    /// The port table is read.
    #[default]
    Sample,
}

/// An [`Event`] as the queue keeps it: two words, which stay in registers from the place that
/// schedules it to the queue's memory. Written field by field and copied as a whole, it would make
/// the processor wait for each.
///
/// From the lowest bit: which event it is, whether it says close, and up to three numbers.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Packed(u64, u64);

impl Default for Packed {
    fn default() -> Packed {
        Event::default().into()
    }
}

impl Packed {
    #[inline(always)]
    const fn new(kind: u8, closes: bool, [a, b, c]: [u32; 3]) -> Packed {
        let head = kind as u64 | (closes as u64) << 8 | (a as u64) << 32;
        Packed(head, b as u64 | (c as u64) << 32)
    }
}

impl From<Event> for Packed {
    #[inline(always)]
    fn from(event: Event) -> Packed {
        let plain = |kind, numbers| Packed::new(kind, false, numbers);
        match event {
            Event::Sample => plain(0, [0; 3]),
            Event::Arrival { workload } => plain(1, [workload, 0, 0]),
            Event::UserAsks { workload } => plain(2, [workload, 0, 0]),
            Event::TimelineAction { workload } => plain(3, [workload, 0, 0]),
            Event::Resume(id) => plain(4, [id.0, 0, 0]),
            Event::ResponseArrived {
                to: SentRequest::Numbered { id, serial },
                closes,
            } => Packed::new(5, closes, [id.0, serial, 0]),
            Event::ResponseArrived {
                to: SentRequest::Exchange(id),
                closes,
            } => {
                let [id, kind] = id.to_numbers();
                Packed::new(7, closes, [id, kind, 0])
            }
            Event::HeadersArrived {
                request,
                serial,
                connection,
                closes,
            } => Packed::new(6, closes, [request.0, serial, connection]),
            Event::ConnectAnswered {
                process,
                connection,
                serial,
            } => plain(8, [process, connection.0, serial]),
            Event::ConnectGoesOn {
                process,
                connection,
                serial,
            } => plain(9, [process, connection.0, serial]),
            Event::JobMoves { job, serial } => plain(10, [job.0, serial, 0]),
            Event::ConnectionReset { request, serial } => plain(11, [request.0, serial, 0]),
            Event::ServerGoesDown { endpoint } => plain(12, [endpoint, 0, 0]),
            Event::OldAddressGoesDown { endpoint } => plain(13, [endpoint, 0, 0]),
            Event::CloseGroups { policy } => plain(14, [policy, 0, 0]),
            Event::CollectGarbage { process } => plain(15, [process, 0, 0]),
            Event::WarmedUp => plain(16, [0; 3]),
        }
    }
}

impl From<Packed> for Event {
    #[inline(always)]
    fn from(Packed(head, tail): Packed) -> Event {
        let (a, b, c) = ((head >> 32) as u32, tail as u32, (tail >> 32) as u32);
        let closes = head >> 8 & 1 == 1;
        match head as u8 {
            0 => Event::Sample,
            1 => Event::Arrival { workload: a },
            2 => Event::UserAsks { workload: a },
            3 => Event::TimelineAction { workload: a },
            4 => Event::Resume(HeldBackId(a)),
            5 => Event::ResponseArrived {
                to: SentRequest::Numbered {
                    id: RequestId(a),
                    serial: b,
                },
                closes,
            },
            6 => Event::HeadersArrived {
                request: RequestId(a),
                serial: b,
                connection: c,
                closes,
            },
            7 => Event::ResponseArrived {
                to: SentRequest::Exchange(ExchangeId::from_numbers([a, b])),
                closes,
            },
            8 => Event::ConnectAnswered {
                process: a,
                connection: ConnectionId(b),
                serial: c,
            },
            9 => Event::ConnectGoesOn {
                process: a,
                connection: ConnectionId(b),
                serial: c,
            },
            10 => Event::JobMoves {
                job: JobId(a),
                serial: b,
            },
            11 => Event::ConnectionReset {
                request: RequestId(a),
                serial: b,
            },
            12 => Event::ServerGoesDown { endpoint: a },
            13 => Event::OldAddressGoesDown { endpoint: a },
            14 => Event::CloseGroups { policy: a },
            15 => Event::CollectGarbage { process: a },
            kind => {
                debug_assert_eq!(kind, 16, "no event has this number");
                Event::WarmedUp
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_packed_comes_out_again() {
        let numbers = [0, 1, 0x1234_5678, u32::MAX];
        for kind in 0..=16 {
            for closes in [false, true] {
                for a in numbers {
                    let event = Event::from(Packed::new(kind, closes, [a, !a, a ^ 0xffff]));
                    assert_eq!(Event::from(Packed::from(event)), event, "{event:?}");
                }
            }
        }
    }
}
