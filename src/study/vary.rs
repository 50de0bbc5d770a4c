//! `--vary KEY=VALUES`: a key of the scenario and the values that it takes.
//!
//! A value is a text, as `--set` takes it: what is written in the table is what was simulated.

use crate::units::{SimSpan, rounded};
use crate::words::number::with_point;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::fmt;

/// Most values of one key.
pub const MOST_VALUES: usize = 1_000_000;

/// Significant digits of values between the ends of a range: enough for every plan, and few
/// enough to be read.
const DIGITS: usize = 6;

/// A key and its values.
#[derive(Clone, PartialEq, Debug)]
pub struct Axis {
    /// The dotted path of the key.
    pub key: String,
    /// What it takes.
    pub values: Values,
}

/// What a key takes.
#[derive(Clone, PartialEq, Debug)]
pub enum Values {
    /// These values, in this order; never empty.
    List(Vec<String>),
    /// Anything in a range: to be sampled or searched.
    Range(Range),
}

/// A range of whole numbers, numbers or times.
#[derive(Clone, PartialEq, Debug)]
pub struct Range {
    kind: Kind,
    low: f64,
    high: f64,
    /// Whether equal steps are equal factors.
    logarithmic: bool,
    low_text: String,
    high_text: String,
}

/// What a range is made of.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Kind {
    Whole,
    Number,
    /// Times, written in this unit.
    Time(&'static str),
}

impl Axis {
    /// Reads `KEY=VALUES`: values and ranges separated by commas. A range is `LO..HI`, with
    /// `:lin:N` or `:log:N` as N values, with `:log` logarithmic, with `:N` linear.
    ///
    /// ```
    /// use spsim::inside::study::vary::{Axis, Values};
    /// let axis = Axis::parse("client.app.max-idle-time=1s..100s:log:3, never").expect("right");
    /// let expected = ["1s", "10s", "100s", "never"].map(String::from);
    /// assert_eq!(axis.values, Values::List(expected.into()));
    /// ```
    ///
    /// # Errors
    /// What is wrong with the text.
    pub fn parse(text: &str) -> Result<Axis, AxisError> {
        let (key, values) = split_key(text).ok_or(AxisError::Form)?;
        if values.contains(char::is_control) {
            return Err(AxisError::Control);
        }
        let pieces = pieces(values);
        if pieces.iter().any(|piece| piece.is_empty()) {
            return Err(AxisError::EmptyValue(key.into()));
        }
        let mut list = Vec::new();
        for piece in &pieces {
            let wrong = |why| AxisError::Range((*piece).into(), why);
            match read_piece(piece).map_err(wrong)? {
                Piece::One(text) => list.push(text),
                Piece::Several(values) => list.extend(values),
                Piece::Open(range) if pieces.len() == 1 => {
                    let values = Values::Range(range);
                    return Ok(Axis {
                        key: key.into(),
                        values,
                    });
                }
                Piece::Open(_) => return Err(wrong(RangeError::Open)),
            }
            if list.len() > MOST_VALUES {
                return Err(AxisError::TooMany(key.into()));
            }
        }
        // As a column the values are of one type: real numbers all have a point.
        let kinds: Option<Vec<Kind>> = list.iter().map(|text| kind_of(text)).collect();
        let is_real = |kinds: Vec<Kind>| {
            let is_number = |kind: &Kind| matches!(kind, Kind::Whole | Kind::Number);
            kinds.iter().all(is_number) && kinds.contains(&Kind::Number)
        };
        if kinds.is_some_and(is_real) {
            list = list.into_iter().map(with_point).collect();
        }
        Ok(Axis {
            key: key.into(),
            values: Values::List(list),
        })
    }

    /// Values that show whether the key takes what is asked: all of a list, the ends of a range.
    pub fn probes(&self) -> Vec<String> {
        match &self.values {
            Values::List(values) => values.clone(),
            Values::Range(range) => [&range.low_text, &range.high_text]
                .map(String::clone)
                .into(),
        }
    }
}

const FORM: &str = "KEY=VALUES is expected, as in `machine.ports=1000,2000` or \
                    `machine.ports=1000..64000:log:8`";

/// Why a text is no axis.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum AxisError {
    /// It is not of the form `KEY=VALUES`.
    #[error("{form}", form = FORM)]
    Form,
    /// A value could not stand in one line.
    #[error("values cannot hold control characters")]
    Control,
    /// Between two commas is nothing.
    #[error("`{0}` has an empty value; {form}", form = FORM)]
    EmptyValue(String),
    /// The key has more than [`MOST_VALUES`].
    #[error("`{0}` has more than {most} values", most = MOST_VALUES)]
    TooMany(String),
    /// One of its pieces is no range of values.
    #[error("`{0}` {1}")]
    Range(String, RangeError),
}

