//! What a process knows of the servers it talks to.

use crate::model::settings::Closer;
use crate::units::{ConnectionLimit, SimSpan};

/// What a process knows of one remote endpoint.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct EndpointSettings {
    /// The limit that its ServicePoint starts with (LIM-1, LIM-2, MO-3).
    pub limit: ConnectionLimit,
    /// Who sends FIN first in a `Connection: close` exchange (PT-3).
    pub active_close: Closer,
    /// What its answers say in `Keep-Alive: timeout` (HC-10).
    pub keep_alive_timeout: Option<SimSpan>,
}
