//! Bash: how it asks, and how it wants to be answered.
//!
//! Bash takes a line apart at `=` and `:` too, and tells nobody where blanks were: so the line is
//! handed over as it is. What it puts in place of a word is taken as typed, without quotes.

use crate::words::plain;
use clap::Command;
use clap_complete::engine::complete;
use clap_complete::env::EnvCompleter;
use std::ffi::OsString;
use std::io::{Error, Write};
use std::path::Path;

/// Where bash begins another word, beside blanks.
const BREAKS: [char; 2] = ['=', ':'];

/// Bash asks with the line up to the cursor.
pub(super) struct Bash;

impl EnvCompleter for Bash {
    fn name(&self) -> &'static str {
        "bash"
    }

    fn is(&self, name: &str) -> bool {
        name == "bash"
    }

    fn write_registration(
        &self,
        variable: &str,
        name: &str,
        bin: &str,
        completer: &str,
        to: &mut dyn Write,
    ) -> Result<(), Error> {
        write!(
            to,
            r#"_{name}() {{
    local IFS=$'\n'
    COMPREPLY=($({variable}=bash {completer} -- "${{COMP_LINE:0:COMP_POINT}}"))
    # What ends so is gone on with.
    if [[ ${{COMPREPLY-}} == *[=/] ]]; then
        compopt -o nospace 2>/dev/null
    fi
}}
complete -o bashdefault -F _{name} {bin}
"#
        )
    }

    fn write_complete(
        &self,
        command: &mut Command,
        args: Vec<OsString>,
        folder: Option<&Path>,
        to: &mut dyn Write,
    ) -> Result<(), Error> {
        let line = args.first().map(|it| it.to_string_lossy());
        let line = Line::new(&line.unwrap_or_default());
        let index = line.words.len() - 1;
        let words = line.words.iter().map(OsString::from).collect();
        for one in complete(command, words, index, folder)? {
            writeln!(to, "{}", line.reply(&one.get_value().to_string_lossy()))?;
        }
        Ok(())
    }
}

/// A line as far as it is typed.
pub(super) struct Line {
    /// Its words without their quotes; the last is the one that is being typed.
    pub(super) words: Vec<String>,
    /// Whether the last word stands in quotes that are still open.
    is_quoted: bool,
}

impl Line {
    /// Takes a line apart as bash does.
    pub(super) fn new(line: &str) -> Line {
        let (mut words, mut word) = (Vec::new(), String::new());
        let (mut quote, mut is_begun) = (None, false);
        let mut letters = line.chars();
        while let Some(letter) = letters.next() {
            match (letter, quote) {
                (end, Some(open)) if end == open => quote = None,
                ('\\', None | Some('"')) => word.extend(letters.next()),
                ('\'' | '"', None) => quote = Some(letter),
                (' ' | '\t' | '\n', None) => {
                    if is_begun {
                        words.push(std::mem::take(&mut word));
                    }
                    is_begun = false;
                    continue;
                }
                (letter, _) => word.push(letter),
            }
            is_begun = true;
        }
        words.push(word);
        Line {
            words,
            is_quoted: quote.is_some(),
        }
    }

    /// What bash puts in place of what it takes for the last word.
    fn reply(&self, value: &str) -> String {
        // It closes the quotes itself.
        if self.is_quoted {
            return value.into();
        }
        let typed = self.words.last().map_or("", String::as_str);
        let before = typed.rfind(BREAKS).map_or("", |at| &typed[..=at]);
        plain::quoted(value.strip_prefix(before).unwrap_or(value))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_taken_apart_as_bash_does() {
        let words = |line| Line::new(line).words;
        assert_eq!(words("spsim run "), ["spsim", "run", ""]);
        let typed = "spsim run 'my file.toml' --set machine.ports=win";
        let apart = ["spsim", "run", "my file.toml", "--set", "machine.ports=win"];
        assert_eq!(words(typed), apart);
        assert_eq!(words(r#"a\ b "c \" d"#), ["a b", "c \" d"]);
        assert_eq!(words("spsim '' x"), ["spsim", "", "x"]);
    }

    #[test]
    fn the_reply_takes_the_place_of_what_bash_calls_a_word() {
        let reply = |line: &str, value: &str| Line::new(line).reply(value);
        assert_eq!(reply("spsim kb", "kb2551125"), "kb2551125");
        assert_eq!(
            reply("--set machine.ports=win", "machine.ports=windows"),
            "windows"
        );
        assert_eq!(reply("--strategy a", "as is"), "'as is'");
        assert_eq!(reply("--strategy 'a", "as is"), "as is");
    }
}
