//! `spsim import` of every format: what becomes of good records, bad ones and wrong files.

use assert_cmd::Command;
use std::io::Write;

/// Exit code, stdout and stderr of an import of `input` from stdin.
fn import(args: &[&str], input: impl Into<Vec<u8>>) -> (i32, String, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_spsim"));
    let (format, flags) = args.split_first().expect("a format");
    command.args(["import", format, "-"]).args(flags);
    let output = command.write_stdin(input).output().expect("it starts");
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("UTF-8");
    let code = output.status.code().expect("it exits");
    (code, text(output.stdout), text(output.stderr))
}

/// The trace of a good input.
#[track_caller]
fn trace(args: &[&str], input: impl Into<Vec<u8>>) -> String {
    let (code, stdout, stderr) = import(args, input);
    assert_eq!(code, 0, "{stderr}");
    stdout
        .strip_prefix("time_s,group,duration_s,keep_alive\n")
        .expect("a header")
        .to_owned()
}

#[track_caller]
fn check_told(args: &[&str], input: impl Into<Vec<u8>>, expected: &[&str]) {
    let (code, _, stderr) = import(args, input);
    assert_eq!(code, 0, "{stderr}");
    for line in expected {
        assert!(stderr.contains(line), "{line}\nin\n{stderr}");
    }
}

/// What is said of an input that is refused.
#[track_caller]
fn refused(args: &[&str], input: impl Into<Vec<u8>>) -> String {
    let (code, stdout, stderr) = import(args, input);
    assert_eq!((code, stdout.as_str()), (3, ""), "{stderr}");
    stderr
}

const APACHE: &str = "\
10.0.0.1 - ann [22/Nov/2026:07:20:43 +0000] \
            \"GET /a?x=1 HTTP/1.1\" 200 512 \"-\" \"curl/8 (x)\" 250000
10.0.0.2 - - [22/Nov/2026:08:20:44 +0100] \
            \"POST /b HTTP/1.1\" 201 - \"http://h/\" \"a \\\"b\\\"\" 1500
10.0.0.1 - ann [22/Nov/2026:07:20:53 +0000] \"GET /a HTTP/1.0\" 304 0 \"-\" \"-\" 3000000
";

#[test]
fn apache_stamps_arrivals_and_times_are_microseconds() {
    assert_eq!(
        trace(&["apache"], APACHE),
        "0,10.0.0.1,0.25,true\n1,10.0.0.2,0.0015,true\n10,10.0.0.1,3,true\n"
    );
    assert_eq!(
        trace(&["apache", "--group", "user"], APACHE).lines().next(),
        Some("0,ann,0.25,true")
    );
    assert_eq!(
        trace(&["apache", "--group", "url"], APACHE).lines().next(),
        Some("0,/a,0.25,true")
    );
    check_told(
        &["apache"],
        APACHE,
        &[
            "stdin: 3 requests, 0 lines skipped",
            "note: request times are taken as microseconds, by their size: if not, say `--duration-unit`",
            "first      2026-11-22T07:20:43Z",
            "span       10s",
            "rate       0.300 requests/s",
            "burstiness 0.889 (variance / mean of the requests per second; Poisson has 1)",
            "groups     2 distinct",
            "durations  min 1.5ms, median 250ms, p99 3s, max 3s",
        ],
    );
}

#[test]
fn the_unit_of_request_times_is_inferred_or_told() {
    let log = |times: [&str; 3]| {
        let line = |time| {
            format!("a - - [22/Nov/2026:07:20:43 +0000] \"GET /\" 200 1 \"-\" \"-\" {time}\n")
        };
        times.map(line).concat()
    };
    let seconds = trace(&["apache"], log(["0", "1", "2"]));
    assert_eq!(seconds, "0,a,0,true\n0,a,1,true\n0,a,2,true\n");
    let millis = trace(&["apache"], log(["20", "30", "400"]));
    assert_eq!(millis, "0,a,0.02,true\n0,a,0.03,true\n0,a,0.4,true\n");
    let told = trace(
        &["apache", "--duration-unit", "ms"],
        log(["200", "300", "400"]),
    );
    assert_eq!(told, "0,a,0.2,true\n0,a,0.3,true\n0,a,0.4,true\n");
    let both = trace(&["apache"], log(["0/1500", "0/2500", "1/1200000"]));
    assert_eq!(both, "0,a,0.0015,true\n0,a,0.0025,true\n0,a,1.2,true\n");
    check_told(
        &["apache"],
        log(["", "", ""]),
        &["no request time behind the quoted fields"],
    );
}

