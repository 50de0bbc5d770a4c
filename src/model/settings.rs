//! The machine, its processes and the servers they talk to.

use super::law::Law;
use super::profile::{HttpClientOf, Mechanism, RuntimeProfile};
use super::service::{Service, SynRetry};
use crate::units::{ConnectionLimit, SimSpan, SimTime};
use alloc::string::String;
use alloc::vec::Vec;

/// The host whose port table runs out.
#[derive(Clone, PartialEq, Debug)]
pub struct Machine {
    /// The local ports that outgoing connections may take.
    pub ports: PortRange,
    /// The preset the ports came from, if one was named: `windows-2003`, `linux` …
    pub preset: Option<String>,
    /// How long a port stays taken after the client closed first (PT-3).
    pub time_wait: SimSpan,
    /// Whether anybody (the author or a preset) said how long TIME_WAIT lasts. When nobody did,
    /// `time_wait` is 0 and every result says "TIME_WAIT not modelled".
    pub time_wait_given: bool,
    /// Whether a port serves one connection, or one per remote endpoint.
    pub scope: PortScope,
    /// What a refusal is called when only TIME_WAIT holds the ports (PT-2).
    pub time_wait_error: PortErrorName,
    /// How Framework profiles close idle connections (PT-4).
    pub idle_close: IdleClose,
    /// Linux `tcp_tw_reuse`: when no port is free, one in TIME_WAIT for longer than this is
    /// taken over. `None` never.
    pub time_wait_reuse_after: Option<SimSpan>,
    /// How often and when the first segment of a connect is sent again.
    pub syn_retry: SynRetry,
    /// How many machines like this one there are, each with a port table and processes of its
    /// own; the requests of a workload go to them in turn. At least 1.
    pub instances: u32,
}

/// A range of local ports.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct PortRange {
    /// The first port number.
    pub first: u16,
    /// How many ports there are, at least 1; `first + count - 1` is at most 65535.
    pub count: u32,
}

/// What one local port can serve at a time.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum PortScope {
    /// One connection: Windows, where an implicit bind takes the port for the whole host.
    Host,
    /// One connection per remote endpoint: Linux `connect`, NAT.
    Destination,
}

/// The name a refusal for want of a port goes by.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum PortErrorName {
    /// 10055, the article's error.
    Wsaenobufs,
    /// 10048, reported by some Windows versions when TIME_WAIT holds the ports.
    Wsaeaddrinuse,
    /// Linux 99, `Cannot assign requested address`.
    Eaddrnotavail,
}

/// How the Framework's hard close (`Close(0)`) leaves the port (PT-4; certainty \[U\]).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum IdleClose {
    /// A reset: the port is free at once.
    Reset,
    /// A FIN: client-first, so the port goes through TIME_WAIT.
    Fin,
}

/// One process: its own `ServicePointManager`, timer thread and settings.
#[derive(Clone, PartialEq, Debug)]
pub struct Client {
    /// The name after `client.` in the scenario.
    pub name: String,
    /// The .NET generation it runs on.
    pub runtime: &'static RuntimeProfile,
    /// What the program makes its requests with.
    pub api: Api,
    /// `DefaultConnectionLimit` when the author set it; it then holds for loopback too (LIM-2).
    /// `None` takes the profile's value.
    pub connection_limit: Option<ConnectionLimit>,
    /// `SocketsHttpHandler.MaxConnectionsPerServer` (NC-5, HC-2).
    pub max_connections_per_server: ConnectionLimit,
    /// `SocketsHttpHandler.PooledConnectionIdleTimeout` when the author set it, where an inner
    /// `None` is never. The outer `None` takes the runtime's value.
    pub pooled_connection_idle_timeout: Option<Option<SimSpan>>,
    /// `SocketsHttpHandler.PooledConnectionLifetime`; `None` is never (HC-7).
    pub pooled_connection_lifetime: Option<SimSpan>,
    /// `SetHandlerLifetime` of `IHttpClientFactory`: a handler that is older gets no more
    /// requests. `None` is never.
    pub handler_lifetime: Option<SimSpan>,
    /// How often a full garbage collection runs, which closes what nobody refers to any more
    /// (HC-13, HC-16, SP-10); `None` is never.
    pub gc_every: Option<SimSpan>,
    /// `MaxServicePointIdleTime`; `None` is never.
    pub max_idle_time: Option<SimSpan>,
    /// `ServicePoint.ConnectionLeaseTimeout`; `None` is never (TM-6).
    pub connection_lease: Option<SimSpan>,
    /// `HttpWebRequest.Timeout`; `None` is never (TM-5).
    pub request_timeout: Option<SimSpan>,
    /// How late the timer thread wakes (TM-2).
    pub timer_slack: SimSpan,
    /// Largest extra lateness of a timer pass, drawn uniformly; zero is off.
    pub timer_jitter: SimSpan,
    /// Whether reserved slots leak as in FL-6..FL-8. Has an effect only where the runtime
    /// reserves.
    pub reservation_leak: bool,
    /// Whether an abort between headers and end of a response leaks its slot too (FL-9): it does
    /// where no read of the body is under way.
    pub leak_abort_body: bool,
    /// `ServicePointManager.MaxServicePoints`; 0 is unlimited (SP-4).
    pub max_service_points: u32,
    /// How long a ServicePoint keeps the address it looked up: `DnsRefreshTimeout` (K-9). Zero
    /// looks it up for every connection.
    pub dns_refresh_timeout: SimSpan,
}

