//! The unit of durations in a file that does not say it.

use crate::units::parse_seconds;
use crate::units::{LONGEST, NANOS_PER_SECOND, SimSpan};

/// The unit of durations in a file.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum DurationUnit {
    /// Seconds.
    Seconds,
    /// Thousandths.
    Milliseconds,
    /// Millionths.
    Microseconds,
}

impl DurationUnit {
    /// How many nanoseconds it has.
    pub const fn nanos(self) -> u64 {
        match self {
            DurationUnit::Seconds => NANOS_PER_SECOND,
            DurationUnit::Milliseconds => 1_000_000,
            DurationUnit::Microseconds => 1_000,
        }
    }

    /// Its name, for messages.
    pub const fn name(self) -> &'static str {
        match self {
            DurationUnit::Seconds => "seconds",
            DurationUnit::Milliseconds => "milliseconds",
            DurationUnit::Microseconds => "microseconds",
        }
    }

    /// A decimal number of this unit.
    pub(crate) fn parse(self, text: &[u8]) -> Option<SimSpan> {
        let nanos = u128::from(parse_seconds(text).ok()?) * u128::from(self.nanos());
        let nanos = (nanos + u128::from(NANOS_PER_SECOND) / 2) / u128::from(NANOS_PER_SECOND);
        let nanos = u64::try_from(nanos)
            .ok()
            .filter(|it| *it <= LONGEST.as_nanos());
        nanos.map(SimSpan::from_nanos)
    }
}
