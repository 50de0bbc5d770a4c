//! `spsim watch`: the sockets of this machine, looked at until stopped.

use super::diagnose::range_name;
use super::exit::Exit;
use super::interrupt::{self, INTERRUPTED};
use super::render::Shell;
use super::sockets::{self, Socket};
use super::watch_args::WatchArgs;
use crate::diagnose::live::Live;
use crate::diagnose::{Connection, Diagnosis};
use crate::output::diagnosis;
use anyhow::{Context, Result, anyhow};
use std::collections::{BTreeMap, HashMap};
use std::fs::{File, OpenOptions};
use std::io::{self, IsTerminal, Read, Write};
use std::net::SocketAddr;
use std::path::Path;
use std::sync::atomic::Ordering;
use std::thread;
use std::time::{Duration, Instant, SystemTime};

/// Processes are asked for at each so many looks: on Linux that costs more than all the rest.
const LOOKS_A_PROCESS: usize = 15;
/// How soon Ctrl-C is heard.
const LISTENS_EVERY: Duration = Duration::from_millis(50);
/// How a file begins that `--save` wrote.
const MARK: &str = "# spsim watch: ";
/// The most processes that are named for an endpoint.
const PROCESSES: usize = 3;

/// Looks, shows, saves and judges until it is stopped.
///
/// # Errors
/// The socket table cannot be read, or a result cannot be written.
pub fn watch(shell: &Shell, args: &WatchArgs) -> Result<Exit> {
    interrupt::listen();
    let (own, is_told) = sockets::port_table();
    if !is_told && args.ports.is_none() {
        shell.say("note: the system does not tell its port range: the usual one is assumed");
    }
    let table = args.ports.clone().unwrap_or(own);
    let range = format!("ports {}", range_name(table.range));
    let save = args
        .save
        .as_ref()
        .map(|path| open_save(shell, path, &range));
    let mut save = save.transpose()?;
    let redraws = io::stdout().is_terminal() && !args.json && !shell.quiet;
    let every = Duration::from_nanos(args.every.as_nanos());
    let end = args.duration.map(|it| Duration::from_nanos(it.as_nanos()));
    let (start, mut live) = (Instant::now(), Live::default());
    let mut processes = Processes::default();
    loop {
        let asks = args.pid.is_some() || live.looks().is_multiple_of(LOOKS_A_PROCESS);
        let (elapsed, now) = (start.elapsed(), SystemTime::now());
        let mut all = sockets::look(asks)?;
        if asks {
            processes.learn(&all);
        }
        all.retain(|it| is_wanted(args, it));
        if let Some(file) = &mut save {
            let text = snapshot(&all, now);
            let written = file.write_all(text.as_bytes()).and_then(|()| file.flush());
            written.context("cannot write the file of `--save`")?;
        }
        // A span of 292 years fits.
        let time_ns = elapsed.as_nanos() as i64;
        live.look(time_ns, all.iter().map(|it| it.connection).collect());
        let found = live.diagnosis(&table);
        if args.json {
            shell.print(&diagnosis::json_line(&found, elapsed.as_secs_f64()))?;
        } else if redraws {
            let text = diagnosis::text(&found, shell.terminal());
            let text = format!("\u{1b}[H\u{1b}[2J{text}{}", processes.text(&found, &all));
            shell.print(&text)?;
        } else if !shell.quiet {
            shell.print(&line(&found))?;
        }
        let failed = args.fail_if.iter().find_map(|condition| {
            let finding = condition.holds(&found)?;
            Some(format!("{}: {}", finding.remote, condition.text()))
        });
        let next = every * live.looks() as u32;
        let is_over = end.is_some_and(|end| next > end);
        if failed.is_some() || is_over || !wait(start, next) {
            if !redraws && !args.json && !shell.quiet {
                let text = diagnosis::text(&found, shell.terminal());
                shell.print(&format!("\n{text}{}", processes.text(&found, &all)))?;
            }
            return Ok(match failed {
                Some(what) => {
                    shell.error(&format!("--fail-if is true of {what}"));
                    Exit::NotHeld
                }
                None => Exit::Done,
            });
        }
    }
}

/// Waits until `next` after `start`; false if the user has stopped it before.
fn wait(start: Instant, next: Duration) -> bool {
    loop {
        if INTERRUPTED.load(Ordering::Relaxed) {
            return false;
        }
        match next.checked_sub(start.elapsed()) {
            Some(left) if !left.is_zero() => thread::sleep(left.min(LISTENS_EVERY)),
            _ => return true,
        }
    }
}

fn is_wanted(args: &WatchArgs, socket: &Socket) -> bool {
    let of_process = args.pid.is_none_or(|pid| socket.pid == Some(pid));
    let to_remote = |remote: super::watch_args::Remote| remote.is(socket.connection.remote);
    of_process && args.remote.is_none_or(to_remote)
}

