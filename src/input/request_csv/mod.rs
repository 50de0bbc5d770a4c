//! Any CSV of requests: which column is what is told, known by the program that wrote it, or taken
//! by its name and reported. A duration whose unit nobody says is asked for.

mod known;

use known::is_column;

use super::calendar::Offset;
use super::clock::Dates;
use super::describe;
use super::duration_unit::DurationUnit;
use super::import::{Import, Log, Request, damaged, no_requests};
use super::lines;
use super::request_times::{format_of, numbers_of};
use super::stream::Guarded;
use super::table::{all_quoted, line_of, quoted};
use crate::units::{FNV_1A_START, SimSpan, fnv_1a};
use crate::words::plain::of_cell;
use csv::{ByteRecord, ReaderBuilder, Terminator};
use std::borrow::Cow;
use std::io::{BufRead, BufReader, Read};
use std::slice;

pub use super::request_times::TimeFormat;
pub use known::{APP_SERVICE, HEY, JMETER, K6, Known, LOCUST};

const NAME: &str = "a CSV of requests";

/// Names of columns that are taken without being told, in any case.
const TIME_NAMES: [&str; 12] = [
    "time_s",
    "time",
    "timestamp",
    "date",
    "datetime",
    "start",
    "started",
    "arrival",
    "ts",
    "epoch",
    "@timestamp",
    "time_ms",
];
const GROUP_NAMES: [&str; 3] = ["group", "connectiongroupname", "connection_group"];
const DURATION_NAMES: [&str; 11] = [
    "duration_s",
    "duration_ms",
    "duration_us",
    "duration",
    "durationms",
    "elapsed",
    "elapsed_ms",
    "latency",
    "latency_ms",
    "response_time",
    "response_time_ms",
];
const KEEP_ALIVE_NAMES: [&str; 3] = ["keep_alive", "keepalive", "keep-alive"];

/// Which column is what; `None` is taken by its name.
#[derive(Clone, Debug, Default)]
pub struct Mapping {
    /// Which program wrote it, where that was said.
    pub kind: Option<&'static Known>,
    /// When a request was made.
    pub time: Option<String>,
    /// Its group.
    pub group: Option<String>,
    /// How long it took.
    pub duration: Option<String>,
    /// Whether its connection is kept.
    pub keep_alive: Option<String>,
    /// How times are written.
    pub time_format: Option<TimeFormat>,
    /// The unit of durations.
    pub duration_unit: Option<DurationUnit>,
    /// What is between two fields.
    pub delimiter: Option<u8>,
    /// The offset of times that have none.
    pub zone: Offset,
}

