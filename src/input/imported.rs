//! The requests of a log: written as a trace, told as a summary.

use super::decimal::{Seconds, parse_seconds};
use super::trace_csv::HEADER;
use crate::units::{LONGEST, NANOS_PER_SECOND, SimSpan};
use std::io::{self, Write};

/// The requests of a log, sorted by arrival.
#[derive(Debug)]
pub struct Import {
    pub(crate) rows: Vec<Row>,
    /// Every group name that occurs, the index is [`Row::group`].
    pub(crate) groups: Vec<Box<str>>,
    /// What there is to tell about the log.
    pub(crate) told: Told,
}

#[derive(Clone, Copy, Debug)]
pub(crate) struct Row {
    pub(crate) arrived_ns: i64,
    /// [`UNKNOWN`] when the log does not tell.
    pub(crate) duration_ns: u64,
    pub(crate) group: u32,
}

/// A [`Row::duration_ns`] that the log does not tell.
pub(crate) const UNKNOWN: u64 = u64::MAX;

#[derive(Debug, Default)]
pub(crate) struct Told {
    pub(crate) skipped: u64,
    pub(crate) problems: Vec<String>,
    pub(crate) notes: Vec<String>,
}

pub(crate) const fn known(duration_ns: u64) -> Option<u64> {
    if duration_ns == UNKNOWN {
        None
    } else {
        Some(duration_ns)
    }
}

impl Import {
    /// How many requests there are.
    pub const fn requests(&self) -> usize {
        self.rows.len()
    }

    /// How many lines could not be read as requests.
    pub const fn skipped(&self) -> u64 {
        self.told.skipped
    }

    /// How many distinct groups there are.
    pub const fn groups(&self) -> usize {
        self.groups.len()
    }

    /// Writes the trace: arrival times divided by `speed_up`, durations as they were.
    ///
    /// # Errors
    /// `out` cannot be written.
    pub fn write(&self, speed_up: SpeedUp, out: &mut dyn Write) -> io::Result<()> {
        let mut writer = csv::Writer::from_writer(out);
        writer.write_record(HEADER).map_err(io_error)?;
        let (mut time, mut duration) = (String::new(), String::new());
        for row in &self.rows {
            write_into(&mut time, Seconds(speed_up.apply(self.since_first(row))));
            duration.clear();
            if let Some(nanos) = known(row.duration_ns) {
                write_into(&mut duration, Seconds(nanos));
            }
            let group = &*self.groups[row.group as usize];
            // A log does not tell who asked to keep the connection: .NET's default.
            let record = [&time, group, &duration, "true"];
            writer.write_record(record).map_err(io_error)?;
        }
        writer.flush()
    }

    /// Whether every arrival fits into a trace.
    ///
    /// # Errors
    /// The log spans more than a trace may.
    pub fn check_span(&self, speed_up: SpeedUp) -> Result<(), Vec<String>> {
        if speed_up.apply(self.span_ns()) <= LONGEST.as_nanos() {
            return Ok(());
        }
        Err(vec!["spans more than 10 years: is a date wrong?".into()])
    }

    fn since_first(&self, row: &Row) -> u64 {
        // Rows are sorted, so the difference is not negative.
        row.arrived_ns.abs_diff(self.rows[0].arrived_ns)
    }

    fn span_ns(&self) -> u64 {
        self.rows.last().map_or(0, |row| self.since_first(row))
    }

    /// What was read, in lines for a person: `name` is the log's.
    pub fn summary(&self, name: &str, speed_up: SpeedUp) -> String {
        let plural = |count: u64| if count == 1 { "" } else { "s" };
        let (requests, skipped) = (self.rows.len() as u64, self.told.skipped);
        let mut lines = vec![format!(
            "{name}: {requests} request{}, {skipped} line{} skipped",
            plural(requests),
            plural(skipped)
        )];
        lines.extend(
            self.told
                .problems
                .iter()
                .map(|it| format!("  skipped {it}")),
        );
        lines.extend(self.told.notes.iter().map(|it| format!("  note: {it}")));
        let span = speed_up.apply(self.span_ns());
        let faster = match speed_up {
            SpeedUp::NONE => String::new(),
            _ => format!(" (arrivals {} times as fast)", Seconds(speed_up.0)),
        };
        lines.push(format!(
            "  span       {}{faster}",
            SimSpan::from_nanos(span)
        ));
        if span > 0 {
            let rate = requests as f64 * NANOS_PER_SECOND as f64 / span as f64;
            lines.push(format!(
                "  rate       {} requests/s on average",
                significant(rate)
            ));
        }
        lines.push(format!("  groups     {} distinct", self.groups.len()));
        lines.push(format!("  durations  {}", self.durations()));
        lines.join("\n")
    }

    fn durations(&self) -> String {
        let mut all: Vec<u64> = self
            .rows
            .iter()
            .filter_map(|it| known(it.duration_ns))
            .collect();
        all.sort_unstable();
        let Some(last) = all.len().checked_sub(1) else {
            return "unknown".into();
        };
        // Nearest rank: the smallest value that at least this share do not exceed.
        let rank =
            |percent: usize| SimSpan::from_nanos(all[(all.len() * percent).div_ceil(100) - 1]);
        let (min, max) = (SimSpan::from_nanos(all[0]), SimSpan::from_nanos(all[last]));
        let unknown = self.rows.len() - all.len();
        let rest = match unknown {
            0 => String::new(),
            _ => format!(", unknown for {unknown}"),
        };
        format!(
            "min {min}, median {}, p99 {}, max {max}{rest}",
            rank(50),
            rank(99)
        )
    }
}

/// The I/O error inside, with its kind: a broken pipe must be known as one.
fn io_error(error: csv::Error) -> io::Error {
    match error.into_kind() {
        csv::ErrorKind::Io(error) => error,
        // Writing records of one length has no other way to fail.
        other => io::Error::other(format!("{other:?}")),
    }
}

fn write_into(text: &mut String, value: impl std::fmt::Display) {
    use std::fmt::Write;
    text.clear();
    // Writing into memory cannot fail.
    let _ = write!(text, "{value}");
}

/// Three significant digits, without an exponent.
fn significant(value: f64) -> String {
    let magnitude = value.log10().floor() as i32;
    format!("{value:.*}", (2 - magnitude).clamp(0, 12) as usize)
}

/// By what arrival times are divided, in billionths.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct SpeedUp(u64);

impl SpeedUp {
    /// As it was.
    pub const NONE: SpeedUp = SpeedUp(NANOS_PER_SECOND);

    /// Reads a decimal such as `100` or `2.5`; at least a billionth, up to 100 million.
    ///
    /// # Errors
    /// What is wrong with the text.
    pub fn parse(text: &str) -> Result<SpeedUp, String> {
        parse_seconds(text.as_bytes())
            .ok()
            .filter(|billionths| (1..=100_000_000 * NANOS_PER_SECOND).contains(billionths))
            .map(SpeedUp)
            .ok_or_else(|| "a number above 0 is expected, such as `10` or `2.5`".into())
    }

    /// `nanos` divided, rounded half up; [`u64::MAX`] when that is beyond every run.
    fn apply(self, nanos: u64) -> u64 {
        let divisor = u128::from(self.0);
        let scaled = u128::from(nanos) * u128::from(NANOS_PER_SECOND) + divisor / 2;
        u64::try_from(scaled / divisor).unwrap_or(u64::MAX)
    }
}
