//! What leaves the engine: the only thing the rest of the program may know of a run.

use super::clients::ClientSample;
use super::sample::Sample;
use crate::model::GroupName;
use crate::net::{
    CloseKind, ConnectionId, ConnectionView, Failure, Outcome, RequestView, TimerChange,
};
use crate::units::{SimSpan, SimTime};
use core::cell::RefCell;

/// A fact about the run.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub enum Observation {
    /// A program asked for something.
    RequestArrived(RequestView),
    /// A request was submitted, for the first time or again by the program.
    RequestSubmitted(RequestView),
    /// A request waits, on a connection's list or in a queue.
    RequestQueued(RequestView, Option<ConnectionId>),
    /// A request went on the wire.
    RequestSent(RequestView, ConnectionView),
    /// An attempt failed; the program will try again after the given span.
    RequestRetried(RequestView, Failure, SimSpan),
    /// A request ended for good.
    RequestEnded(RequestView, Outcome),
    /// A connect began: its port is taken.
    ConnectionOpened(ConnectionView),
    /// A connect found no port.
    ConnectRefused {
        /// The process that tried.
        process: u32,
        /// Where to.
        endpoint: u32,
    },
    /// The NAT dropped a connect's first segment for want of a port.
    SnatPortRefused {
        /// The process that tried.
        process: u32,
        /// Where to.
        endpoint: u32,
    },
    /// A connect was answered.
    Connected(ConnectionId),
    /// Nothing is on the wire and nothing waits.
    ConnectionIdle(ConnectionView),
    /// Its program neither reads nor disposes the response that a connection carries.
    ResponseLeftOpen(ConnectionView),
    /// The server closed an idle connection; the client has not noticed.
    ServerClosed(ConnectionView),
    /// A socket was closed.
    ConnectionClosed {
        /// The process that had it.
        process: u32,
        /// What it was.
        connection: ConnectionView,
        /// How.
        how: CloseKind,
    },
    /// A group entered a ServicePoint's table.
    GroupCreated {
        /// The endpoint of its ServicePoint.
        endpoint: u32,
        /// Its name.
        name: GroupName,
    },
    /// A group left the table.
    GroupReleased {
        /// The endpoint of its ServicePoint.
        endpoint: u32,
        /// Its name.
        name: GroupName,
    },
    /// A ServicePoint entered the table.
    ServicePointCreated {
        /// Its endpoint.
        endpoint: u32,
    },
    /// A ServicePoint left the table.
    ServicePointReleased {
        /// Its endpoint.
        endpoint: u32,
    },
    /// The program called `CloseConnectionGroup`.
    GroupCloseCalled {
        /// The endpoint.
        endpoint: u32,
        /// The name it gave.
        name: GroupName,
        /// What the call returned.
        found: bool,
    },
    /// An idle timer was armed.
    IdleTimerArmed {
        /// The endpoint of its ServicePoint.
        endpoint: u32,
        /// The group whose timer it is; `None` is the ServicePoint's own.
        group: Option<GroupName>,
        /// When it fires, unless it is cancelled.
        due: SimTime,
    },
    /// An idle timer was cancelled: there was something to do.
    IdleTimerCancelled {
        /// The endpoint of its ServicePoint.
        endpoint: u32,
        /// The group whose timer it was; `None` is the ServicePoint's own.
        group: Option<GroupName>,
    },
    /// An idle timer fired; what comes of it is told behind.
    IdleTimerFired {
        /// The endpoint of its ServicePoint.
        endpoint: u32,
        /// The group whose timer it was; `None` is the ServicePoint's own.
        group: Option<GroupName>,
    },
    /// The port table was read.
    Sampled(Sample),
}

impl Observation {
    /// What happened to an idle timer.
    pub(super) fn of_timer(change: TimerChange) -> Observation {
        let TimerChange {
            endpoint,
            group,
            due,
        } = change;
        match due {
            Some(due) => Observation::IdleTimerArmed {
                endpoint,
                group,
                due,
            },
            None => Observation::IdleTimerCancelled { endpoint, group },
        }
    }
}

/// Somebody who keeps something of a run.
///
/// An observer cannot change a run: it is told, and gives nothing back.
pub trait Observer {
    /// Whether every single step matters to it.
    fn observes_each_step(&self) -> bool;

    /// Whether it is told of each waiter that moves to another connection. In an overloaded group
    /// there is little else: every connection that closes moves all that wait for it.
    fn observes_moves(&self) -> bool {
        self.observes_each_step()
    }

    /// Something happened.
    fn observe(&mut self, now: SimTime, observation: Observation);

    /// What is observed from here on is the doing of this process, until told otherwise: the
    /// numbers of connections are those of their process.
    fn turn_to(&mut self, _process: u32) {}

    /// What one program has at a sample's instant, told behind the sample where several programs
    /// share a machine.
    fn client_sampled(&mut self, _sample: ClientSample) {}

    /// The run is over, and this request has neither been answered nor failed: in the order of its
    /// serial numbers where several are told.
    fn left_unanswered(&mut self, _now: SimTime, _request: RequestView) {}

    /// Whether it has seen enough: the run may end early, and what comes of it is of no use.
    fn is_done(&self) -> bool {
        false
    }
}

/// One that can be asked between two instants, while the run still has it.
impl<O: Observer> Observer for &RefCell<O> {
    fn observes_each_step(&self) -> bool {
        self.borrow().observes_each_step()
    }

    fn observes_moves(&self) -> bool {
        self.borrow().observes_moves()
    }

    fn observe(&mut self, now: SimTime, observation: Observation) {
        self.borrow_mut().observe(now, observation);
    }

    fn turn_to(&mut self, process: u32) {
        self.borrow_mut().turn_to(process);
    }

    fn client_sampled(&mut self, sample: ClientSample) {
        self.borrow_mut().client_sampled(sample);
    }

    fn left_unanswered(&mut self, now: SimTime, request: RequestView) {
        self.borrow_mut().left_unanswered(now, request);
    }

    fn is_done(&self) -> bool {
        self.borrow().is_done()
    }
}

/// Keeps nothing.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Blind;

impl Observer for Blind {
    fn observes_each_step(&self) -> bool {
        false
    }

    fn observe(&mut self, _now: SimTime, _observation: Observation) {}
}
