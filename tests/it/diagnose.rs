//! `spsim diagnose` on every format: measured snapshots, made ones, bad ones.

use assert_cmd::Command;
use serde_json::Value;
use std::fmt::Write as _;
use std::io::Write as _;

/// Exit code, stdout and stderr.
fn diagnose(args: &[&str], input: impl Into<Vec<u8>>) -> (i32, String, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_spsim"));
    command.env_remove("NO_COLOR").arg("diagnose").args(args);
    let output = command.write_stdin(input).output().expect("it starts");
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("UTF-8");
    let code = output.status.code().expect("it exits");
    (code, text(output.stdout), text(output.stderr))
}

/// The endpoints that `--json` prints.
#[track_caller]
fn endpoints(args: &[&str], input: impl Into<Vec<u8>>) -> Vec<Value> {
    let (code, stdout, stderr) = diagnose(&[args, &["--json"]].concat(), input);
    assert_eq!(code, 0, "{stderr}");
    let document: Value = serde_json::from_str(&stdout).expect("JSON");
    document["endpoints"].as_array().expect("an array").clone()
}

/// Kind, growth and ports of the only endpoint.
#[track_caller]
fn only(args: &[&str], input: impl Into<Vec<u8>>) -> (String, f64, u64) {
    let all = endpoints(args, input);
    assert_eq!(all.len(), 1, "{all:?}");
    let text = all[0]["kind"].as_str().expect("a kind").to_owned();
    let growth = all[0]["growth_per_s"].as_f64().expect("a number");
    (text, growth, all[0]["ports"].as_u64().expect("a count"))
}

#[track_caller]
fn refused(args: &[&str], input: impl Into<Vec<u8>>, code: i32) -> String {
    let (found, stdout, stderr) = diagnose(args, input);
    assert_eq!((found, stdout.as_str()), (code, ""), "{stderr}");
    stderr
}

#[test]
fn the_measured_snapshots_are_told_apart() {
    let leak = &endpoints(&["tests/data/ss-leak-20-per-s.txt"], "")[0];
    assert_eq!(leak["kind"], "leak");
    let growth = leak["growth_per_s"].as_f64().expect("a number");
    assert!((growth - 20.0).abs() < 0.05 * 20.0, "{growth}");
    let (low, high) = (
        leak["lo"].as_f64().expect("low"),
        leak["hi"].as_f64().expect("high"),
    );
    assert!(low <= 20.0 && 20.0 <= high, "{low} to {high}");
    assert_eq!(leak["remote"], "127.0.0.1:8080");
    // 960 rows at the end: both ends of 480 connections.
    assert_eq!(leak["ports"], 480);
    assert_eq!(leak["states"], serde_json::json!({ "ESTABLISHED": 480 }));
    assert_eq!(leak.as_object().expect("an object").len(), 7);

    let (kind, growth, ports) = only(&["tests/data/ss-churn-20-per-s.txt"], "");
    assert_eq!((kind.as_str(), ports), ("churn", 468));
    assert!((growth - 20.0).abs() < 0.05 * 20.0, "{growth}");
    let (kind, growth, ports) = only(&["tests/data/ss-bounded-12-groups.txt"], "");
    assert_eq!((kind.as_str(), growth, ports), ("bounded", 0.0, 12));
}

#[test]
fn the_text_says_what_to_do() {
    let (code, text, stderr) = diagnose(&["tests/data/ss-leak-20-per-s.txt"], "");
    assert_eq!((code, stderr.as_str()), (0, "note: 6,232 rows read\n"));
    for expected in [
        "12 snapshots over 22.1 s: 1 remote endpoint",
        "ESTABLISHED  ▁▂▂▃▄▄▅▆▆▇██ 38 → 480",
        "Leak: 20.0 connections a second stay open.",
        "At this rate no port is free in 23 min 9 s (28,232 ports for this endpoint).",
        "Judged against 28,232 ports (linux)",
    ] {
        assert!(text.contains(expected), "{expected}\nin\n{text}");
    }
    let args = ["tests/data/ss-leak-20-per-s.txt", "--ports", "windows-2003"];
    let text = diagnose(&args, "").1;
    assert!(
        text.contains("in 2 min 55 s (3,976 ports for all endpoints)"),
        "{text}"
    );
    assert_eq!(
        diagnose(&[&args[..], &["--quiet"]].concat(), ""),
        (0, String::new(), String::new())
    );
}