#[test]
fn nginx_stamps_answers() {
    let log = "\
10.0.0.1 - - [22/Nov/2026:07:20:43 +0000] \"GET / HTTP/1.1\" 200 5 \"-\" \"x\" 1.500 1.499 .
10.0.0.1 - - [22/Nov/2026:07:20:44 +0000] \
            \"GET / HTTP/1.1\" 499 0 \"-\" \"x\" \"-\" rt=0.250 uct=\"0.1\"
";
    assert_eq!(
        trace(&["nginx"], log),
        "0,10.0.0.1,1.5,true\n2.25,10.0.0.1,0.25,true\n"
    );
    check_told(
        &["nginx"],
        log,
        &["note: request times are seconds: they have a decimal point"],
    );
}

#[test]
fn bad_lines_of_a_log_are_counted_and_named() {
    let log = [
        APACHE.as_bytes(),
        b"10.0.0.9 - - [22/Nov/2026:07:20:40 +0000] \"GET /\xe9 HTTP/1.1\" 200 1 \"-\" \"-\" 100\n",
        b"10.0.0.9 - - [22/Nov/2026:07:20:40 +0000] \"GET /\xe9 HTTP/1.1\" 200 1 \"-\" \"-\" 100\n",
        b"garbage\n\n10.0.0.9 - - [22/Nov/2026:99:20:40 +0000] \"GET /\" 200 1\n",
        b"10.0.0.9 - - [22/Nov/2026:07:20:41 +0000] \"GET / HT",
    ]
    .concat();
    check_told(
        &["apache", "--group", "url"],
        log,
        &[
            "stdin: 5 requests, 3 lines skipped",
            "skipped line 6: no time in brackets",
            "skipped line 8: `22/Nov/2026:99:20:40 +0000` is not DD/Mon/YYYY:HH:MM:SS",
            "skipped line 9: no request in quotation marks",
            "note: 1 line earlier than the one before: sorted (first: line 4)",
            "note: 1 line equal to an earlier one: kept as requests (first: line 5)",
            "note: 2 lines not in UTF-8: their groups are read as Latin-1 (first: line 4)",
            "note: line 9: the last line has no end, it may be cut",
        ],
    );
}

const HAR: &str = r#"{"log": {"version": "1.2", "pages": [{"id": "p"}], "entries": [
  {"startedDateTime": "2026-11-22T07:20:43.250+01:00", "time": 120.5,
   "request": {"method": "GET", "url": "https://h/a/b?c=1", "headers": []},
   "response": {"status": 200, "headers": [{"name": "Connection", "value": "close"}],
                "content": {"text": "x"}}},
  {"startedDateTime": "yesterday", "time": 1, "request": {"url": "https://h/"}},
  {"startedDateTime": "2026-11-22T06:20:43Z", "time": -1, "request": {"url": "https://h/c"}}
], "comment": ""}}"#;

#[test]
fn a_har_streams_its_entries() {
    assert_eq!(trace(&["har"], HAR), "0,,,true\n0.25,,0.1205,false\n");
    let by_url = trace(&["har", "--group", "url"], HAR);
    assert_eq!(by_url, "0,/c,,true\n0.25,/a/b,0.1205,false\n");
    check_told(
        &["har"],
        HAR,
        &[
            "stdin: 2 requests, 1 entry skipped",
            "skipped entry 2: `startedDateTime` `yesterday` is not ISO 8601",
            "note: 1 entry earlier than the one before: sorted (first: entry 3)",
        ],
    );
}

#[test]
fn a_har_that_ends_early_gives_what_it_has() {
    let cut = &HAR[..HAR.len() - 60];
    check_told(
        &["har"],
        cut,
        &[
            "1 request",
            "it ends or breaks after entry 2: EOF while parsing",
        ],
    );
    assert!(refused(&["har"], "{\"log\": {}}").contains("`entries` is missing"));
    assert!(refused(&["har"], "a,b\n").starts_with("error: stdin holds no request of a HAR\n"));
    let deep = format!("{{\"log\": {{\"x\": {}", "[".repeat(100_000));
    assert!(refused(&["har"], deep).contains("EOF while parsing"));
}

