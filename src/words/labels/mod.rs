//! The words of pictures: every text that a picture shows and no scenario gave, with how numbers
//! and times are written, in English or as an author wrote them.
//!
//! Lives here: the type, filling in values, numbers and times. The words themselves are in
//! `table`. Does not live here: files and their problems (the shell reads them), and the
//! sentences for screen readers and pages, which are English.
//!
//! **Invariant:** a label holds each of its placeholders and no other: what is set is checked
//! first.

mod table;

use super::number;
use crate::units::{SimSpan, SimTime};
use alloc::borrow::Cow;
use alloc::string::String;
use alloc::vec::Vec;

use table::Counts;
pub use table::Labels;
pub use table::{Diagram, ENGLISH, States};

/// One text of a picture, with placeholders such as `{limit}` where values are filled in.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Label(Cow<'static, str>);

/// A label's place in the table and what may stand in it.
#[derive(Clone, Copy, Debug)]
pub struct Row {
    /// The table it stands in, as TOML has it: `axes`.
    pub section: &'static str,
    /// Its name in the table; the key is the same with hyphens.
    field: &'static str,
    /// What it is, one line or more, as Rust's doc comments have them.
    pub about: &'static [&'static str],
    /// The placeholders that it must hold, in English order.
    pub placeholders: &'static [&'static str],
    /// The English text.
    pub english: &'static str,
}