#[test]
fn the_scenario_reproduces_what_was_seen() {
    let folder = tempfile::tempdir().expect("a folder");
    for (name, rate) in [
        ("leak-20-per-s", 20.0),
        ("churn-20-per-s", 20.0),
        ("bounded-12-groups", 0.0),
    ] {
        let path = folder.path().join(format!("{name}.toml"));
        let path = path.to_str().expect("UTF-8");
        let data = format!("tests/data/ss-{name}.txt");
        let (code, printed, _) = diagnose(&[&data, "--scenario", "-"], "");
        assert_eq!(code, 0);
        let (code, _, stderr) = diagnose(&[&data, "--scenario", path], "");
        assert_eq!(code, 0, "{stderr}");
        assert_eq!(std::fs::read_to_string(path).expect("written"), printed);
        if rate > 0.0 {
            let found = printed
                .split("rate = ")
                .nth(1)
                .and_then(|it| it.split(' ').next());
            let found: f64 = found.expect("a rate").parse().expect("a number");
            assert!((found - rate).abs() < 0.05 * rate, "{found}");
        }
        let mut command = Command::new(env!("CARGO_BIN_EXE_spsim"));
        let command = command.args(["run", path, "--out", "none", "--strategy", "as observed"]);
        // The first 20 s are enough to see it start.
        let output = command
            .args(["--set", "duration=\"20s\"", "--json"])
            .output()
            .expect("starts");
        assert!(
            output.status.success(),
            "{}",
            String::from_utf8_lossy(&output.stderr)
        );
        let summary: Value = serde_json::from_slice(&output.stdout).expect("JSON");
        let peak = summary["strategies"][0]["ports"]["peak"]
            .as_f64()
            .expect("a peak");
        let expected = if rate > 0.0 { 300.0..500.0 } else { 10.0..13.0 };
        assert!(expected.contains(&peak), "{name}: {peak}");
    }
}

/// Twelve snapshots, 5 s apart, of `netstat` on Windows with ten new connections each.
fn windows_netstat(stamp: impl Fn(u32) -> String) -> String {
    let mut text = String::new();
    for number in 0..12 {
        text += &stamp(number);
        text += "\r\nActive Connections\r\n\r\n  Proto  Local Address          \
                 Foreign Address        State           PID\r\n";
        text += "  TCP    0.0.0.0:135            0.0.0.0:0              LISTENING       900\r\n";
        text += "  TCP    10.0.0.5:3389          10.9.9.9:51000         ESTABLISHED     1044\r\n";
        text += "  TCP    [::]:445               [::]:0                 LISTENING       4\r\n";
        text += "  TCP    0.0.0.0:3389           0.0.0.0:0              LISTENING       1044\r\n";
        for port in 0..=10 * number {
            let _ = write!(
                text,
                "  TCP    10.0.0.5:{}         10.1.1.1:443           ESTABLISHED     4711\r\n",
                50_000 + port
            );
        }
        text += "  UDP    0.0.0.0:123            *:*                                    \
                 1200\r\n [svchost.exe]\r\n";
    }
    text
}

#[test]
fn windows_netstat_leaks_at_two_a_second() {
    let stamps: [&dyn Fn(u32) -> String; 4] = [
        &|n| format!("Sun 11/22/2026  7:20:{:02}.51\r\n", 2 + 5 * n),
        &|n| format!("22.11.2026  7:20:{:02},51\r\n", 2 + 5 * n),
        &|n| format!("# 2026-11-22T07:20:{:02}.5Z\n", 2 + 5 * n),
        &|n| format!("23:59:{:02}\n", 2 + 5 * n),
    ];
    for stamp in stamps {
        let (kind, growth, ports) = only(&["-"], windows_netstat(stamp));
        assert_eq!((kind.as_str(), ports), ("leak", 111));
        assert!((growth - 2.0).abs() < 1e-9, "{growth}");
    }
    let plain = windows_netstat(|_| String::new());
    assert_eq!(only(&["-", "--every", "5s"], plain.clone()).0, "leak");
    assert_eq!(
        refused(&["-"], plain, 2),
        "error: stdin line 4: the snapshot has no time: say how far apart they are, as in \
         `--every 2s`\n"
    );
    let text = windows_netstat(|n| format!("07:20:{:02}\n", 5 * n));
    let (_, text, stderr) = diagnose(&["-"], text);
    assert!(text.contains("16,384 ports (windows)"), "{text}");
    assert!(
        stderr.contains("note: stdin: 12 lines of other text"),
        "{stderr}"
    );
}

#[test]
fn powershell_redirects_in_utf_16() {
    let text = windows_netstat(|n| format!("# 2026-11-22T07:20:{:02}Z\n", 5 * n));
    let units = std::iter::once(0xfeff).chain(text.encode_utf16());
    let bytes: Vec<u8> = units.flat_map(u16::to_le_bytes).collect();
    assert_eq!(only(&["-"], bytes).0, "leak");
}

#[test]
fn linux_netstat_without_listening_rows_drops_the_server_side() {
    let mut text = String::new();
    for number in 0..8 {
        let _ = writeln!(text, "Sun Nov 22 07:20:{:02} UTC 2026", 10 + 2 * number);
        text += "Active Internet connections (w/o servers)\n\
                 Proto Recv-Q Send-Q Local Address           Foreign Address         State\n";
        for port in 0..40 {
            let held = 40_000 + 40 * number + port;
            let _ = writeln!(
                text,
                "tcp        0      0 127.0.0.1:{held}   127.0.0.1:8080  TIME_WAIT"
            );
        }
        let _ = writeln!(
            text,
            "tcp        0      0 127.0.0.1:8080   127.0.0.1:{}  ESTABLISHED",
            39_000 + number
        );
        let _ = writeln!(
            text,
            "tcp        0      0 127.0.0.1:{}   127.0.0.1:8080  ESTABLISHED",
            39_000 + number
        );
        text += "Active UNIX domain sockets (w/o servers)\n\
                 Proto RefCnt Flags       Type       State         I-Node   Path\n\
                 unix  2      [ ]         DGRAM                    12345    /run/x\n";
    }
    // 40 held ports, all of them new each time: a churn whose level is reached.
    let (kind, growth, ports) = only(&["-"], text);
    assert_eq!((kind.as_str(), ports), ("churn", 41));
    assert!(growth.abs() < 1e-9, "{growth}");
}

