//! The TCP sockets of this machine and the range of its local ports, as the system tells them.
//! Nothing is opened and nothing is changed.

use super::diagnose::range_name;
use super::diagnose_args::table_of;
use crate::diagnose::{Connection, LocalPorts, State};
use crate::model::settings::PortRange;
use crate::profiles::ports;
use anyhow::{Context, Result};
use std::net::SocketAddr;

/// A socket and the process that has it, where that is known.
#[derive(Clone, Copy, Debug)]
pub struct Socket {
    /// Its ends and its state.
    pub connection: Connection,
    /// The process.
    pub pid: Option<u32>,
}

/// All TCP sockets; processes only where they are asked for or cost nothing.
///
/// # Errors
/// The system does not tell them.
pub fn look(with_processes: bool) -> Result<Vec<Socket>> {
    system::look(with_processes).context("cannot read the socket table")
}

/// Of two forms of one address, the plain one.
fn plain(end: SocketAddr) -> SocketAddr {
    SocketAddr::new(end.ip().to_canonical(), end.port())
}

#[cfg(target_os = "linux")]
mod system {
    use super::{Connection, Result, Socket, State, plain};
    use procfs::ProcError;
    use procfs::net::{self, TcpState};
    use procfs::process::{self, FDTarget};
    use std::collections::{BTreeMap, BTreeSet};

    pub(super) fn look(with_processes: bool) -> Result<Vec<Socket>> {
        let owners = if with_processes {
            owners()?
        } else {
            BTreeMap::new()
        };
        let mut entries = net::tcp()?;
        match net::tcp6() {
            Ok(more) => entries.extend(more),
            // A system without IPv6.
            Err(ProcError::NotFound(_)) => {}
            Err(error) => return Err(error.into()),
        }
        let socket = |entry: net::TcpNetEntry| Socket {
            connection: Connection {
                local: plain(entry.local_address),
                remote: plain(entry.remote_address),
                state: state_of(&entry.state),
            },
            pid: owners.get(&entry.inode).copied(),
        };
        Ok(each_once(entries.into_iter().map(socket)))
    }

    /// The kernel tells its table a page at a time: what moves in it meanwhile may be told again.
    /// Those that listen may share an address.
    pub(super) fn each_once(told: impl Iterator<Item = Socket>) -> Vec<Socket> {
        let mut seen = BTreeSet::new();
        let is_new = |&Socket { connection, .. }: &Socket| {
            let Connection {
                local,
                remote,
                state,
            } = connection;
            state == State::Listen || seen.insert((local, remote))
        };
        told.filter(is_new).collect()
    }

    /// The first process that has each socket, by the socket's inode. What other users' processes
    /// have is not told, and one may end while it is looked at.
    fn owners() -> Result<BTreeMap<u64, u32>> {
        let mut owners = BTreeMap::new();
        for process in process::all_processes()?.flatten() {
            let Ok(files) = process.fd() else { continue };
            // The kernel's numbers of processes are positive.
            let pid = process.pid().unsigned_abs();
            for file in files.flatten() {
                if let FDTarget::Socket(inode) = file.target {
                    let first = owners.entry(inode).or_insert(pid);
                    *first = pid.min(*first);
                }
            }
        }
        Ok(owners)
    }

    fn state_of(state: &TcpState) -> State {
        match state {
            TcpState::Listen => State::Listen,
            TcpState::SynSent => State::SynSent,
            TcpState::SynRecv | TcpState::NewSynRecv => State::SynReceived,
            TcpState::Established => State::Established,
            TcpState::FinWait1 => State::FinWait1,
            TcpState::FinWait2 => State::FinWait2,
            TcpState::CloseWait => State::CloseWait,
            TcpState::Closing => State::Closing,
            TcpState::LastAck => State::LastAck,
            TcpState::TimeWait => State::TimeWait,
            TcpState::Close => State::Closed,
        }
    }
}

#[cfg(not(target_os = "linux"))]
mod system {
    use super::{Connection, Result, Socket, State, plain};
    use netstat2::{AddressFamilyFlags, ProtocolFlags, ProtocolSocketInfo, SocketInfo, TcpState};
    use std::net::SocketAddr;

    /// Here the table itself names the process.
    pub(super) fn look(_with_processes: bool) -> Result<Vec<Socket>> {
        let families = AddressFamilyFlags::IPV4 | AddressFamilyFlags::IPV6;
        let mut sockets = Vec::new();
        for socket in netstat2::iterate_sockets_info(families, ProtocolFlags::TCP)? {
            sockets.extend(socket_of(&socket?));
        }
        Ok(sockets)
    }

