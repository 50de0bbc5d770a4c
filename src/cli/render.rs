//! What goes to stderr: problems with their place, and other talk.

use super::args::{ColorChoice, CommonArgs};
use crate::scenario::Diagnostic;
use miette::{
    GraphicalReportHandler, GraphicalTheme, LabeledSpan, NamedSource, Severity, SourceCode,
};
use std::fmt;
use std::io::{self, IsTerminal, Write};

/// Where results and talk go, and how.
#[derive(Debug)]
pub struct Shell {
    /// Whether stdout may have colour.
    pub color_stdout: bool,
    stderr: Look,
    /// Whether only errors are said.
    pub quiet: bool,
}

/// What a stream can show.
#[derive(Debug)]
struct Look {
    color: bool,
    unicode: bool,
}

impl Shell {
    /// Asks the terminal and the environment what the flags leave open.
    pub fn new(common: &CommonArgs) -> Shell {
        // no-color.org: set and not empty.
        let refused = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
        let color = |terminal: bool| match common.color {
            ColorChoice::Always => true,
            ColorChoice::Never => false,
            ColorChoice::Auto => terminal && !refused,
        };
        let terminal = io::stderr().is_terminal();
        Shell {
            color_stdout: color(io::stdout().is_terminal()),
            stderr: Look {
                color: color(terminal),
                unicode: terminal,
            },
            quiet: common.quiet,
        }
    }

    /// Prints a result.
    ///
    /// # Errors
    /// stdout cannot be written: a broken pipe, too, which the caller lets pass.
    pub fn print(&self, text: &str) -> io::Result<()> {
        let mut out = io::stdout().lock();
        out.write_all(text.as_bytes())?;
        if !text.ends_with('\n') {
            out.write_all(b"\n")?;
        }
        out.flush()
    }

    /// Says something that is neither a result nor an error.
    pub fn say(&self, text: &str) {
        if !self.quiet {
            talk(text);
        }
    }

    /// Says something even to those who want only errors.
    pub fn insist(&self, text: &str) {
        talk(text);
    }

    /// Says what went wrong.
    pub fn error(&self, text: &str) {
        let (on, off) = self.paint("\u{1b}[1;31m");
        talk(&format!("{on}error:{off} {text}"));
    }

    fn paint(&self, code: &'static str) -> (&'static str, &'static str) {
        if self.stderr.color {
            (code, "\u{1b}[0m")
        } else {
            ("", "")
        }
    }

    /// Shows the problems of a scenario, each with its place in the text.
    pub fn problems(&self, file: &str, text: &str, problems: &[Diagnostic]) {
        self.show(file, text, problems, Severity::Error);
        let count = problems.len();
        let plural = if count == 1 { "" } else { "s" };
        self.error(&format!("{file} has {count} problem{plural}"));
    }

    /// Shows warnings, unless the user wants only errors.
    pub fn warnings(&self, file: &str, text: &str, warnings: &[Diagnostic]) {
        if !self.quiet {
            self.show(file, text, warnings, Severity::Warning);
        }
    }

    fn show(&self, file: &str, text: &str, diagnostics: &[Diagnostic], severity: Severity) {
        let handler = GraphicalReportHandler::new_themed(self.theme()).with_wrap_lines(false);
        let source = NamedSource::new(file, text.to_owned());
        for diagnostic in diagnostics {
            let report = Report {
                diagnostic,
                source: &source,
                file,
                severity,
            };
            let mut shown = String::new();
            // Writing into memory cannot fail.
            let _ = handler.render_report(&mut shown, &report);
            talk(shown.trim_end());
        }
    }

    fn theme(&self) -> GraphicalTheme {
        match (self.stderr.unicode, self.stderr.color) {
            (true, true) => GraphicalTheme::unicode(),
            (true, false) => GraphicalTheme::unicode_nocolor(),
            (false, true) => GraphicalTheme::ascii(),
            (false, false) => GraphicalTheme::none(),
        }
    }
}

/// One line or more on stderr. Nobody can be told if stderr is closed.
fn talk(text: &str) {
    let _ = writeln!(io::stderr().lock(), "{text}");
}

/// A [`Diagnostic`] as miette wants it.
#[derive(Debug)]
struct Report<'a> {
    diagnostic: &'a Diagnostic,
    source: &'a NamedSource<String>,
    file: &'a str,
    severity: Severity,
}

impl fmt::Display for Report<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // With a place, the file's name stands beside the marked line.
        match self.diagnostic.span {
            Some(_) => f.write_str(&self.diagnostic.message),
            None => write!(f, "{}: {}", self.file, self.diagnostic.message),
        }
    }
}

impl std::error::Error for Report<'_> {}

impl miette::Diagnostic for Report<'_> {
    fn severity(&self) -> Option<Severity> {
        Some(self.severity)
    }

    fn help<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        let help = &self.diagnostic.help;
        (!help.is_empty()).then(|| Box::new(help) as Box<dyn fmt::Display>)
    }

    fn source_code(&self) -> Option<&dyn SourceCode> {
        self.diagnostic.span.as_ref()?;
        Some(self.source)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        let span = self.diagnostic.span.clone()?;
        let label = &self.diagnostic.label;
        let label = (!label.is_empty()).then(|| label.clone());
        let place = LabeledSpan::new(label, span.start, span.len());
        Some(Box::new(std::iter::once(place)))
    }
}
