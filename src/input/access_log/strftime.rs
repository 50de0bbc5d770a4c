//! The pieces of a time that Apache writes by `%{FORMAT}t`, as `strftime` has them.

use crate::input::calendar::{NANOS_PER_DAY, Offset, days, digits, month_of};
use crate::units::NANOS_PER_SECOND;

/// One piece.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Piece {
    Year,
    /// Its last two digits, of this century.
    ShortYear,
    Month,
    MonthName,
    Day,
    Hour,
    Minute,
    Second,
    /// Of a second, in so many parts.
    Fraction(u32),
    Zone,
    /// The name of the day: says nothing that the date does not.
    Weekday,
}

/// What a letter of `strftime` stands for; nothing if it is not read.
pub(super) fn of_conversion(letter: char) -> Option<Piece> {
    Some(match letter {
        'Y' => Piece::Year,
        'y' => Piece::ShortYear,
        'm' => Piece::Month,
        'b' | 'B' | 'h' => Piece::MonthName,
        'd' | 'e' => Piece::Day,
        'H' | 'k' => Piece::Hour,
        'M' => Piece::Minute,
        'S' => Piece::Second,
        'z' => Piece::Zone,
        'a' | 'A' => Piece::Weekday,
        _ => return None,
    })
}

impl Piece {
    /// A time is not known without these, of which year and month may be written otherwise.
    pub(super) const NEEDED: [Piece; 4] = [Piece::Day, Piece::Hour, Piece::Minute, Piece::Second];
}

/// The pieces of one line.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(super) struct Pieces {
    year: Option<u64>,
    month: Option<u64>,
    day: Option<u64>,
    hour: Option<u64>,
    minute: Option<u64>,
    second: Option<u64>,
    fraction_ns: i64,
    zone: Option<Offset>,
}

impl Pieces {
    /// Takes in one piece; nothing if `text` is none.
    pub(super) fn add(&mut self, piece: Piece, text: &[u8]) -> Option<()> {
        let number = |most: u64| digits(text.trim_ascii()).filter(|it| *it <= most);
        match piece {
            Piece::Year => self.year = Some(number(9_999)?),
            Piece::ShortYear => self.year = Some(2_000 + number(99)?),
            Piece::Month => self.month = Some(number(12)?),
            Piece::MonthName => self.month = Some(month_of(text.get(..3)?)?),
            Piece::Day => self.day = Some(number(31)?),
            Piece::Hour => self.hour = Some(number(23)?),
            Piece::Minute => self.minute = Some(number(59)?),
            // A leap second.
            Piece::Second => self.second = Some(number(60)?),
            Piece::Fraction(parts) => {
                let part = number(u64::from(parts) - 1)?;
                self.fraction_ns = (part * NANOS_PER_SECOND / u64::from(parts)).cast_signed();
            }
            Piece::Zone => self.zone = Some(Offset::parse(std::str::from_utf8(text).ok()?).ok()?),
            Piece::Weekday => {}
        }
        Some(())
    }

    /// Nanoseconds since 1970, in `zone` where no piece tells; nothing if a piece is missing.
    pub(super) fn stamp(&self, zone: Offset) -> Option<i64> {
        let day = days(self.year?, self.month?, self.day?)?;
        let seconds = (self.hour? * 60 + self.minute?) * 60 + self.second?;
        let of_day = (seconds * NANOS_PER_SECOND).cast_signed() + self.fraction_ns;
        let zone = self.zone.unwrap_or(zone);
        Some(zone.to_utc(day * NANOS_PER_DAY + of_day))
    }
}
