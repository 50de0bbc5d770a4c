//! Every built-in scenario, run in memory, gives byte for byte what `output/` holds.
//!
//! `BLESS=1 cargo test --test it golden` writes what is different; the difference is then reviewed
//! like any other.

use spsim::inside::output::{Artifact, PictureFormats, Terminal, artifacts, terminal_table};
use spsim::inside::scenario::{self, BUILTIN};
use spsim::inside::study::combine;
use spsim::{BuiltIn, Comparison, InputFiles, run_one};
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Small enough to read and to keep forever.
const MOST_BYTES_OF_A_FOLDER: usize = 450_000;

fn output() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("output")
}

/// What `spsim run NAME` computes.
fn compare(built_in: &BuiltIn) -> Comparison {
    let mut files = InputFiles::in_memory(built_in.files);
    let read = scenario::read(built_in.toml, built_in.name, &[], &mut files);
    let read = read.expect("a built-in scenario is right");
    let warnings = read.warning_sentences();
    let scenario = read.scenario;
    let strategies = scenario.strategies.iter().map(|strategy| {
        let variant = scenario.under(strategy);
        let outputs = (0..scenario.replications)
            .map(|replication| run_one(&variant, replication, &files).expect("its files exist"))
            .collect();
        combine(variant, &strategy.name, outputs)
    });
    let strategies = strategies.collect();
    let replications = match scenario.replications {
        1 => String::new(),
        several => format!(" --replications {several}"),
    };
    Comparison {
        command: format!(
            "spsim run {} --seed {}{replications}",
            scenario.name, scenario.seed
        ),
        scenario,
        strategies,
        warnings,
        precision: None,
    }
}

/// What `spsim run NAME` writes.
fn results(built_in: &BuiltIn) -> Vec<Artifact> {
    let formats = PictureFormats {
        svg: true,
        png: true,
    };
    artifacts(&compare(built_in), formats)
}

fn is_blessing() -> bool {
    std::env::var_os("BLESS").is_some_and(|it| !it.is_empty() && it != "0")
}

/// How the committed folder differs from the results, one line per file.
fn differences(name: &str, results: &[Artifact]) -> Vec<String> {
    let folder = output().join(name);
    let mut found = Vec::new();
    for artifact in results {
        let place = format!("output/{name}/{}", artifact.name);
        match fs::read(folder.join(&artifact.name)) {
            Err(_) => found.push(format!("{place}: missing")),
            Ok(bytes) if bytes != artifact.bytes => {
                found.push(format!(
                    "{place}: {}",
                    first_difference(&bytes, &artifact.bytes)
                ));
            }
            Ok(_) => {}
        }
    }
    let made: BTreeSet<&str> = results.iter().map(|it| it.name.as_str()).collect();
    for entry in fs::read_dir(folder).into_iter().flatten() {
        let file = entry
            .expect("readable")
            .file_name()
            .to_string_lossy()
            .into_owned();
        if !made.contains(file.as_str()) {
            found.push(format!("output/{name}/{file}: no run writes it"));
        }
    }
    found
}

fn first_difference(committed: &[u8], made: &[u8]) -> String {
    let lines = |bytes| {
        String::from_utf8_lossy(bytes)
            .lines()
            .map(String::from)
            .collect()
    };
    let (old, new): (Vec<String>, Vec<String>) = (lines(committed), lines(made));
    let same = old
        .iter()
        .zip(&new)
        .take_while(|(old, new)| old == new)
        .count();
    let shown = |lines: &[String]| -> String {
        lines
            .get(same)
            .map_or("(end)".into(), |line| line.chars().take(160).collect())
    };
    format!(
        "line {}\n  committed {}\n  made      {}",
        same + 1,
        shown(&old),
        shown(&new)
    )
}