/// Why a text cannot be a label.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Wrong {
    /// It holds a placeholder that has no value here.
    Unknown(String),
    /// It leaves out a value that must be shown.
    Missing(&'static str),
    /// A brace without its other half.
    Brace,
    /// It has more characters than [`MOST_CHARACTERS`].
    Long,
    /// How numbers are written must not make other numbers of them: the text says what is meant.
    Mark(&'static str),
}

/// The longest label, in characters: longer ones no picture can show.
pub const MOST_CHARACTERS: usize = 1_000;

/// A part of a template.
enum Part<'a> {
    Words(&'a str),
    Placeholder(&'a str),
}

/// The parts of `text`; `None` where a brace has no other half.
fn parts(text: &str) -> Option<Vec<Part<'_>>> {
    let mut found = Vec::new();
    let mut rest = text;
    while let Some(at) = rest.find(['{', '}']) {
        let (words, from) = rest.split_at(at);
        found.push(Part::Words(words));
        let (name, after) = from.strip_prefix('{')?.split_once('}')?;
        if name.contains('{') {
            return None;
        }
        found.push(Part::Placeholder(name));
        rest = after;
    }
    found.push(Part::Words(rest));
    Some(found)
}

impl Label {
    const fn english(text: &'static str) -> Label {
        Label(Cow::Borrowed(text))
    }

    /// The text with its values; what a value holds is never read as a placeholder.
    fn filled(&self, values: &[(&str, &str)]) -> String {
        let mut text = String::new();
        for part in parts(&self.0).unwrap_or_default() {
            match part {
                Part::Words(words) => text.push_str(words),
                Part::Placeholder(name) => {
                    let value = values.iter().find(|(known, _)| *known == name);
                    text.push_str(value.map_or("", |(_, value)| value));
                }
            }
        }
        text
    }
}

impl Row {
    /// Its key: `simulated-time`.
    pub fn key(&self) -> String {
        self.field.replace('_', "-")
    }

    /// Whether `text` can stand here.
    fn check(&self, text: &str) -> Result<(), Wrong> {
        if text.chars().count() > MOST_CHARACTERS {
            return Err(Wrong::Long);
        }
        let parts = parts(text).ok_or(Wrong::Brace)?;
        let names = parts.iter().filter_map(|part| match part {
            Part::Placeholder(name) => Some(*name),
            Part::Words(_) => None,
        });
        let names: Vec<&str> = names.collect();
        if let Some(unknown) = names.iter().find(|it| !self.placeholders.contains(it)) {
            return Err(Wrong::Unknown((*unknown).into()));
        }
        let missing = self.placeholders.iter().find(|it| !names.contains(it));
        if let Some(missing) = missing {
            return Err(Wrong::Missing(missing));
        }
        if self.section != "numbers" {
            return Ok(());
        }
        match self.field {
            "decimal_mark" if !is_mark(text) || text == " " => Err(Wrong::Mark(
                "one character that is no letter, digit, minus sign or space",
            )),
            "digit_groups" if !is_mark(text) && !text.is_empty() => Err(Wrong::Mark(
                "one character that is no letter, digit or minus sign, or nothing",
            )),
            _ => Ok(()),
        }
    }
}

/// Whether `text` is one character that no number has already.
fn is_mark(text: &str) -> bool {
    let mut characters = text.chars();
    let first = characters.next();
    let is_free = |c: char| !c.is_alphanumeric() && !c.is_control() && c != '-';
    first.is_some_and(is_free) && characters.next().is_none()
}

impl Labels {
    /// Puts `text` in the place of a label.
    ///
    /// # Errors
    /// What is wrong with the text; then nothing has changed.
    ///
    /// # Panics
    /// If `row` is not one of [`Labels::ROWS`].
    pub fn set(&mut self, row: &Row, text: &str) -> Result<(), Wrong> {
        row.check(text)?;
        let label = self.label_mut(row.section, row.field);
        *label.expect("a row of the table") = Label(Cow::Owned(text.into()));
        Ok(())
    }

    /// Whether fractions and thousands could be told apart.
    pub fn has_distinct_marks(&self) -> bool {
        self.numbers.decimal_mark != self.numbers.digit_groups
    }

    /// The English table as TOML, every label with what it is: where a translation starts.
    pub fn starter() -> String {
        let mut text = String::from(
            "# The words of pictures. Translate what stands between the quotes; what is left out\n\
             # stays English. {placeholders} stand for values: keep each, anywhere in the text.\n",
        );
        let mut section = "";
        for row in Labels::ROWS {
            if row.section != section {
                section = row.section;
                text += &format!("\n[{section}]\n");
            }
            for line in row.about {
                text += &format!("#{line}\n");
            }
            // No English label holds what a basic string would have to escape; a test says so.
            text += &format!("{} = \"{}\"\n", row.key(), row.english);
        }
        text
    }

    /// Digits as English has them with this table's marks.
    fn localised(&self, english: &str) -> String {
        let (point, comma) = (self.numbers.decimal_mark(), self.numbers.digit_groups());
        let mut text = String::with_capacity(english.len());
        for character in english.chars() {
            match character {
                '.' => text += &point,
                ',' => text += &comma,
                other => text.push(other),
            }
        }
        text
    }

    /// As [`number::count`].
    pub fn count(&self, value: f64) -> String {
        self.localised(&number::count(value))
    }

    /// As [`number::plain`].
    pub fn plain(&self, value: f64) -> String {
        self.localised(&number::plain(value))
    }

    /// A number with so many decimals.
    pub fn decimals(&self, value: f64, places: usize) -> String {
        self.localised(&format!("{value:.places$}"))
    }

    /// A value in a cell or at an axis: three digits.
    pub fn short(&self, value: f64) -> String {
        self.localised(&number::short(value))
    }

    /// As [`number::span`].
    pub fn span(&self, span: SimSpan) -> String {
        let parts = number::span_parts(span).into_iter().flatten();
        let parts =
            parts.map(|(value, unit)| format!("{} {}", self.localised(&value), self.unit(unit)));
        parts.collect::<Vec<String>>().join(" ")
    }

    /// As [`number::instant`].
    pub fn instant(&self, time: SimTime) -> String {
        self.span(time.since(SimTime::ZERO))
    }

    /// What a unit is called.
    pub fn unit(&self, unit: number::Unit) -> String {
        use number::Unit;
        match unit {
            Unit::Days => self.units.days(),
            Unit::Hours => self.units.hours(),
            Unit::Minutes => self.units.minutes(),
            Unit::Seconds => self.units.seconds(),
            Unit::Milliseconds => self.units.milliseconds(),
            Unit::Microseconds => self.units.microseconds(),
        }
    }

    /// What the metric of this name is, in words for an axis; `title` where no label has its name.
    pub fn metric(&self, name: &str, title: &str, unit: &str) -> String {
        let words = &self.metrics;
        match name {
            "p_exhausted" => words.p_exhausted(),
            "exhausted_at_s" => words.exhausted_at_s(unit),
            "ports_peak" => words.ports_peak(),
            "ports_peak_share" => words.ports_peak_share(),
            "ports_mean" => words.ports_mean(),
            "failed" => words.failed(),
            "failed_share" => words.failed_share(),
            "timed_out" => words.timed_out(),
            "latency_mean_s" => words.latency_mean_s(unit),
            "latency_p99_s" => words.latency_p99_s(unit),
            "queue_mean_s" => words.queue_mean_s(unit),
            "queue_p99_s" => words.queue_p99_s(unit),
            "answered" => words.answered(),
            "unanswered" => words.unanswered(),
            "opened" => words.opened(),
            "snat_peak_share" => words.snat_peak_share(),
            _ => title.into(),
        }
    }

    /// `1 port`, `5,000 ports`.
    pub fn ports(&self, count: f64) -> String {
        self.counted(count, Counts::port, Counts::ports)
    }

    /// `1 group`, `16 groups`.
    pub fn groups(&self, count: f64) -> String {
        self.counted(count, Counts::group, Counts::groups)
    }

    /// `1 connection`, `2 connections`.
    pub fn connections(&self, count: f64) -> String {
        self.counted(count, Counts::connection, Counts::connections)
    }

    /// `1 request`, `2 requests`.
    pub fn requests(&self, count: f64) -> String {
        self.counted(count, Counts::request, Counts::requests)
    }

    /// `1 run`, `40 runs`.
    pub fn runs(&self, count: f64) -> String {
        self.counted(count, Counts::run, Counts::runs)
    }

    fn counted(
        &self,
        count: f64,
        one: fn(&Counts, &str) -> String,
        many: fn(&Counts, &str) -> String,
    ) -> String {
        let text = number::count(count);
        let phrase = if text == "1" { one } else { many };
        phrase(&self.counts, &self.localised(&text))
    }
}

impl Default for Labels {
    fn default() -> Labels {
        ENGLISH.clone()
    }
}

#[cfg(test)]
mod tests;