/// What is wrong with a range.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RangeError {
    /// An end is neither a number nor a time.
    #[error("is no range of numbers or times")]
    NoNumbers,
    /// One end is a time, the other none.
    #[error("mixes a time and a number")]
    Mixed,
    /// The ends are the wrong way round.
    #[error("is an empty range: {0} is above {1}")]
    Backwards(String, String),
    /// What follows the ends is neither a scale nor a number.
    #[error("is no range: write `LO..HI:lin:N` or `LO..HI:log:N`")]
    Form,
    /// No factor leads from its lower end to others.
    #[error("cannot be logarithmic: it does not begin above 0")]
    NotAboveZero,
    /// Its number of values is none.
    #[error("should end in a number of values, found `{0}`")]
    NoCount(String),
    /// It says nothing of a number of values where one is needed.
    #[error(
        "does not say how many values to take: write `LO..HI:lin:5` or `LO..HI:log:5`, or use \
         `--sample N`"
    )]
    Open,
    /// It has no values.
    #[error("is empty: 0 values")]
    Empty,
    /// It has more than [`MOST_VALUES`].
    #[error("has more than {most} values", most = MOST_VALUES)]
    TooMany,
}

impl fmt::Display for Axis {
    /// The canonical text, which [`Axis::parse`] reads back.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.values {
            Values::List(values) => write!(f, "{}={}", self.key, values.join(",")),
            Values::Range(range) => {
                let scale = if range.logarithmic { ":log" } else { ":lin" };
                let (low, high) = (&range.low_text, &range.high_text);
                write!(f, "{}={low}..{high}{scale}", self.key)
            }
        }
    }
}

/// The key may hold quoted parts, and those may hold `=`.
fn split_key(text: &str) -> Option<(&str, &str)> {
    let mut quoted = None;
    for (at, character) in text.char_indices() {
        match (character, quoted) {
            ('"' | '\'', None) => quoted = Some(character),
            (end, Some(start)) if end == start => quoted = None,
            ('=', None) => {
                let (key, values) = (text[..at].trim(), text[at + 1..].trim());
                return (!key.is_empty() && !values.is_empty()).then_some((key, values));
            }
            _ => {}
        }
    }
    None
}

/// The text at its commas, those inside of quotes, brackets and braces apart.
fn pieces(text: &str) -> Vec<&str> {
    let (mut depth, mut quoted, mut start) = (0_usize, None, 0);
    let mut found = Vec::new();
    for (at, character) in text.char_indices() {
        match (character, quoted) {
            ('"' | '\'', None) => quoted = Some(character),
            (end, Some(begin)) if end == begin => quoted = None,
            ('[' | '{', None) => depth += 1,
            (']' | '}', None) => depth = depth.saturating_sub(1),
            (',', None) if depth == 0 => {
                found.push(text[start..at].trim());
                start = at + 1;
            }
            _ => {}
        }
    }
    found.push(text[start..].trim());
    found
}

enum Piece {
    One(String),
    Several(Vec<String>),
    Open(Range),
}

fn read_piece(piece: &str) -> Result<Piece, RangeError> {
    // A file `../a.csv` is no range, nor is a text in quotes.
    let is_text = piece.starts_with(['"', '\'', '.', '[', '{']);
    let Some((low, rest)) = piece.split_once("..").filter(|_| !is_text) else {
        return Ok(Piece::One(piece.into()));
    };
    let mut parts = rest.split(':').map(str::trim);
    let high = parts.next().unwrap_or_default();
    let words: Vec<&str> = parts.collect();
    let mut range = Range::new(low.trim(), high)?;
    let (scale, count) = match words.as_slice() {
        [] => ("lin", None),
        [scale @ ("lin" | "log")] => (*scale, None),
        [scale @ ("lin" | "log"), count] => (*scale, Some(*count)),
        [count] => ("lin", Some(*count)),
        _ => return Err(RangeError::Form),
    };
    if scale == "log" {
        range.logarithmic = true;
        if range.low <= 0.0 {
            return Err(RangeError::NotAboveZero);
        }
    }
    let Some(count) = count else {
        return Ok(Piece::Open(range));
    };
    match count
        .parse()
        .map_err(|_| RangeError::NoCount(count.into()))?
    {
        0 => Err(RangeError::Empty),
        count @ 1..=MOST_VALUES => Ok(Piece::Several(range.spaced(count))),
        _ => Err(RangeError::TooMany),
    }
}

const UNITS: [(&str, f64); 7] = [
    ("ns", 1.0),
    ("us", 1e3),
    ("ms", 1e6),
    ("s", 1e9),
    ("min", 60e9),
    ("h", 3_600e9),
    ("d", 86_400e9),
];

