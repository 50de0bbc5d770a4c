//! What a file is, by how it begins: to name a file of the wrong kind.

/// How much of a file's beginning tells its kind: a scenario may open with a long remark.
pub(crate) const FIRST_BYTES: usize = 4_096;

const SUMMARY: &str = "it looks like the summary of a load test, which has no requests: \
    `ab -g FILE`, or `hey -o csv`, or `k6 run --out csv=FILE`, writes one row a request";
const PACKETS: &str = "it looks like a list of packets, which are neither requests nor \
    connections: bring a server's log, or snapshots of `ss -tan` or `netstat -an`";
const TLS_CONNECTIONS: &str = "it looks like a log of TLS connections to a load balancer, which \
    has no requests: bring its access log, or that of the servers behind it";
const ERROR_LOG: &str = "it looks like the error log of a server: bring its access log";
const COUNTERS: &str = "it looks like output of `dotnet-counters` that is no table over time: \
    `dotnet-counters collect --format csv` writes one";
const CLOUD_WATCH: &str = "it looks like JSON of CloudWatch: download the metric as a CSV";
const STATISTICS: &str = "it looks like `ss -s`, which lists no connections: take `ss -tan`";
const XML: &str = "it looks like a JTL of JMeter in XML: write it as CSV, with \
    `-Jjmeter.save.saveservice.output_format=csv`";

/// Words that stand together only in one kind of file, and what that is.
const MARKS: [(&[&str], &str); 22] = [
    (&["This is ApacheBench"], SUMMARY),
    (&["Concurrency Level:", "Complete requests:"], SUMMARY),
    (&["Running ", "s test @ "], SUMMARY),
    (&["Thread Stats", "Stdev"], SUMMARY),
    (&["Summary:", "Requests/sec:", "Slowest:"], SUMMARY),
    (&["http_req_duration", "avg=", "p(95)="], SUMMARY),
    (&["\"http_req_duration\"", "\"avg\""], SUMMARY),
    (&["sampler_label,aggregate_report_count"], SUMMARY),
    (&["<testResults"], XML),
    (&[" IP ", " > ", ": Flags ["], PACKETS),
    (&[" IP6 ", " > ", ": Flags ["], PACKETS),
    (&["\"No.\",\"Time\",\"Source\",\"Destination\""], PACKETS),
    (&["tls 2.0 ", " net/"], TLS_CONNECTIONS),
    (&["tls 1.0 ", " net/"], TLS_CONNECTIONS),
    (&["NotBefore=", ";NotAfter=", " TID_"], TLS_CONNECTIONS),
    (&["] [", ":error] [pid "], ERROR_LOG),
    (&[" [error] ", "#", ", client: ", ", server: "], ERROR_LOG),
    (&["Press p to pause", "Status: "], COUNTERS),
    (&["\"TargetProcess\"", "\"Events\""], COUNTERS),
    (&["\"Datapoints\"", "\"Timestamp\""], CLOUD_WATCH),
    (&["\"MetricDataResults\"", "\"Timestamps\""], CLOUD_WATCH),
    (&["TCP:", "(estab ", "closed "], STATISTICS),
];