/// Reads a whole CSV.
///
/// # Errors
/// The file cannot be read, exceeds a bound, lacks a column or holds no request.
pub fn read(input: Box<dyn Read>, mapping: &Mapping) -> Result<Import, Vec<String>> {
    let input = super::utf16::as_utf8(input).map_err(|error| vec![describe(&error)])?;
    let mut input = BufReader::with_capacity(1 << 16, input);
    let start = input.fill_buf().map_err(|error| vec![describe(&error)])?;
    let first = start[..start.len().min(1 << 12)].to_vec();
    let header = first
        .split(|byte| *byte == b'\n')
        .next()
        .unwrap_or_default();
    let delimiter = mapping.delimiter.unwrap_or_else(|| delimiter_of(header));
    let mut reader = ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .delimiter(delimiter)
        .terminator(Terminator::Any(b'\n'))
        .from_reader(Guarded::new(
            Box::new(input) as Box<dyn Read>,
            lines::LIMITS,
        ));
    let mut log = Log::default();
    let mut rows: Option<Rows> = None;
    let mut record = ByteRecord::new();
    loop {
        match reader.read_byte_record(&mut record) {
            Ok(true) => {}
            Ok(false) => break,
            Err(error) => {
                let error = std::io::Error::from(error);
                if !lines::is_damage(&error) || log.requests() == 0 {
                    return Err(vec![describe(&error)]);
                }
                let line = line_of(&reader);
                log.problems.push(|| damaged(line, &error));
                break;
            }
        }
        reader.get_mut().record_done();
        if record.len() == 1 && record[0].trim_ascii().is_empty() {
            continue;
        }
        let Some(rows) = &mut rows else {
            let found = Rows::of(&record, mapping);
            let mut found = found.map_err(|problems| with_kind(problems, &first))?;
            found.decimal_comma = delimiter != b',';
            log.by_arrival = !found.stamped_at_end;
            rows = Some(found);
            continue;
        };
        let line = line_of(&reader);
        match rows.request(&record) {
            Ok(None) => {}
            Ok(Some(request)) => log.add(line, fnv_1a(FNV_1A_START, record.as_slice()), request)?,
            Err(problem) => log.problems.push(|| format!("line {line}: {problem}")),
        }
    }
    if let Some(rows) = rows.as_mut().filter(|it| it.dates.any()) {
        let order = rows.dates.order().map_err(|problem| {
            let advice = "bring times with the year first";
            vec![format!("cannot be dated: {problem}; {advice}")]
        })?;
        let words = order.words();
        rows.notes.push(format!("dates are read {words}"));
        let zone = rows.zone;
        log.restamp(rows.stamped_at_end, |at| order.of_month_first(at, zone));
    }
    let notes = rows.map(Rows::into_notes).unwrap_or_default();
    if log.requests() == 0 {
        return Err(no_requests(log.problems, NAME, &notes, &first));
    }
    let cut = !reader.get_ref().ends_with_newline();
    let cut = cut.then(|| "the last line has no end, it may be cut".into());
    Ok(log.finish(&notes, cut.into_iter().collect()))
}

/// A file without the columns is perhaps another kind of file.
fn with_kind(mut problems: Vec<String>, first: &[u8]) -> Vec<String> {
    let other = super::kind::looks_like(first);
    // A trace can be imported as well.
    let is_own = |it: &&str| it.contains("trace") || it.contains(NAME);
    problems.extend(other.filter(|it| !is_own(it)).map(Into::into));
    problems
}

/// The separator that the header has most of.
fn delimiter_of(header: &[u8]) -> u8 {
    let count = |delimiter: &u8| header.split(|byte| byte == delimiter).count();
    // The last of equals wins: a comma.
    b"|\t;,".iter().copied().max_by_key(count).unwrap_or(b',')
}