#[test]
fn a_csv_is_read_by_its_names() {
    let csv = "Timestamp;user;elapsed;KeepAlive\n\
               2026-11-22 07:20:43.5;ann;120;true\n\
               2026-11-22 07:20:43.0;\"b;c\";;no\n";
    assert_eq!(
        trace(&["csv", "--group-column", "user"], csv),
        "0,b;c,,false\n0.5,ann,0.12,true\n"
    );
    check_told(
        &["csv"],
        csv,
        &[
            "note: columns: time from `Timestamp`, duration from `elapsed`, keep-alive from `KeepAlive`",
            "note: durations are milliseconds, by the column's name",
            "note: times are read as ISO 8601, by the first: `2026-11-22 07:20:43.5`",
        ],
    );
}

#[test]
fn every_kind_of_time_is_read() {
    for (times, flags) in [
        ("0.5\n2.25\n", &[][..]),
        ("1795332043.5\n1795332045.25\n", &[]),
        ("1795332043500\n1795332045250\n", &[]),
        (
            "2026-11-22T07:20:43.5Z\n2026-11-22T08:20:45.25+01:00\n",
            &[],
        ),
        (
            "2026-11-22 09:20:43.5\n2026-11-22T07:20:45.25Z\n",
            &["--time-zone", "+02:00"],
        ),
        ("500\n2250\n", &["--time-format", "epoch-ms"]),
    ] {
        let args = [&["csv", "--time-column", "when"], flags].concat();
        let found = trace(&args, format!("when\n{times}"));
        assert_eq!(found, "0,,,true\n1.75,,,true\n", "{times}");
    }
    let twice_as_fast = trace(&["csv", "--speed-up", "2"], "time,duration_us\n1,5\n3,7\n");
    assert_eq!(twice_as_fast, "0,,0.000005,true\n1,,0.000007,true\n");
}

#[test]
fn bad_rows_of_a_csv_are_counted_and_named() {
    check_told(
        &["csv"],
        "time,duration\n1,2\nx,2\n2\n3,-1\n4,1,1\n1,2\n0,5",
        &[
            "stdin: 3 requests, 4 lines skipped",
            "skipped line 3: time `x` is not a number of seconds",
            "skipped line 4: 1 field, the header has 2",
            "skipped line 5: duration `-1` is not a number of seconds",
            "skipped line 6: 3 fields, the header has 2",
            "note: 1 line earlier than the one before: sorted (first: line 8)",
            "note: 1 line equal to an earlier one: kept as requests (first: line 7)",
            "note: the last line has no end, it may be cut",
        ],
    );
}

#[test]
fn thinning_is_a_matter_of_the_seed() {
    let log: Vec<String> = (0..10_000).map(|number| number.to_string()).collect();
    let log = format!("time\n{}\n", log.join("\n"));
    let once = trace(&["csv", "--thin", "0.1"], log.clone());
    assert_eq!(
        once,
        trace(&["csv", "--thin", "0.1", "--seed", "1"], log.clone())
    );
    assert_ne!(
        once,
        trace(&["csv", "--thin", "0.1", "--seed", "2"], log.clone())
    );
    let kept = once.lines().count();
    assert!(
        (900..1_100).contains(&kept),
        "{kept}: a tenth, within three deviations of 30"
    );
    check_told(
        &["csv", "--thin", "0.1"],
        log.clone(),
        &["note: thinned with probability 0.1: "],
    );
    let all = trace(&["csv", "--thin", "1"], log.clone());
    assert_eq!(all.lines().count(), 10_000);
    let none = refused(&["csv", "--thin", "0.000000001"], log);
    assert!(none.contains("no request is left of 10000"), "{none}");
}

