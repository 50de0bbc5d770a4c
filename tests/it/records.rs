//! Records as they arrive from real machines: mixed encodings, other languages, damage, names
//! that say when, and files given to the wrong command.

use assert_cmd::Command;
use serde_json::Value;
use std::io::Write;
use std::path::Path;

/// What `spsim` says: exit code, stdout, stderr.
fn spsim(folder: &Path, args: &[&str]) -> (i32, String, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_spsim"))
        .args(args)
        .current_dir(folder)
        .output()
        .expect("it starts");
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("UTF-8");
    let code = output.status.code().expect("not killed");
    (code, text(output.stdout), text(output.stderr))
}

/// A folder with one file.
fn folder_with(name: &str, bytes: impl AsRef<[u8]>) -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::write(folder.path().join(name), bytes).expect("written");
    folder
}

/// UTF-16 as PowerShell 5.1 writes it.
fn wide(text: &str) -> Vec<u8> {
    text.encode_utf16().flat_map(u16::to_le_bytes).collect()
}

/// The local ports of snapshot `number`: 40 more each time, so 8 more a second at 5 s.
fn ports(number: u32) -> impl Iterator<Item = u32> {
    49_200..49_200 + 40 * number
}

fn clock(number: u32) -> String {
    let seconds = 5 * number;
    format!("07:{:02}:{:02}", 20 + seconds / 60, seconds % 60)
}

/// Twelve snapshots: a stamp of one's own, `header`, then `row` for each port.
fn snapshots(header: &str, row: impl Fn(u32) -> String) -> String {
    let snapshot = |number: u32| {
        let rows: String = ports(number).map(&row).collect();
        format!("2026-11-22 {}\n{header}{rows}", clock(number))
    };
    (0..12).map(snapshot).collect()
}

fn ss_row(port: u32) -> String {
    format!("ESTAB 0 0 10.0.0.5:{port} 10.0.0.9:443\n")
}

const SS_HEADER: &str = "State Recv-Q Send-Q Local Address:Port Peer Address:Port\n";

/// Diagnoses what must be the leak of 8 connections a second; gives what was said on the way.
#[track_caller]
fn leak_of_8(folder: &Path, files: &[&str]) -> String {
    let (code, stdout, stderr) = spsim(folder, &[&["diagnose", "--json"], files].concat());
    assert_eq!(code, 0, "{files:?}: {stderr}");
    let document: Value = serde_json::from_str(&stdout).expect("JSON");
    let endpoints = document["endpoints"].as_array().expect("endpoints");
    assert_eq!(endpoints.len(), 1, "{files:?}: {document}");
    assert_eq!(endpoints[0]["kind"], "leak", "{files:?}");
    let growth = endpoints[0]["growth_per_s"].as_f64().expect("a number");
    assert!((growth - 8.0).abs() < 1e-6, "{files:?}: {growth}");
    stderr
}

#[test]
fn every_way_to_list_sockets_shows_the_same_leak() {
    let windows = |port: u32| format!("  TCP    10.0.0.5:{port}    10.0.0.9:443    HERGESTELLT\n");
    let csv = "#TYPE Microsoft.Management.Infrastructure.CimInstance\r\n\
               \"LocalAddress\",\"LocalPort\",\"RemoteAddress\",\"RemotePort\",\"State\"\r\n";
    let texts = [
        ("ss -tan", snapshots(SS_HEADER, ss_row)),
        ("ss -Htan", snapshots("", ss_row)),
        (
            "ss -tanp",
            snapshots(SS_HEADER, |port| {
                let row = ss_row(port);
                format!("{} users:((\"my app\",pid=7,fd={port}))\n", row.trim_end())
            }),
        ),
        (
            "ss -tuna",
            snapshots(
                "Netid State Recv-Q Send-Q Local Address:Port Peer\n",
                |port| {
                    format!(
                        "udp UNCONN 0 0 10.0.0.5:{port} 0.0.0.0:*\ntcp {}",
                        ss_row(port)
                    )
                },
            ),
        ),
        (
            "IPv6",
            snapshots(SS_HEADER, |port| {
                format!("ESTAB 0 0 [fe80::1]%eth0:{port} [2001:db8::2]:443\n")
            }),
        ),
        (
            "netstat -tanp",
            snapshots(
                "Active Internet connections (servers and established)\n\
                 Proto Recv-Q Send-Q Local Address Foreign Address State PID/Program name\n",
                |port| format!("tcp6 0 0 ::1:{port} fe80::2:443 ESTABLISHED 7/dotnet a\n"),
            ),
        ),
        (
            "netstat -ano, English",
            snapshots(
                "\nActive Connections\n\n  Proto  Local Address  Foreign Address  State  PID\n",
                |port| format!("  TCP    10.0.0.5:{port}  10.0.0.9:443  ESTABLISHED  7\n"),
            ),
        ),
        (
            "netstat -an, German",
            snapshots(
                "\nAktive Verbindungen\n\n  Proto  Lokale Adresse  Remoteadresse  Status\n",
                windows,
            ),
        ),
        (
            "netstat -an, French",
            snapshots(
                "\nConnexions actives\n\n  Proto  Adresse locale  Adresse distante  État\n",
                |port| format!("  TCP    10.0.0.5:{port}  10.0.0.9:443  ESTABLISHED\n"),
            ),
        ),
        (
            "Export-Csv",
            snapshots(csv, |port| {
                format!("\"10.0.0.5\",\"{port}\",\"10.0.0.9\",\"443\",\"Established\"\r\n")
            }),
        ),
        (
            "Format-Table",
            snapshots(
                "\nLocalAddress LocalPort RemoteAddress RemotePort State\n\
                 ------------ --------- ------------- ---------- -----\n",
                |port| format!("10.0.0.5 {port} 10.0.0.9 443 Established\n"),
            ),
        ),
        (
            "Format-List",
            snapshots("", |port| {
                format!(
                    "\nLocalAddress : 10.0.0.5\nLocalPort : {port}\n\
                     RemoteAddress : 10.0.0.9\nRemotePort : 443\nState : Established\n"
                )
            }),
        ),
    ];
    for (name, text) in texts {
        let folder = folder_with(name, &text);
        let told = leak_of_8(folder.path(), &[name]);
        assert_eq!(
            told, "note: 2,640 rows read\n",
            "{name}: nothing else to tell"
        );
        let folder = folder_with(name, wide(&text.replace('\n', "\r\n")));
        leak_of_8(folder.path(), &[name]);
    }
}