impl Range {
    fn new(low_text: &str, high_text: &str) -> Result<Range, RangeError> {
        let kind = match (kind_of(low_text), kind_of(high_text)) {
            (Some(low), Some(high)) => match (low, high) {
                (Kind::Time(low), Kind::Time(high)) if low == high => Kind::Time(low),
                (Kind::Time(_), Kind::Time(_)) => Kind::Time("s"),
                (Kind::Whole, Kind::Whole) => Kind::Whole,
                (Kind::Time(_), _) | (_, Kind::Time(_)) => return Err(RangeError::Mixed),
                _ => Kind::Number,
            },
            _ => return Err(RangeError::NoNumbers),
        };
        let value = |text| in_kind(kind, text).ok_or(RangeError::NoNumbers);
        let (low, high) = (value(low_text)?, value(high_text)?);
        if low > high {
            return Err(RangeError::Backwards(low_text.into(), high_text.into()));
        }
        Ok(Range {
            kind,
            low,
            high,
            logarithmic: false,
            low_text: low_text.into(),
            high_text: high_text.into(),
        })
    }

    /// The lower end.
    pub const fn low(&self) -> f64 {
        self.low
    }

    /// The upper end.
    pub const fn high(&self) -> f64 {
        self.high
    }

    /// Whether equal steps are equal factors.
    pub const fn is_logarithmic(&self) -> bool {
        self.logarithmic
    }

    /// Whether it is a range of whole numbers.
    pub fn is_whole(&self) -> bool {
        self.kind == Kind::Whole
    }

    /// The unit of its times; `None` of a range of numbers.
    pub const fn unit(&self) -> Option<&'static str> {
        match self.kind {
            Kind::Time(unit) => Some(unit),
            _ => None,
        }
    }

    /// [`Range::text`] as a column has it: real numbers all have a point.
    pub fn cell(&self, value: f64) -> String {
        let text = self.text(value);
        match self.kind {
            Kind::Number => with_point(text),
            Kind::Whole | Kind::Time(_) => text,
        }
    }

    /// The range as one of numbers with fractions: a rate written as `5..40` is one.
    #[must_use]
    pub fn with_fractions(self) -> Range {
        let kind = match self.kind {
            Kind::Whole => Kind::Number,
            other => other,
        };
        Range { kind, ..self }
    }

    /// The value as `--set` takes it; the ends as they were written.
    pub fn text(&self, value: f64) -> String {
        if value.to_bits() == self.low.to_bits() {
            return self.low_text.clone();
        }
        if value.to_bits() == self.high.to_bits() {
            return self.high_text.clone();
        }
        self.written(value)
    }

    fn written(&self, value: f64) -> String {
        match self.kind {
            Kind::Whole => format!("{value:.0}"),
            Kind::Number => rounded(value, DIGITS).to_string(),
            Kind::Time(unit) => format!("{}{unit}", rounded(value, DIGITS)),
        }
    }

    /// The value that `text` stands for: what [`Range::text`] made of one.
    pub fn value(&self, text: &str) -> Option<f64> {
        in_kind(self.kind, text)
    }

    /// `count` values from end to end, each once.
    fn spaced(&self, count: usize) -> Vec<String> {
        let last = (count - 1).max(1) as f64;
        let value = |index: usize| match index {
            0 => self.low,
            end if end + 1 == count => self.high,
            inner => self.between(inner as f64 / last),
        };
        let mut texts: Vec<String> = (0..count).map(|index| self.text(value(index))).collect();
        // A logarithmic range of whole numbers meets the small ones several times.
        texts.dedup();
        texts
    }

    /// The point at `share` of the way from end to end, from 0 to 1.
    pub fn between(&self, share: f64) -> f64 {
        let value = if self.logarithmic {
            self.low * libm::pow(self.high / self.low, share)
        } else {
            self.low + (self.high - self.low) * share
        };
        if self.is_whole() {
            return libm::round(value);
        }
        value
    }

    /// The value at `share` (from 0 up to 1, 1 excluded) of the range's probability: whole
    /// numbers are equally likely, the ends too.
    pub fn quantile(&self, share: f64) -> f64 {
        if !self.is_whole() {
            return self.between(share);
        }
        let (low, beyond) = (self.low, self.high + 1.0);
        let value = if self.logarithmic {
            low * libm::pow(beyond / low, share)
        } else {
            low + (beyond - low) * share
        };
        libm::floor(value).clamp(self.low, self.high)
    }
}

fn kind_of(text: &str) -> Option<Kind> {
    if text.parse::<i64>().is_ok() {
        return Some(Kind::Whole);
    }
    if text.parse::<f64>().is_ok_and(f64::is_finite) {
        return Some(Kind::Number);
    }
    SimSpan::parse(text).ok()?;
    let number_ends = text.find(|c: char| c.is_ascii_alphabetic())?;
    let (number, unit) = text.split_at(number_ends);
    let known = UNITS.iter().find(|(name, _)| *name == unit);
    let plain = number.trim().parse::<f64>().is_ok();
    Some(Kind::Time(
        known.filter(|_| plain).map_or("s", |(name, _)| name),
    ))
}

