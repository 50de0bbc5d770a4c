//! What goes to stderr: problems with their place, and other talk.

use super::args::{ColorChoice, CommonArgs};
use super::exit::{Exit, Refused};
use crate::output::Terminal;
use crate::scenario::Diagnostic;
use crate::words::number::counted;
use crate::words::plain;
use miette::{
    GraphicalReportHandler, GraphicalTheme, LabeledSpan, NamedSource, Severity, SourceCode,
};
use std::fmt;
use std::io::{self, IsTerminal, Write};
use std::ops::Range;
use terminal_size::terminal_size_of;

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

    /// What stdout can show.
    pub fn terminal(&self) -> Terminal {
        Terminal {
            color: self.color_stdout,
            width: terminal_size_of(io::stdout()).map(|(width, _)| width.0.into()),
        }
    }

    /// Prints a result.
    ///
    /// # Errors
    /// stdout cannot be written: a broken pipe, too, which the caller lets pass.
    pub fn print(&self, text: &str) -> io::Result<()> {
        // Colours are ours, and then the texts between them were made harmless one by one.
        let mut out = if self.color_stdout && text.contains('\u{1b}') {
            Box::new(io::stdout().lock())
        } else {
            stdout()
        };
        out.write_all(text.as_bytes())?;
        if !text.ends_with('\n') {
            out.write_all(b"\n")?;
        }
        out.flush()
    }

    /// Says something that is neither a result nor an error.
    pub fn say(&self, text: &str) {
        if !self.quiet {
            talk(&plain::harmless(text));
        }
    }

    /// Says what was made of a file, a line each; skipped rows even to those who want to hear
    /// nothing else.
    pub fn account(&self, told: &[String], skipped: u64) {
        if told.is_empty() || (self.quiet && skipped == 0) {
            return;
        }
        let rows = counted(skipped as f64, "row", "rows");
        let lost = (skipped > 0).then(|| format!("{rows} skipped"));
        let lines: Vec<String> = lost.into_iter().chain(told.iter().cloned()).collect();
        Shell::insist(&lines.join("\n  "));
    }

    /// Says something even to those who want only errors.
    pub fn insist(text: &str) {
        talk(&plain::harmless(text));
    }

    /// Says what went wrong.
    pub fn error(&self, text: &str) {
        let (on, off) = self.paint("\u{1b}[1;31m");
        talk(&format!("{on}error:{off} {}", plain::harmless(text)));
    }

    /// Says what is wrong with the command line, and ends the command.
    pub fn usage(&self, text: &str) -> anyhow::Error {
        self.error(text);
        Refused(Exit::Usage).into()
    }

    /// Says what is wrong with a scenario or another input, and ends the command.
    pub fn wrong(&self, text: &str) -> anyhow::Error {
        self.error(text);
        Refused(Exit::Wrong).into()
    }

    fn paint(&self, code: &'static str) -> (&'static str, &'static str) {
        if self.stderr.color {
            (code, "\u{1b}[0m")
        } else {
            ("", "")
        }
    }

    /// Shows the problems of a scenario, the first of many, each with its place in the text, and
    /// ends the command.
    pub fn problems(&self, file: &str, text: &str, problems: &[Diagnostic]) -> anyhow::Error {
        self.show(file, text, problems, Severity::Error);
        let count = problems.len();
        let plural = if count == 1 { "" } else { "s" };
        self.wrong(&format!("{file} has {count} problem{plural}"))
    }

    /// Shows warnings, unless the user wants only errors.
    pub fn warnings(&self, file: &str, text: &str, warnings: &[Diagnostic]) {
        if !self.quiet {
            self.show(file, text, warnings, Severity::Warning);
        }
    }

    fn show(&self, file: &str, text: &str, diagnostics: &[Diagnostic], severity: Severity) {
        let file = &*plain::line(file);
        let handler = GraphicalReportHandler::new_themed(self.theme()).with_wrap_lines(false);
        let source = NamedSource::new(file, plain::harmless(text));
        for diagnostic in diagnostics.iter().take(MOST_SHOWN) {
            let report = Report::new(diagnostic, &source, file, severity);
            let mut shown = String::new();
            // Writing into memory cannot fail.
            let _ = handler.render_report(&mut shown, &report);
            talk(shown.trim_end());
        }
        let more = diagnostics.len().saturating_sub(MOST_SHOWN);
        if more > 0 {
            talk(&format!("  … and {more} more of {file}"));
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
pub(super) fn talk(text: &str) {
    let _ = writeln!(io::stderr().lock(), "{text}");
}

/// Most problems of one file that are shown: the text is read again for each of them, and nobody
/// reads more.
const MOST_SHOWN: usize = 100;

/// The longest line of a scenario that is shown, in bytes; of a longer one only the place is.
const LONGEST_SHOWN: usize = 300;

/// Hands text on to a terminal without what would steer it; UTF-8 may come in any pieces.
#[derive(Debug)]
struct Harmless<W> {
    out: W,
    /// A character that is not whole yet.
    torn: Vec<u8>,
}

impl<W: Write> Write for Harmless<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.torn.extend(bytes);
        let whole = match str::from_utf8(&self.torn) {
            Err(error) if error.error_len().is_none() => error.valid_up_to(),
            // Where it is no text at all, what a terminal shows for it is up to us.
            Ok(_) | Err(_) => self.torn.len(),
        };
        let text = String::from_utf8_lossy(&self.torn[..whole]).into_owned();
        self.torn.drain(..whole);
        self.out.write_all(plain::harmless(&text).as_bytes())?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

/// stdout for what programs read, as it is; on a terminal without what would steer it.
pub(super) fn stdout() -> Box<dyn Write> {
    let out = io::stdout().lock();
    if out.is_terminal() {
        let torn = Vec::new();
        return Box::new(Harmless { out, torn });
    }
    Box::new(out)
}

/// A [`Diagnostic`] as miette wants it.
#[derive(Debug)]
struct Report<'a> {
    message: String,
    label: Option<String>,
    help: String,
    source: &'a NamedSource<String>,
    /// The marked bytes, where they can be shown.
    span: Option<Range<usize>>,
    severity: Severity,
}

impl<'a> Report<'a> {
    fn new(
        diagnostic: &Diagnostic,
        source: &'a NamedSource<String>,
        file: &str,
        severity: Severity,
    ) -> Report<'a> {
        let text = source.inner().as_bytes();
        let message = plain::harmless(&diagnostic.message);
        let span = diagnostic.span.as_ref().map(|it| on_one_line(text, it));
        let short = |span: &Range<usize>| longest_line(text, span.start) <= LONGEST_SHOWN;
        let shown = span.clone().filter(short);
        // With the line, the file's name and the place stand beside it.
        let message = match (&shown, &span) {
            (Some(_), _) => message,
            (None, Some(span)) => {
                let (line, column) = place(text, span.start);
                format!("{file}:{line}:{column}: {message}")
            }
            (None, None) => format!("{file}: {message}"),
        };
        Report {
            message,
            label: Some(plain::harmless(&diagnostic.label)).filter(|label| !label.is_empty()),
            help: plain::harmless(&diagnostic.help),
            source,
            span: shown,
            severity,
        }
    }
}

