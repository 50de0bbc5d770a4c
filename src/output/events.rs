//! Events as JSON Lines or CSV, one row at a time.

use crate::net::CloseKind;
use crate::record::EventRow;
use crate::units::Seconds;
use crate::words::{number, plain};

/// The columns, in order; in JSON Lines the keys, where they apply.
pub const COLUMNS: [&str; 22] = [
    "time_s",
    "event",
    "client",
    "workload",
    "request",
    "connection",
    "port",
    "group",
    "endpoint",
    "outcome",
    "error",
    "status",
    "message",
    "wait_s",
    "latency_s",
    "retry_in_s",
    "served",
    "closed",
    "found",
    "due_s",
    "ports_in_use",
    "time_wait",
];

/// A value as JSON and CSV tell it apart.
enum Value {
    /// As it stands: counts and truth values.
    Plain(String),
    /// Nanoseconds as seconds; in CSV always with a point.
    Seconds(u64),
    /// Quoted in JSON.
    Text(String),
}

/// The header of the CSV, with its line end.
pub fn csv_header() -> String {
    COLUMNS.join(",") + "\n"
}

/// Appends one CSV record; what does not apply is empty.
pub fn write_csv(row: &EventRow<'_>, line: &mut Vec<u8>) {
    let mut writer = ::csv::WriterBuilder::new().from_writer(line);
    let values = values(row).map(|value| match value {
        Some(Value::Plain(text)) => text,
        Some(Value::Seconds(nanos)) => number::nanos(nanos),
        Some(Value::Text(text)) => plain::cell(&text),
        None => String::new(),
    });
    writer
        .write_record(&values)
        .expect("a vector takes every byte, and all records have the columns of the header");
}

/// Appends one JSON object and its line end; what does not apply is left out.
pub fn write_json(row: &EventRow<'_>, line: &mut Vec<u8>) {
    line.push(b'{');
    let mut first = true;
    for (key, value) in COLUMNS.iter().zip(values(row)) {
        let Some(value) = value else { continue };
        if !first {
            line.push(b',');
        }
        first = false;
        line.extend_from_slice(b"\"");
        line.extend_from_slice(key.as_bytes());
        line.extend_from_slice(b"\":");
        match value {
            Value::Plain(text) => line.extend_from_slice(text.as_bytes()),
            Value::Seconds(nanos) => line.extend_from_slice(Seconds(nanos).to_string().as_bytes()),
            Value::Text(text) => serde_json::to_writer(&mut *line, &text)
                .expect("a vector takes every byte, and a string is always JSON"),
        }
    }
    line.extend_from_slice(b"}\n");
}

/// The values in the order of [`COLUMNS`].
fn values(row: &EventRow<'_>) -> [Option<Value>; COLUMNS.len()] {
    let text = |text: &str| Value::Text(text.into());
    let count = |count: u64| Value::Plain(count.to_string());
    let message = row
        .failure
        .map(crate::net::Failure::message)
        .filter(|it| !it.is_empty());
    [
        Some(Value::Seconds(row.time.as_nanos())),
        Some(text(row.event)),
        row.client.map(text),
        row.workload.map(text),
        row.request.map(count),
        row.connection.map(|it| count(it.number)),
        row.connection.map(|it| count(it.port.into())),
        row.group.map(|it| Value::Text(it.to_string())),
        row.endpoint.map(text),
        row.outcome.map(text),
        row.failure.map(|it| text(it.name())),
        row.failure.map(|it| text(it.status())),
        message.map(text),
        row.wait.map(|it| Value::Seconds(it.as_nanos())),
        row.latency.map(|it| Value::Seconds(it.as_nanos())),
        row.retry_in.map(|it| Value::Seconds(it.as_nanos())),
        row.served.map(|it| count(it.into())),
        row.closed.map(|it| {
            text(match it {
                CloseKind::Graceful => "graceful",
                CloseKind::Hard => "hard",
            })
        }),
        row.found.map(|it| Value::Plain(it.to_string())),
        row.due.map(|it| Value::Seconds(it.as_nanos())),
        row.sample.map(|it| count(it.ports_in_use)),
        row.sample.map(|it| count(it.time_wait)),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::GroupName;
    use crate::model::settings::PortErrorName;
    use crate::net::Failure;
    use crate::record::events::{ConnectionRef, EVENTS};
    use crate::units::{SimSpan, SimTime};

    fn row() -> EventRow<'static> {
        EventRow {
            time: SimTime::ZERO + SimSpan::from_millis(1_250),
            event: EVENTS[5],
            client: Some("a, \"b\""),
            workload: Some("orders"),
            request: Some(7),
            connection: Some(ConnectionRef {
                number: 3,
                port: 1028,
            }),
            group: Some(GroupName::fresh(7)),
            endpoint: Some("http://x:80"),
            outcome: Some("failed"),
            failure: Some(Failure::NoPort(PortErrorName::Wsaeaddrinuse)),
            wait: None,
            latency: Some(SimSpan::from_millis(2_000)),
            retry_in: None,
            served: None,
            closed: None,
            found: None,
            due: None,
            sample: None,
        }
    }

    #[test]
    fn json_leaves_out_what_does_not_apply() {
        let mut line = Vec::new();
        write_json(&row(), &mut line);
        insta::assert_snapshot!(String::from_utf8(line).expect("UTF-8"), @r#"{"time_s":1.25,"event":"request_ended","client":"a, \"b\"","workload":"orders","request":7,"connection":3,"port":1028,"group":"unique-7","endpoint":"http://x:80","outcome":"failed","error":"WSAEADDRINUSE","status":"ConnectFailure","message":"Only one usage of each socket address (protocol/network address/port) is normally permitted (10048)","latency_s":2}"#);
    }

    #[test]
    fn csv_has_every_column_of_the_header() {
        let mut bytes = csv_header().into_bytes();
        write_csv(&row(), &mut bytes);
        let mut reader = ::csv::Reader::from_reader(bytes.as_slice());
        let records: Vec<_> = reader.records().collect::<Result<_, _>>().expect("CSV");
        assert_eq!(records.len(), 1);
        assert_eq!(records[0].len(), COLUMNS.len());
        assert_eq!(
            (
                &records[0][0],
                &records[0][2],
                &records[0][13],
                &records[0][14]
            ),
            ("1.25", "a, \"b\"", "", "2.0")
        );
    }
}
