//! `docs/questions.md`: every command of the page is run, and what it prints is what the page
//! shows. `BLESS=1 cargo test --test it questions` writes the page again.

use assert_cmd::Command;
use std::path::Path;

const PAGE: &str = "docs/questions.md";

/// The words of a line as a shell has them: quotes keep blanks.
fn words(line: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut quote = None;
    for character in line.chars() {
        match (quote, character) {
            (Some(open), _) if character == open => quote = None,
            (None, '\'' | '"') => {
                quote = Some(character);
                word.get_or_insert_default();
            }
            (None, ' ') => words.extend(word.take()),
            _ => word.get_or_insert_default().push(character),
        }
    }
    words.extend(word);
    words
}

/// What the command prints, without what it assumes.
fn answer(line: &str) -> String {
    let words = words(line);
    let (program, args) = words.split_first().expect("a command");
    assert_eq!(program, "spsim", "{line}");
    let output = Command::new(env!("CARGO_BIN_EXE_spsim"))
        .args(args)
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .expect("it starts");
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("UTF-8");
    let (stdout, stderr) = (text(output.stdout), text(output.stderr));
    assert_eq!(output.status.code(), Some(0), "{line}\n{stderr}");
    let shown = stdout.split("\nAssumed:\n").next().unwrap_or(&stdout);
    shown.trim_end().to_owned()
}

/// The page with every answer as it is now, and how many commands there were.
fn renewed(page: &str) -> (String, usize) {
    let mut lines = page.lines();
    let mut text = String::new();
    let mut answers = Vec::new();
    let mut count = 0;
    while let Some(line) = lines.next() {
        text += line;
        text.push('\n');
        match line {
            "```sh" => {
                for command in lines.by_ref().take_while(|line| *line != "```") {
                    text += command;
                    text.push('\n');
                    answers.push(answer(command));
                    count += 1;
                }
                text += "```\n";
            }
            "```text" => {
                assert!(!answers.is_empty(), "an answer without a command");
                text += &answers.join("\n\n");
                text += "\n```\n";
                answers.clear();
                // The answer that the page had.
                lines.by_ref().take_while(|line| *line != "```").count();
            }
            _ => {}
        }
    }
    assert!(answers.is_empty(), "a command without an answer");
    (text, count)
}

#[test]
fn every_answer_is_what_its_command_prints() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(PAGE);
    let page = std::fs::read_to_string(&path).expect("the page");
    let (renewed, commands) = renewed(&page);
    let questions = page.lines().filter(|line| line.starts_with("## Q")).count();
    assert_eq!(questions, 26, "the questions of the page");
    assert!(commands >= questions, "{commands} commands");
    if std::env::var_os("BLESS").is_some() {
        std::fs::write(&path, renewed).expect("written");
        return;
    }
    for (number, (found, expected)) in (1..).zip(renewed.lines().zip(page.lines())) {
        assert_eq!(
            found, expected,
            "{PAGE} line {number}; BLESS=1 writes it again"
        );
    }
    assert_eq!(renewed.len(), page.len(), "{PAGE} ends elsewhere");
}
