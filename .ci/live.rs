//! A client that takes one more local port a request, at a known rate, and `spsim watch` beside
//! it: what was foreseen against the instant at which the kernel refuses.
//!
//! `.ci/live` builds it with `rustc` alone and starts it in a network namespace of its own:
//! `live PROGRAM leak|churn FOLDER`.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

const RATE: f64 = 50.0;
const SERVER: &str = "127.0.0.1:8080";
/// The share by which an estimate may be off.
const WITHIN: f64 = 0.05;
/// How soon the growth must be called by its name, in seconds.
const SOON: f64 = 20.0;
/// EADDRNOTAVAIL of Linux.
const NO_PORT: i32 = 99;

/// A line of `watch`, and when it came, in seconds since the first request.
type Looks = Arc<Mutex<Vec<(f64, String)>>>;

fn main() {
    let args: Vec<String> = std::env::args().collect();
    let [_, program, kind, folder] = &args[..] else {
        panic!("live PROGRAM leak|churn FOLDER");
    };
    let saved = format!("{folder}/{kind}.sockets");
    thread::spawn(serve);
    let start = Instant::now();
    let (mut watch, looks) = watch(program, &saved, start);
    // What is open stays so until the last look: closed, its ports would be seen to go.
    let (refused, kept) = load(kind == "churn", start);
    stop(&mut watch);
    drop(kept);
    println!("{kind}: the kernel refused after {refused:.2} s");

    let looks = looks.lock().expect("a list");
    let named = format!("\"kind\":\"{kind}\"");
    let called = looks.iter().find(|(_, line)| line.contains(&named));
    let called = called.expect("it is called by its name").0;
    println!("{kind}: called after {called:.1} s");
    assert!(called <= SOON, "called after {called} s");
    let nearest = |wanted: f64| {
        let far = |at: f64| (at - wanted).abs();
        let by_time = |a: &&(f64, String), b: &&(f64, String)| far(a.0).total_cmp(&far(b.0));
        looks.iter().min_by(by_time).expect("a look")
    };
    let (_, line) = nearest(SOON);
    check("growth", number(line, "\"growth_per_s\":"), RATE);
    let (at, line) = nearest(refused / 2.0);
    let foreseen = at + number(line, "\"seconds_left\":");
    check("forecast at half time", foreseen, refused);

    let scenario = format!("{folder}/{kind}.toml");
    run(program, &["diagnose", &saved, "--scenario", &scenario]);
    let result = run(
        program,
        &["run", &scenario, "--strategy", "as observed", "--out", "none", "--json"],
    );
    let simulated = number(&result, "\"exhausted_at_s\":");
    check("the scenario of `diagnose`, run", simulated, refused);
}

fn check(what: &str, found: f64, expected: f64) {
    println!("  {what}: {found:.2}, expected {expected:.2}");
    let off = (found / expected - 1.0).abs();
    assert!(off <= WITHIN, "{what}: {found} is not within 5 % of {expected}");
}

/// The number behind a key of JSON.
fn number(json: &str, key: &str) -> f64 {
    let at = json.find(key).unwrap_or_else(|| panic!("no {key} in {json}"));
    let rest = json[at + key.len()..].trim_start();
    let end = rest.find(|c: char| !matches!(c, '0'..='9' | '.' | '-' | 'e'));
    let text = &rest[..end.unwrap_or(rest.len())];
    text.parse().unwrap_or_else(|_| panic!("no number behind {key} in {json}"))
}

fn run(program: &str, args: &[&str]) -> String {
    let output = Command::new(program).args(args).output().expect("it starts");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{args:?}: {said}");
    String::from_utf8_lossy(&output.stdout).into_owned()
}

fn watch(program: &str, saved: &str, start: Instant) -> (Child, Looks) {
    let mut child = Command::new(program)
        .args(["watch", "--json", "--every", "1s", "--save", saved])
        .stdout(Stdio::piped())
        .spawn()
        .expect("watch starts");
    let lines = BufReader::new(child.stdout.take().expect("a pipe")).lines();
    let looks = Looks::default();
    let into = Arc::clone(&looks);
    thread::spawn(move || {
        for line in lines.map_while(Result::ok) {
            let at = start.elapsed().as_secs_f64();
            into.lock().expect("a list").push((at, line));
        }
    });
    (child, looks)
}

/// As Ctrl-C does: `watch` then ends with 0.
fn stop(watch: &mut Child) {
    let pid = watch.id().to_string();
    let killed = Command::new("kill").args(["-INT", &pid]).status();
    assert!(killed.expect("kill starts").success());
    let status = watch.wait().expect("it ends");
    assert!(status.success(), "watch that is stopped exits with 0: {status}");
}

/// Answers every request and never closes first.
fn serve() {
    let listener = TcpListener::bind(SERVER).expect("the server's port is free");
    for stream in listener.incoming() {
        let mut stream = stream.expect("a connection");
        thread::Builder::new()
            .stack_size(1 << 16)
            .spawn(move || {
                let mut request = [0; 256];
                while matches!(stream.read(&mut request), Ok(1..)) {
                    if stream.write_all(b"HTTP/1.1 204 No Content\r\n\r\n").is_err() {
                        return;
                    }
                }
            })
            .expect("a thread");
    }
}

/// One connection a request until the kernel has no port: seconds since the first, and the
/// connections that are open.
fn load(closes: bool, start: Instant) -> (f64, Vec<TcpStream>) {
    let mut kept = Vec::new();
    for number in 0_u32.. {
        let due = Duration::from_secs_f64(f64::from(number) / RATE);
        thread::sleep(due.saturating_sub(start.elapsed()));
        match TcpStream::connect(SERVER) {
            Ok(mut stream) => {
                let request = b"GET / HTTP/1.1\r\nHost: live\r\n\r\n";
                stream.write_all(request).expect("sent");
                let read = stream.read(&mut [0; 256]).expect("answered");
                assert!(read > 0, "an answer");
                if !closes {
                    kept.push(stream);
                }
            }
            Err(error) if error.raw_os_error() == Some(NO_PORT) => {
                return (start.elapsed().as_secs_f64(), kept);
            }
            // The server's thread may not listen yet.
            Err(_) if number == 0 => thread::sleep(Duration::from_millis(10)),
            Err(error) => panic!("request {number}: {error}"),
        }
    }
    unreachable!("ports end before numbers do")
}
