//! Small good input of every format, from which mutations begin.

use std::fs;
use std::io::Read as _;

/// A leak of two seconds.
pub(crate) const SMALL: &str = r#"
duration = "2s"
[machine]
ports = 20
[client.app]
runtime = "net40"
[server.api]
uri = "http://api.example.com/"
response-time = "50ms"
[workload.orders]
arrivals = { poisson = { rate = 20 } }
group = "unique"
[[strategy]]
name = "as is"
[[strategy]]
name = "4 groups"
groups = 4
"#;

/// The built-in scenarios, the starter, and the small one.
pub(crate) fn scenarios() -> Vec<Vec<u8>> {
    let built_in = spsim::inside::scenario::BUILTIN
        .iter()
        .map(|it| it.toml.as_bytes().to_vec());
    let starter = spsim::inside::cli::new::STARTER.as_bytes().to_vec();
    built_in
        .chain([starter, SMALL.as_bytes().to_vec()])
        .collect()
}

/// An expression of each kind, and the command whose last flag takes it.
pub(crate) const EXPRESSIONS: [(&[&str], &str); 7] = [
    (&["check", "leak.toml", "--set"], "machine.ports=windows"),
    (
        &["check", "leak.toml", "--set"],
        "workload.orders.arrivals={ bursts = { rate-on = 5, rate-off = 1, mean-on = \"1s\", mean-off = \"2s\" } }",
    ),
    (
        &["run", "leak.toml", "--out", "none", "--quiet", "--fail-if"],
        "failed[orders] > 5 % and latency_p99_s[0.5s..1s] >= 20ms or opened == 3",
    ),
    (
        &["sweep", "leak.toml", "--emit", "slurm", "--vary"],
        "machine.ports=10..1000:log:8",
    ),
    (
        &[
            "sweep",
            "leak.toml",
            "--emit",
            "kubernetes",
            "--out",
            "x",
            "--vary",
        ],
        "client.app.max-idle-time=1s,2min,never",
    ),
    (
        &["inspect", "leak.toml", "--strategy", "as is", "--at"],
        "1min30s",
    ),
    (
        &["trace", "leak.toml", "--strategy", "as is", "--until"],
        "0.0125s",
    ),
];

/// Each format of a log with a small one.
pub(crate) const LOGS: [(&[&str], &str); 12] = [
    (
        &["iis"],
        "#Software: Microsoft Internet Information Services 10.0\n#Fields: date time c-ip cs-username cs-uri-stem time-taken\n2024-03-01 08:00:02 10.0.0.1 - /a 2500\n2024-03-01 08:00:01 10.0.0.2 ann /b 250\n#Date: 2024-03-01 09:00:00\n#Fields: time cs-uri-stem c-ip\n09:00:00 /a 10.0.0.3\n",
    ),
    (
        &["apache", "--log-format", "combined-D"],
        "10.0.0.1 - ann [22/Nov/2026:07:20:43 +0000] \"GET /a?x=1 HTTP/1.1\" 200 512 \"-\" \"curl/8 (x)\" 250000\n10.0.0.2 - - [22/Nov/2026:08:20:44 +0100] \"POST /b HTTP/1.1\" 201 - \"http://h/\" \"a \\\"b\\\"\" 1500\n",
    ),
    (
        &["apache"],
        "10.0.0.1 - - [22/Nov/2026:07:20:43 +0000] \"GET /a HTTP/1.1\" 200 5\n10.0.0.1 - - [22/Nov/2026:07:20:44 +0000] \"GET /b HTTP/1.1\" 404 -\n",
    ),
    (
        &["nginx"],
        "10.0.0.1 - - [22/Nov/2026:07:20:43 +0000] \"GET /a HTTP/1.1\" 200 5 \"-\" \"curl/8\"\n10.0.0.2 - - [22/Nov/2026:07:20:44 +0000] \"GET /b HTTP/1.1\" 200 7 \"-\" \"curl/8\"\n",
    ),
    (
        &["json-lines"],
        "{\"time\":\"2026-11-22T07:20:43Z\",\"remote_addr\":\"10.0.0.1\",\"request_time\":\"0.250\"}\n{\"time\":\"2026-11-22T07:20:44Z\",\"remote_addr\":\"10.0.0.2\",\"request_time\":\"1.5\"}\n",
    ),
    (
        &["har"],
        "{\"log\":{\"version\":\"1.2\",\"entries\":[{\"startedDateTime\":\"2026-11-22T07:20:43.100Z\",\"time\":12.5,\"request\":{\"url\":\"http://a.example/x\",\"headers\":[]},\"response\":{\"status\":200,\"headers\":[]}}]}}\n",
    ),
    (
        &["csv", "--time", "t"],
        "t,who,took\n0.5,a,0.1\n1.5,b,0.2\n2,a,\n",
    ),
    (
        &["jmeter"],
        "timeStamp,elapsed,label,responseCode,threadName,success\n1700000000000,120,home,200,t 1-1,true\n1700000000100,80,cart,500,t 1-2,false\n",
    ),
    (
        &["k6"],
        "metric_name,timestamp,metric_value,group,method,status,url\nhttp_req_duration,1700000000,12.5,,GET,200,http://a/\nhttp_reqs,1700000000,1,,GET,200,http://a/\n",
    ),
    (
        &["hey"],
        "response-time,DNS+dialup,DNS,Request-write,Response-delay,Response-read,status-code,offset\n0.0105,0.001,0.0005,0.0001,0.009,0.0001,200,0.0000\n0.0205,0,0,0.0001,0.02,0.0001,200,0.0110\n",
    ),
    (
        &["alb"],
        "http 2026-11-22T07:20:43.123456Z app/my/1 10.0.0.1:2817 10.0.0.9:80 0.000 0.001 0.000 200 200 34 366 \"GET http://www.example.com:80/ HTTP/1.1\" \"curl/7\" - - arn:aws:x \"Root=1\" \"-\" \"-\" 0 2026-11-22T07:20:43.120000Z \"forward\" \"-\" \"-\" \"10.0.0.9:80\" \"200\" \"-\" \"-\"\n",
    ),
    (
        &["cloudfront"],
        "#Version: 1.0\n#Fields: date time x-edge-location sc-bytes c-ip cs-method cs(Host) cs-uri-stem sc-status time-taken\n2026-11-22\t07:20:43\tFRA\t5\t10.0.0.1\tGET\ta.example\t/x\t200\t0.25\n",
    ),
];

