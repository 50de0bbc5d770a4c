//! `--labels FILE`: the words of pictures, from TOML. What is left out stays English.

use super::load::read_text;
use super::render::Shell;
use crate::input::is_missing;
use crate::scenario::Diagnostic;
use crate::words::closest;
use crate::words::labels::{Labels, MOST_CHARACTERS, Row, Wrong};
use anyhow::{Context, Result};
use std::fs::File;
use std::ops::Range;
use std::path::Path;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// Reads the table in a file.
///
/// # Errors
/// The file cannot be read, or is wrong: then every problem was shown with its place.
pub fn load(shell: &Shell, path: &Path) -> Result<Labels> {
    let shown = path.display().to_string();
    let wrong = |problem: &str| Err(shell.wrong(&format!("{shown}{problem}")));
    let cannot = || format!("cannot read `{shown}`");
    if path.is_dir() {
        return wrong(" is a directory, not a table of labels");
    }
    let file = match File::open(path) {
        Err(error) if is_missing(&error) => return wrong(": no such file"),
        opened => opened.with_context(cannot)?,
    };
    let text = match read_text(file).with_context(cannot)? {
        Ok(text) => text,
        Err(problem) => return wrong(&format!(" {problem}")),
    };
    read(&text).map_err(|problems| shell.problems(&shown, &text, &problems))
}

/// The table that `text` holds.
///
/// # Errors
/// Everything that is wrong with it, in the order of the text.
pub fn read(text: &str) -> Result<Labels, Vec<Diagnostic>> {
    let (table, errors) = DeTable::parse_recoverable(text);
    let mut problems: Vec<Diagnostic> = errors
        .iter()
        .map(|error| problem(error.span(), error.message().into(), String::new()))
        .collect();
    let mut labels = Labels::default();
    // What is said of a text that is no TOML would be said of a guess.
    if problems.is_empty() {
        for (section, value) in table.get_ref() {
            read_section(section, value, &mut labels, &mut problems);
        }
        if let Some(marks) = table.get_ref().get("numbers")
            && !labels.has_distinct_marks()
        {
            problems.push(problem(
                Some(marks.span()),
                "`decimal-mark` and `digit-groups` are the same: 1,234 would be two numbers".into(),
                "change one of them; `digit-groups` may be empty".into(),
            ));
        }
    }
    problems.sort_by_key(|it| it.span.as_ref().map_or(usize::MAX, |span| span.start));
    if problems.is_empty() {
        Ok(labels)
    } else {
        Err(problems)
    }
}

fn problem(span: Option<Range<usize>>, message: String, help: String) -> Diagnostic {
    Diagnostic {
        message,
        span,
        label: String::new(),
        help,
    }
}

type Key<'a> = Spanned<std::borrow::Cow<'a, str>>;

fn read_section(
    section: &Key<'_>,
    value: &Spanned<DeValue<'_>>,
    labels: &mut Labels,
    problems: &mut Vec<Diagnostic>,
) {
    let name = section.get_ref();
    let rows: Vec<&Row> = Labels::ROWS
        .iter()
        .filter(|it| it.section == name)
        .collect();
    if rows.is_empty() {
        let message = format!("`{}` is no section of labels", cut(name));
        problems.push(problem(Some(section.span()), message, where_it_is(name)));
        return;
    }
    let DeValue::Table(table) = value.get_ref() else {
        let message = format!("`{name}` must be a table of labels, found {}", kind(value));
        problems.push(problem(Some(value.span()), message, String::new()));
        return;
    };
    for (key, value) in table {
        if let Err(wrong) = read_label(&rows, key, value, labels) {
            problems.push(wrong);
        }
    }
}

fn read_label(
    rows: &[&Row],
    key: &Key<'_>,
    value: &Spanned<DeValue<'_>>,
    labels: &mut Labels,
) -> Result<(), Diagnostic> {
    let section = rows[0].section;
    let Some(row) = rows.iter().find(|row| row.key() == *key.get_ref()) else {
        let name = cut(key.get_ref());
        let known: Vec<String> = rows.iter().map(|row| row.key()).collect();
        let help = match closest(key.get_ref(), known.iter().map(String::as_str)) {
            Some(known) => format!("did you mean `{known}`?"),
            None => where_it_is(key.get_ref()),
        };
        let message = format!("`[{section}]` has no label `{name}`");
        return Err(problem(Some(key.span()), message, help));
    };
    let name = format!("{section}.{}", row.key());
    let DeValue::String(text) = value.get_ref() else {
        let message = format!("`{name}` must be a text in quotes, found {}", kind(value));
        return Err(problem(Some(value.span()), message, String::new()));
    };
    labels.set(row, text).map_err(|wrong| {
        let (message, help) = said(&name, row, &wrong);
        problem(Some(value.span()), message, help)
    })
}

