//! How the times of a CSV are written.

use super::calendar::{Offset, parse_iso};
use super::clock::{DateOrder, Numbers, parse_stamp};
use crate::units::parse_seconds;

/// How times are written.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum TimeFormat {
    /// Seconds from any beginning.
    Seconds,
    /// Milliseconds from any beginning: also those since 1970.
    Milliseconds,
    /// Microseconds.
    Microseconds,
    /// Nanoseconds.
    Nanoseconds,
    /// ISO 8601.
    Iso,
    /// A date and a time as people write them: `11/22/2026 7:20:43 PM`, `22.11.2026 19:20:43`.
    /// Whether the day or the month comes first is told by all dates of the file.
    Date,
}

impl TimeFormat {
    /// The time in nanoseconds; `number` is the text with a decimal point.
    pub(super) fn read(self, text: &[u8], number: &[u8], zone: Offset) -> Option<i64> {
        match self {
            TimeFormat::Iso => parse_iso(text, zone),
            TimeFormat::Date => date(text, zone),
            TimeFormat::Seconds => decimal(number, 0),
            TimeFormat::Milliseconds => decimal(number, 3),
            TimeFormat::Microseconds => decimal(number, 6),
            // Too many digits for a fraction below them.
            TimeFormat::Nanoseconds => std::str::from_utf8(number).ok()?.parse().ok(),
        }
    }

    /// What `text` is read as, for messages.
    pub(super) const fn name(self) -> &'static str {
        match self {
            TimeFormat::Iso => "ISO 8601",
            TimeFormat::Date => "a date with its time",
            TimeFormat::Seconds => "a number of seconds",
            TimeFormat::Milliseconds => "a number of milliseconds",
            TimeFormat::Microseconds => "a number of microseconds",
            TimeFormat::Nanoseconds => "a number of nanoseconds",
        }
    }
}

/// The numbers of a date whose order only the whole file tells.
pub(super) fn numbers_of(text: &[u8]) -> Option<Numbers> {
    parse_stamp(std::str::from_utf8(text).ok()?)?.numbers()
}

/// A date and a time as people write them, in `zone`.
fn date(text: &[u8], zone: Offset) -> Option<i64> {
    let stamp = parse_stamp(std::str::from_utf8(text).ok()?)?;
    // Until the whole file is read: then all its dates tell.
    let nanos = stamp.nanos(DateOrder::MonthFirst);
    let nanos = nanos.or_else(|| stamp.nanos(DateOrder::DayFirst))?;
    Some(zone.to_utc(nanos))
}

/// Since 1970 there were more than 10^11 milliseconds, and fewer seconds; and so on.
pub(super) fn format_of(text: &[u8]) -> TimeFormat {
    let is_part =
        |byte: &u8| byte.is_ascii_digit() || matches!(byte, b'.' | b'-' | b'+' | b'e' | b'E');
    let whole = text.split(|byte| *byte == b'.').next().unwrap_or(text);
    if !text.iter().all(is_part) || text.iter().skip(1).any(|byte| *byte == b'-') {
        let is_date = parse_iso(text, Offset::UTC).is_none() && date(text, Offset::UTC).is_some();
        return if is_date {
            TimeFormat::Date
        } else {
            TimeFormat::Iso
        };
    }
    match whole.len() {
        0..12 => TimeFormat::Seconds,
        12..15 => TimeFormat::Milliseconds,
        15..18 => TimeFormat::Microseconds,
        _ => TimeFormat::Nanoseconds,
    }
}

/// A decimal number in nanoseconds: of seconds divided by 10^`places`. Beyond the ten years that a
/// span may have, as dates are.
fn decimal(text: &[u8], places: u32) -> Option<i64> {
    let point = text
        .iter()
        .position(|byte| *byte == b'.')
        .unwrap_or(text.len());
    let (whole, fraction) = (&text[..point], text.get(point + 1..).unwrap_or(b"0"));
    if whole.len() > 19
        || text
            .iter()
            .any(|byte| !byte.is_ascii_digit() && *byte != b'.')
    {
        let nanos = parse_seconds(text).ok()?;
        return Some((nanos / 10_u64.pow(places)).cast_signed());
    }
    let whole = super::calendar::digits(if whole.is_empty() { b"0" } else { whole })?;
    let fraction = parse_seconds(&[b"0.", fraction].concat()).ok()?;
    let nanos = u128::from(whole) * 1_000_000_000 + u128::from(fraction);
    i64::try_from(nanos / 10_u128.pow(places)).ok()
}
