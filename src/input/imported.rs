//! The requests of a log: written as a trace, told as a summary.

use super::calendar::{NANOS_PER_DAY, iso_text};
use super::seen::Unit;
use super::trace_csv::HEADER;
use crate::units::{LONGEST, NANOS_PER_SECOND, SimSpan};
use crate::units::{Seconds, parse_seconds};
use crate::words::{number, plain};
use rand::Rng;
use std::io::{self, Write};

/// Earlier times are seconds since some beginning, not dates: the first of February 1970.
const EARLIEST_DATE_NS: i64 = 31 * NANOS_PER_DAY;

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
    pub(crate) keep_alive: bool,
}

/// A [`Row::duration_ns`] that the log does not tell.
pub(crate) const UNKNOWN: u64 = u64::MAX;

#[derive(Debug, Default)]
pub(crate) struct Told {
    pub(crate) skipped: u64,
    pub(crate) problems: Vec<String>,
    pub(crate) notes: Vec<String>,
    pub(crate) unit: Unit,
}

pub(crate) const fn known(duration_ns: u64) -> Option<u64> {
    if duration_ns == UNKNOWN {
        None
    } else {
        Some(duration_ns)
    }
}

impl Import {
    /// How many lines could not be read as requests.
    pub const fn skipped(&self) -> u64 {
        self.told.skipped
    }

    /// Writes the trace: arrival times divided by `speed_up`, durations as they were.
    ///
    /// # Errors
    /// `out` cannot be written.
    pub fn write(&self, speed_up: SpeedUp, out: &mut dyn Write) -> io::Result<()> {
        let mut writer = csv::Writer::from_writer(out);
        writer.write_record(HEADER).map_err(io_error)?;
        for row in &self.rows {
            let time = number::nanos(speed_up.apply(self.since_first(row)));
            let duration = known(row.duration_ns).map_or_else(String::new, number::nanos);
            let group = &*self.groups[row.group as usize];
            let keep_alive = if row.keep_alive { "true" } else { "false" };
            let record = [&time, &*plain::cell(group), &duration, keep_alive];
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

    /// Keeps each request with probability `thin`, drawn from a stream of that name and `seed`.
    ///
    /// # Errors
    /// Not one request is left.
    pub fn thin(&mut self, thin: Thin, seed: u64) -> Result<(), Vec<String>> {
        let mut stream = crate::kernel::stream(seed, "import/thin", 0);
        let before = self.rows.len();
        // 53 bits: a uniform double in [0, 1).
        let mut uniform = || (stream.next_u64() >> 11) as f64 / (1_u64 << 53) as f64;
        self.rows.retain(|_| uniform() < thin.0);
        let kept = self.rows.len();
        if kept == 0 {
            return Err(vec![format!(
                "no request is left of {before} after `--thin {}`",
                thin.0
            )]);
        }
        let note = format!(
            "thinned with probability {}: {kept} of {before} requests",
            thin.0
        );
        self.told.notes.push(note);
        Ok(())
    }

    /// What was read, in lines for a person: `name` is the log's.
    pub fn summary(&self, name: &str, speed_up: SpeedUp) -> String {
        let plural = |count: u64| if count == 1 { "" } else { "s" };
        let (requests, skipped) = (self.rows.len() as u64, self.told.skipped);
        let skipped = self.told.unit.counted(skipped);
        let mut lines = vec![format!(
            "{name}: {requests} request{}, {skipped} skipped",
            plural(requests)
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
        if let Some(first) = self
            .rows
            .first()
            .filter(|row| row.arrived_ns >= EARLIEST_DATE_NS)
        {
            lines.push(format!("  first      {}", iso_text(first.arrived_ns)));
        }
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
        if let Some(burstiness) = self.burstiness(speed_up) {
            lines.push(format!(
                "  burstiness {} (variance / mean of the requests per second; Poisson has 1)",
                significant(burstiness)
            ));
        }
        let groups = self.distinct_groups();
        lines.push(format!("  groups     {groups} distinct"));
        lines.push(format!("  durations  {}", self.durations()));
        lines.join("\n")
    }

    /// How many groups have a request left.
    fn distinct_groups(&self) -> usize {
        let mut used = vec![false; self.groups.len()];
        for row in &self.rows {
            used[row.group as usize] = true;
        }
        used.into_iter().filter(|it| *it).count()
    }

    /// The index of dispersion of the counts per second, over every whole second of the span, the
    /// empty ones too; `None` with fewer than ten of them.
    fn burstiness(&self, speed_up: SpeedUp) -> Option<f64> {
        let second = |row: &Row| speed_up.apply(self.since_first(row)) / NANOS_PER_SECOND;
        let seconds = speed_up.apply(self.span_ns()) / NANOS_PER_SECOND;
        if seconds < 10 {
            return None;
        }
        let (mut at, mut count, mut total, mut squares) = (0, 0_u64, 0.0, 0.0);
        for row in &self.rows {
            let now = second(row);
            if now != at {
                squares += (count as f64) * (count as f64);
                (at, count) = (now, 0);
            }
            // The last second is not whole.
            if now == seconds {
                break;
            }
            count += 1;
            total += 1.0;
        }
        let n = seconds as f64;
        let mean = total / n;
        let variance = (squares - n * mean * mean) / (n - 1.0);
        (mean > 0.0).then_some(variance / mean)
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

/// Three significant digits, without an exponent.
fn significant(value: f64) -> String {
    if value <= 0.0 {
        return "0".into();
    }
    let magnitude = value.log10().floor() as i32;
    format!("{value:.*}", (2 - magnitude).clamp(0, 12) as usize)
}

/// With which probability a request is kept: above 0, at most 1.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Thin(f64);

impl Thin {
    /// Reads a decimal such as `0.1`.
    ///
    /// # Errors
    /// What is wrong with the text.
    pub fn parse(text: &str) -> Result<Thin, String> {
        let share = text
            .parse::<f64>()
            .ok()
            .filter(|share| *share > 0.0 && *share <= 1.0);
        share
            .map(Thin)
            .ok_or_else(|| "a number above 0 and up to 1 is expected".into())
    }
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
