//! The closed list of things that can happen.

use crate::kernel::arena_id;
use crate::net::framework::SingleUseId;
use crate::net::service::workers::JobId;
use crate::net::{ConnectionId, RequestId};

arena_id!(
    /// A request that its program holds back or will try again.
    HeldBackId,
    "held-back"
);

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
        /// The request.
        request: RequestId,
        /// The low half of its serial: tells a reused number apart.
        serial: u32,
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
    /// The response to the only request of a name has been read to its end.
    SingleUseAnswered(SingleUseId),
    /// The response to the only request on a connection has been read to its end.
    ExchangeAnswered(ConnectionId),
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
