//! The command from outside: exit codes, what goes to which stream, import.

use assert_cmd::Command;
use std::fs;

fn spsim() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_spsim"));
    command.env_remove("NO_COLOR");
    command
}

/// Exit code, stdout and stderr.
fn outcome(args: &[&str]) -> (i32, String, String) {
    outcome_of(spsim().args(args))
}

fn outcome_of(command: &mut Command) -> (i32, String, String) {
    let output = command.output().expect("it starts");
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("UTF-8");
    let code = output.status.code().expect("it exits");
    (code, text(output.stdout), text(output.stderr))
}

const SMALL_LOG: &str = "tests/data/small.iis.log";

#[test]
fn help_and_version_are_results() {
    let (code, stdout, stderr) = outcome(&["--help"]);
    assert_eq!((code, stderr.as_str()), (0, ""));
    for word in ["run", "check", "list", "import", "Exit codes:"] {
        assert!(stdout.contains(word), "{word} in {stdout}");
    }
    for command in ["run", "sweep", "calibrate", "watch", "list", "import"] {
        let (code, help, _) = outcome(&[command, "--help"]);
        assert_eq!(code, 0, "{command}");
        for line in help.lines() {
            assert!(line.chars().count() <= 100, "{command}: {line}");
        }
    }
    let (code, stdout, _) = outcome(&["--version"]);
    assert_eq!(code, 0);
    assert_eq!(stdout, format!("spsim {}\n", env!("CARGO_PKG_VERSION")));
}

#[test]
fn wrong_usage_exits_with_2_and_says_so_on_stderr() {
    for args in [
        &[][..],
        &["walk"],
        &["run"],
        &["run", "x.toml", "--sped", "1"],
        &["run", "x.toml", "--seed", "one"],
        &["run", "x.toml", "--threads", "0"],
        &["run", "x.toml", "--replications", "0"],
        &["run", "x.toml", "--format", "gif"],
        &["run", "x.toml", "--set", "machine.ports"],
        &["run", "x.toml", "--fail-if", "ports > 1"],
        &["import", "iis"],
        &["import", "iis", "x.log", "--speed-up", "0"],
        &["import", "iis", "x.log", "--speed-up", "-2"],
        &["list", "dragons"],
    ] {
        let (code, stdout, stderr) = outcome(args);
        assert_eq!(code, 2, "{args:?}: {stderr}");
        assert_eq!(stdout, "", "{args:?}");
        assert!(!stderr.is_empty(), "{args:?}");
    }
}

#[test]
fn an_unknown_built_in_scenario_is_wrong_usage_with_a_hint() {
    let (code, stdout, stderr) = outcome(&["run", "kb255112"]);
    assert_eq!((code, stdout.as_str()), (2, ""));
    assert_eq!(
        stderr,
        "error: `kb255112` is neither a file nor a built-in scenario; did you mean `kb2551125`?\n"
    );
    let (code, _, stderr) = outcome(&["check", "something-else-entirely"]);
    assert_eq!(code, 2);
    assert!(stderr.contains("`spsim list scenarios`"), "{stderr}");
}

#[test]
fn a_scenario_that_is_no_text_exits_with_3() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = |name: &str| folder.path().join(name).to_string_lossy().into_owned();
    fs::write(path("binary.toml"), b"title = \"\xff\"").expect("written");
    fs::write(path("large.toml"), vec![b'#'; (1 << 20) + 1]).expect("written");
    fs::create_dir(path("folder.toml")).expect("made");
    for (name, expected) in [
        ("missing.toml", ": no such file"),
        ("binary.toml", " is not UTF-8 text (line 1)"),
        ("large.toml", " is larger than 1 MiB"),
        ("folder.toml", " is a directory, not a scenario"),
    ] {
        let (code, stdout, stderr) = outcome(&["check", &path(name)]);
        assert_eq!((code, stdout.as_str()), (3, ""), "{name}");
        assert_eq!(stderr, format!("error: {}{expected}\n", path(name)));
    }
}

#[test]
fn problems_of_a_scenario_show_file_line_and_column() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("wrong.toml");
    fs::write(&path, "title = 1\nbad = 2\n").expect("written");
    let path = path.to_string_lossy();
    let (code, stdout, stderr) = outcome(&["run", &path, "--out", "none"]);
    assert_eq!((code, stdout.as_str()), (3, ""));
    assert!(stderr.contains("wrong.toml:"), "{stderr}");
    assert!(stderr.is_ascii(), "no terminal, no Unicode: {stderr}");
    let (_, _, stderr) = outcome(&["check", &path, "--color", "always"]);
    assert!(stderr.contains('\u{1b}'), "{stderr}");
}

#[test]
fn a_scenario_may_come_from_stdin() {
    let (code, _, stderr) = outcome_of(spsim().args(["check", "-"]).write_stdin("bad = 1\n"));
    assert_eq!(code, 3);
    assert!(stderr.contains("stdin"), "{stderr}");
}

#[test]
fn everything_built_in_is_listed() {
    let (code, all, _) = outcome(&["list"]);
    assert_eq!(code, 0);
    for topic in ["scenarios", "profiles", "ports", "servers", "strategies"] {
        assert!(all.contains(&topic.to_uppercase()), "{topic} in {all}");
        let (code, one, _) = outcome(&["list", topic]);
        assert_eq!(code, 0);
        assert!(!one.starts_with(' ') && one.lines().count() > 1, "{one}");
        let longest = one.lines().map(|line| line.chars().count()).max();
        assert!(
            longest <= Some(100),
            "{topic} has lines of {longest:?} characters"
        );
        let has_marks = one.contains("[read]");
        assert_eq!(
            has_marks,
            one.contains("[read] in the source itself"),
            "{topic}"
        );
    }
    let (_, json, _) = outcome(&["list", "ports", "--json"]);
    let json: serde_json::Value = serde_json::from_str(&json).expect("JSON");
    assert_eq!(json["ports"][0]["name"], "kb2551125");
}

