//! Quantities that every room shares: simulated time, time spans, connection limits.
//!
//! Lives here: the newtypes, every conversion between them and text, and their `Display`.
//! Does not live here: anything that behaves.
//!
//! **Invariant:** time is a whole number of nanoseconds; nothing here holds a float.

use self::decimal::{Decimal, write_decimal};
use alloc::string::String;
use core::fmt;
use core::ops::{Add, AddAssign, Sub};

mod decimal;

pub use decimal::{Seconds, parse_seconds};

/// Nanoseconds in one second.
pub const NANOS_PER_SECOND: u64 = 1_000_000_000;

/// The largest simulated instant or span that a scenario may name: 10 years.
///
/// A bound of ours, so that sums of a few of them never overflow 64 bits.
pub const LONGEST: SimSpan = SimSpan(10 * 365 * 86_400 * NANOS_PER_SECOND);

/// The FNV-1a digest of nothing, 64 bits (Fowler, Noll and Vo).
pub const FNV_1A_START: u64 = 0xcbf2_9ce4_8422_2325;

/// The 64-bit FNV-1a digest `digest` with `bytes` added: names inputs, labels and group names;
/// not for security.
///
/// ```
/// use spsim::inside::units::{FNV_1A_START, fnv_1a};
/// assert_eq!(fnv_1a(FNV_1A_START, b"a"), 0xaf63_dc4c_8601_ec8c);
/// ```
pub fn fnv_1a(digest: u64, bytes: &[u8]) -> u64 {
    bytes.iter().fold(digest, |digest, byte| {
        (digest ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3)
    })
}

/// `value` rounded to so many significant decimal digits, as a writer of decimals rounds.
///
/// ```
/// assert_eq!(spsim::inside::units::rounded(68.266_67, 3), 68.3);
/// ```
pub fn rounded(value: f64, digits: usize) -> f64 {
    let places = digits.saturating_sub(1);
    // What was just written is a number.
    format!("{value:.places$e}").parse().unwrap_or(value)
}

/// An instant of simulated time: nanoseconds since the run began, as which it is serialised.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default, serde::Serialize)]
pub struct SimTime(u64);

impl SimTime {
    /// The instant at which every run begins.
    pub const ZERO: SimTime = SimTime(0);
    /// An instant after everything that can happen: "not scheduled".
    pub const NEVER: SimTime = SimTime(u64::MAX);

    /// The instant `nanos` nanoseconds after the run began.
    pub const fn from_nanos(nanos: u64) -> SimTime {
        SimTime(nanos)
    }

    /// Nanoseconds since the run began.
    pub const fn as_nanos(self) -> u64 {
        self.0
    }

    /// Seconds since the run began, for summaries and charts.
    pub fn as_seconds(self) -> f64 {
        self.0 as f64 / NANOS_PER_SECOND as f64
    }

    /// The time from `earlier` to `self`; zero when `earlier` is later.
    pub const fn since(self, earlier: SimTime) -> SimSpan {
        SimSpan(self.0.saturating_sub(earlier.0))
    }

    /// The instant `span` later; [`SimTime::NEVER`] when that is beyond every run.
    pub const fn saturating_add(self, span: SimSpan) -> SimTime {
        SimTime(self.0.saturating_add(span.0))
    }
}

impl Add<SimSpan> for SimTime {
    type Output = SimTime;
    fn add(self, span: SimSpan) -> SimTime {
        SimTime(self.0 + span.0)
    }
}

impl AddAssign<SimSpan> for SimTime {
    fn add_assign(&mut self, span: SimSpan) {
        self.0 += span.0;
    }
}

impl Sub<SimTime> for SimTime {
    type Output = SimSpan;
    fn sub(self, earlier: SimTime) -> SimSpan {
        SimSpan(self.0 - earlier.0)
    }
}

impl fmt::Display for SimTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        SimSpan(self.0).fmt(f)
    }
}

/// A length of simulated time in nanoseconds.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub struct SimSpan(u64);

impl SimSpan {
    /// No time at all.
    pub const ZERO: SimSpan = SimSpan(0);

    /// A span of `nanos` nanoseconds.
    pub const fn from_nanos(nanos: u64) -> SimSpan {
        SimSpan(nanos)
    }

    /// A span of `millis` milliseconds.
    pub const fn from_millis(millis: u64) -> SimSpan {
        SimSpan(millis * 1_000_000)
    }

    /// A span of `seconds` seconds.
    pub const fn from_seconds(seconds: u64) -> SimSpan {
        SimSpan(seconds * NANOS_PER_SECOND)
    }

