//! Decimal numbers as text, read and written without floats: the only reader and the only writer.

use super::{LONGEST, NANOS_PER_SECOND};
use core::fmt;

/// Why a field is not a number of seconds.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum DecimalError {
    /// Not digits with at most one point and an optional exponent.
    #[error("is not a decimal number of seconds")]
    NotANumber,
    /// Time does not run backwards.
    #[error("is negative")]
    Negative,
    /// Beyond [`LONGEST`].
    #[error("is longer than 10 years")]
    TooLong,
}

/// Reads decimal seconds such as `12`, `0.05` or `5e-3` as nanoseconds, exactly; digits below a
/// nanosecond are rounded once, half up.
///
/// ```
/// use spsim::inside::units::parse_seconds;
/// assert_eq!(parse_seconds(b"1.5"), Ok(1_500_000_000));
/// assert!(parse_seconds(b"1,5").is_err());
/// ```
///
/// # Errors
/// A `DecimalError` that says what is wrong with the text.
pub fn parse_seconds(text: &[u8]) -> Result<u64, DecimalError> {
    parse_plain(text).map_or_else(|| parse_general(text), Ok)
}

/// The common case: at most 9 digits on either side of the point, nothing else.
#[inline]
fn parse_plain(text: &[u8]) -> Option<u64> {
    const SCALE: [u64; 10] = [
        1_000_000_000,
        100_000_000,
        10_000_000,
        1_000_000,
        100_000,
        10_000,
        1_000,
        100,
        10,
        1,
    ];
    let mut value = 0_u64;
    let mut digits = 0_usize;
    let mut rest = text;
    while let [byte @ b'0'..=b'9', tail @ ..] = rest {
        // Of more digits than are taken below, nobody reads the value.
        value = value.wrapping_mul(10).wrapping_add(u64::from(byte - b'0'));
        digits += 1;
        rest = tail;
    }
    // 8 digits of seconds are below the 10 years of `LONGEST`.
    if digits == 0 || digits > 8 {
        return None;
    }
    let [b'.', fraction @ ..] = rest else {
        return rest.is_empty().then(|| value * NANOS_PER_SECOND);
    };
    if fraction.is_empty() || fraction.len() > 9 {
        return None;
    }
    for byte in fraction {
        if !byte.is_ascii_digit() {
            return None;
        }
        value = value * 10 + u64::from(byte - b'0');
    }
    Some(value * SCALE[fraction.len()])
}

/// Any decimal: long fractions, `.5`, `5.`, exponents.
#[cold]
fn parse_general(text: &[u8]) -> Result<u64, DecimalError> {
    let text = text.trim_ascii();
    let (negative, unsigned) = match text {
        [b'-', rest @ ..] => (true, rest),
        [b'+', rest @ ..] => (false, rest),
        _ => (false, text),
    };
    let decimal = Decimal::read(unsigned).ok_or(DecimalError::NotANumber)?;
    if negative && decimal.digits > 0 {
        return Err(DecimalError::Negative);
    }
    decimal
        .in_parts(9)
        .filter(|nanos| *nanos <= u128::from(LONGEST.as_nanos()))
        .map(|nanos| nanos as u64)
        .ok_or(DecimalError::TooLong)
}

/// A decimal number that is not negative: `digits · 10^shift`.
#[derive(Clone, Copy)]
pub(super) struct Decimal {
    digits: u128,
    shift: i32,
}

impl Decimal {
    /// Digits with at most one point and an optional exponent.
    pub(super) fn read(text: &[u8]) -> Option<Decimal> {
        let (mantissa, mut shift) = split_exponent(text)?;
        let mut digits = 0_u128;
        let (mut has_digits, mut is_fraction) = (false, false);
        for byte in mantissa {
            match byte {
                b'.' if !is_fraction => is_fraction = true,
                b'0'..=b'9' => {
                    has_digits = true;
                    // 30 digits fit; below that only rounding exactly at a half could differ.
                    let kept = digits < 10_u128.pow(30);
                    if kept {
                        digits = digits * 10 + u128::from(byte - b'0');
                    }
                    shift += i32::from(!kept && !is_fraction) - i32::from(kept && is_fraction);
                }
                _ => return None,
            }
        }
        has_digits.then_some(Decimal { digits, shift })
    }