/// How the rows of one file are read.
struct Rows {
    width: usize,
    time: usize,
    group: Option<usize>,
    duration: Option<usize>,
    keep_alive: Option<usize>,
    format: Option<TimeFormat>,
    unit: DurationUnit,
    zone: Offset,
    /// The column and the value of rows that are requests, and how many others there were.
    only: Option<(usize, &'static str)>,
    others: u64,
    /// The column and the beginning of rows that sum up others, and how many there were.
    sums: Option<(usize, &'static str)>,
    summed: u64,
    stamped_at_end: bool,
    /// Whether a comma can stand for a decimal point: it is not between the fields.
    decimal_comma: bool,
    /// Dates whose order all of them tell.
    dates: Dates,
    notes: Vec<String>,
}

impl Rows {
    fn of(header: &ByteRecord, mapping: &Mapping) -> Result<Rows, Vec<String>> {
        let names: Vec<String> = header
            .iter()
            .map(|name| {
                let name = name.strip_prefix(b"\xef\xbb\xbf").unwrap_or(name);
                String::from_utf8_lossy(name.trim_ascii()).into_owned()
            })
            .collect();
        let mut problems = Vec::new();
        let are_told = mapping.time.is_some() || mapping.duration.is_some();
        if let Some(why) = known::refusal_of(&names).filter(|_| !are_told) {
            return Err(vec![why.into()]);
        }
        let kind = match mapping.kind {
            Some(kind) if !kind.has_columns(&names) => {
                let (name, columns) = (kind.name, kind.columns());
                return Err(vec![format!("is not {name}: its columns are {columns}")]);
            }
            Some(kind) => Some(kind),
            None if are_told => None,
            None => Known::of(&names),
        };
        let mut find = |told: &Option<String>, known: &[&str]| {
            let at = |wanted: &str| names.iter().position(|it| is_column(it, wanted));
            let Some(told) = told else {
                return known.iter().find_map(|name| at(name));
            };
            let found = names.iter().position(|it| it == told).or_else(|| at(told));
            if found.is_none() {
                let names = all_quoted(&names);
                problems.push(format!("has no column `{told}`: it has {names}"));
            }
            found
        };
        // A known program's own columns come first.
        let time = find(
            &mapping.time,
            kind.map_or(&TIME_NAMES, |it| slice::from_ref(&it.time)),
        );
        let group = match kind {
            Some(kind) if mapping.group.is_none() => {
                kind.group.and_then(|group| find(&None, &[group]))
            }
            _ => find(&mapping.group, &GROUP_NAMES),
        };
        let duration = find(
            &mapping.duration,
            kind.map_or(&DURATION_NAMES, |it| slice::from_ref(&it.duration)),
        );
        let only = kind.and_then(|kind| kind.rows);
        let only = only.and_then(|(column, value)| Some((find(&None, &[column])?, value)));
        let sums = kind.and_then(|kind| kind.sums);
        let sums = sums.and_then(|(column, start)| Some((find(&None, &[column])?, start)));
        let keep_alive = find(&mapping.keep_alive, &KEEP_ALIVE_NAMES);
        if time.is_none() && mapping.time.is_none() {
            problems.push("has no column of times by name: say `--time-column`".into());
        }
        let (Some(time), true) = (time, problems.is_empty()) else {
            return Err(problems);
        };
        let mut rows = Rows {
            width: names.len(),
            time,
            group,
            duration,
            keep_alive,
            format: mapping.time_format.or(kind.and_then(|it| it.format)),
            unit: DurationUnit::Seconds,
            zone: mapping.zone,
            only,
            others: 0,
            sums,
            summed: 0,
            stamped_at_end: kind.is_some_and(|it| it.stamped_at_end),
            decimal_comma: false,
            dates: Dates::default(),
            notes: Vec::new(),
        };
        rows.note_columns(&names, mapping, kind)?;
        Ok(rows)
    }

    fn note_columns(
        &mut self,
        names: &[String],
        mapping: &Mapping,
        kind: Option<&Known>,
    ) -> Result<(), Vec<String>> {
        let columns = [
            ("time", Some(self.time)),
            ("group", self.group),
            ("duration", self.duration),
            ("keep-alive", self.keep_alive),
        ];
        let found: Vec<String> = columns
            .into_iter()
            .filter_map(|(what, at)| at.map(|at| format!("{what} from `{}`", names[at])))
            .collect();
        self.notes.push(format!("columns: {}", found.join(", ")));
        let Some(duration) = self.duration else {
            return Ok(());
        };
        let name = &names[duration];
        let (unit, why) = match (mapping.duration_unit, kind) {
            (Some(unit), _) => (unit, "as you say".into()),
            (None, Some(kind)) => (kind.unit, format!("as this is {}", kind.name)),
            (None, None) => {
                let unit = unit_by_name(name).ok_or_else(|| {
                    vec![format!(
                        "does not say the unit of `{name}`: say `--duration-unit s`, `ms` or `us`"
                    )]
                })?;
                (unit, "by the column's name".into())
            }
        };
        self.unit = unit;
        self.notes
            .push(format!("durations are {}, {why}", unit.name()));
        Ok(())
    }

    /// What was noted, with what only the whole file shows.
    fn into_notes(mut self) -> Vec<String> {
        if let (others @ 1.., Some((_, value))) = (self.others, self.only) {
            self.notes.push(format!(
                "{others} rows of other metrics than `{value}` are no requests: left out"
            ));
        }
        if let (summed @ 1.., Some((_, start))) = (self.summed, self.sums) {
            self.notes.push(format!(
                "{summed} rows sum up others (`{start}`): left out, each request counts once"
            ));
        }
        self.notes
    }

    fn request<'r>(&mut self, record: &'r ByteRecord) -> Result<Option<Request<'r>>, String> {
        let (found, width) = (record.len(), self.width);
        if found != width {
            let plural = if found == 1 { "" } else { "s" };
            return Err(format!("{found} field{plural}, the header has {width}"));
        }
        let field = |at: usize| record[at].trim_ascii();
        if let Some((column, value)) = self.only
            && field(column) != value.as_bytes()
        {
            self.others += 1;
            return Ok(None);
        }
        if let Some((column, start)) = self.sums
            && field(column).starts_with(start.as_bytes())
        {
            self.summed += 1;
            return Ok(None);
        }
        let stamp = self.time_of(field(self.time))?;
        let duration = self
            .duration
            .map(field)
            .filter(|text| !text.is_empty() && *text != b"-");
        let duration = duration.map(|text| self.duration_of(text)).transpose()?;
        let keep_alive = self.keep_alive.map(field).map_or(Ok(true), truth)?;
        let group = self.group.map(field).unwrap_or_default();
        // As our own traces have it.
        let group = std::str::from_utf8(group).map_or(group, |it| of_cell(it).as_bytes());
        // 10 years at most, so it fits in 63 bits.
        let took = duration.map_or(0, |span| span.as_nanos().cast_signed());
        Ok(Some(Request {
            arrived_ns: if self.stamped_at_end {
                stamp - took
            } else {
                stamp
            },
            duration,
            group,
            keep_alive,
        }))
    }