#[test]
fn connections_as_csv_are_read_with_or_without_times() {
    let header = "\"LocalAddress\",\"LocalPort\",\"RemoteAddress\",\"RemotePort\",\
                  \"State\",\"OwningProcess\"";
    let rows = |number: u32| {
        let mut text = String::from("\"0.0.0.0\",\"80\",\"0.0.0.0\",\"0\",\"Listen\",\"4\"\n");
        for port in 0..5 + 5 * number {
            let port = 50_000 + port;
            let _ = writeln!(
                text,
                "\"10.0.0.5\",\"{port}\",\"10.1.1.1\",\"80\",\"CloseWait\",\"7\""
            );
            let _ = writeln!(
                text,
                "\"0.0.0.0\",\"{port}\",\"0.0.0.0\",\"0\",\"Bound\",\"7\""
            );
        }
        text
    };
    let snapshot = |number| format!("#TYPE X\n{header}\n{}", rows(number));
    let concatenated = [0, 1, 2, 3, 4, 5].map(snapshot).concat();
    let (kind, growth, ports) = only(&["-", "--every", "1s"], concatenated);
    assert_eq!((kind.as_str(), growth, ports), ("close-wait", 5.0, 30));

    let mut timed = format!("Time;{}\n", header.replace("\",\"", "\";\""));
    for number in 0..6 {
        for row in rows(number).lines() {
            let row = row.replace("\",\"", "\";\"");
            let _ = writeln!(timed, "22.11.2026 07:20:{:02};{row}", 10 + number);
        }
    }
    assert_eq!(only(&["-"], timed), ("close-wait".into(), 5.0, 30));
}

#[test]
fn perfmon_counters_tell_leak_churn_and_bounded() {
    let log = |established: fn(u32) -> u32, active: fn(u32) -> u32| {
        let mut text = String::from(
            "\"(PDH-CSV 4.0) (W. Europe Standard Time)(-60)\",\
             \"\\\\WEB1\\TCPv4\\Connections Established\",\"\\\\WEB1\\TCPv4\\Connections Active\",\
             \"\\\\WEB1\\TCPv6\\Connections Established\"\n",
        );
        for number in 0..15 {
            let (now, all) = (established(number), active(number));
            let _ = writeln!(
                text,
                "\"11/22/2026 07:{:02}:{:02}.511\",\"{now}\",\"{all}\",\"0\"",
                20 + number / 4,
                15 * (number % 4)
            );
        }
        text
    };
    let (kind, growth, _) = only(&["-"], log(|n| 30 + 150 * n, |n| 900 + 150 * n));
    assert_eq!((kind.as_str(), growth), ("leak", 10.0));
    let churn = only(&["-"], log(|n| 8 + n % 3, |n| 900 + 300 * n));
    assert_eq!(churn.0, "churn");
    let bounded = only(&["-"], log(|n| 30 + n % 2, |n| 900 + n));
    assert_eq!(bounded.0, "bounded");
    let all = endpoints(&["-"], log(|_| 30, |_| 1));
    assert_eq!(all[0]["remote"], "TCPv4");
}

#[test]
fn one_file_per_snapshot_is_taken_in_the_order_of_names() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut paths = Vec::new();
    for number in (1..=11).rev() {
        let mut text =
            String::from("State Recv-Q Send-Q Local Address:Port Peer Address:Port Process\n");
        for port in 0..10 * number {
            let _ = writeln!(
                text,
                "ESTAB 0 0 [::ffff:10.0.0.5]:{} 10.1.1.1:443 users:((\"w3wp\",pid=1,fd=3))",
                40_000 + port
            );
        }
        let path = folder.path().join(format!("snap-{number}.txt"));
        std::fs::write(&path, text).expect("written");
        paths.push(path.to_string_lossy().into_owned());
    }
    let mut args: Vec<&str> = paths.iter().map(String::as_str).collect();
    args.extend(["--every", "2s"]);
    assert_eq!(only(&args, ""), ("leak".into(), 5.0, 110));
}

/// `ss` with a time before each of the snapshots, whose rows are given.
fn ss(snapshots: &[(&str, &str)]) -> String {
    let with_header = |(time, rows): &(&str, &str)| {
        let header = "State Recv-Q Send-Q Local Address:Port Peer Address:Port";
        format!("# 2026-11-22T07:20:{time}Z\n{header}\n{rows}")
    };
    let texts: Vec<String> = snapshots.iter().map(with_header).collect();
    texts.concat()
}