/// What of `span` lies in the text and on its first line.
fn on_one_line(text: &[u8], span: &Range<usize>) -> Range<usize> {
    let start = span.start.min(text.len());
    let marked = &text[start..span.end.clamp(start, text.len())];
    let length = marked.iter().position(|byte| *byte == b'\n');
    start..start + length.unwrap_or(marked.len())
}

/// The longest of the line around byte `at` and its neighbours, which are shown with it.
fn longest_line(text: &[u8], at: usize) -> usize {
    let own = line_around(text, at);
    let before = own.start.checked_sub(1).map(|at| line_around(text, at));
    let after = text
        .get(own.end + 1..)
        .map(|_| line_around(text, own.end + 1));
    let lines = [Some(own), before, after].into_iter().flatten();
    lines.map(|it| it.len()).max().unwrap_or(0)
}

/// The line around byte `at`, without its end.
fn line_around(text: &[u8], at: usize) -> Range<usize> {
    let is_end = |byte: &u8| *byte == b'\n';
    let before = text[..at].iter().rev().position(is_end).unwrap_or(at);
    let after = text[at..].iter().position(is_end);
    at - before..after.map_or(text.len(), |it| at + it)
}

/// Line and column of byte `at`, both from 1; the column counts bytes.
fn place(text: &[u8], at: usize) -> (usize, usize) {
    let before = text[..at].split(|byte| *byte == b'\n');
    before.fold((0, 1), |(line, _), last| (line + 1, last.len() + 1))
}