/// What a program makes its HTTP requests with.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Api {
    /// `HttpWebRequest` (or `WebClient`).
    #[default]
    HttpWebRequest,
    /// `HttpClient`: one for the program, unless each request has one of its own.
    HttpClient,
    /// Clients from `IHttpClientFactory`: they share a handler until that is too old.
    HttpClientFactory,
}

impl Client {
    /// The state machine that runs its requests.
    pub fn mechanism(&self) -> Mechanism {
        match (self.api, self.runtime.http_client) {
            (Api::HttpClient | Api::HttpClientFactory, HttpClientOf::SocketsHttp(rules)) => {
                Mechanism::SocketsHttp(rules)
            }
            _ => self.runtime.mechanism,
        }
    }

    /// How long a connection may be idle, by whichever setting says so; `None` is never.
    pub fn idle_time(&self) -> Option<SimSpan> {
        match self.mechanism() {
            Mechanism::SocketsHttp(rules) => (self.pooled_connection_idle_timeout)
                .unwrap_or(Some(rules.pooled_idle_timeout.value)),
            _ => self.max_idle_time,
        }
    }

    /// Whether its program can say how long a connection may be idle: modern .NET's
    /// `HttpWebRequest` keeps the handler that knows to itself.
    pub fn can_set_idle_time(&self) -> bool {
        let is_modern = matches!(self.mechanism(), Mechanism::SocketsHttp(_));
        !is_modern || self.api != Api::HttpWebRequest
    }

    /// Says how long a connection may be idle, where its program can.
    pub fn set_idle_time(&mut self, span: Option<SimSpan>) {
        match self.mechanism() {
            _ if !self.can_set_idle_time() => {}
            Mechanism::SocketsHttp(_) => self.pooled_connection_idle_timeout = Some(span),
            _ => self.max_idle_time = span,
        }
    }

    /// Whether an API can be had on its runtime.
    pub const fn can_use(&self, api: Api) -> bool {
        match api {
            Api::HttpWebRequest => true,
            Api::HttpClient => !matches!(self.runtime.http_client, HttpClientOf::Nothing),
            Api::HttpClientFactory => {
                matches!(self.runtime.http_client, HttpClientOf::SocketsHttp(_))
            }
        }
    }

    /// Whether a close that drops a connection begins with a FIN like any other (PT-4).
    pub fn hard_close_is_fin(&self, machine: &Machine) -> bool {
        let is_framework = matches!(self.mechanism(), Mechanism::Framework(_));
        is_framework && machine.idle_close == IdleClose::Fin
    }

    /// The limit that a ServicePoint of this client towards `server` starts with (LIM-1, LIM-2).
    pub fn effective_limit(&self, server: &Server) -> ConnectionLimit {
        if matches!(self.mechanism(), Mechanism::SocketsHttp(_)) {
            // NC-2, HC-3: the limit of ServicePoints is stored, and read by nobody.
            return self.max_connections_per_server;
        }
        match self.connection_limit {
            Some(limit) => limit,
            None if server.loopback && self.runtime.loopback_is_unlimited.value => {
                ConnectionLimit::UNLIMITED
            }
            None => self.runtime.connection_limit.value,
        }
    }
}

/// One remote endpoint: one ServicePoint per client.
#[derive(Clone, PartialEq, Debug)]
pub struct Server {
    /// The name after `server.` in the scenario.
    pub name: String,
    /// The address as written.
    pub uri: String,
    /// The ServicePoint's key: `scheme://host` or `scheme://host:port` (SP-1). Two servers with
    /// one key are one ServicePoint.
    pub key: String,
    /// Whether the host is believed to be loopback (LIM-2).
    pub loopback: bool,
    /// How long a connect takes.
    pub connect_time: Law,
    /// From sending a request to the end of its response. A trace may bring its own.
    pub response_time: Law,
    /// The server closes a connection that was idle this long; `None` never.
    pub closes_idle_after: Option<SimSpan>,
    /// The server answers the n-th request of a connection with `Connection: close`; `None`
    /// never.
    pub closes_after_requests: Option<u32>,
    /// Who sends FIN first in a `Connection: close` exchange (PT-3).
    pub active_close: Closer,
    /// Whether an answer behind which it closes says so, with `Connection: close`.
    pub says_close: bool,
    /// What it says in `Keep-Alive: timeout=…`; `None`: nothing (HC-10).
    pub keep_alive_timeout: Option<SimSpan>,
    /// What it can do at a time, and when it cannot.
    pub service: Service,
    /// When its name leads to another address, in order (a switch of DNS or of a deployment).
    /// Connections that are open stay where they are, and are served there.
    pub moves_at: Vec<SimTime>,
    /// An address is gone this long after the name left it: connections there are closed by the
    /// server, work on them is lost, and connects to it are refused. `None` never.
    pub old_address_down_after: Option<SimSpan>,
}

/// A side of a connection.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Closer {
    /// The program that runs out of ports.
    Client,
    /// The other side.
    Server,
}