#[test]
fn bad_rows_are_counted_and_named() {
    let good = "ESTAB 0 0 10.0.0.5:40000 10.1.1.1:80\n";
    let text = ss(&[
        ("06", good),
        (
            "02",
            &format!(
                "{good}{good}ESTAB 0 0 10.0.0.5:40001 web:http\nBUSY 0 0 1.1.1.1:1 1.1.1.1:2\n"
            ),
        ),
        ("04", &format!("{good}ESTAB 0 0 10.0.0.5:4\u{fffd}\n")),
        ("04", good),
        ("08", "ESTAB 0 0 10.0.0.5:40000 10.1.1.1:80\nESTAB 0 0 10.0"),
    ]);
    let (code, _, stderr) = diagnose(&["-"], text);
    assert_eq!(code, 0, "{stderr}");
    for expected in [
        "4 rows skipped",
        "skipped stdin line 8: `web:http` is not an address and port: names are not read, add `-n`",
        "skipped stdin line 9: `BUSY` is not a state of TCP",
        "skipped stdin line 13: the row is cut off",
        "note: 3 snapshots earlier than the one before: sorted (first: stdin line 4)",
        "note: 1 snapshot at the same time as another: left out (first: stdin line 14)",
        "note: 1 row there twice in one snapshot: counted once",
        "note: stdin line 17: the last snapshot is cut off: left out",
    ] {
        assert!(stderr.contains(expected), "{expected}\nin\n{stderr}");
    }
}

#[test]
fn what_cannot_be_diagnosed_says_why() {
    let one = ss(&[("02", "ESTAB 0 0 10.0.0.5:40000 10.1.1.1:80\n")]);
    let said = refused(&["-"], one, 3);
    assert!(
        said.starts_with("error: one snapshot shows no growth: take at least two"),
        "{said}"
    );
    let wrong = "stdin holds no snapshot of `ss -tan`, `netstat -an`, \
                 `Get-NetTCPConnection` or Perfmon\n  ";
    for (text, expected) in [
        ("", "it is empty"),
        ("hello\n", "it begins with `hello`"),
        (
            "#Software: Microsoft IIS\n#Fields: date\n",
            "it looks like an IIS W3C extended log: use `spsim import iis`",
        ),
        (
            "1.1.1.1 - - [22/Nov/2026:07:20:43 +0000] \"GET /\" 200 1\n",
            "it looks like an Apache or nginx access log: use `spsim import apache` or `nginx`",
        ),
        (
            "time_s,group\n0,a\n",
            "it looks like a trace already: name it in `arrivals = { trace = … }`",
        ),
    ] {
        assert_eq!(
            refused(&["-"], text, 3),
            format!("error: {wrong}{expected}\n")
        );
    }
    let said = refused(&["no-such.txt"], "", 3);
    assert_eq!(said, "error: no-such.txt: no such file\n");
    let said = refused(
        &["-"],
        "\"(PDH-CSV 4.0)\",\"\\\\H\\Memory\\Bytes\"\n\"11/22/2026 07:20:00\",\"1\"\n",
        3,
    );
    assert!(
        said.contains("no column `\\TCPv4\\Connections Established`"),
        "{said}"
    );
    let leak = "tests/data/ss-leak-20-per-s.txt";
    let said = refused(&[leak, "--scenario", "-", "--remote", "10.0.0.1:1"], "", 3);
    assert_eq!(
        said,
        "note: 6,232 rows read\nerror: `10.0.0.1:1` is not among the remote endpoints\n"
    );
    for args in [
        &[][..],
        &[leak, "--every", "2"],
        &[leak, "--every", "0s"],
        &[leak, "--ports", "dragons"],
        &[leak, "--ports", "0"],
        &[leak, "--ports", "5000-1025"],
        &[leak, "--remote", "10.0.0.1:1"],
    ] {
        assert_eq!(diagnose(args, "").0, 2, "{args:?}");
    }
}

#[test]
fn gzip_is_read_and_a_bomb_stops_at_the_bound() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("snapshots.gz");
    let pack = |bytes: &[u8], times: usize| {
        let mut gz = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        gz.write_all(bytes).expect("memory");
        let member = gz.finish().expect("memory");
        std::fs::write(&path, member.repeat(times)).expect("written");
    };
    let text = std::fs::read("tests/data/ss-leak-20-per-s.txt").expect("the snapshots");
    let name = path.to_str().expect("UTF-8");
    pack(&text, 1);
    assert_eq!(only(&[name], "").0, "leak");
    // A little more than 1 GiB in one line without end.
    pack(&vec![b' '; 1 << 24], 65);
    assert!(
        std::fs::metadata(&path).expect("there").len() < 1 << 23,
        "it is small"
    );
    let said = refused(&[name], "", 3);
    assert_eq!(said, format!("error: {name} is larger than 1 GiB\n"));
}

/// A leak of 8 connections a second, 12 snapshots 5 s apart; `row` writes one connection.
fn leak(stamp: impl Fn(u32) -> String, header: &str, row: impl Fn(u32) -> String) -> String {
    let mut text = String::new();
    for number in 0..12 {
        text += &stamp(number * 5);
        text += header;
        for port in 0..number * 40 {
            text += &row(49_200 + port);
        }
    }
    text
}