/// What is wrong with a text, and what to do.
fn said(name: &str, row: &Row, wrong: &Wrong) -> (String, String) {
    let places = || match row.placeholders {
        [] => "it holds no placeholder".into(),
        some => {
            let all: Vec<String> = some.iter().map(|it| format!("`{{{it}}}`")).collect();
            format!("its placeholders are {}", all.join(", "))
        }
    };
    match wrong {
        Wrong::Unknown(found) => (
            format!("`{name}` has no value for `{{{}}}`", cut(found)),
            places(),
        ),
        Wrong::Missing(missing) => (
            format!("`{name}` must hold `{{{missing}}}`: the value would not be shown"),
            format!("in English: {}", row.english),
        ),
        Wrong::Brace => (
            format!("`{name}` has a brace without its other half"),
            places(),
        ),
        Wrong::Long => (
            format!("`{name}` has more than {MOST_CHARACTERS} characters"),
            String::new(),
        ),
        Wrong::Mark(wanted) => (format!("`{name}` must be {wanted}"), String::new()),
    }
}

/// Where a label of this name stands, or that a list can be had.
fn where_it_is(name: &str) -> String {
    let sections = Labels::ROWS.iter().filter(|row| row.key() == name);
    let found: Vec<String> = sections.map(|row| format!("`[{}]`", row.section)).collect();
    if !found.is_empty() {
        return format!("`{name}` stands in {}", found.join(", "));
    }
    match closest(name, Labels::ROWS.iter().map(|row| row.section)) {
        Some(known) => format!("did you mean `{known}`?"),
        None => "`spsim new --labels` prints all of them".into(),
    }
}

/// The start of a name: it may be as long as the file.
fn cut(name: &str) -> String {
    let mut shown: String = name.chars().take(40).collect();
    if shown.len() < name.len() {
        shown.push('…');
    }
    shown
}

fn kind(value: &Spanned<DeValue<'_>>) -> &'static str {
    match value.get_ref() {
        DeValue::String(_) => "a text",
        DeValue::Integer(_) | DeValue::Float(_) => "a number",
        DeValue::Boolean(_) => "true or false",
        DeValue::Datetime(_) => "a date",
        DeValue::Array(_) => "a list",
        DeValue::Table(_) => "a table",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn messages(text: &str) -> Vec<String> {
        let problems = read(text).expect_err("it is wrong");
        for it in &problems {
            assert!(it.span.is_some(), "{it:?}");
        }
        let joined = problems.into_iter();
        joined
            .map(|it| format!("{} | {}", it.message, it.help))
            .collect()
    }

    #[test]
    fn the_starter_is_english_and_so_is_nothing() {
        assert_eq!(read(&Labels::starter()), Ok(Labels::default()));
        assert_eq!(read(""), Ok(Labels::default()));
        assert_eq!(read("# nothing\n[axes]\n"), Ok(Labels::default()));
    }

    #[test]
    fn every_problem_is_said_at_once() {
        let text = "[axes]\nportz = \"Ports\"\nports = 5\nsimulated-time = \"Zeit\"\n\
                    [lines]\nlimit = \"Grenze {ports} {max}\"\npeak = \"{peak\"\n\
                    [ports]\nx = 1\n[states]\nlimit = \"x\"\n";
        assert_eq!(
            messages(text),
            [
                "`[axes]` has no label `portz` | did you mean `ports`?",
                "`axes.ports` must be a text in quotes, found a number | ",
                "`axes.simulated-time` must hold `{unit}`: the value would not be shown | \
                 in English: Simulated time ({unit})",
                "`lines.limit` has no value for `{max}` | its placeholders are `{ports}`",
                "`lines.peak` has a brace without its other half | its placeholders are `{peak}`",
                "`ports` is no section of labels | `ports` stands in `[counts]`, `[axes]`",
                "`[states]` has no label `limit` | `limit` stands in `[lines]`, `[stacks]`",
            ]
        );
    }

    #[test]
    fn numbers_stay_the_numbers_they_are() {
        assert_eq!(
            messages("[numbers]\ndecimal-mark = \",\"\n"),
            [
                "`decimal-mark` and `digit-groups` are the same: 1,234 would be two numbers | \
                 change one of them; `digit-groups` may be empty"
            ]
        );
        assert_eq!(
            messages("[numbers]\ndecimal-mark = \"\"\n"),
            [
                "`numbers.decimal-mark` must be one character that is no letter, digit, minus \
                 sign or space | "
            ]
        );
        assert!(read("[numbers]\ndecimal-mark = \",\"\ndigit-groups = \".\"\n").is_ok());
    }

    #[test]
    fn what_is_no_toml_has_a_place() {
        assert_eq!(messages("[axes\nports = \"x\"\n").len(), 1);
        assert!(messages("[axes]\nports = \"x\"\nports = \"y\"\n")[0].contains("duplicate key"));
        let long = "x".repeat(2_000);
        let text = format!("[axes]\nports = \"{long}\"\n");
        assert_eq!(
            messages(&text),
            ["`axes.ports` has more than 1000 characters | "]
        );
    }
}
