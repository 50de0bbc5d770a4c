//! CSVs whose program is known by their columns: what each holds, in which unit.
//!
//! Sources: the pages on results of k6 (`--out csv`), Apache JMeter (JTL), hey (`-o csv`),
//! ApacheBench (`-g`), Locust (request events); Microsoft's on Application Insights' `requests` and
//! `dependencies` and App Service's `AppServiceHTTPLogs`.

use super::TimeFormat;
use crate::input::duration_unit::DurationUnit::{self, Milliseconds, Seconds};

/// One kind of CSV.
#[derive(Debug)]
pub struct Known {
    /// What it is called in messages.
    pub(super) name: &'static str,
    /// The columns by which it is known: all of them are there.
    signature: &'static [&'static str],
    pub(super) time: &'static str,
    pub(super) format: Option<TimeFormat>,
    pub(super) duration: &'static str,
    pub(super) unit: DurationUnit,
    pub(super) group: Option<&'static str>,
    /// The rows that are requests: those with this value in this column.
    pub(super) rows: Option<(&'static str, &'static str)>,
    /// The rows that sum up others: those whose value in this column begins so.
    pub(super) sums: Option<(&'static str, &'static str)>,
    /// Whether the time is that of the end.
    pub(super) stamped_at_end: bool,
}

/// What most of them have: every row is a request, in milliseconds, stamped when it began.
const USUAL: Known = Known {
    name: "",
    signature: &[],
    time: "",
    format: None,
    duration: "",
    unit: Milliseconds,
    group: None,
    rows: None,
    sums: None,
    stamped_at_end: false,
};

/// A CSV of k6.
pub const K6: &Known = &Known {
    name: "results of k6",
    signature: &["metric_name", "timestamp", "metric_value"],
    time: "timestamp",
    duration: "metric_value",
    rows: Some(("metric_name", "http_req_duration")),
    stamped_at_end: true,
    ..USUAL
};

/// A JTL of JMeter.
pub const JMETER: &Known = &Known {
    name: "a JTL of JMeter",
    signature: &["timeStamp", "elapsed", "label"],
    time: "timeStamp",
    duration: "elapsed",
    sums: Some(("responseMessage", "Number of samples in transaction")),
    ..USUAL
};

/// Locust's request events, written by a listener.
pub const LOCUST: &Known = &Known {
    name: "request events of Locust",
    signature: &["timestamp", "request_type", "response_time"],
    time: "timestamp",
    duration: "response_time",
    stamped_at_end: true,
    ..USUAL
};

/// hey's CSV.
pub const HEY: &Known = &Known {
    name: "a CSV of hey",
    signature: &["response-time", "status-code", "offset"],
    time: "offset",
    format: Some(TimeFormat::Seconds),
    duration: "response-time",
    unit: Seconds,
    ..USUAL
};

/// A table of `ab -g`.
const APACHE_BENCH: &Known = &Known {
    name: "a table of `ab -g`",
    signature: &["starttime", "seconds", "ctime", "dtime", "ttime"],
    time: "seconds",
    format: Some(TimeFormat::Seconds),
    duration: "ttime",
    ..USUAL
};

/// App Service's HTTP log as a CSV.
pub const APP_SERVICE: &Known = &Known {
    name: "a CSV of App Service's HTTP log",
    signature: &["CsMethod", "CIp", "TimeTaken"],
    time: "TimeGenerated",
    duration: "TimeTaken",
    group: Some("CIp"),
    stamped_at_end: true,
    ..USUAL
};

const APPLICATION_INSIGHTS: &Known = &Known {
    name: "a CSV of Application Insights",
    signature: &["timestamp", "duration", "resultCode", "success"],
    time: "timestamp",
    duration: "duration",
    ..USUAL
};

const ALL: [&Known; 7] = [
    K6,
    JMETER,
    LOCUST,
    HEY,
    APACHE_BENCH,
    APP_SERVICE,
    APPLICATION_INSIGHTS,
];

impl Known {
    /// Whether a header with `names` is that of this kind. Portals write `timestamp [UTC]`.
    pub(super) fn has_columns(&self, names: &[String]) -> bool {
        let is_there = |wanted: &&str| names.iter().any(|name| is_column(name, wanted));
        self.signature.iter().all(is_there) && is_there(&self.time)
    }

    /// The kind whose columns `names` has.
    pub(super) fn of(names: &[String]) -> Option<&'static Known> {
        ALL.into_iter().find(|kind| kind.has_columns(names))
    }

    /// Its columns, for messages.
    pub(super) fn columns(&self) -> String {
        self.signature.join(", ")
    }
}

/// Whether `name` is the column `wanted`, in any case, with or without a zone behind it.
pub(super) fn is_column(name: &str, wanted: &str) -> bool {
    let plain = name.strip_suffix(" [UTC]").unwrap_or(name);
    plain.eq_ignore_ascii_case(wanted)
}

/// Why a table with such columns holds no requests, and what to bring instead.
pub(super) fn refusal_of(names: &[String]) -> Option<&'static str> {
    let has = |wanted: &str| names.iter().any(|name| is_column(name, wanted));
    if has("User Count") && has("Requests/s") {
        return Some(
            "is Locust's history of statistics, which has no requests: write one row a request in \
             an `events.request` listener, with the columns timestamp, request_type, response_time",
        );
    }
    if has("Request Count") && has("Failure Count") {
        return Some(
            "is Locust's table of statistics, which has no requests: write one row a request in \
             an `events.request` listener, with the columns timestamp, request_type, response_time",
        );
    }
    if has("No.") && has("Source") && has("Destination") {
        return Some(
            "is a list of packets, which are neither requests nor connections: bring a server's log",
        );
    }
    if has("Occurrences") && has("Error") || has("Traceback") && has("Nodes") {
        return Some(
            "is Locust's table of failures, which has no requests: write one row a request in an \
             `events.request` listener, with the columns timestamp, request_type, response_time",
        );
    }
    if has("Percentage served") {
        return Some("is a table of `ab -e`, which has no requests: `ab -g FILE` writes them");
    }
    None
}