    fn duration_of(&self, text: &[u8]) -> Result<SimSpan, String> {
        let problem = || {
            format!(
                "duration {} is not a number of {}",
                quoted(text),
                self.unit.name()
            )
        };
        self.unit.parse(&self.with_point(text)).ok_or_else(problem)
    }

    /// A number with a decimal point, where it may have a comma.
    fn with_point<'t>(&self, text: &'t [u8]) -> Cow<'t, [u8]> {
        if !self.decimal_comma || !text.contains(&b',') {
            return Cow::Borrowed(text);
        }
        let point = |byte: &u8| if *byte == b',' { b'.' } else { *byte };
        Cow::Owned(text.iter().map(point).collect())
    }

    /// The first time that can be read decides on the format, if none was told.
    fn time_of(&mut self, text: &[u8]) -> Result<i64, String> {
        let number = self.with_point(text);
        let format = self.format.unwrap_or_else(|| format_of(&number));
        let what = format.name();
        let nanos = format.read(text, &number, self.zone);
        let nanos = nanos.ok_or_else(|| format!("time {} is not {what}", quoted(text)))?;
        if format == TimeFormat::Date
            && let Some(numbers) = numbers_of(text)
        {
            self.dates.add(numbers);
        }
        if self.format.is_none() {
            self.format = Some(format);
            self.notes.push(format!(
                "times are read as {what}, by the first: {}",
                quoted(text)
            ));
        }
        Ok(nanos)
    }
}

/// The unit that a column's name ends with.
fn unit_by_name(name: &str) -> Option<DurationUnit> {
    let lower = name.to_ascii_lowercase();
    let ends = |suffixes: &[&str]| suffixes.iter().any(|it| lower.ends_with(it));
    // `DurationMs`, but not `items`.
    if ends(&["_ms", "-ms", "millis", "milliseconds", "(ms)", "[ms]"]) || name.ends_with("Ms") {
        return Some(DurationUnit::Milliseconds);
    }
    if ends(&["_us", "-us", "micros", "microseconds", "(us)", "[us]"]) {
        return Some(DurationUnit::Microseconds);
    }
    ends(&["_s", "-s", "_sec", "seconds", "(s)", "[s]"]).then_some(DurationUnit::Seconds)
}

/// Empty is .NET's default.
fn truth(text: &[u8]) -> Result<bool, String> {
    match text.to_ascii_lowercase().as_slice() {
        b"" | b"true" | b"1" | b"yes" | b"keep-alive" => Ok(true),
        b"false" | b"0" | b"no" | b"close" => Ok(false),
        _ => Err(format!(
            "keep-alive {} is neither true nor false",
            quoted(text)
        )),
    }
}
