//! `--labels`: the words of pictures in another language, from outside.

use assert_cmd::Command;
use spsim::inside::cli::labels;
use spsim::inside::words::labels::Labels;
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

const GERMAN: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/labels.de.toml");

/// Names that are no words of any language: what is left in a German picture is not English.
const SCENARIO: &str = r#"
title = "T1"
question = "Q1"
duration = "20s"

[machine]
ports = 100

[client.c]
runtime = "net40"

[server.s]
uri = "http://x1.y2/"
response-time = { exponential = { mean = "100ms" } }

[workload.w]
server = "s"
arrivals = { poisson = { rate = 10 } }
group = "unique"

[[strategy]]
name = "A1"
[[strategy]]
name = "B2"
groups = 4
"#;

fn spsim(folder: &Path, args: &[&str]) -> (i32, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_spsim"))
        .current_dir(folder)
        .args(args)
        .output()
        .expect("it starts");
    let text = String::from_utf8(output.stderr).expect("UTF-8");
    (output.status.code().expect("it exits"), text)
}

fn folder() -> tempfile::TempDir {
    let root = tempfile::tempdir().expect("a folder");
    fs::write(root.path().join("x.toml"), SCENARIO).expect("written");
    root
}

/// Draws everything there is with these flags more: a run, a sweep over one key and over two, a
/// fit, and the pictures of the gallery.
fn draw_all(root: &Path, out: &str, more: &[&str]) {
    let rows: Vec<String> = (0..=20).map(|it| format!("{it},{}", it * 10)).collect();
    let curve = format!("time_s,ports_in_use\n{}\n", rows.join("\n"));
    fs::write(root.join("curve.csv"), curve).expect("written");
    let commands: [&[&str]; 5] = [
        &["run", "x.toml", "--replications", "3"],
        &["sweep", "x.toml", "--vary", "machine.ports=50,100,200"],
        &[
            "sweep",
            "x.toml",
            "--vary",
            "machine.ports=50,100",
            "--vary",
            "client.c.connection-limit=1,2",
        ],
        &[
            "calibrate",
            "x.toml",
            "curve.csv",
            "--replications",
            "2",
            "--fit",
            "rate",
        ],
        &["gallery", "keep-alive-off-time-wait"],
    ];
    for (index, command) in commands.iter().enumerate() {
        let out = format!("{out}/{index}");
        let flags = ["--quiet", "--format", "svg", "--out", &out];
        let (code, stderr) = spsim(root, &[*command, &flags, more].concat());
        assert_eq!(code, 0, "{command:?}: {stderr}");
    }
}

/// Every SVG below a folder, by its path in it.
fn svgs(folder: &Path) -> Vec<(String, String)> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_path_buf()];
    while let Some(at) = folders.pop() {
        for entry in fs::read_dir(at).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|it| it == "svg") {
                let name = path.strip_prefix(folder).expect("below").display();
                let svg = fs::read_to_string(&path).expect("text");
                found.push((name.to_string(), svg));
            }
        }
    }
    found.sort();
    found
}

/// What a picture shows as text.
fn texts(svg: &str) -> Vec<&str> {
    let parts = svg.split("<text ").skip(1);
    let inner = parts.map(|part| part.split_once('>').expect("a tag").1);
    inner
        .map(|part| part.split_once("</text>").expect("its end").0)
        .collect()
}

/// Runs of two or more letters.
fn words(text: &str) -> impl Iterator<Item = &str> {
    let parts = text.split(|c: char| !c.is_alphabetic());
    parts.filter(|it| it.chars().count() > 1)
}

fn german() -> String {
    fs::read_to_string(GERMAN).expect("the German table")
}

#[test]
fn the_german_table_is_complete_and_german() {
    let table: toml::Table = german().parse().expect("TOML");
    let mut n_same = 0;
    for row in Labels::ROWS {
        let text = table[row.section].get(row.key());
        let text = text.and_then(toml::Value::as_str);
        let text = text.unwrap_or_else(|| panic!("{}.{} is missing", row.section, row.key()));
        n_same += usize::from(text == row.english);
    }
    assert!(n_same < 30, "{n_same} labels are English");
    labels::read(&german()).expect("it is right");
}

#[test]
fn every_picture_is_in_the_language_of_its_table() {
    let root = folder();
    let (code, stderr) = spsim(root.path(), &["new", "--labels", "en.toml"]);
    assert_eq!(code, 0, "{stderr}");
    draw_all(root.path(), "plain", &[]);
    draw_all(root.path(), "en", &["--labels", "en.toml"]);
    draw_all(root.path(), "de", &["--labels", GERMAN]);
    let drawn = |name| svgs(&root.path().join(name));
    let (plain, german) = (drawn("plain"), drawn("de"));
    assert_eq!(plain.len(), 11, "every picture that tells something");
    assert!(plain == drawn("en"), "what is written out reads back");
    let n_compared = no_english_label_is_left(&plain, &german);
    assert!(n_compared > 250, "{n_compared}");
}