/// What a file that begins with `first` is, and which command reads it.
pub(crate) fn looks_like(first: &[u8]) -> Option<&'static str> {
    let text = String::from_utf8_lossy(first);
    let begins = |start: &str| text.starts_with(start);
    let has = |part: &str| text.contains(part);
    if is_scenario(&text) {
        return Some("it looks like a scenario: use `spsim run`");
    }
    if is_dump(first) {
        return Some("it looks like `!dumpheap -stat` of a dump: use `spsim diagnose`");
    }
    if let Some((_, kind)) = MARKS
        .iter()
        .find(|(marks, _)| marks.iter().all(|it| has(it)))
    {
        return Some(kind);
    }
    if has("(PDH-") {
        return Some("it looks like a Perfmon CSV: use `spsim diagnose`");
    }
    let socket_words = [
        "ESTAB",
        "Local Address",
        "Active Connections",
        "Active Internet",
    ];
    if socket_words.into_iter().any(has) {
        return Some("it looks like a snapshot of `ss` or `netstat`: use `spsim diagnose`");
    }
    if has("\"LocalPort\"") && (begins("[") || begins("{")) {
        return Some(
            "it looks like JSON of `Get-NetTCPConnection`: write it with `Export-Csv` instead",
        );
    }
    if has("LocalPort") || has("TypeName: Microsoft") || begins("#TYPE") {
        return Some("it looks like a CSV of `Get-NetTCPConnection`: use `spsim diagnose`");
    }
    if super::curve::is_curve(first) {
        return Some("it looks like a curve of ports over time: use `spsim calibrate`");
    }
    if begins("#Software:") || begins("#Fields:") || begins("#Version: 1.0") {
        return Some("it looks like an IIS W3C extended log: use `spsim import iis`");
    }
    if has(" [") && has("] \"") {
        return Some(
            "it looks like an Apache or nginx access log: use `spsim import apache` or `nginx`",
        );
    }
    if begins("time_s,action") {
        return Some("it looks like a timeline: name it in `arrivals = { timeline = … }`");
    }
    if begins("time_s") {
        return Some("it looks like a trace already: name it in `arrivals = { trace = … }`");
    }
    if begins("{") && is_har(&text) {
        return Some("it looks like a HAR: use `spsim import har`");
    }
    let is_recording = has("\"steps\"") && has("\"op\"");
    if (begins("{\"") || begins("{ \"")) && !is_recording {
        return Some("it looks like JSON lines, an object a line: use `spsim import json-lines`");
    }
    if begins("PK\u{3}\u{4}") {
        return Some("it looks like a ZIP archive: unpack it first");
    }
    if is_capture(first) {
        return Some("it looks like a network capture: a log or snapshots are expected");
    }
    let commas = text
        .lines()
        .next()
        .unwrap_or_default()
        .matches(", ")
        .count();
    if commas >= 10 {
        return Some("it looks like the older IIS log format: IIS can log as W3C instead");
    }
    is_csv(&text).then_some("it looks like a CSV of requests, perhaps: use `spsim import csv`")
}

/// Whether a file that begins with `first` is output of `!dumpheap -stat`.
pub fn is_dump(first: &[u8]) -> bool {
    let text = String::from_utf8_lossy(first);
    text.lines().any(|line| {
        let line = line.to_ascii_lowercase();
        line.contains("dumpheap") || is_dump_header(&line)
    })
}

/// Whether a line, in lower case, is the header of its table.
pub(super) fn is_dump_header(line: &str) -> bool {
    let words: Vec<&str> = line.split_whitespace().collect();
    let begins = |start: &[&str]| words.starts_with(start);
    begins(&["mt", "count"]) || begins(&["object", "bytes", "count", "type"])
}

/// Whether a line opens a table that every scenario has, or says how long it lasts.
fn is_scenario(text: &str) -> bool {
    const BEGINNINGS: [&str; 5] = [
        "[machine]",
        "[client.",
        "[server.",
        "[workload.",
        "duration = \"",
    ];
    text.lines()
        .any(|line| BEGINNINGS.iter().any(|start| line.starts_with(start)))
}

/// Whether an object has `log`, and beside it what a HAR must have.
fn is_har(text: &str) -> bool {
    let has = |key: &str| text.contains(key);
    has("\"log\"") && (has("\"creator\"") || has("\"entries\"") || has("\"version\""))
}

/// Whether two lines have as many separators, and the first is one of names.
fn is_csv(text: &str) -> bool {
    let mut lines = text.lines().filter(|line| !line.trim().is_empty());
    let (Some(header), Some(row)) = (lines.next(), lines.next()) else {
        return false;
    };
    let is_name = |field: &str| {
        let field = field.trim().trim_matches('"');
        field.starts_with(|c: char| c.is_alphabetic() || c == '@')
    };
    let separated = |separator: char| {
        let count = header.matches(separator).count();
        count > 0 && row.matches(separator).count() == count && header.split(separator).all(is_name)
    };
    [',', ';', '\t'].into_iter().any(separated)
}

/// Whether it is a file of `tcpdump` or `pktmon`.
fn is_capture(first: &[u8]) -> bool {
    const MAGIC: [[u8; 4]; 4] = [
        [0xd4, 0xc3, 0xb2, 0xa1],
        [0xa1, 0xb2, 0xc3, 0xd4],
        [0x4d, 0x3c, 0xb2, 0xa1],
        [0x0a, 0x0d, 0x0d, 0x0a],
    ];
    MAGIC.iter().any(|magic| first.starts_with(magic))
}
