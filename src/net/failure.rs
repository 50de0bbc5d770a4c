//! How requests end, and what .NET calls it.

use crate::model::settings::PortErrorName;

/// How a request ended.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Outcome {
    /// Its response was read to its end.
    Succeeded,
    /// It ended otherwise.
    Failed(Failure),
}

/// Why a request failed, as .NET reports it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Failure {
    /// `WebExceptionStatus.ConnectFailure`: no local port was free (FL-1).
    NoPort(PortErrorName),
    /// `WebExceptionStatus.Timeout` (TM-5).
    Timeout,
    /// `WebExceptionStatus.RequestCanceled`: aborted.
    RequestCanceled,
    /// `WebExceptionStatus.KeepAliveFailure`: the connection died under it (FL-3).
    KeepAliveFailure,
    /// `WebExceptionStatus.ConnectionClosed` (FL-3).
    ConnectionClosed,
    /// `WebExceptionStatus.PipelineFailure` (FL-3).
    PipelineFailure,
    /// `InvalidOperationException`: `MaxServicePoints` is reached (SP-4).
    TooManyServicePoints,
    /// `ObjectDisposedException`: Mono's ServicePoint was disposed (MO-7).
    ObjectDisposed,
    /// `WebExceptionStatus.ConnectFailure`: the server's host refused the connect.
    ConnectionRefused,
    /// `WebExceptionStatus.ConnectFailure`: nobody answered the connect.
    ConnectTimedOut,
    /// `WebExceptionStatus.ConnectFailure`: the NAT had no port and dropped the connect.
    NoSnatPort,
    /// `WebExceptionStatus.ProtocolError`: the server answered 503.
    ServerUnavailable,
    /// `IOException`: the response broke off in its middle (FL-5).
    ResponseBroken,
    /// `WebExceptionStatus.ConnectFailure`: the socket could not be made (FL-12).
    NoSocket,
}

impl Failure {
    /// Every failure; [`Failure::index`] is the place in it.
    pub const ALL: [Failure; 16] = [
        Failure::NoPort(PortErrorName::Wsaenobufs),
        Failure::NoPort(PortErrorName::Wsaeaddrinuse),
        Failure::NoPort(PortErrorName::Eaddrnotavail),
        Failure::Timeout,
        Failure::RequestCanceled,
        Failure::KeepAliveFailure,
        Failure::ConnectionClosed,
        Failure::PipelineFailure,
        Failure::TooManyServicePoints,
        Failure::ObjectDisposed,
        Failure::ConnectionRefused,
        Failure::ConnectTimedOut,
        Failure::NoSnatPort,
        Failure::ServerUnavailable,
        Failure::ResponseBroken,
        Failure::NoSocket,
    ];

    /// Its place in [`Failure::ALL`]: what counts by failure are indexed with.
    pub const fn index(self) -> usize {
        match self {
            Failure::NoPort(PortErrorName::Wsaenobufs) => 0,
            Failure::NoPort(PortErrorName::Wsaeaddrinuse) => 1,
            Failure::NoPort(PortErrorName::Eaddrnotavail) => 2,
            Failure::Timeout => 3,
            Failure::RequestCanceled => 4,
            Failure::KeepAliveFailure => 5,
            Failure::ConnectionClosed => 6,
            Failure::PipelineFailure => 7,
            Failure::TooManyServicePoints => 8,
            Failure::ObjectDisposed => 9,
            Failure::ConnectionRefused => 10,
            Failure::ConnectTimedOut => 11,
            Failure::NoSnatPort => 12,
            Failure::ServerUnavailable => 13,
            Failure::ResponseBroken => 14,
            Failure::NoSocket => 15,
        }
    }

    /// The key under which it is counted in `summary.json`.
    pub const fn name(self) -> &'static str {
        match self {
            Failure::NoPort(PortErrorName::Wsaenobufs) => "WSAENOBUFS",
            Failure::NoPort(PortErrorName::Wsaeaddrinuse) => "WSAEADDRINUSE",
            Failure::NoPort(PortErrorName::Eaddrnotavail) => "EADDRNOTAVAIL",
            Failure::Timeout => "Timeout",
            Failure::RequestCanceled => "RequestCanceled",
            Failure::KeepAliveFailure => "KeepAliveFailure",
            Failure::ConnectionClosed => "ConnectionClosed",
            Failure::PipelineFailure => "PipelineFailure",
            Failure::TooManyServicePoints => "InvalidOperationException",
            Failure::ObjectDisposed => "ObjectDisposedException",
            Failure::ConnectionRefused => "WSAECONNREFUSED",
            Failure::ConnectTimedOut => "WSAETIMEDOUT",
            Failure::NoSnatPort => "SnatPortExhaustion",
            Failure::ServerUnavailable => "ProtocolError",
            Failure::ResponseBroken => "IOException",
            Failure::NoSocket => "WSAEMFILE",
        }
    }

    /// The `WebExceptionStatus`, or the exception's type where it is no `WebException`.
    pub const fn status(self) -> &'static str {
        match self {
            Failure::NoPort(_)
            | Failure::ConnectionRefused
            | Failure::ConnectTimedOut
            | Failure::NoSnatPort
            | Failure::NoSocket => "ConnectFailure",
            other => other.name(),
        }
    }

    /// The text of the inner exception, where there is one.
    pub const fn message(self) -> &'static str {
        match self {
            Failure::NoPort(PortErrorName::Wsaenobufs) => {
                "An operation on a socket could not be performed because the system lacked \
                 sufficient buffer space or because a queue was full (10055)"
            }
            Failure::NoPort(PortErrorName::Wsaeaddrinuse) => {
                "Only one usage of each socket address (protocol/network address/port) is \
                 normally permitted (10048)"
            }
            Failure::NoPort(PortErrorName::Eaddrnotavail) => "Cannot assign requested address (99)",
            Failure::ConnectionRefused => {
                "No connection could be made because the target machine actively refused it (10061)"
            }
            // The program cannot tell a NAT without ports from a server that is silent.
            Failure::ConnectTimedOut | Failure::NoSnatPort => {
                "A connection attempt failed because the connected party did not properly respond \
                 after a period of time (10060)"
            }
            Failure::NoSocket => "Too many open sockets (10024)",
            Failure::ServerUnavailable => "The remote server returned an error: (503)",
            Failure::ResponseBroken => {
                "Unable to read data from the transport connection: An existing connection was \
                 forcibly closed by the remote host (10054)"
            }
            _ => "",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_failure_has_a_place_and_a_name_of_its_own() {
        let mut names = alloc::collections::BTreeSet::new();
        for (place, failure) in Failure::ALL.iter().enumerate() {
            assert_eq!(failure.index(), place);
            assert!(names.insert(failure.name()), "{}", failure.name());
        }
    }
}