    fn socket_of(socket: &SocketInfo) -> Option<Socket> {
        let ProtocolSocketInfo::Tcp(tcp) = &socket.protocol_socket_info else {
            return None;
        };
        let state = match tcp.state {
            TcpState::Listen => State::Listen,
            TcpState::SynSent => State::SynSent,
            TcpState::SynReceived => State::SynReceived,
            TcpState::Established => State::Established,
            TcpState::FinWait1 => State::FinWait1,
            TcpState::FinWait2 => State::FinWait2,
            TcpState::CloseWait => State::CloseWait,
            TcpState::Closing => State::Closing,
            TcpState::LastAck => State::LastAck,
            TcpState::TimeWait => State::TimeWait,
            TcpState::Closed | TcpState::DeleteTcb | TcpState::Unknown => State::Closed,
        };
        // Windows gives sockets that no process has any more to the one of number 0.
        let pid = socket.associated_pids.first().copied();
        Some(Socket {
            connection: Connection {
                local: plain(SocketAddr::new(tcp.local_addr, tcp.local_port)),
                remote: plain(SocketAddr::new(tcp.remote_addr, tcp.remote_port)),
                state,
            },
            pid: pid.filter(|it| *it != 0),
        })
    }
}

/// What a process is called, where that is told.
pub fn name_of(pid: u32) -> Option<String> {
    let name = std::fs::read_to_string(format!("/proc/{pid}/comm")).ok()?;
    let name: String = name.trim().chars().filter(|c| !c.is_control()).collect();
    (!name.is_empty()).then_some(name)
}

/// The range from which this machine takes local ports; the system's usual one where it does not
/// tell, and then `false`.
pub fn port_table() -> (LocalPorts, bool) {
    let preset = if cfg!(windows) {
        "windows"
    } else if cfg!(target_os = "macos") {
        "macos"
    } else {
        "linux"
    };
    // A test of the command uses the one of its system.
    let usual = table_of(ports::find(preset).unwrap_or(&ports::ALL[0]));
    let Some(range) = range() else {
        return (usual, false);
    };
    let table = if range == usual.range {
        usual
    } else {
        LocalPorts {
            name: range_name(range),
            range,
            ..usual
        }
    };
    (table, true)
}

#[cfg(target_os = "linux")]
fn range() -> Option<PortRange> {
    let text = std::fs::read_to_string("/proc/sys/net/ipv4/ip_local_port_range").ok()?;
    first_and_last(&text)
}

#[cfg(target_os = "macos")]
fn range() -> Option<PortRange> {
    let keys = ["net.inet.ip.portrange.first", "net.inet.ip.portrange.last"];
    first_and_last(&output_of("sysctl", &[&["-n"], &keys[..]].concat())?)
}

#[cfg(windows)]
fn range() -> Option<PortRange> {
    let text = output_of("netsh", &["int", "ipv4", "show", "dynamicport", "tcp"])?;
    // In every language: the first port, then how many.
    match numbers(&text)[..] {
        [.., first, count] => Some(PortRange {
            first: u16::try_from(first).ok()?,
            count,
        }),
        _ => None,
    }
}

#[cfg(not(any(target_os = "linux", target_os = "macos", windows)))]
fn range() -> Option<PortRange> {
    None
}

#[cfg(any(target_os = "macos", windows))]
fn output_of(program: &str, args: &[&str]) -> Option<String> {
    let output = std::process::Command::new(program).args(args).output();
    let output = output.ok().filter(|it| it.status.success())?;
    Some(String::from_utf8_lossy(&output.stdout).into_owned())
}

#[cfg(not(windows))]
#[allow(dead_code, reason = "systems that tell no range")]
fn first_and_last(text: &str) -> Option<PortRange> {
    let [first, last] = numbers(text)[..] else {
        return None;
    };
    let count = last.checked_sub(first)? + 1;
    let first = u16::try_from(first).ok()?;
    Some(PortRange { first, count })
}

fn numbers(text: &str) -> Vec<u32> {
    let words = text.split(|c: char| !c.is_ascii_digit());
    words.filter_map(|word| word.parse().ok()).collect()
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    #[test]
    fn what_is_told_again_is_there_once() {
        let socket = |local: &str, remote: &str, state, pid| Socket {
            connection: Connection {
                local: local.parse().expect("an address"),
                remote: remote.parse().expect("an address"),
                state,
            },
            pid: Some(pid),
        };
        let open = socket("10.0.0.1:40000", "10.0.0.2:80", State::Established, 1);
        let told = [
            open,
            socket("10.0.0.1:40000", "10.0.0.2:80", State::TimeWait, 1),
            // Both ends of a connection of this machine to itself.
            socket("10.0.0.2:80", "10.0.0.1:40000", State::Established, 2),
            socket("0.0.0.0:80", "0.0.0.0:0", State::Listen, 2),
            socket("0.0.0.0:80", "0.0.0.0:0", State::Listen, 3),
        ];
        let once = system::each_once(told.into_iter());
        let [first, _, listening @ ..] = &once[..] else {
            panic!("{once:?}");
        };
        assert_eq!(
            first.connection.state,
            State::Established,
            "what came first"
        );
        assert_eq!(
            listening.iter().filter_map(|it| it.pid).collect::<Vec<_>>(),
            [2, 3]
        );
        assert_eq!(once.len(), 4);
    }
}