    /// How many `10^-places` it is, rounded half up; `None` beyond 128 bits.
    pub(super) fn in_parts(self, places: i32) -> Option<u128> {
        let Decimal { digits, shift } = self;
        let power = shift + places;
        let magnitude = 10_u128.checked_pow(power.unsigned_abs());
        match (magnitude, power >= 0) {
            _ if digits == 0 => Some(0),
            (Some(scale), true) => digits.checked_mul(scale),
            (None, true) => None,
            (Some(scale), false) => Some(digits / scale + u128::from(digits % scale >= scale / 2)),
            (None, false) => Some(0),
        }
    }
}

/// Splits `12e-3` into `12` and -3.
fn split_exponent(text: &[u8]) -> Option<(&[u8], i32)> {
    let Some(at) = text.iter().position(|byte| matches!(byte, b'e' | b'E')) else {
        return Some((text, 0));
    };
    let exponent = core::str::from_utf8(&text[at + 1..]).ok()?;
    let exponent = exponent.parse::<i32>().ok();
    exponent
        .filter(|exponent| exponent.abs() <= 1_000)
        .map(|exponent| (&text[..at], exponent))
}

/// Nanoseconds shown as decimal seconds: exact, in the shortest form.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Seconds(pub u64);

impl fmt::Display for Seconds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_decimal(f, self.0, 9)
    }
}

/// Writes `value / 10^places` without trailing zeros.
pub(super) fn write_decimal(f: &mut fmt::Formatter<'_>, value: u64, places: u32) -> fmt::Result {
    let scale = 10_u64.pow(places);
    let (whole, mut fraction) = (value / scale, value % scale);
    write!(f, "{whole}")?;
    if fraction == 0 {
        return Ok(());
    }
    let mut width = places as usize;
    while fraction.is_multiple_of(10) {
        fraction /= 10;
        width -= 1;
    }
    write!(f, ".{fraction:0width$}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::string::ToString;

    #[test]
    fn seconds_are_read_exactly() {
        for (text, nanos) in [
            ("0", 0),
            ("12", 12_000_000_000),
            ("0.000000001", 1),
            ("0.1", 100_000_000),
            ("99999999.999999999", 99_999_999_999_999_999),
            (".5", 500_000_000),
            ("5.", 5_000_000_000),
            ("+5", 5_000_000_000),
            ("  7 ", 7_000_000_000),
            ("-0.0", 0),
            ("5e-05", 50_000),
            ("1.5E3", 1_500_000_000_000),
            ("0.0000000014", 1),
            ("0.0000000015", 2),
            (
                "0.1000000000000000000000000000000000000000000001",
                100_000_000,
            ),
            (
                "000000000000000000000000000000000000000000001",
                1_000_000_000,
            ),
            ("1e-900", 0),
        ] {
            assert_eq!(parse_seconds(text.as_bytes()), Ok(nanos), "{text}");
        }
    }

    #[test]
    fn what_is_not_a_number_of_seconds_says_why() {
        for text in [
            "", ".", "-", "1,5", "1.2.3", "5s", "NaN", "inf", "1e", "e5", "0x10", "1e9999",
        ] {
            let found = parse_seconds(text.as_bytes());
            assert_eq!(found, Err(DecimalError::NotANumber), "{text}");
        }
        assert_eq!(parse_seconds(b"-1"), Err(DecimalError::Negative));
        for text in [
            "315360001",
            "1e300",
            "99999999999999999999999999999999999999999",
        ] {
            assert_eq!(
                parse_seconds(text.as_bytes()),
                Err(DecimalError::TooLong),
                "{text}"
            );
        }
    }

    #[test]
    fn written_seconds_read_back() {
        for (nanos, text) in [
            (0, "0"),
            (1, "0.000000001"),
            (1_500_000_000, "1.5"),
            (60_000_000_000, "60"),
        ] {
            assert_eq!(Seconds(nanos).to_string(), text);
            assert_eq!(parse_seconds(text.as_bytes()), Ok(nanos));
        }
    }
}