#[test]
fn the_short_table_of_the_manual_is_all_of_one_picture() {
    let manual = include_str!("../../docs/pictures.md");
    let (_, from) = manual.split_once("```toml\n").expect("an example");
    let (table, _) = from.split_once("```").expect("its end");
    let root = folder();
    fs::write(root.path().join("de.toml"), table).expect("written");
    let draw = |out: &str, more: &[&str]| {
        let run: &[&str] = &["run", "x.toml", "--quiet", "--format", "svg", "--out", out];
        let (code, stderr) = spsim(root.path(), &[run, more].concat());
        assert_eq!(code, 0, "{stderr}");
        let svg = fs::read_to_string(root.path().join(out).join("ports.svg"));
        vec![("ports.svg".to_string(), svg.expect("there"))]
    };
    let (english, german) = (draw("en", &[]), draw("de", &["--labels", "de.toml"]));
    for word in [
        "Belegte lokale Ports",
        "Grenze: 100 Ports",
        "keine Ports ab",
    ] {
        assert!(german[0].1.contains(word), "{word}");
    }
    let n_compared = no_english_label_is_left(&english, &german);
    assert!(n_compared > 20, "{n_compared}");
}

/// How many texts were looked at.
fn no_english_label_is_left(
    english: &[(String, String)],
    german_ones: &[(String, String)],
) -> usize {
    // Words that both languages share: `ServicePoint`, `TIME_WAIT`, `min`.
    let table: toml::Table = german().parse().expect("TOML");
    let translated: Vec<&str> = Labels::ROWS
        .iter()
        .filter_map(|row| table[row.section][row.key().as_str()].as_str())
        .collect();
    let shared: BTreeSet<&str> = translated.iter().flat_map(|it| words(it)).collect();
    let mut n_compared = 0;
    for ((name, before), (_, after)) in english.iter().zip(german_ones) {
        let before: BTreeSet<&str> = texts(before).into_iter().collect();
        for text in texts(after) {
            if !is_given(text) && before.contains(text) {
                let is_shared = words(text).all(|it| shared.contains(it));
                assert!(is_shared, "{name}: `{text}`");
            }
            n_compared += 1;
        }
        assert!(!texts(after).concat().contains("Simulated"), "{name}");
    }
    n_compared
}

/// Whether a scenario says so itself, or it names a key or an address.
fn is_given(text: &str) -> bool {
    let drawn = include_str!("../../scenarios/keep-alive-off-time-wait.toml");
    let questions = spsim::inside::study::gallery::QUESTIONS.iter();
    let questions = questions.flat_map(|it| it.axes.iter().chain([&it.question]));
    let mut said = [SCENARIO, drawn].into_iter().chain(questions.copied());
    said.any(|it| text.split(' ').all(|word| it.contains(word)))
        || text.starts_with("http://")
        || text.starts_with("unique-")
        || ["machine.ports"].contains(&text)
}

#[test]
fn what_is_wrong_with_a_table_is_said_with_its_place_before_anything_runs() {
    let root = folder();
    let cases = [
        (
            "[lines]\nlimt = \"x\"\n",
            ["l.toml:2:1", "did you mean `limit`?"],
        ),
        (
            "[lines]\nlimit = \"x\"\n",
            ["l.toml:2:9", "must hold `{ports}`"],
        ),
        (
            "[lines]\nlimit = \"{ports}{x}\"\n",
            ["l.toml:2:9", "no value for `{x}`"],
        ),
        ("[lines\n", ["l.toml:1:", "l.toml has 1 problem"]),
        (
            "title = \"a scenario\"\n",
            ["l.toml:1:1", "no section of labels"],
        ),
        ("\u{1f}\u{8b}", ["l.toml", "problem"]),
    ];
    for (text, expected) in cases {
        fs::write(root.path().join("l.toml"), text).expect("written");
        let commands: [&[&str]; 3] = [
            &["run", "x.toml"],
            &["sweep", "x.toml", "--vary", "seed=1,2"],
            &["gallery", "keep-alive-off-time-wait"],
        ];
        for command in commands {
            let flags: &[&str] = &["--labels", "l.toml", "--out", "r"];
            let (code, stderr) = spsim(root.path(), &[command, flags].concat());
            assert_eq!(code, 3, "{command:?}: {stderr}");
            for words in expected {
                assert!(stderr.contains(words), "{words} in {stderr}");
            }
        }
    }
    fs::write(root.path().join("l.toml"), b"[axes]\nports = \"\xff\"\n").expect("written");
    for (name, words) in [
        ("l.toml", "is not UTF-8 text (line 2)"),
        ("none.toml", "none.toml: no such file"),
        (".", "is a directory"),
    ] {
        let (code, stderr) = spsim(root.path(), &["run", "x.toml", "--labels", name]);
        assert_eq!(code, 3, "{stderr}");
        assert!(stderr.contains(words), "{stderr}");
    }
    assert!(!root.path().join("r").exists() && !root.path().join("output").exists());
}