#[track_caller]
fn check_leak(what: &str, text: &str) {
    let (kind, growth, _) = only(&["-"], text);
    assert_eq!((kind.as_str(), growth), ("leak", 8.0), "{what}");
}

#[test]
fn stamps_of_other_places_and_formats_stand_before_any_snapshot() {
    let clock = |seconds: u32| format!("07:{:02}:{:02}", 20 + seconds / 60, seconds % 60);
    let ss_header = "State Recv-Q Send-Q Local Address:Port Peer Address:Port\n";
    let ss = |port: u32| format!("ESTAB 0 0 10.0.0.5:{port} 10.0.0.9:443\n");
    let iso = |seconds: u32| format!("# 2026-11-22T{}Z\n", clock(seconds));
    check_leak(
        "scoped",
        &leak(iso, ss_header, |port| {
            format!("ESTAB 0 0 [fe80::5]%eth0:{port} [fe80::9]%eth0:443\n")
        }),
    );
    let german = |seconds| format!("So 22. Nov {} CET 2026\n", clock(seconds));
    check_leak("a German date", &leak(german, ss_header, ss));
    let watch = |seconds| {
        format!(
            "Every 5.0s: ss -tan       web1: Sun Nov 22 {} 2026\n\n",
            clock(seconds)
        )
    };
    check_leak("watch", &leak(watch, ss_header, ss));
    let columns = "\"State\",\"LocalAddress\",\"LocalPort\",\"RemoteAddress\",\"RemotePort\"\n";
    let csv = |port| format!("\"Established\",\"10.0.0.5\",\"{port}\",\"10.0.0.9\",\"443\"\n");
    check_leak("Export-Csv behind a stamp", &leak(iso, columns, csv));
    check_leak(
        "with its type",
        &leak(iso, &format!("#TYPE X\n{columns}"), csv),
    );
    let french = "\nConnexions actives\n\n  Proto  Adresse locale  Adresse distante  État  PID\n";
    check_leak(
        "French Windows",
        &leak(iso, french, |port| {
            format!("  TCP    10.0.0.5:{port}    10.0.0.9:443    ESTABLISHED     4321\n")
        }),
    );
}

#[test]
fn perfmon_in_german_counts_the_same() {
    let mut text = String::from(
        "\"(PDH-CSV 4.0)\",\"\\\\H\\TCPv4\\Hergestellte Verbindungen\",\
         \"\\\\H\\TCPv4\\Aktive Verbindungen\",\"\\\\H\\TCPv4\\Passive Verbindungen\"\n",
    );
    for number in 0..12 {
        let established = 50 + 40 * number;
        let second = number * 5;
        let row =
            format!("\"11/22/2026 07:20:{second:02}\",\"{established}\",\"{established}\",\"3\"\n");
        text += &row;
    }
    let (kind, growth, _) = only(&["-"], text);
    assert_eq!((kind.as_str(), growth), ("leak", 8.0));
}

#[test]
fn snapshots_that_run_into_each_other_are_said_to() {
    let text = leak(
        |_| String::new(),
        "",
        |port| format!("ESTAB 0 0 10.0.0.5:{port} 10.0.0.9:443\n"),
    );
    let said = refused(&["-"], text, 3);
    assert!(
        said.contains("rows are there twice: are these several snapshots"),
        "{said}"
    );
}

/// A leak of one connection a second, 8 snapshots 10 s apart, from 20 ports to 90.
fn slow_leak(stamp: impl Fn(u32) -> String, header: &str, row: impl Fn(u32) -> String) -> String {
    let text = |number: u32| {
        let rows: String = (0..20 + number * 10).map(|it| row(50_000 + it)).collect();
        format!("{}{header}{rows}", stamp(number * 10))
    };
    (0..8).map(text).collect()
}

/// Kind, growth and ports of a slow leak, whatever wrote it.
#[track_caller]
fn check_slow_leak(what: &str, args: &[&str], text: impl Into<Vec<u8>>) {
    let (kind, growth, ports) = only(&[args, &["-"]].concat(), text);
    let found = (kind.as_str(), growth, ports);
    assert_eq!(found, ("leak", 1.0, 90), "{what}");
}

fn clock(seconds: u32) -> String {
    format!("12:{:02}:{:02}", seconds / 60, seconds % 60)
}