impl fmt::Display for Report<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Report<'_> {}

impl miette::Diagnostic for Report<'_> {
    fn severity(&self) -> Option<Severity> {
        Some(self.severity)
    }

    fn help<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        (!self.help.is_empty()).then(|| Box::new(&self.help) as Box<dyn fmt::Display>)
    }

    fn source_code(&self) -> Option<&dyn SourceCode> {
        self.span.as_ref()?;
        Some(self.source)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        let span = self.span.clone()?;
        let place = LabeledSpan::new(self.label.clone(), span.start, span.len());
        Some(Box::new(std::iter::once(place)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str, span: Option<Range<usize>>) -> String {
        let diagnostic = Diagnostic {
            message: "`b` is \u{1b}[31mwrong".into(),
            span,
            label: "here".into(),
            help: "mend it".into(),
        };
        let handler = GraphicalReportHandler::new_themed(GraphicalTheme::none());
        let source = NamedSource::new("f.toml", plain::harmless(text));
        let report = Report::new(&diagnostic, &source, "f.toml", Severity::Error);
        let mut shown = String::new();
        handler.render_report(&mut shown, &report).expect("memory");
        shown
    }

    #[test]
    fn a_problem_has_file_line_and_column() {
        let text = shown("a = 1\nb = \u{9b}2\n", Some(6..7));
        for expected in [
            "`b` is ?[31mwrong",
            "[f.toml:2:1]",
            "b = ??2",
            "here",
            "help: mend it",
        ] {
            assert!(text.contains(expected), "{expected} in {text}");
        }
    }

    #[test]
    fn what_comes_in_pieces_steers_no_terminal() {
        let mut out = Harmless {
            out: Vec::new(),
            torn: Vec::new(),
        };
        for byte in "é\u{1b}[2J\u{202e}\u{9b}.\n".bytes() {
            out.write_all(&[byte]).expect("memory");
        }
        out.write_all(b"\xff.").expect("memory");
        assert_eq!(
            String::from_utf8(out.out).expect("text"),
            "é?[2J?????.\n\u{fffd}."
        );
    }

    #[test]
    fn a_very_long_line_is_not_shown() {
        let long = format!("a = 1\nb = {}\n", "2".repeat(10_000));
        let text = shown(&long, Some(10..12));
        assert!(text.contains("f.toml:2:5: `b` is"), "{text}");
        assert!(text.len() < 200, "{text}");
        // Nor beside the one that is meant.
        for text in ["b = 1\na = 2", "a = 2\nb = 1", "a = 2\nb = 1\n"] {
            let long = text.replace('2', &"2".repeat(10_000));
            let at = long.find('b').expect("there");
            let text = shown(&long, Some(at..at + 1));
            assert!(text.len() < 200, "{text}");
        }
    }

    #[test]
    fn a_long_span_is_marked_on_its_first_line() {
        let text = shown("[a]\nb = 1\nc = 2\n", Some(0..15));
        assert!(text.contains("[f.toml:1:1]"), "{text}");
        assert!(!text.contains("c = 2"), "{text}");
    }

    #[test]
    fn a_problem_without_a_place_names_the_file() {
        assert!(shown("", None).contains("f.toml: `b` is"), "no span");
        assert!(
            shown("a", Some(7..9)).contains("`b` is"),
            "a span behind the end"
        );
    }
}
