//! Text from a scenario made harmless for the place it goes to. Titles and names come from
//! anyone: they may hold markup, control characters or whole paragraphs.

use alloc::string::String;
use alloc::vec::Vec;

/// `text` on one line without control characters, so that it cannot steer a terminal or break
/// XML; runs of white space become one space.
pub fn line(text: &str) -> String {
    let mut result = String::with_capacity(text.len());
    for word in text.split(|c: char| is_space(c) || is_invisible(c)) {
        if word.is_empty() {
            continue;
        }
        if !result.is_empty() {
            result.push(' ');
        }
        result.push_str(word);
    }
    result
}

/// [`line`], at most `most` characters; what is cut is shown by `…`.
pub fn short(text: &str, most: usize) -> String {
    let text = line(text);
    if text.chars().count() <= most {
        return text;
    }
    let mut cut: String = text.chars().take(most.saturating_sub(1)).collect();
    cut.truncate(cut.trim_end().len());
    cut.push('…');
    cut
}

/// White space where a line may break: a number is grouped by one that may not.
pub fn is_space(c: char) -> bool {
    c.is_whitespace() && !matches!(c, '\u{a0}' | '\u{202f}')
}

/// Controls, and the marks that reverse the direction of what follows them.
pub fn is_invisible(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
        || matches!(c, '\u{feff}' | '\u{fffe}' | '\u{ffff}')
}

/// `text` with nothing in it that steers a terminal; its lines stay, and every byte its place.
pub fn harmless(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\n' | '\t' => shown.push(c),
            _ if is_invisible(c) => shown.push_str(&"?".repeat(c.len_utf8())),
            _ => shown.push(c),
        }
    }
    shown
}

/// `text` as a cell of a CSV file: where a spreadsheet would run it as a formula, an apostrophe
/// says that it is text.
pub fn cell(text: &str) -> String {
    if is_formula(text.trim_start_matches('\'')) {
        format!("'{text}")
    } else {
        text.into()
    }
}

/// The text that [`cell`] made a cell of.
pub fn of_cell(cell: &str) -> &str {
    match cell.strip_prefix('\'') {
        Some(text) if is_formula(text.trim_start_matches('\'')) => text,
        _ => cell,
    }
}

/// Whether spreadsheets compute a cell: what begins so and is no number.
fn is_formula(text: &str) -> bool {
    text.starts_with(['=', '+', '-', '@', '\t', '\r']) && text.parse::<f64>().is_err()
}

/// `text` as XML text or attribute, on one line; XML has no way to write most controls.
pub fn xml(text: &str) -> String {
    let mut result = String::with_capacity(text.len());
    for c in line(text).chars() {
        match c {
            '&' => result.push_str("&amp;"),
            '<' => result.push_str("&lt;"),
            '>' => result.push_str("&gt;"),
            '"' => result.push_str("&quot;"),
            '\'' => result.push_str("&#39;"),
            other => result.push(other),
        }
    }
    result
}

/// `text` as Markdown that shows exactly it: every mark that Markdown or HTML could read is
/// escaped.
pub fn markdown(text: &str) -> String {
    let text = line(text);
    let mut result = String::with_capacity(text.len());
    let mut before = ' ';
    let mut rest = text.chars().peekable();
    while let Some(c) = rest.next() {
        let after = rest.peek().copied().unwrap_or(' ');
        match c {
            '&' => result.push_str("&amp;"),
            '<' => result.push_str("&lt;"),
            '>' => result.push_str("&gt;"),
            // Inside a word, as in TIME_WAIT, an underscore is only itself.
            '_' if before.is_alphanumeric() && after.is_alphanumeric() => result.push(c),
            '\\' | '`' | '*' | '_' | '[' | ']' | '|' | '#' | '~' | '$' => {
                result.push('\\');
                result.push(c);
            }
            other => result.push(other),
        }
        before = c;
    }
    // A list or an underlined heading can only begin at the start of a line.
    if result.starts_with(['-', '+', '=']) {
        result.insert(0, '\\');
    }
    result
}