#[test]
fn netstat_in_any_language_is_known_by_its_shape() {
    let row = |port| format!("  TCP    192.0.2.5:{port}   203.0.113.10:443   ESTABLISHED   4711\n");
    for (title, header) in [
        (
            "Aktive Verbindungen",
            "Proto  Lokale Adresse  Remoteadresse  Status  PID",
        ),
        (
            "Активные подключения",
            "Имя  Локальный адрес  Внешний адрес  Состояние  PID",
        ),
        (
            "アクティブな接続",
            "プロトコル  ローカル アドレス  外部アドレス  状態  PID",
        ),
        ("활성 연결", "프로토콜  로컬 주소  외부 주소  상태  PID"),
    ] {
        let header = format!("\n{title}\n\n  {header}\n");
        // `netstat -ano 10` prints no time, and its title once or each time.
        let text = slow_leak(|_| String::new(), &header, row);
        check_slow_leak(title, &["--every", "10s"], text.as_str());
        check_slow_leak(title, &["--every", "10s"], text.replace(title, ""));
    }
    for (state, stamp) in [
        ("ESTABLECIDO", "sábado, 28 de noviembre de 2026 "),
        ("HERGESTELLT", "Samstag, 28. November 2026 "),
        ("ÉTABLIE", "samedi 28 novembre 2026 "),
        ("確立", "2026年11月28日 "),
    ] {
        let row = |port| format!("  TCP    192.0.2.5:{port}   203.0.113.10:443   {state}   4711\n");
        let text = slow_leak(|at| format!("\n{stamp}{}\n\n", clock(at)), "", row);
        check_slow_leak(state, &[], text);
    }
}

#[test]
fn the_system_is_told_by_rows_and_not_by_summaries() {
    let row = |port| format!("ESTAB 0 0 192.0.2.5:{port} 203.0.113.10:443\n");
    let header = "TCP:   26 (estab 1, closed 12, orphaned 0, timewait 25)\n\
                  Transport Total IP IPv6\nTCP  1  1  0\n\
                  Tcp:\n    120 active connection openings\n\
                  State Recv-Q Send-Q Local Address:Port Peer Address:Port Process\n";
    let text = slow_leak(|at| format!("2026-11-28T{}Z\n", clock(at)), header, row);
    check_slow_leak("with ss -s", &[], text.as_str());
    let (_, stdout, stderr) = diagnose(&["-"], text);
    assert!(stdout.contains("28,232 ports (linux)"), "{stdout}");
    assert!(!stderr.contains("skipped"), "{stderr}");
}

#[test]
fn other_programs_rows_are_read_by_the_same_shape() {
    let iso = |at: u32| format!("2026-11-28 {}\n", clock(at));
    for (what, header, start, end) in [
        (
            "ss -ano",
            "",
            "tcp ESTAB 0 0 192.0.2.5:",
            " 203.0.113.10:443 timer:(keepalive,9min,0)",
        ),
        (
            "lsof",
            "COMMAND PID USER FD TYPE DEVICE SIZE/OFF NODE NAME\n",
            "dotnet 811 alex 100u IPv4 0x1f2e3d4c5b6a79 0t0 TCP 192.0.2.5:",
            "->203.0.113.10:443 (ESTABLISHED)",
        ),
        (
            "tcpvcon -c",
            "",
            "TCP,w3wp.exe,4711,ESTABLISHED,192.0.2.5:",
            ",203.0.113.10:443",
        ),
        (
            "tcpvcon",
            "",
            "[TCP] w3wp.exe\n\tPID:     4711\n\tState:   ESTABLISHED\n\tLocal:   192.0.2.5:",
            "\n\tRemote:  203.0.113.10:443",
        ),
        (
            "Format-List",
            "",
            "\nLocalAddress  : 192.0.2.5\nLocalPort     : ",
            "\nRemoteAddress : 203.0.113.10\nRemotePort    : 443\nState         : Established",
        ),
        (
            "FreeBSD",
            "Proto Recv-Q Send-Q Local Address Foreign Address (state)\n",
            "tcp4 0 0 192.0.2.5.",
            " 203.0.113.10.443 ESTABLISHED",
        ),
        (
            "Format-Table, the remote end first",
            "State RemoteAddress RemotePort LocalAddress LocalPort\n----- --- --- --- ---\n",
            "Established 203.0.113.10 443 192.0.2.5 ",
            "",
        ),
    ] {
        let text = slow_leak(iso, header, |port| format!("{start}{port}{end}\n"));
        check_slow_leak(what, &[], text);
    }
}

#[test]
fn cut_addresses_are_named_and_nothing_to_judge_is_an_error() {
    let text = slow_leak(
        |at| format!("2026-11-28 {}\n", clock(at)),
        "Proto Recv-Q Send-Q  Local Address  Foreign Address  (state)\n\
         tcp4  0  0  *.443  *.*  LISTEN\n",
        |port| format!("tcp6  0  0  2001:db8:1:2:3c4.{port} 2001:db8:9:8:7c6.443 ESTABLISHED\n"),
    );
    let said = refused(&["-"], text, 3);
    assert!(said.contains("it is cut, `netstat -anW`"), "{said}");
    assert!(said.contains("no client's connection"), "{said}");
}

#[test]
fn counts_by_state_are_one_endpoint() {
    for (what, line) in [
        ("uniq -c", |count| format!("      {count} ESTABLISHED\n")),
        ("awk", |count| format!("ESTAB {count}\n")),
        ("Group-Object", |count| {
            format!("{count:5} Established     {{MSFT_NetTCPConnection (InstanceID = \"...\n")
        }),
    ] as [(&str, fn(u32) -> String); 3]
    {
        let text: String = (0..8)
            .map(|it| {
                let stamp = format!("2026-11-28T{}Z\n      7 LISTEN\n", clock(it * 10));
                stamp + &line(20 + it * 10)
            })
            .collect();
        check_slow_leak(what, &[], text.as_str());
        assert_eq!(endpoints(&["-"], text)[0]["remote"], "all", "{what}");
    }
    let line = |it: u32| {
        let count = 20 + it * 10;
        format!("2026-11-28T{}Z {count} ESTABLISHED\n", clock(it * 10))
    };
    let lines: Vec<String> = (0..8).map(line).collect();
    check_slow_leak("one line a time", &[], lines.concat());
}