/// Socket tables, counts, counters and a dump.
pub(crate) fn snapshots() -> Vec<Vec<u8>> {
    let beginning = |path: &str, lines: usize| {
        let path = format!("{}/tests/data/{path}", env!("CARGO_MANIFEST_DIR"));
        let text = fs::read_to_string(path).expect("a recording");
        let lines: Vec<&str> = text.lines().take(lines).collect();
        lines.join("\n").into_bytes()
    };
    vec![
        beginning("ss-bounded-12-groups.txt", 80),
        beginning("ss-leak-20-per-s.txt", 120),
        b"# 2026-11-22T07:20:43Z\n  TCP    10.0.0.1:49152   10.0.0.9:80   ESTABLISHED\n  TCP    10.0.0.1:49153   10.0.0.9:80   TIME_WAIT\n# 2026-11-22T07:21:43Z\n  TCP    10.0.0.1:49152   10.0.0.9:80   ESTABLISHED\n  TCP    10.0.0.1:49154   10.0.0.9:80   ESTABLISHED\n".to_vec(),
        b"\"(PDH-CSV 4.0) (UTC)(0)\",\"\\\\M\\TCPv4\\Connections Established\"\n\"11/22/2026 07:20:43.000\",\"12\"\n\"11/22/2026 07:20:58.000\",\"24\"\n\"11/22/2026 07:21:13.000\",\"36\"\n".to_vec(),
        b"      MT    Count    TotalSize Class Name\n6f2a8c24     3976       95424 System.Net.ConnectionGroup\n6f2a9d10     3976      508928 System.Net.Connection\n6f2aa8f8     3980      286560 System.Net.Sockets.Socket\n".to_vec(),
    ]
}

/// The first recorded traces of the reference source.
pub(crate) fn recordings() -> Vec<Vec<u8>> {
    let path = format!(
        "{}/tests/data/refsrc-traces.jsonl.gz",
        env!("CARGO_MANIFEST_DIR")
    );
    let packed = fs::read(path).expect("a recording");
    let mut text = String::new();
    flate2::read::GzDecoder::new(packed.as_slice())
        .read_to_string(&mut text)
        .expect("it is whole");
    let lines = text.lines().filter(|it| it.len() < 20_000).take(6);
    lines.map(|line| format!("{line}\n").into_bytes()).collect()
}