/// [`markdown`] for sentences of ours, which mark code by backticks. Names inside them stay
/// escaped; one that holds a backtick can at worst turn words into code.
pub fn markdown_prose(text: &str) -> String {
    markdown(text).replace("\\`", "`")
}

/// A word as a POSIX shell reads it, and PowerShell where it holds no apostrophe.
pub fn quoted(word: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "-_./=,:@%+".contains(c);
    if !word.is_empty() && word.chars().all(is_plain) {
        return word.into();
    }
    format!("'{}'", word.replace('\'', r"'\''"))
}

/// [`line`] broken at blanks into lines of at most `width` characters; a longer word stands alone.
pub fn wrapped(text: &str, width: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in line(text).split(' ') {
        match lines.last_mut() {
            Some(last) if last.chars().count() + 1 + word.chars().count() <= width => {
                *last += " ";
                *last += word;
            }
            _ => lines.push(word.into()),
        }
    }
    lines
}

/// "a, b and c".
pub fn listed(names: &[String]) -> String {
    match names {
        [] => String::new(),
        [one] => one.clone(),
        [all @ .., last] => format!("{} and {last}", all.join(", ")),
    }
}

/// The text as a sentence begins.
pub fn capital(text: &str) -> String {
    let mut characters = text.chars();
    let first = characters.next().map(|it| it.to_ascii_uppercase());
    first.into_iter().chain(characters).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::borrow::ToOwned;

    #[test]
    fn a_line_has_nothing_that_steers_a_terminal() {
        assert_eq!(line("a\n\tb\u{1b}[31mc \u{202e}d "), "a b [31mc d");
        assert_eq!(short("abcdef", 4), "abc…");
        assert_eq!(short("abc def", 5), "abc…");
        assert_eq!(short("abcd", 4), "abcd");
        assert_eq!(wrapped("ab c  defgh i", 4), ["ab c", "defgh", "i"]);
    }

    #[test]
    fn nothing_steers_a_terminal_and_every_byte_keeps_its_place() {
        let text = "a\n\tb\u{1b}[31m\u{9b}\u{202e}\u{7f}\r";
        assert_eq!(harmless(text), "a\n\tb?[31m??????".to_owned() + "?");
        assert_eq!(harmless(text).len(), text.len());
    }

    #[test]
    fn a_shell_reads_each_word_as_it_is() {
        assert_eq!(quoted("a=b"), "a=b");
        assert_eq!(quoted("as is"), "'as is'");
        assert_eq!(quoted("it's"), r"'it'\''s'");
        assert_eq!(quoted(""), "''");
    }

    #[test]
    fn a_cell_is_no_formula_and_reads_back() {
        for (text, written) in [
            ("as is", "as is"),
            ("=1+1", "'=1+1"),
            ("@SUM(A1)", "'@SUM(A1)"),
            ("-cmd", "'-cmd"),
            ("-5", "-5"),
            ("+1e3", "+1e3"),
            ("'=1", "''=1"),
            ("'quoted'", "'quoted'"),
            ("\tx", "'\tx"),
        ] {
            assert_eq!(cell(text), written);
            assert_eq!(of_cell(written), text);
        }
    }

    #[test]
    fn markup_is_shown_not_obeyed() {
        assert_eq!(xml("<a b='c'>&\""), "&lt;a b=&#39;c&#39;&gt;&amp;&quot;");
        assert_eq!(
            markdown("![x](y) <b> `z` a|b"),
            "!\\[x\\](y) &lt;b&gt; \\`z\\` a\\|b"
        );
        assert_eq!(markdown("TIME_WAIT _x_"), "TIME_WAIT \\_x\\_");
        assert_eq!(markdown_prose("`a` <b>"), "`a` &lt;b&gt;");
        assert_eq!(markdown("- item"), "\\- item");
    }
}