#[test]
fn metrics_are_curves() {
    let rows = |row: fn(String, u32) -> String| -> String {
        (0..8).map(|it| row(clock(it * 10), 20 + it * 10)).collect()
    };
    let dotnet = |name: &str| {
        let row = |(at, count): (String, u32)| {
            format!(
                "11/28/2026 {at},System.Net.Http,{name}[http.connection.state=idle;\
                 server.address=api;server.port=443],Metric,{}\n\
                 11/28/2026 {at},System.Net.Http,{name}[http.connection.state=active;\
                 server.address=api;server.port=443],Metric,5\n\
                 11/28/2026 {at},System.Runtime,CPU Usage (%),Metric,3\n",
                count - 5
            )
        };
        let rows: String = (0..8)
            .map(|it| row((clock(it * 10), 20 + it * 10)))
            .collect();
        format!("Timestamp,Provider,Counter Name,Counter Type,Mean/Increment\n{rows}")
    };
    for (what, text) in [
        (
            "CloudWatch",
            "Full label,NATGateway ActiveConnectionCount\nLabel,ActiveConnectionCount\n\
             Statistic,Maximum\nPeriod,10\n\n"
                .to_owned()
                + &rows(|at, count| format!("2026/11/28 {at},{count}\n")),
        ),
        (
            "Azure Monitor",
            "\"Time\",\"SNAT Connection Count (Sum), lb1\"\n".to_owned()
                + &rows(|at, count| format!("\"2026-11-28T{at}Z\",\"{count}\"\n")),
        ),
        (
            "statistics of CloudWatch",
            "Timestamp,Average,Maximum\n".to_owned()
                + &rows(|at, count| format!("2026-11-28T{at}Z,{},{count}\n", count / 2)),
        ),
        (
            "dotnet-counters",
            dotnet("http.client.open_connections ({connection})"),
        ),
    ] {
        check_slow_leak(what, &[], text);
    }
    // Windows-1252: `é` is one byte.
    let french = "\"(PDH-CSV 4.0) (Paris)(-60)\",\"\\\\H\\TCPv4\\Connexions \u{1}tablies\"\n"
        .to_owned()
        + &rows(|at, count| format!("\"11/28/2026 {at}.123\",\"{count}\"\n"));
    let bytes: Vec<u8> = french
        .bytes()
        .map(|it| if it == 1 { 0xe9 } else { it })
        .collect();
    check_slow_leak("French Perfmon", &[], bytes);
}

/// It counts what was ever connected: that is no leak, however it grows.
#[test]
fn a_counter_of_new_connections_is_told_as_one() {
    let mut rows = String::new();
    for k in 0..12 {
        // The process is started anew behind the sixth row.
        let total = if k < 6 { 20 + 10 * k } else { 10 * (k - 5) };
        let (minute, second) = (k / 6, k % 6 * 10);
        let _ = writeln!(
            rows,
            "\"11/28/2026 12:{minute:02}:{second:02}.5\",\"{total}\""
        );
    }
    let text = "\"(PDH-CSV 4.0)\",\"\\\\H\\.NET CLR Networking 4.0.0.0(w3wp[4711])\\Connections \
                Established\"\n"
        .to_owned()
        + &rows;
    let (code, stdout, _) = diagnose(&["-"], text.as_str());
    assert_eq!(code, 0);
    let said =
        "Opening: 1.00 new connections a second; how many of them stay open was not counted.";
    assert!(stdout.contains(said), "{stdout}");
    assert!(!stdout.to_lowercase().contains("leak"), "{stdout}");
    let (_, json, _) = diagnose(&["-", "--json"], text.as_str());
    assert!(json.contains("\"opening\""), "{json}");
    let (code, scenario, _) = diagnose(&["-", "--scenario", "-"], text.as_str());
    assert_eq!(code, 0);
    assert!(scenario.contains("assumed: none is closed"), "{scenario}");
}

