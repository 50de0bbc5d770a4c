//! Fuzzing from outside: mutated input of every format goes to the program itself, which must end
//! by an exit code of its contract, in time, within its memory, and say nothing that steers a
//! terminal; and random scenarios, all of them valid, must obey the laws of counting.
//!
//! `cargo test --test fuzz` tries some cases of each kind; `FUZZ_SECONDS=30` as many as fit, and
//! `FUZZ_SEED=7` others. A case that fails is printed with the command that shows it.

#![allow(
    clippy::print_stdout,
    reason = "how many cases there were is the result"
)]

mod mutate;
mod program;
mod scenarios;
mod seeds;

use mutate::Mutator;
use program::{Run, judge, spsim};
use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

/// Cases of each kind where no time is given.
const CASES: u64 = 12;

/// Runs `case` with one random source after another until the time is over.
fn fuzz(kind: &str, mut case: impl FnMut(&mut Mutator)) {
    let number = |name: &str| {
        std::env::var(name)
            .ok()
            .and_then(|it| it.parse::<u64>().ok())
    };
    let seconds = number("FUZZ_SECONDS").map(Duration::from_secs);
    let first = number("FUZZ_SEED").unwrap_or(1) << 32;
    let began = Instant::now();
    let mut cases = 0;
    while seconds.map_or(cases < CASES, |it| began.elapsed() < it) {
        case(&mut Mutator::new(first + cases));
        cases += 1;
    }
    println!(
        "{kind}: {cases} cases in {:.0} s",
        began.elapsed().as_secs_f64()
    );
}

/// Gives mutations of `seeds` to the program, as `args` with `FILE` for their path.
fn fuzz_files(kind: &str, seeds: &[Vec<u8>], args: &[&[&str]]) {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("input.toml");
    fuzz(kind, |random| {
        let bytes = random.mutated(seeds);
        fs::write(&path, &bytes).expect("written");
        let args = args[random.below(args.len())];
        let run = spsim(
            folder.path(),
            &args
                .iter()
                .map(|it| it.replace("FILE", "input.toml"))
                .collect::<Vec<_>>(),
        );
        judge(&run, &bytes);
    });
}

#[test]
fn scenarios_of_anyone() {
    fuzz_files(
        "scenarios",
        &seeds::scenarios(),
        &[&["check", "FILE", "--show"], &["check", "FILE"]],
    );
}

#[test]
fn logs_of_every_format() {
    let folder = tempfile::tempdir().expect("a folder");
    fuzz("logs", |random| {
        let (format, seed) = seeds::LOGS[random.below(seeds::LOGS.len())];
        let bytes = random.mutated(&[seed.as_bytes().to_vec()]);
        fs::write(folder.path().join("log"), &bytes).expect("written");
        let mut args = vec!["import"];
        args.extend(format);
        args.push("log");
        judge(&spsim(folder.path(), &args), &bytes);
    });
}

#[test]
fn snapshots_and_curves() {
    fuzz_files(
        "snapshots",
        &seeds::snapshots(),
        &[&["diagnose", "FILE"], &["diagnose", "FILE", "--json"]],
    );
}

#[test]
fn recordings() {
    fuzz_files("recordings", &seeds::recordings(), &[&["conform", "FILE"]]);
}

#[test]
fn words_of_pictures() {
    let seeds = [include_bytes!("../docs/labels.de.toml").to_vec()];
    fuzz_files(
        "labels",
        &seeds,
        &[&[
            "run", "trickle", "--labels", "FILE", "--out", "none", "--quiet",
        ]],
    );
}

#[test]
fn expressions() {
    let folder = tempfile::tempdir().expect("a folder");
    fs::write(folder.path().join("leak.toml"), seeds::SMALL).expect("written");
    fuzz("expressions", |random| {
        let (args, seed) = seeds::EXPRESSIONS[random.below(seeds::EXPRESSIONS.len())];
        let bytes = random.mutated(&[seed.as_bytes().to_vec()]);
        let text = String::from_utf8_lossy(&bytes).replace('\0', "");
        let mut args = args.to_vec();
        // As a value of its flag, whatever it begins with.
        let flag = format!("{}={text}", args.pop().expect("a flag"));
        args.push(&flag);
        judge(&spsim(folder.path(), &args), &bytes);
    });
}

