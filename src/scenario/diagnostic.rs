//! A problem with a scenario, as plain data, and where it lies.

use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::fmt;
use core::ops::Range;

/// One problem: what is wrong, where, and what to do.
#[derive(Clone, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub struct Diagnostic {
    /// What is wrong; starts with the offending name, literals in backticks, no full stop.
    pub message: String,
    /// Byte range in the scenario's text; `None` when the problem has no place in it (a
    /// `--set`, a missing key of the whole file).
    pub span: Option<Range<usize>>,
    /// What the marked place is, in a few words; may be empty.
    pub label: String,
    /// What to do; may be empty.
    pub help: String,
}

/// What is wrong and what to do, on one line.
impl fmt::Display for Diagnostic {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.message)?;
        match self.help.as_str() {
            "" => Ok(()),
            help => write!(out, "; {help}"),
        }
    }
}

impl core::error::Error for Diagnostic {}

impl Diagnostic {
    /// Says what the marked place is.
    pub(super) fn label(&mut self, label: impl Into<String>) -> &mut Diagnostic {
        self.label = label.into();
        self
    }

    /// Says what to do.
    pub(super) fn help(&mut self, help: impl Into<String>) -> &mut Diagnostic {
        self.help = help.into();
        self
    }

    /// Says "did you mean", where a known name is like the wrong one; else which names there are.
    pub(super) fn suggest(&mut self, wrong: &str, known: &[&str]) -> &mut Diagnostic {
        const MOST_LISTED: usize = 30;
        match crate::words::closest(wrong, known.iter().copied()) {
            Some(name) => self.help(format!("did you mean `{name}`?")),
            None if known.is_empty() || known.len() > MOST_LISTED => self,
            None => {
                let names: Vec<String> = known.iter().map(|name| format!("`{name}`")).collect();
                self.help(format!("known here: {}", names.join(", ")))
            }
        }
    }
}

/// Where a part of a scenario was written.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Place {
    /// In the text, at these bytes.
    Text(Range<usize>),
    /// In a flag; the text is `--set KEY=VALUE` as typed.
    Set(Arc<str>),
    /// Nowhere: the whole file.
    File,
}

/// Collects problems, so that all of them are reported at once.
#[derive(Debug, Default)]
pub(super) struct Problems {
    /// What makes the scenario unusable.
    pub(super) errors: Vec<Diagnostic>,
    /// What may make its numbers mislead.
    pub(super) warnings: Vec<Diagnostic>,
    /// The text could be parsed in part only, so what is missing may well be there.
    pub(super) partial: bool,
}

impl Problems {
    /// Adds an error; `label` and `help` can be chained.
    pub(super) fn error(&mut self, place: &Place, message: impl Into<String>) -> &mut Diagnostic {
        add(&mut self.errors, place, message.into())
    }

    /// Adds a warning; `label` and `help` can be chained.
    pub(super) fn warn(&mut self, place: &Place, message: impl Into<String>) -> &mut Diagnostic {
        add(&mut self.warnings, place, message.into())
    }

    /// Adds an error about something that is absent, unless the text was parsed in part only.
    pub(super) fn absent(&mut self, place: &Place, message: impl Into<String>, help: &str) {
        if !self.partial {
            self.error(place, message).help(help);
        }
    }
}

fn add<'a>(list: &'a mut Vec<Diagnostic>, place: &Place, message: String) -> &'a mut Diagnostic {
    let (message, span) = match place {
        Place::Text(range) => (message, Some(range.clone())),
        Place::Set(text) => (format!("`{text}`: {message}"), None),
        Place::File => (message, None),
    };
    list.push(Diagnostic {
        message,
        span,
        label: String::new(),
        help: String::new(),
    });
    let newest = list.len() - 1;
    &mut list[newest]
}
