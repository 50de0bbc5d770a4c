//! What a file is, by how it begins: to name a file of the wrong kind.

/// What a file that begins with `first` is, and which command reads it.
pub(crate) fn looks_like(first: &[u8]) -> Option<&'static str> {
    let text = String::from_utf8_lossy(first);
    let begins = |start: &str| text.starts_with(start);
    let has = |part: &str| text.contains(part);
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
    if has("LocalPort") || has("TypeName: Microsoft") || begins("#TYPE") {
        return Some("it looks like a CSV of `Get-NetTCPConnection`: use `spsim diagnose`");
    }
    if begins("#Software:") || begins("#Fields:") || begins("#Version: 1.0") {
        return Some("it looks like an IIS W3C extended log: use `spsim import iis`");
    }
    if has(" [") && has("] \"") {
        return Some(
            "it looks like an Apache or nginx access log: use `spsim import apache` or `nginx`",
        );
    }
    if begins("time_s") {
        return Some("it looks like a trace already: name it in `arrivals = { trace = … }`");
    }
    if begins("{") && (has("\"log\"") || text.trim_end() == "{") {
        return Some("it looks like a HAR: use `spsim import har`");
    }
    if begins("PK\u{3}\u{4}") {
        return Some("it looks like a ZIP archive: unpack it first");
    }
    if is_capture(first) {
        return Some("it looks like a network capture: a log or snapshots are expected");
    }
    let commas = text.matches(", ").count();
    (commas >= 10).then_some("it looks like the older IIS log format: IIS can log as W3C instead")
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