/// The value of `text` as a number of the kind's unit.
fn in_kind(kind: Kind, text: &str) -> Option<f64> {
    match kind {
        Kind::Whole | Kind::Number => text.parse().ok().filter(|it: &f64| it.is_finite()),
        Kind::Time(unit) => {
            let (_, nanos) = UNITS.iter().find(|(name, _)| *name == unit)?;
            let number = text.strip_suffix(unit).map(str::trim);
            match number.and_then(|number| number.parse().ok()) {
                Some(number) => Some(number),
                None => Some(SimSpan::parse(text).ok()?.as_nanos() as f64 / nanos),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn values(text: &str) -> Vec<String> {
        match Axis::parse(text).expect("right").values {
            Values::List(values) => values,
            Values::Range(range) => panic!("a range: {range:?}"),
        }
    }

    fn problem(text: &str) -> String {
        Axis::parse(text).expect_err("wrong").to_string()
    }

    #[test]
    fn lists_are_kept_as_written() {
        assert_eq!(values("machine.ports=windows, linux"), ["windows", "linux"]);
        assert_eq!(values("a=5,10.50,\"x,y\""), ["5", "10.50", "\"x,y\""]);
        assert_eq!(
            values("w.group={ pool = 16, choose = \"random\" },unique"),
            ["{ pool = 16, choose = \"random\" }", "unique"]
        );
        assert_eq!(values("a=../x.csv"), ["../x.csv"]);
        let axis = Axis::parse("strategy.\"a=b\".groups=4,8").expect("right");
        assert_eq!(axis.key, "strategy.\"a=b\".groups");
    }

    #[test]
    fn ranges_keep_their_kind() {
        assert_eq!(values("a=1..5:lin:5"), ["1", "2", "3", "4", "5"]);
        assert_eq!(values("a=1..10:4"), ["1", "4", "7", "10"]);
        assert_eq!(
            values("a=1000..64000:log:4"),
            ["1000", "4000", "16000", "64000"]
        );
        assert_eq!(values("a=1..4:log:9"), ["1", "2", "3", "4"], "each once");
        assert_eq!(
            values("a=1s..100s:log:5"),
            ["1s", "3.16228s", "10s", "31.6228s", "100s"]
        );
        assert_eq!(values("a=500ms..1.5s:lin:3"), ["500ms", "1s", "1.5s"]);
        assert_eq!(values("a=0.5..2:lin:3"), ["0.5", "1.25", "2.0"]);
        assert_eq!(values("a=1,2.5,4"), ["1.0", "2.5", "4.0"]);
        assert_eq!(values("a=1,10..30:lin:3"), ["1", "10", "20", "30"]);
        assert_eq!(values("a=7..7:lin:3"), ["7"]);
    }

    #[test]
    fn the_canonical_text_reads_back() {
        for text in ["a.b=1,2,3", "a=1..64000:log", "a=1s..1min:lin"] {
            let axis = Axis::parse(text).expect("right");
            assert_eq!(axis.to_string(), text);
            assert_eq!(Axis::parse(&axis.to_string()), Ok(axis));
        }
    }

    #[test]
    fn what_is_wrong_is_said() {
        assert!(problem("machine.ports").starts_with("KEY=VALUES is expected"));
        assert!(problem("=1").starts_with("KEY=VALUES is expected"));
        assert!(problem("a=1,,2").contains("empty value"));
        assert_eq!(
            problem("a=9..1:lin:3"),
            "`9..1:lin:3` is an empty range: 9 is above 1"
        );
        assert_eq!(problem("a=1..9:lin:0"), "`1..9:lin:0` is empty: 0 values");
        assert!(problem("a=1..9:lin:many").contains("found `many`"));
        assert!(problem("a=0..9:log:3").contains("does not begin above 0"));
        assert!(problem("a=1s..9:lin:3").contains("mixes a time and a number"));
        assert!(problem("a=x..9:lin:3").contains("no range of numbers"));
        assert!(problem("a=1..9:lin:9999999").contains("more than"));
        assert!(problem("a=1..9,20").contains("how many values"));
        assert!(problem("a=1\n2").contains("control characters"));
    }

    #[test]
    fn whole_numbers_are_equally_likely() {
        let Values::Range(range) = Axis::parse("a=1..4").expect("right").values else {
            panic!("a list");
        };
        let drawn: Vec<f64> = (0..8).map(|k| range.quantile(f64::from(k) / 8.0)).collect();
        assert_eq!(drawn, [1.0, 1.0, 2.0, 2.0, 3.0, 3.0, 4.0, 4.0]);
    }
}