#[test]
fn what_power_shell_appends_to_a_file_of_another_encoding_is_read_and_told() {
    let text = snapshots(SS_HEADER, ss_row);
    let (begun, appended) = text.split_at(text.len() / 2);
    let end = begun.rfind('\n').expect("lines") + 1;
    let lines = begun[..end].lines().count() as u64;
    let rest = format!("{}{appended}", &begun[end..]);
    let bytes = [&begun.as_bytes()[..end], &wide(&rest.replace('\n', "\r\n"))].concat();
    let folder = folder_with("mixed.txt", bytes);
    let told = leak_of_8(folder.path(), &["mixed.txt"]);
    let count = rest.lines().count();
    let first = lines + 1;
    assert!(
        told.contains(&format!(
            "mixed.txt: {count} lines in UTF-16, unlike the file's first: read (first: line {first})"
        )),
        "{told}"
    );
}

#[test]
fn names_of_files_say_when_their_snapshots_were_taken() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut names = Vec::new();
    for number in 0..12 {
        let rows: String = ports(number).map(ss_row).collect();
        let name = format!("ss-20261122-{}.txt", clock(number).replace(':', ""));
        std::fs::write(folder.path().join(&name), format!("{SS_HEADER}{rows}")).expect("written");
        names.push(name);
    }
    let names: Vec<&str> = names.iter().rev().map(String::as_str).collect();
    let told = leak_of_8(folder.path(), &names);
    assert_eq!(
        told,
        "note: 2,640 rows read\n  note: the times of 12 snapshots are those of their files' names\n"
    );
    // What the command line says goes before what a name says.
    let (_, stdout, _) = spsim(
        folder.path(),
        &[&["diagnose", "--json", "--every", "10s"], &names[..]].concat(),
    );
    let document: Value = serde_json::from_str(&stdout).expect("JSON");
    assert_eq!(document["endpoints"][0]["growth_per_s"].as_f64(), Some(4.0));
}

#[test]
fn a_snapshot_that_a_damaged_file_cuts_does_not_count() {
    let text = snapshots(SS_HEADER, ss_row);
    let mut gz = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    gz.write_all(text.as_bytes()).expect("memory");
    let packed = gz.finish().expect("memory");
    for cut in [packed.len() / 2, packed.len() * 3 / 4, packed.len() - 20] {
        let folder = folder_with("cut.gz", &packed[..cut]);
        let told = leak_of_8(folder.path(), &["cut.gz"]);
        assert!(
            told.contains("the compressed file is cut off or damaged behind it"),
            "{told}"
        );
        assert!(told.contains("may be cut off: left out"), "{told}");
    }
}

#[test]
fn rows_of_which_none_can_be_read_are_no_answer() {
    let text = snapshots(SS_HEADER, |port| ss_row(port).replace(":443", ":https"));
    let folder = folder_with("names.txt", text);
    let (code, stdout, stderr) = spsim(folder.path(), &["diagnose", "names.txt"]);
    assert_eq!((code, stdout.as_str()), (3, ""));
    assert!(
        stderr.starts_with("error: no row of any snapshot could be read\n  names.txt line "),
        "{stderr}"
    );
    assert!(stderr.contains("names are not read, add `-n`"), "{stderr}");
}