    /// The span nearest to `seconds`, rounded once (half up) to whole nanoseconds; negative and
    /// NaN become zero.
    ///
    /// This is the only door from floats to time: laws draw in seconds and come through here.
    #[inline]
    pub fn from_seconds_rounded(seconds: f64) -> SimSpan {
        // A cast from float to integer saturates in Rust, and NaN gives 0. Signed, because that is
        // one instruction, and 292 years are enough.
        let nanos = (seconds * NANOS_PER_SECOND as f64 + 0.5) as i64;
        SimSpan(nanos.max(0) as u64)
    }

    /// The span in nanoseconds.
    pub const fn as_nanos(self) -> u64 {
        self.0
    }

    /// The span in seconds, for summaries and laws.
    pub fn as_seconds(self) -> f64 {
        self.0 as f64 / NANOS_PER_SECOND as f64
    }

    /// Whether the span is empty.
    pub const fn is_zero(self) -> bool {
        self.0 == 0
    }

    /// `self` shortened by `other`, at least zero.
    pub const fn saturating_sub(self, other: SimSpan) -> SimSpan {
        SimSpan(self.0.saturating_sub(other.0))
    }

    /// Reads a span such as `"100s"`, `"0.0125s"` or `"1min30s"`.
    ///
    /// A number and a unit (`ns us ms s min h d`), any number of times; the exact sum is rounded
    /// once, half up, to whole nanoseconds.
    ///
    /// ```
    /// use spsim::SimSpan;
    /// assert_eq!(SimSpan::parse("1min30s"), Ok(SimSpan::from_seconds(90)));
    /// assert_eq!(SimSpan::parse("0.0125s"), Ok(SimSpan::from_nanos(12_500_000)));
    /// assert!(SimSpan::parse("90").is_err());
    /// ```
    ///
    /// # Errors
    /// A [`SpanError`] that says what is wrong with the text.
    pub fn parse(text: &str) -> Result<SimSpan, SpanError> {
        // Exact arithmetic in units of 10^-18 ns: 10^4 years fit in 128 bits.
        const PLACES: i32 = 18;
        const SCALE: u128 = 10_u128.pow(PLACES as u32);
        let mut rest = text.trim();
        if rest.is_empty() {
            return Err(SpanError::Empty);
        }
        if rest.starts_with('-') {
            return Err(SpanError::Negative);
        }
        let mut sum: u128 = 0;
        while !rest.is_empty() {
            let number_len = rest
                .find(|c: char| !c.is_ascii_digit() && c != '.')
                .unwrap_or(rest.len());
            let (number, after) = rest.split_at(number_len);
            let after = after.trim_start();
            let unit_len = after
                .find(|c: char| !c.is_alphabetic())
                .unwrap_or(after.len());
            let (unit, next) = after.split_at(unit_len);
            let decimal = Decimal::read(number.as_bytes());
            let decimal = decimal.ok_or_else(|| SpanError::NotANumber(number.into()))?;
            let scaled = decimal.in_parts(PLACES).ok_or(SpanError::TooLong)?;
            let nanos: u128 = match unit {
                "ns" => 1,
                "us" | "µs" => 1_000,
                "ms" => 1_000_000,
                "s" => 1_000_000_000,
                "min" => 60_000_000_000,
                "h" => 3_600_000_000_000,
                "d" => 86_400_000_000_000,
                "" => return Err(SpanError::NoUnit),
                other => return Err(SpanError::UnknownUnit(other.into())),
            };
            let part = scaled.checked_mul(nanos).ok_or(SpanError::TooLong)?;
            sum = sum.checked_add(part).ok_or(SpanError::TooLong)?;
            rest = next.trim_start();
        }
        let nanos = (sum + SCALE / 2) / SCALE;
        if nanos > u128::from(LONGEST.0) {
            return Err(SpanError::TooLong);
        }
        Ok(SimSpan(nanos as u64))
    }
}

/// Why a text is not a time span.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum SpanError {
    /// There is nothing to read.
    #[error("a time is missing")]
    Empty,
    /// A span cannot run backwards.
    #[error("a time cannot be negative")]
    Negative,
    /// A bare number: seconds or milliseconds?
    #[error("a time needs a unit")]
    NoUnit,
    /// The unit is none of `ns us ms s min h d`.
    #[error("unknown unit `{0}`")]
    UnknownUnit(String),
    /// Digits were expected.
    #[error("`{0}` is not a decimal number")]
    NotANumber(String),
    /// Longer than ten years, the most there is.
    #[error("longer than 10 years")]
    TooLong,
}

impl Add for SimSpan {
    type Output = SimSpan;
    fn add(self, other: SimSpan) -> SimSpan {
        SimSpan(self.0 + other.0)
    }
}