fn bless(name: &str, results: &[Artifact]) {
    let folder = output().join(name);
    fs::create_dir_all(&folder).expect("a folder of the repository");
    let made: BTreeSet<&str> = results.iter().map(|it| it.name.as_str()).collect();
    for entry in fs::read_dir(&folder).expect("there") {
        let path = entry.expect("readable").path();
        let file = path.file_name().unwrap_or_default().to_string_lossy();
        if !made.contains(&*file) {
            fs::remove_file(&path).expect("ours");
        }
    }
    for artifact in results {
        fs::write(folder.join(&artifact.name), &artifact.bytes).expect("ours");
    }
}

#[test]
fn committed_results_are_what_a_run_writes() {
    let blessing = is_blessing();
    let mut problems = Vec::new();
    for built_in in BUILTIN {
        let results = results(built_in);
        let size: usize = results.iter().map(|it| it.bytes.len()).sum();
        if size > MOST_BYTES_OF_A_FOLDER {
            problems.push(format!(
                "output/{}: {size} bytes are too many",
                built_in.name
            ));
        }
        if blessing {
            bless(built_in.name, &results);
        }
        problems.extend(differences(built_in.name, &results));
    }
    assert!(
        problems.is_empty(),
        "\n{}\n\nif this is meant: BLESS=1 cargo test --test it golden\n",
        problems.join("\n")
    );
}

/// The README shows the chart on dark pages too.
#[test]
fn the_dark_chart_of_the_readme_is_what_a_run_draws() {
    let committed = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/kb2551125-dark.svg");
    let folder = tempfile::tempdir().expect("a folder");
    let run = Command::new(env!("CARGO_BIN_EXE_spsim"))
        .args(["run", "kb2551125", "--theme", "dark", "--quiet", "--out"])
        .arg(folder.path().join("dark"))
        .output()
        .expect("it starts");
    assert!(run.status.success(), "{run:?}");
    let drawn = fs::read(folder.path().join("dark/ports.svg")).expect("it is there");
    if is_blessing() {
        fs::write(&committed, drawn).expect("ours");
    } else {
        let is_fresh = fs::read(&committed).is_ok_and(|it| it == drawn);
        assert!(is_fresh, "BLESS=1 cargo test --test it golden renews it");
    }
}

#[test]
fn every_scenario_file_is_built_in_and_every_result_has_its_scenario() {
    let known: BTreeSet<&str> = BUILTIN.iter().map(|it| it.name).collect();
    let scenarios = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios");
    let tomls = fs::read_dir(scenarios).expect("there").filter_map(|entry| {
        let path = entry.expect("readable").path();
        let name = path.file_stem()?.to_string_lossy().into_owned();
        (path.extension()? == "toml").then_some(name)
    });
    let files: BTreeSet<String> = tomls.collect();
    assert!(
        files.iter().map(String::as_str).eq(known.iter().copied()),
        "{files:?} {known:?}"
    );
    // `spsim gallery` and `lab/build` make one each, which `.ci/run` proves fresh.
    let known: BTreeSet<&str> = known.into_iter().chain(["gallery", "lab"]).collect();
    for entry in fs::read_dir(output()).into_iter().flatten() {
        let name = entry
            .expect("readable")
            .file_name()
            .to_string_lossy()
            .into_owned();
        assert!(
            known.contains(name.as_str()),
            "output/{name} has no scenario"
        );
    }
}

#[test]
fn the_readme_shows_the_comparison_as_printed() {
    const OPEN: &str = "```text\n";
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md");
    let readme = fs::read_to_string(&path).expect("there");
    let (before, rest) = readme.split_once(OPEN).expect("the block is there");
    let (shown, after) = rest.split_once("```").expect("the block ends");
    let article = BuiltIn::find("kb2551125").expect("it is built in");
    let printed = terminal_table(&compare(article), Terminal::default());
    if is_blessing() {
        fs::write(&path, format!("{before}{OPEN}{printed}```{after}")).expect("ours");
    } else {
        assert_eq!(
            shown, printed,
            "BLESS=1 cargo test --test it golden renews it"
        );
    }
}
