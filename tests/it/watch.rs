//! `spsim watch`: what it prints, saves and refuses. What it foresees is held against the kernel
//! by `.ci/live`.

use serde_json::Value;
use std::net::{TcpListener, TcpStream};
use std::process::{Command, Output};

fn watch(args: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_spsim"));
    command
        .arg("watch")
        .args(["--every", "100ms", "--for", "1s"]);
    command.args(args).output().expect("it starts")
}

/// So many connections to a server of this test's own.
fn open(count: usize) -> (String, TcpListener, Vec<TcpStream>) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let end = listener.local_addr().expect("bound");
    let connect = || TcpStream::connect(end).expect("it listens");
    let streams = (0..count).map(|_| connect()).collect();
    (end.to_string(), listener, streams)
}

#[test]
fn looks_are_json_and_are_saved_for_diagnose() {
    let (remote, _listener, _streams) = open(7);
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("sockets.txt");
    let file = path.to_str().expect("UTF-8");
    let output = watch(&["--json", "--save", file, "--remote", &remote]);
    assert!(output.status.success(), "{output:?}");
    let text = String::from_utf8(output.stdout).expect("UTF-8");
    let looks: Vec<Value> = text
        .lines()
        .map(|line| serde_json::from_str(line).expect("an object a line"))
        .collect();
    assert!(looks.len() > 5, "{text}");
    let last = looks.last().expect("a look");
    let keys: Vec<&String> = last.as_object().expect("an object").keys().collect();
    assert_eq!(keys, ["endpoints", "range", "seconds_left", "time_s"]);
    assert_eq!(last["seconds_left"], Value::Null);
    assert!(last["range"]["count"].as_u64() > Some(0), "{last}");
    let endpoint = &last["endpoints"][0];
    assert_eq!(endpoint["remote"], remote.as_str());
    assert_eq!(
        (&endpoint["kind"], &endpoint["ports"]),
        (&"bounded".into(), &7.into())
    );
    let mut diagnose = Command::new(env!("CARGO_BIN_EXE_spsim"));
    let found = diagnose.args(["diagnose", "--json", file]).output();
    let found: Value = serde_json::from_slice(&found.expect("it starts").stdout).expect("JSON");
    assert_eq!(found["endpoints"][0]["ports"], 7, "{found}");
    // Its own file may be replaced, another's not.
    assert!(watch(&["--quiet", "--save", file]).status.success());
    std::fs::write(&path, "mine\n").expect("written");
    let output = watch(&["--save", file]);
    assert_eq!(output.status.code(), Some(3));
    let kept = std::fs::read_to_string(&path).expect("there");
    assert_eq!(kept, "mine\n");
}

#[test]
fn a_condition_that_comes_true_ends_it() {
    let (remote, _listener, _streams) = open(3);
    let with = |condition| watch(&["--quiet", "--remote", &remote, "--fail-if", condition]);
    let output = with("ports >= 3 and ports_share < 50%");
    assert_eq!(output.status.code(), Some(4));
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(said.contains("--fail-if is true of 127.0.0.1:"), "{said}");
    assert!(with("seconds_left < 1h or ports > 3").status.success());
    assert_eq!(with("dragons > 1").status.code(), Some(2));
}