impl fmt::Display for SimSpan {
    /// The shortest exact form that [`SimSpan::parse`] reads back: `1min40s`, `2.5ms`, `0s`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let nanos = self.0;
        if nanos == 0 {
            return f.write_str("0s");
        }
        if nanos < 1_000 {
            return write!(f, "{nanos}ns");
        }
        if nanos < 1_000_000 {
            return write_unit(f, nanos, 3, "us");
        }
        if nanos < NANOS_PER_SECOND {
            return write_unit(f, nanos, 6, "ms");
        }
        let seconds = nanos / NANOS_PER_SECOND;
        let (days, hours) = (seconds / 86_400, seconds / 3_600 % 24);
        let minutes = seconds / 60 % 60;
        let below_minute = nanos % (60 * NANOS_PER_SECOND);
        for (count, unit) in [(days, "d"), (hours, "h"), (minutes, "min")] {
            if count > 0 {
                write!(f, "{count}{unit}")?;
            }
        }
        if below_minute > 0 {
            write_unit(f, below_minute, 9, "s")?;
        }
        Ok(())
    }
}

fn write_unit(f: &mut fmt::Formatter<'_>, value: u64, places: u32, unit: &str) -> fmt::Result {
    write_decimal(f, value, places)?;
    f.write_str(unit)
}

/// How many connections one connection group may hold (LIM-3).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct ConnectionLimit(u32);

impl ConnectionLimit {
    /// `int.MaxValue`: what .NET uses for loopback hosts and for ASP.NET 4.5+ (K-5, K-6).
    pub const UNLIMITED: ConnectionLimit = ConnectionLimit(i32::MAX as u32);

    /// A limit of `count` connections.
    ///
    /// # Panics
    /// If `count` is 0 or above `int.MaxValue`: .NET's setter throws, and the scenario reader
    /// has refused it before.
    pub const fn new(count: u32) -> ConnectionLimit {
        assert!(
            count >= 1 && count <= i32::MAX as u32,
            "connection limit out of range"
        );
        ConnectionLimit(count)
    }

    /// The number of connections.
    pub const fn count(self) -> u32 {
        self.0
    }
}

impl fmt::Display for ConnectionLimit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if *self == ConnectionLimit::UNLIMITED {
            f.write_str("unlimited")
        } else {
            self.0.fmt(f)
        }
    }
}

/// FNV-1a, 64 bits: names inputs; not for security.
#[derive(Clone, Copy, Debug)]
pub struct Fnv(u64);

impl Fnv {
    /// The digest of nothing.
    pub const fn new() -> Fnv {
        Fnv(FNV_1A_START)
    }

    /// Adds bytes.
    pub fn bytes(&mut self, bytes: &[u8]) {
        self.0 = fnv_1a(self.0, bytes);
    }

    /// Adds a number, lowest byte first.
    pub fn number(&mut self, number: u64) {
        self.bytes(&number.to_le_bytes());
    }

    /// Adds a text and its end.
    pub fn text(&mut self, text: &str) {
        self.bytes(text.as_bytes());
        self.bytes(&[0xff]);
    }

    /// The digest of what was added.
    pub const fn value(self) -> u64 {
        self.0
    }
}

impl Default for Fnv {
    fn default() -> Fnv {
        Fnv::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::string::ToString;

    #[test]
    fn spans_are_exact_decimals_rounded_once() {
        let nanos = |text: &str| SimSpan::parse(text).map(SimSpan::as_nanos);
        assert_eq!(nanos("0.0125s"), Ok(12_500_000));
        assert_eq!(nanos("1min30s"), Ok(90_000_000_000));
        assert_eq!(nanos("1 h 0.5 min"), Ok(3_630_000_000_000));
        assert_eq!(nanos("0.4ns0.4ns"), Ok(1), "0.8 ns in all is rounded once");
        assert_eq!(nanos("0.5ns"), Ok(1));
        assert_eq!(nanos("2us"), Ok(2_000));
    }

    #[test]
    fn what_is_not_a_span_says_why() {
        assert_eq!(SimSpan::parse("5"), Err(SpanError::NoUnit));
        assert_eq!(SimSpan::parse("-5s"), Err(SpanError::Negative));
        assert_eq!(
            SimSpan::parse("5 fortnights"),
            Err(SpanError::UnknownUnit("fortnights".into()))
        );
        assert_eq!(
            SimSpan::parse("1.2.3s"),
            Err(SpanError::NotANumber("1.2.3".into()))
        );
        assert_eq!(
            SimSpan::parse("s"),
            Err(SpanError::NotANumber(String::new()))
        );
        assert_eq!(SimSpan::parse("4000d"), Err(SpanError::TooLong));
        assert_eq!(SimSpan::parse(" "), Err(SpanError::Empty));
    }

    #[test]
    fn display_reads_back() {
        for text in [
            "0s",
            "7ns",
            "2.5us",
            "12.5ms",
            "1.5s",
            "1min40s",
            "5min",
            "1d2h3min4.005s",
        ] {
            let span = SimSpan::parse(text).expect("these are spans");
            assert_eq!(span.to_string(), text);
        }
    }
}