/// One line a look, where nothing can be drawn again.
fn line(found: &Diagnosis) -> String {
    let worst = found.findings.iter().min_by(|a, b| {
        let left = |it: &crate::diagnose::Finding| it.outlook.left_s.unwrap_or(f64::INFINITY);
        left(a).total_cmp(&left(b))
    });
    let seconds = found.span_s;
    match worst {
        Some(worst) => {
            let ports = worst.ports();
            let (kind, growth) = (worst.kind.name(), worst.growth_per_s);
            let left = worst.outlook.left_s.map_or(String::new(), |left| {
                format!(", no port free in {left:.0} s")
            });
            let remote = &worst.remote;
            format!("{seconds:.1} s: {remote} {kind}, {ports} ports, {growth:+.2}/s{left}")
        }
        None => format!("{seconds:.1} s: no client's connection"),
    }
}

/// Which process has which connection, as far as that is known.
#[derive(Default)]
struct Processes {
    of_connection: HashMap<(SocketAddr, SocketAddr), u32>,
    names: BTreeMap<u32, String>,
}

impl Processes {
    fn learn(&mut self, all: &[Socket]) {
        self.of_connection.clear();
        for (socket, pid) in all.iter().filter_map(|it| Some((it, it.pid?))) {
            let key = key_of(&socket.connection);
            self.of_connection.insert(key, pid);
            self.names
                .entry(pid)
                .or_insert_with(|| sockets::name_of(pid).unwrap_or_default());
        }
    }

    /// Who has the connections to each endpoint in trouble or with most ports.
    fn text(&self, found: &Diagnosis, all: &[Socket]) -> String {
        let mut text = String::new();
        for finding in found.findings.iter().take(PROCESSES) {
            let mut counts: BTreeMap<u32, usize> = BTreeMap::new();
            for socket in all {
                let key = key_of(&socket.connection);
                let pid = socket.pid.or_else(|| self.of_connection.get(&key).copied());
                if let Some(pid) = pid.filter(|_| key.1.to_string() == finding.remote) {
                    *counts.entry(pid).or_default() += 1;
                }
            }
            let mut counts: Vec<(u32, usize)> = counts.into_iter().collect();
            counts.sort_by_key(|it| std::cmp::Reverse(it.1));
            let named: Vec<String> = counts
                .iter()
                .take(PROCESSES)
                .map(|(pid, count)| {
                    let name = self.names.get(pid).map_or("", String::as_str);
                    format!("{name} ({pid}) {count}").trim_start().into()
                })
                .collect();
            if !named.is_empty() {
                text += &format!("{}: {}\n", finding.remote, named.join(", "));
            }
        }
        if text.is_empty() {
            return text;
        }
        format!("\nPorts by process, as last asked:\n{text}")
    }
}

const fn key_of(connection: &Connection) -> (SocketAddr, SocketAddr) {
    (connection.local, connection.remote)
}

/// Opens the file of `--save`, if it is nobody else's. A device or a pipe is written to as it is.
fn open_save(shell: &Shell, path: &Path, range: &str) -> Result<File> {
    let cannot = || format!("cannot write `{}`", path.display());
    if path.metadata().is_ok_and(|it| it.is_file()) {
        let mut start = vec![0; MARK.len()];
        let mut file = File::open(path).with_context(cannot)?;
        if file.read_exact(&mut start).is_err() || start != MARK.as_bytes() {
            return Err(shell.wrong(&format!(
                "{}: is there already, and `spsim watch` did not write it: name a new file",
                path.display()
            )));
        }
    } else if path.is_dir() {
        return Err(anyhow!("it is a folder")).with_context(cannot);
    }
    let mut options = OpenOptions::new();
    let file = options.write(true).create(true).truncate(true).open(path);
    let mut file = file.with_context(cannot)?;
    let head = format!("{MARK}the TCP sockets of this machine, {range}\n");
    file.write_all(head.as_bytes()).with_context(cannot)?;
    Ok(file)
}

/// A snapshot in the shape of `ss -tan`, under its time.
fn snapshot(all: &[Socket], now: SystemTime) -> String {
    let since_1970 = now.duration_since(SystemTime::UNIX_EPOCH);
    let seconds = since_1970.unwrap_or_default();
    let mut text = format!("# {}.{:03}\n", seconds.as_secs(), seconds.subsec_millis());
    text += "State Recv-Q Send-Q Local Address:Port Peer Address:Port Process\n";
    for socket in all {
        let Connection {
            local,
            remote,
            state,
        } = socket.connection;
        let pid = socket
            .pid
            .map_or(String::new(), |pid| format!(" pid={pid}"));
        text += &format!("{} 0 0 {local} {remote}{pid}\n", state.name());
    }
    text
}