#[test]
fn forms_of_the_table_that_are_not_read_say_which_are() {
    let json =
        "[\n  {\n    \"LocalAddress\": \"::\",\n    \"LocalPort\": 50000,\n    \"State\": 5\n";
    for bytes in [json.as_bytes().to_vec(), wide(json)] {
        let folder = folder_with("table", bytes);
        let (code, _, stderr) = spsim(folder.path(), &["diagnose", "table"]);
        assert_eq!(code, 3, "{stderr}");
        let said = "write it with `Export-Csv` instead";
        assert!(stderr.contains(said), "{stderr}");
    }
}

#[test]
fn what_typeperf_says_about_itself_is_no_row() {
    let mut text =
        String::from("\r\n\"(PDH-CSV 4.0)\",\"\\\\H\\TCPv4\\Connections Established\"\r\n");
    for number in 0..12 {
        let (time, count) = (clock(number), 100 + 40 * number);
        let row = format!("\"11/22/2026 {time}.021\",\"{count}.000000\"\r\n");
        text += &row;
    }
    text += "Exiting, please wait...\r\nThe command completed successfully.\r\n";
    let folder = folder_with("typeperf.csv", text);
    let told = leak_of_8(folder.path(), &["typeperf.csv"]);
    assert!(
        told.contains("2 lines of other text (first: line 15)"),
        "{told}"
    );
    assert!(!told.contains("skipped"), "{told}");
}

#[test]
fn a_record_given_as_a_scenario_or_a_trace_is_named() {
    let iis = "#Software: Microsoft Internet Information Services 10.0\r\n\
               #Fields: date time c-ip time-taken\r\n2026-11-22 07:20:43 10.0.0.1 5\r\n";
    let scenario = "duration = \"1min\"\n[client.app]\n[server.api]\nresponse-time = \"10ms\"\n\
                    [workload.load]\narrivals = { trace = \"record\" }\n";
    let perfmon = "\"(PDH-CSV 4.0)\",\"\\\\H\\TCPv4\\Connections Established\"\n\"1\",\"2\"\n";
    let har = "{\n  \"log\": {\n    \"version\": \"1.2\",\n    \"creator\": {}\n  }\n}\n";
    let ss = snapshots(SS_HEADER, ss_row);
    for (record, kind) in [
        (
            iis,
            "looks like an IIS W3C extended log: use `spsim import iis`",
        ),
        (perfmon, "looks like a Perfmon CSV: use `spsim diagnose`"),
        (har, "looks like a HAR: use `spsim import har`"),
        (
            &ss,
            "looks like a snapshot of `ss` or `netstat`: use `spsim diagnose`",
        ),
    ] {
        for bytes in [
            record.as_bytes().to_vec(),
            wide(&format!("\u{feff}{record}")),
        ] {
            let folder = folder_with("record", bytes);
            std::fs::write(folder.path().join("mine.toml"), scenario).expect("written");
            let run = |name: &str| spsim(folder.path(), &["run", name, "--out", "none"]);
            let (code, _, stderr) = run("record");
            assert_eq!(code, 3, "{stderr}");
            assert_eq!(stderr, format!("error: record is no scenario: it {kind}\n"));
            let (code, _, stderr) = run("mine.toml");
            assert_eq!(code, 3, "{stderr}");
            assert!(stderr.contains(&format!("`record` {kind}")), "{stderr}");
            assert!(stderr.contains("mine.toml has 1 problem"), "{stderr}");
            let (code, _, stderr) = spsim(folder.path(), &["conform", "record"]);
            assert_eq!(code, 3, "{stderr}");
            assert_eq!(stderr, format!("error: record: no trace: it {kind}\n"));
        }
    }
}

#[test]
fn a_scenario_and_its_trace_may_come_from_power_shell() {
    let scenario = "duration = \"10s\"\n[client.app]\n[server.api]\nresponse-time = \"10ms\"\n\
                    [workload.load]\narrivals = { trace = \"trace.csv\" }\n";
    let folder = folder_with("mine.toml", wide(&format!("\u{feff}{scenario}")));
    let trace = "\u{feff}time_s,group\r\n0,\u{e4}\r\n1,\r\n";
    std::fs::write(folder.path().join("trace.csv"), wide(trace)).expect("written");
    let json = [
        "run",
        "mine.toml",
        "--strategy",
        "as is",
        "--json",
        "--out",
        "none",
    ];
    let (code, stdout, stderr) = spsim(folder.path(), &json);
    assert_eq!(code, 0, "{stderr}");
    let summary: Value = serde_json::from_str(&stdout).expect("JSON");
    assert_eq!(summary["strategies"][0]["requests"]["succeeded"], 2);
    // Notepad's mark of UTF-8 is no part of the scenario either.
    std::fs::write(
        folder.path().join("mine.toml"),
        format!("\u{feff}{scenario}"),
    )
    .expect("written");
    assert_eq!(spsim(folder.path(), &json).0, 0);
}