#[test]
fn a_file_of_the_wrong_kind_is_named() {
    let perfmon = "\"(PDH-CSV 4.0) (UTC)(0)\",\"\\\\H\\TCPv4\\Connections Established\"\n";
    let ss = "State Recv-Q Send-Q Local Address:Port Peer Address:Port\n";
    let iis = "#Software: Microsoft Internet Information Services 10.0\n";
    for (format, input, expected) in [
        (
            "apache",
            perfmon,
            "it looks like a Perfmon CSV: use `spsim diagnose`",
        ),
        (
            "csv",
            perfmon,
            "it looks like a Perfmon CSV: use `spsim diagnose`",
        ),
        (
            "nginx",
            ss,
            "it looks like a snapshot of `ss` or `netstat`: use `spsim diagnose`",
        ),
        (
            "apache",
            iis,
            "it looks like an IIS W3C extended log: use `spsim import iis`",
        ),
        (
            "har",
            APACHE,
            "it looks like an Apache or nginx access log: use `spsim import apache`",
        ),
        (
            "iis",
            APACHE,
            "it looks like an Apache or nginx access log: use `spsim import apache`",
        ),
        ("apache", HAR, "it looks like a HAR: use `spsim import har`"),
        (
            "csv",
            "a,b\n1,2\n",
            "has no column of times by name: say `--time-column`",
        ),
        ("nginx", "", "stdin holds no request of an nginx access log"),
        ("har", "", "stdin holds no request of a HAR"),
        ("csv", "", "stdin holds no request of a CSV of requests"),
    ] {
        let said = refused(&[format], input);
        assert!(said.contains(expected), "{expected}\nin\n{said}");
    }
    let said = refused(&["csv", "--time-column", "when"], "a,b\n1,2\n");
    assert_eq!(said, "error: stdin has no column `when`: it has `a`, `b`\n");
}

#[test]
fn wrong_flags_are_wrong_usage() {
    for args in [
        &["apache", "--duration-unit", "days"][..],
        &["nginx", "--thin", "0"],
        &["nginx", "--thin", "1.5"],
        &["csv", "--time-zone", "CET"],
        &["csv", "--delimiter", "ab"],
        &["har", "--group", "user"],
    ] {
        let (code, stdout, stderr) = import(args, "");
        assert_eq!((code, stdout.as_str()), (2, ""), "{args:?}: {stderr}");
    }
}

#[test]
fn gzip_is_seen_and_a_bomb_stops_at_the_bound() {
    let pack = |bytes: &[u8]| {
        let mut gz = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        gz.write_all(bytes).expect("memory");
        gz.finish().expect("memory")
    };
    assert_eq!(
        trace(&["apache"], pack(APACHE.as_bytes())),
        trace(&["apache"], APACHE)
    );
    // A line that never ends, 64 MiB in a few hundred kilobytes: the record bound stops it.
    let bomb = pack(&vec![b'0'; 1 << 26]);
    assert!(bomb.len() < 1 << 20, "it is small");
    assert_eq!(
        refused(&["csv"], bomb.clone()),
        "error: stdin has a line longer than 1 MiB\n"
    );
    assert!(refused(&["apache"], bomb).contains("line 1: longer than 64 KiB"));
}

#[test]
fn wide_text_is_read_as_what_it_says() {
    let wide = |text: &str| {
        let units = std::iter::once(0xfeff).chain(text.encode_utf16());
        units.flat_map(u16::to_le_bytes).collect::<Vec<u8>>()
    };
    for (format, text) in [
        ("apache", APACHE),
        ("har", HAR),
        ("csv", "time,duration\n1,2\n"),
    ] {
        assert_eq!(
            trace(&[format], wide(text)),
            trace(&[format], text),
            "{format}"
        );
    }
}

#[test]
fn a_damaged_gzip_gives_what_stands_before_the_damage() {
    let mut lines = String::new();
    for number in 0..20_000 {
        let (hour, minute, second) = (number / 3600, number / 60 % 60, number % 60);
        let time = format!("22/Nov/2026:{hour:02}:{minute:02}:{second:02} +0000");
        let line = format!("10.0.0.{minute} - - [{time}] \"GET /{number}\" 200 1\n");
        lines += &line;
    }
    let pack = |text: &str| {
        let mut gz = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        gz.write_all(text.as_bytes()).expect("memory");
        gz.finish().expect("memory")
    };
    let whole = pack(&lines);
    // Two members make one log.
    let (one, other) = lines.split_at(lines.len() / 2 + 1);
    let two = [pack(one), pack(other)].concat();
    assert_eq!(trace(&["apache"], two), trace(&["apache"], whole.clone()));
    for damaged in [
        whole[..whole.len() * 2 / 3].to_vec(),
        [&whole[..], &b"garbage"[..]].concat(),
    ] {
        let (code, stdout, stderr) = import(&["apache"], damaged);
        assert_eq!(code, 0, "{stderr}");
        assert!(stdout.lines().count() > 5_000, "{}", stdout.lines().count());
        assert!(
            stderr.contains("the compressed file is cut off or damaged behind it"),
            "{stderr}"
        );
    }
}