#[test]
fn a_dump_is_told_in_the_articles_words_and_reproduced() {
    let table = |class: &str, count: u32| {
        format!(
            "0:000> !dumpheap -type {class} -stat\ntotal {count} objects\nStatistics:\n    \
             MT     Count     TotalSize Class Name\n6508f4d8 {count} 120 {class}\n\
             Total {count} objects\n"
        )
    };
    let dump = |sockets: u32, groups: u32, connections: u32| {
        table("System.Net.Sockets.Socket", sockets)
            + &table("System.Net.ConnectionGroup", groups)
            + &table("System.Net.Connection", connections)
    };
    let leak = dump(980, 975, 975) + &dump(4_980, 4_975, 4_975);
    let (code, stdout, stderr) = diagnose(&["-", "--json"], leak.as_str());
    assert_eq!(code, 0, "{stderr}");
    let document: Value = serde_json::from_str(&stdout).expect("JSON");
    assert_eq!(document["kind"], "leak");
    let expected = serde_json::json!([
        { "sockets": 980, "groups": 975, "connections": 975 },
        { "sockets": 4_980, "groups": 4_975, "connections": 4_975 },
    ]);
    assert_eq!(document["dumps"], expected);
    let (_, text, _) = diagnose(&["-"], leak.as_str());
    for expected in [
        "ConnectionGroupName",
        "CloseConnectionGroup",
        "5,000 ports (kb2551125)",
    ] {
        assert!(text.contains(expected), "{expected} in\n{text}");
    }
    let (_, written, _) = diagnose(&["-", "--scenario", "-"], leak);
    let scenario = crate::support::read(&written);
    assert_eq!(scenario.strategies.len(), 4, "{written}");
    let (_, stdout, _) = diagnose(&["-", "--json"], dump(510, 4, 500));
    let document: Value = serde_json::from_str(&stdout).expect("JSON");
    assert_eq!(document["kind"], "bounded");
}

#[test]
fn a_counter_without_its_first_value_is_read_from_the_second() {
    let mut text = String::from("\"(PDH-CSV 4.0)\",\"\\\\W\\TCPv4\\Connections Established\"\n");
    for number in 0..9 {
        let value = match number {
            0 => " ".to_owned(),
            _ => (10 + 10 * number).to_string(),
        };
        let seconds = clock(number * 10);
        let _ = writeln!(text, "\"11/22/2026 {seconds}.5\",\"{value}\"");
    }
    check_slow_leak("Perfmon", &[], text);
}

#[test]
fn a_stamp_with_a_decimal_comma_is_no_row_of_numbers() {
    // At first there is no connection.
    let day = |number: u32| format!("Sa 31.10.2026 {},12\n", clock(number * 10));
    let header = "  Proto  Lokale Adresse  Remoteadresse  Status\n";
    let row = |port: u32| format!("  TCP  10.0.0.5:{port}  203.0.113.10:443  HERGESTELLT\n");
    let snapshot = |number: u32| {
        let rows: String = (0..number.saturating_sub(2) * 10)
            .map(|it| row(50_000 + it))
            .collect();
        day(number) + header + &rows
    };
    let text: String = (0..11).map(snapshot).collect();
    assert_eq!(only(&["-"], text).0, "leak");
}

#[test]
fn states_and_dates_of_more_languages_are_read() {
    for (state, stamp) in [
        ("USTANOWIONO", "sobota, 31 października 2026 TIME"),
        ("NAVÁZÁNO", "so 31.10.2026 TIME,12"),
        ("ESTABLISHED", "samedi 31 octobre 2026, TIME (UTC+0200)"),
    ] {
        let text = slow_leak(
            |at| stamp.replace("TIME", &clock(at)) + "\n",
            "  Proto  A  B  C  PID\n",
            |port| format!("  TCP  10.0.0.5:{port}  203.0.113.10:443  {state}  4711\n"),
        );
        check_slow_leak(state, &[], text);
    }
}

#[test]
fn names_in_place_of_numbers_are_told_how_to_avoid() {
    let text = slow_leak(
        |at| format!("2026-11-28 {}\n", clock(at)),
        "COMMAND PID USER FD TYPE DEVICE SIZE/OFF NODE NAME\n",
        |port| {
            format!("app 8 al 9u IPv4 48113 0t0 TCP w1:{port}->api.example:https (ESTABLISHED)\n")
        },
    );
    let said = refused(&["-"], text, 3);
    assert!(said.contains("`lsof -nP`"), "{said}");
}

#[test]
fn counts_by_state_may_be_a_csv() {
    let row = |it: u32| {
        format!(
            "\"11/28/2026 {}\",\"{}\",\"Established\"\n",
            clock(it * 10),
            20 + it * 10
        )
    };
    let rows: String = (0..8).map(row).collect();
    check_slow_leak("CSV", &[], format!("\"Time\",\"Count\",\"Name\"\n{rows}"));
}

#[test]
fn what_is_no_snapshot_is_named_with_the_way() {
    for (text, way) in [
        (
            "12:00:00\nTCP:   30 (estab 20, closed 1, orphaned 0, timewait 1)\n",
            "take `ss -tan`",
        ),
        (
            "Press p to pause, r to resume, q to quit.\n    Status: Running\n",
            "--format csv",
        ),
        ("{\"TargetProcess\":\"a\",\"Events\":[]}\n", "--format csv"),
        (
            "{\n \"Datapoints\": [{\n \"Timestamp\": \"2026-11-28T12:00:00Z\"\n}]}\n",
            "as a CSV",
        ),
        (
            "12:00:00.1 IP 10.0.0.1.5 > 10.0.0.2.443: Flags [S], seq 1\n",
            "list of packets",
        ),
    ] {
        let said = refused(&["-"], text, 3);
        assert!(said.contains(way), "{text}:\n{said}");
    }
}
