//! A socket and its port: what every family's connection holds.

use super::port_table::{PortRelease, PortState, PortTable, TakenPort};
use crate::units::SimTime;

/// A connected (or connecting) TCP socket.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Socket {
    /// Its local port.
    pub port: TakenPort,
    /// Where its port is counted.
    pub state: PortState,
    /// The server's FIN has arrived (CN-11).
    pub server_closed: bool,
}

/// How a socket is closed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum CloseKind {
    /// Shutdown and close: after a response that ends the connection (PT-3).
    Graceful,
    /// Zero-linger close: idle closes, timers, aborts, errors (PT-4).
    Hard,
}

impl Socket {
    /// A socket on a port that was just taken.
    pub const fn connecting(port: TakenPort) -> Socket {
        Socket {
            port,
            state: PortState::Connecting,
            server_closed: false,
        }
    }

    /// Counts the port in another state.
    #[inline]
    pub fn enter(&mut self, ports: &mut PortTable, state: PortState) {
        if self.state != state {
            ports.change_state(self.port, self.state, state);
            self.state = state;
        }
    }

    /// Closes the socket and gives its port back. `client_first`: the client sends the first
    /// FIN (unless the server has).
    #[inline]
    pub fn close(self, now: SimTime, ports: &mut PortTable, client_first: bool) {
        let how = if client_first && !self.server_closed {
            PortRelease::TimeWait
        } else {
            PortRelease::Free
        };
        ports.release(now, self.port, self.state, how);
    }
}