#[test]
fn journals() {
    let folder = tempfile::tempdir().expect("a folder");
    let root = folder.path();
    fs::write(root.join("leak.toml"), seeds::SMALL).expect("written");
    let sweep = [
        "sweep",
        "leak.toml",
        "--vary",
        "machine.ports=5,9,14",
        "--quiet",
    ];
    let whole = [&sweep[..], &["--out", "whole"]].concat();
    assert_eq!(spsim(root, &whole).code, Some(0));
    let part = [&sweep[..], &["--out", "part", "--shard", "1/1"]].concat();
    assert_eq!(spsim(root, &part).code, Some(0));
    let table = fs::read(root.join("whole/sweep.csv")).expect("there");
    let part = fs::read(root.join("part/part-1-of-1.csv")).expect("there");
    let identity = part.split(|it| *it == b'\n').next().expect("a line");
    let identity = String::from_utf8(identity.to_vec()).expect("text");
    // What a whole sweep's journal says of itself.
    let identity = identity.replace("\"shard\":1,", "\"shard\":null,");
    let lines = [identity.as_bytes(), b"\n", &table].concat();
    let journal = spsim::inside::cli::journal::checked(&lines);
    fuzz("journals", |random| {
        let _ = fs::remove_dir_all(root.join("out"));
        fs::create_dir(root.join("out")).expect("made");
        let bytes = random.mutated(std::slice::from_ref(&journal));
        fs::write(root.join("out/sweep.csv.unfinished"), &bytes).expect("written");
        let run = spsim(root, &[&sweep[..], &["--out", "out"]].concat());
        judge(&run, &bytes);
        if run.code == Some(0) {
            let found = fs::read(root.join("out/sweep.csv")).expect("there");
            assert!(found == table, "another table: {}", program::shown(&bytes));
        }
    });
}

#[test]
fn results_folders() {
    let folder = tempfile::tempdir().expect("a folder");
    let root = folder.path();
    fs::write(root.join("leak.toml"), seeds::SMALL).expect("written");
    let run = spsim(
        root,
        &["run", "leak.toml", "--out", "good", "--port-map", "--quiet"],
    );
    assert_eq!(run.code, Some(0), "{}", run.stderr);
    fuzz("results", |random| {
        copy(&root.join("good"), &root.join("bad"));
        let names = [
            "summary.json",
            "ports.csv",
            "manifest.json",
            "port-map.json",
        ];
        let path = root.join("bad").join(names[random.below(names.len())]);
        let bytes = random.mutated(&[fs::read(&path).expect("there")]);
        fs::write(&path, &bytes).expect("written");
        judge(
            &spsim(root, &["report", "bad", "--out", "page.html"]),
            &bytes,
        );
    });
}

fn copy(from: &Path, to: &Path) {
    let _ = fs::remove_dir_all(to);
    fs::create_dir(to).expect("made");
    for entry in fs::read_dir(from).expect("there") {
        let entry = entry.expect("a name");
        fs::copy(entry.path(), to.join(entry.file_name())).expect("copied");
    }
}

/// The laws of counting, of random scenarios that are right.
#[test]
fn right_scenarios_obey_the_laws() {
    let folder = tempfile::tempdir().expect("a folder");
    let root = folder.path();
    fuzz("laws", |random| {
        let text = scenarios::random(random);
        fs::write(root.join("any.toml"), &text).expect("written");
        let args = ["run", "any.toml", "--out", "none", "--json"];
        let run: Run = spsim(root, &[&args[..], &["--threads", "1"]].concat());
        assert_eq!(run.code, Some(0), "{}\n{text}", run.stderr);
        scenarios::obey(&run.stdout, &text);
        let again = spsim(root, &[&args[..], &["--threads", "3"]].concat());
        assert!(
            run.stdout == again.stdout,
            "another result on other threads:\n{text}"
        );
    });
}