#[test]
fn a_reader_that_went_away_is_no_error() {
    let mut child = std::process::Command::new(env!("CARGO_BIN_EXE_spsim"))
        .args(["list", "--quiet"])
        .stdout(std::process::Stdio::piped())
        .spawn()
        .expect("it starts");
    drop(child.stdout.take());
    assert!(child.wait().expect("it ends").success());
}

#[test]
fn an_iis_log_becomes_a_sorted_trace() {
    let (code, stdout, stderr) = outcome(&["import", "iis", SMALL_LOG]);
    assert_eq!(code, 0, "{stderr}");
    // The first line arrived at 07:59:59.5; sections without `time-taken` have no duration.
    assert_eq!(
        stdout,
        "time_s,group,duration_s,keep_alive\n\
         0.0,10.0.0.1,2.5,true\n\
         1.25,10.0.0.2,0.25,true\n\
         3.499,10.0.0.1,0.001,true\n\
         3600.5,10.0.0.3,,true\n\
         3600.5,10.0.0.3,,true\n\
         3601.5,10.0.0.3,,true\n"
    );
    for expected in [
        "small.iis.log: 6 requests, 3 lines skipped",
        "skipped line 7: 5 fields, `#Fields:` on line 4 names 6",
        "skipped line 13: `time` `25:00:00` is not HH:MM:SS",
        "skipped line 16: 1 fields, `#Fields:` on line 10 names 3",
        "note: line 10: no `date` column: the date of the last `#Date:` line is taken",
        "note: line 10: no `time-taken` column: durations are left empty",
        "note: 1 line earlier than the one before: sorted (first: line 6)",
        "note: 1 line equal to an earlier one: kept as requests (first: line 12)",
        "note: line 16: the last line has no end, it may be cut",
        "span       1h1.5s",
        "groups     3 distinct",
        "durations  min 1ms, median 250ms, p99 2.5s, max 2.5s, unknown for 3",
    ] {
        assert!(stderr.contains(expected), "{expected}\nin\n{stderr}");
    }
}

#[test]
fn groups_and_speed_are_chosen() {
    let groups = |what: &str| {
        let (code, stdout, _) = outcome(&["import", "iis", SMALL_LOG, "--group", what]);
        assert_eq!(code, 0);
        let group = |line: &str| line.split_once(',').expect("columns").1.to_owned();
        stdout.lines().skip(1).map(group).collect::<Vec<_>>()
    };
    assert_eq!(
        groups("user")[..3],
        [",2.5,true", "ann,0.25,true", "bob,0.001,true"]
    );
    assert_eq!(groups("url")[2], "\"/a,b\",0.001,true");
    assert_eq!(
        groups("url")[5],
        "/café,,true",
        "Latin-1 where it is not UTF-8"
    );
    assert_eq!(groups("none")[0], ",2.5,true");
    let (_, stdout, stderr) = outcome(&["import", "iis", SMALL_LOG, "--speed-up", "2.5"]);
    assert!(stdout.contains("\n0.5,10.0.0.2,0.25,true\n"), "{stdout}");
    assert!(
        stdout.contains("\n1.3996,10.0.0.1,0.001,true\n"),
        "{stdout}"
    );
    assert!(stderr.contains("arrivals 2.5 times as fast"), "{stderr}");
}

#[test]
fn a_log_may_come_from_stdin_and_be_gzipped() {
    use std::io::Write;
    let log = fs::read(SMALL_LOG).expect("the log");
    let mut gz = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    gz.write_all(&log).expect("memory");
    let plain = outcome(&["import", "iis", SMALL_LOG]).1;
    for input in [log, gz.finish().expect("memory")] {
        let (code, stdout, _) = outcome_of(spsim().args(["import", "iis", "-"]).write_stdin(input));
        assert_eq!((code, &stdout), (0, &plain));
    }
}

#[test]
fn what_is_no_iis_log_is_called_by_its_name() {
    let import = |text: &[u8]| {
        let input = text.to_vec();
        outcome_of(spsim().args(["import", "iis", "-"]).write_stdin(input))
    };
    for (text, expected) in [
        (
            &b""[..],
            "stdin holds no request of an IIS W3C extended log",
        ),
        (b"\"(PDH-CSV 4.0)\",\"x\"\n", "it looks like a Perfmon CSV"),
        (
            b"1.2.3.4 - - [10/Oct/2000:13:55:36 -0700] \"GET / HTTP/1.0\" 200 5\n",
            "it looks like an Apache or nginx access log",
        ),
        (b"time_s\n0\n", "it looks like a trace already"),
        (
            b"#Fields: date c-ip\n2024-01-01 1.2.3.4\n",
            "line 1: no `time` column: its lines are skipped",
        ),
        (
            b"#Fields: date time\n1970-01-01 00:00:00\n2200-01-01 00:00:00\n",
            "spans more than 10 years",
        ),
    ] {
        let (code, stdout, stderr) = import(text);
        assert_eq!((code, stdout.as_str()), (3, ""), "{stderr}");
        assert!(stderr.contains(expected), "{expected}\nin\n{stderr}");
    }
    let (code, _, stderr) = outcome(&["import", "iis", "no-such.log"]);
    assert_eq!(
        (code, stderr.as_str()),
        (3, "error: no-such.log: no such file\n")
    );
}