#[test]
fn dates_epochs_and_decimal_commas_of_a_csv_are_read() {
    for times in [
        "11/22/2026 07:20:43,11/22/2026 07:20:44",
        "11/22/2026 1:20:43 PM,11/22/2026 1:20:44 PM",
        "22.11.2026 07:20:43,22.11.2026 07:20:44",
        "1795332043000000,1795332044000000",
        "1795332043000000000,1795332044000000000",
    ] {
        let rows = times.replace(',', ";15\n");
        let found = trace(&["csv"], format!("time;elapsed\n{rows};16\n"));
        assert_eq!(found, "0,,0.015,true\n1,,0.016,true\n", "{times}");
    }
    let found = trace(&["csv"], "time;duration_s\n0,5;0,25\n1,5;0,75\n");
    assert_eq!(found, "0,,0.25,true\n1,,0.75,true\n");
}

#[test]
fn a_har_tells_the_servers_time_apart_from_what_came_before() {
    let entry = |timings: &str| {
        format!(
            "{{\"log\": {{\"entries\": [{{\"startedDateTime\": \"2026-11-22T07:20:43Z\", \
             \"time\": 500, {timings} \"request\": {{\"url\": \"https://h/\"}}}}]}}}}"
        )
    };
    let parts = "\"timings\": {\"blocked\": 300, \"connect\": 150, \"send\": 1, \"wait\": 40.5, \
                 \"receive\": 8.5},";
    assert_eq!(trace(&["har"], entry(parts)), "0,,0.05,true\n");
    let unknown = "\"timings\": {\"send\": -1, \"wait\": -1, \"receive\": -1},";
    assert_eq!(trace(&["har"], entry(unknown)), "0,,0.5,true\n");
    assert_eq!(trace(&["har"], entry("")), "0,,0.5,true\n");
}

#[test]
fn every_kind_of_file_is_named_to_every_reader_of_another() {
    let iis = "#Software: Microsoft Internet Information Services 10.0\n#Fields: date time\n";
    let perfmon = "\"(PDH-CSV 4.0)\",\"\\\\H\\TCPv4\\Connections Established\"\n\"1\",\"2\"\n";
    let ss = "2026-11-22 07:20:00\nState Recv-Q Send-Q Local Address:Port Peer Address:Port\n";
    let windows = "2026-11-22 07:20:00\n\nActive Connections\n\n  Proto  Local Address\n";
    let power_shell = "#TYPE X\n\"State\",\"LocalAddress\",\"LocalPort\"\n";
    let scenario = "# why\ntitle = \"t\"\nduration = \"1min\"\n[machine]\nports = 1\n";
    let curve = "time_s,ports_in_use\n0,1\n";
    let csv = "when,path,ms\n1,/a,5\n";
    let kinds: [(&str, &str, &[&str]); 10] = [
        (iis, "`spsim import iis`", &["iis"]),
        (
            APACHE,
            "`spsim import apache` or `nginx`",
            &["apache", "nginx"],
        ),
        (HAR, "`spsim import har`", &["har"]),
        (perfmon, "a Perfmon CSV", &["diagnose", "calibrate"]),
        (
            ss,
            "a snapshot of `ss` or `netstat`",
            &["diagnose", "calibrate"],
        ),
        (
            windows,
            "a snapshot of `ss` or `netstat`",
            &["diagnose", "calibrate"],
        ),
        (
            power_shell,
            "a CSV of `Get-NetTCPConnection`",
            &["diagnose", "calibrate"],
        ),
        (scenario, "`spsim run`", &[]),
        (curve, "`spsim calibrate`", &["calibrate", "csv"]),
        (csv, "`spsim import csv`", &["csv"]),
    ];
    for reader in [
        "iis",
        "apache",
        "nginx",
        "har",
        "csv",
        "diagnose",
        "calibrate",
    ] {
        for (text, name, readers) in &kinds {
            if readers.contains(&reader) {
                continue;
            }
            let args: &[&str] = match reader {
                "diagnose" => &["diagnose", "-"],
                "calibrate" => &["calibrate", "kb2551125", "-"],
                format => &["import", format, "-"],
            };
            let mut command = Command::new(env!("CARGO_BIN_EXE_spsim"));
            let output = command.args(args).write_stdin(*text).output();
            let output = output.expect("it starts");
            let stderr = String::from_utf8(output.stderr).expect("UTF-8");
            assert_eq!(output.status.code(), Some(3), "{reader}: {stderr}");
            assert!(stderr.contains(name), "{reader} of {text}:\n{stderr}");
        }
    }
}
