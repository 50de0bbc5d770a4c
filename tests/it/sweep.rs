//! `spsim sweep` from outside: one machine, parts, crashes, other people's parts.

use crate::support::leak::{LEAK, folder};
use assert_cmd::Command;
use spsim::inside::cli::journal::checked;
use std::fs;
use std::path::Path;

/// 24 points: numbers, a key inside a strategy, and a preset by name.
const GRID: [&str; 8] = [
    "sweep",
    "leak.toml",
    "--vary",
    "machine.ports=10..40:log:3,linux",
    "--vary",
    "workload.orders.arrivals.poisson.rate=5,10,20",
    "--vary",
    "strategy.\"4 groups\".groups=2,4",
];

/// Exit code, stdout and stderr of a command that runs in `folder`.
fn outcome(folder: &Path, args: &[&str], variables: &[(&str, &str)]) -> (i32, String, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_spsim"));
    for name in ["SLURM_ARRAY_TASK_ID", "JOB_COMPLETION_INDEX", "SGE_TASK_ID"] {
        command.env_remove(name);
    }
    let output = command
        .current_dir(folder)
        .envs(variables.iter().copied())
        .args(args)
        .output()
        .expect("it starts");
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("UTF-8");
    let code = output.status.code().expect("it exits");
    (code, text(output.stdout), text(output.stderr))
}

/// Runs the grid with more flags; it must succeed.
fn grid(folder: &Path, more: &[&str]) {
    let args = [&GRID, more].concat();
    let (code, _, stderr) = outcome(folder, &args, &[]);
    assert_eq!(code, 0, "{stderr}");
}

fn read(folder: &Path, name: &str) -> Vec<u8> {
    fs::read(folder.join(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}

#[test]
fn a_table_has_a_row_per_point_and_strategy_whatever_the_threads() {
    let folder = folder();
    let root = folder.path();
    grid(
        root,
        &["--out", "one", "--threads", "1", "--replications", "3"],
    );
    grid(
        root,
        &["--out", "many", "--threads", "5", "--replications", "3"],
    );
    let table = String::from_utf8(read(root, "one/sweep.csv")).expect("text");
    let mut lines = table.lines();
    let header = lines.next().expect("a header");
    let start = "machine.ports,workload.orders.arrivals.poisson.rate,\
                 \"strategy.\"\"4 groups\"\".groups\",strategy,p_exhausted,p_exhausted_lo,\
                 p_exhausted_hi,exhausted_at_s,exhausted_at_s_lo,exhausted_at_s_hi,ports_peak,";
    assert!(header.starts_with(start), "{header}");
    let rows: Vec<&str> = lines.collect();
    assert_eq!(rows.len(), 4 * 3 * 2 * 2);
    assert!(rows[0].starts_with("10,5,2,as is,"), "{}", rows[0]);
    assert!(
        rows[47].starts_with("linux,20,4,4 groups,0.0,0.0,"),
        "{}",
        rows[47]
    );
    // Never exhausted: empty, not 0.
    assert!(rows[47].contains(",,,"), "{}", rows[47]);
    for name in [
        "sweep.csv",
        "sweep.json",
        "sweep.md",
        "sweep-ports-peak-share.svg",
        "sweep-ports-peak-share.png",
        "sweep-p-exhausted.svg",
    ] {
        assert_eq!(
            read(root, &format!("one/{name}")),
            read(root, &format!("many/{name}")),
            "{name}"
        );
    }
    let left = fs::read_dir(root.join("one")).expect("there").count();
    let results = 9 + usize::from(cfg!(feature = "parquet"));
    assert_eq!(left, results, "nothing but results is left");
}

#[test]
fn parts_in_any_number_and_order_are_the_whole() {
    let folder = folder();
    let root = folder.path();
    grid(root, &["--out", "whole"]);
    for parts in [2, 5, 30] {
        let out = format!("parts-{parts}");
        // From the last to the first, each with another number of threads.
        for part in (1..=parts).rev() {
            let (shard, threads) = (format!("{part}/{parts}"), (part % 3 + 1).to_string());
            grid(
                root,
                &["--out", &out, "--shard", &shard, "--threads", &threads],
            );
        }
        let (code, _, stderr) = outcome(root, &["sweep", "--merge", &out], &[]);
        assert_eq!(code, 0, "{stderr}");
        for name in [
            "sweep.csv",
            "sweep.json",
            "sweep.md",
            "sweep-p-exhausted.png",
        ] {
            let joined = read(root, &format!("{out}/{name}"));
            assert_eq!(
                joined,
                read(root, &format!("whole/{name}")),
                "{parts}: {name}"
            );
        }
    }
}

#[test]
fn what_is_missing_double_foreign_or_torn_is_named() {
    let folder = folder();
    let root = folder.path();
    for shard in ["1/4", "2/4", "3/4", "4/4"] {
        grid(root, &["--out", "p", "--shard", shard]);
    }
    let merge = || outcome(root, &["sweep", "--merge", "p"], &[]);
    let part = |number: u32| root.join(format!("p/part-{number}-of-4.csv"));
    let kept = read(root, "p/part-2-of-4.csv");
    let expect = |message: &str| {
        let (code, _, stderr) = merge();
        assert_eq!(code, 3, "{stderr}");
        assert!(stderr.contains(message), "{message}: {stderr}");
        assert!(!root.join("p/sweep.csv").exists(), "nothing half-written");
    };
    fs::remove_file(part(2)).expect("removed");
    expect("shard 2 of 4 missing");
    fs::write(part(2), &kept).expect("written");
    fs::write(root.join("p/copy.csv"), &kept).expect("written");
    expect("shard 2 of 4 is there twice: `copy.csv`, `part-2-of-4.csv`");
    fs::remove_file(root.join("p/copy.csv")).expect("removed");
    fs::write(part(2), &kept[..kept.len() - 9]).expect("written");
    expect("`part-2-of-4.csv` is not whole");
    let text = String::from_utf8(kept.clone()).expect("text");
    fs::write(part(2), text.replacen("\"seed\":1", "\"seed\":2", 1)).expect("written");
    expect("`part-2-of-4.csv` is of another sweep: its seed is `2`, not `1`");
    fs::write(part(2), "# spsim sweep {}\n").expect("written");
    expect("`part-2-of-4.csv` says nothing of what it is a part of");
    fs::write(part(2), &kept).expect("written");
    assert_eq!(merge().0, 0);
    fs::create_dir(root.join("empty")).expect("made");
    let (code, _, stderr) = outcome(root, &["sweep", "--merge", "empty"], &[]);
    assert!(
        code == 3 && stderr.contains("no part of a sweep"),
        "{stderr}"
    );
}

#[test]
fn a_torn_journal_goes_on_where_it_was() {
    let folder = folder();
    let root = folder.path();
    let shard = ["--out", "p", "--shard", "1/2"];
    grid(root, &shard);
    let (finished, journal) = ("p/part-1-of-2.csv", "p/part-1-of-2.csv.unfinished");
    let whole = read(root, finished);
    let kept = checked(whole.as_ref());
    // Torn at every kind of place: in the first line, in the header, after a point's first row.
    for cut in [10, 700, 1_500, kept.len() / 2, kept.len() - 1, kept.len()] {
        fs::remove_file(root.join(finished)).expect("removed");
        fs::write(root.join(journal), &kept[..cut]).expect("written");
        grid(root, &shard);
        assert_eq!(read(root, finished), whole, "cut at {cut}");
        assert!(!root.join(journal).exists());
    }
    let (code, _, stderr) = outcome(root, &[&GRID, &shard[..]].concat(), &[]);
    assert!(code == 0 && stderr.contains("already finished"), "{stderr}");
}

#[test]
fn another_sweep_does_not_go_on_with_this_ones_work() {
    let folder = folder();
    let root = folder.path();
    grid(root, &["--out", "p", "--shard", "1/2"]);
    let part = root.join("p/part-1-of-2.csv");
    let args = [
        "sweep",
        "leak.toml",
        "--vary",
        "machine.ports=1,2",
        "--out",
        "p",
        "--shard",
        "1/2",
    ];
    let (code, _, stderr) = outcome(root, &args, &[]);
    assert_eq!(code, 3);
    assert!(
        stderr.contains("of another sweep: its --vary is"),
        "{stderr}"
    );
    let kept = checked(&fs::read(&part).expect("there"));
    fs::remove_file(&part).expect("there");
    fs::write(root.join("p/part-1-of-2.csv.unfinished"), kept).expect("written");
    let (code, _, stderr) = outcome(root, &args, &[]);
    assert_eq!(code, 3);
    assert!(
        stderr.contains("unfinished work of another sweep"),
        "{stderr}"
    );
    fs::write(root.join("leak.toml"), LEAK.replace("50ms", "60ms")).expect("written");
    let same = [&GRID[..], &["--out", "p", "--shard", "1/2"]].concat();
    let (code, _, stderr) = outcome(root, &same, &[]);
    assert_eq!(code, 3);
    assert!(stderr.contains("its scenario's digest is"), "{stderr}");
    let (code, _, stderr) = outcome(root, &[&args[..], &["--restart"]].concat(), &[]);
    assert_eq!(code, 0, "{stderr}");
}

#[test]
fn what_is_wrong_is_said_before_anything_is_written() {
    let folder = folder();
    let root = folder.path();
    let wrong = |vary: &str, more: &[&str]| {
        let args = [&["sweep", "leak.toml", "--vary", vary], more].concat();
        let (code, _, stderr) = outcome(root, &args, &[]);
        assert!(!root.join("output").exists(), "{vary}");
        (code, stderr)
    };
    let (code, stderr) = wrong("machine.port=1,2", &[]);
    assert_eq!(code, 3);
    assert!(stderr.contains("--vary machine.port=1"), "{stderr}");
    assert!(stderr.contains("did you mean `ports`"), "{stderr}");
    let (code, stderr) = wrong("machine.ports=1,0", &[]);
    assert!(
        code == 3 && stderr.contains("--vary machine.ports=0"),
        "{stderr}"
    );
    for (vary, more) in [
        ("machine.ports", &[][..]),
        ("machine.ports=9..1:lin:3", &[]),
        ("machine.ports=1..9:lin:0", &[]),
        ("machine.ports=1..9", &[]),
        ("replications=1,2", &[]),
        ("machine.ports=1,2", &["--vary", "machine.ports=3"]),
        ("machine.ports=1,2", &["--shard", "3/2"]),
        ("machine.ports=1,2", &["--shard", "auto/2"]),
        ("machine.ports=1,2", &["--sample", "0"]),
        ("machine.ports=1,2", &["--metric", "ports"]),
        ("machine.ports=1,2", &["--strategy", "none"]),
    ] {
        let (code, stderr) = wrong(vary, more);
        assert_eq!(code, 2, "{vary} {more:?}: {stderr}");
    }
}

#[test]
fn a_sample_is_the_same_every_time_and_json_has_it_all() {
    let folder = folder();
    let args = [
        "sweep",
        "leak.toml",
        "--vary",
        "machine.ports=10..1000:log",
        "--vary",
        "client.app.max-idle-time=1s..100s",
        "--sample",
        "20",
        "--out",
        "none",
        "--json",
    ];
    let (code, stdout, stderr) = outcome(folder.path(), &args, &[]);
    assert_eq!(code, 0, "{stderr}");
    assert_eq!(outcome(folder.path(), &args, &[]).1, stdout);
    let document: serde_json::Value = serde_json::from_str(&stdout).expect("JSON");
    let rows = document["rows"].as_array().expect("rows");
    assert_eq!(rows.len(), 40);
    assert!(rows.iter().all(|row| row["machine.ports"].is_u64()));
    assert!(!folder.path().join("output").exists());
}

/// The printed job of Slurm, run by a shell as Slurm would run its tasks.
#[test]
fn the_printed_job_does_what_it_says() {
    let folder = folder();
    let root = folder.path();
    grid(root, &["--out", "whole"]);
    let more = ["--out", "the parts", "--shard", "auto/3", "--emit", "slurm"];
    let (code, script, stderr) = outcome(root, &[&GRID[..], &more].concat(), &[]);
    assert_eq!(code, 0, "{stderr}");
    assert!(script.contains("#SBATCH --array=1-3"), "{script}");
    assert!(!root.join("the parts").exists(), "printing writes nothing");
    fs::write(root.join("job.sh"), &script).expect("written");
    for task in ["1", "2", "3"] {
        let output = Command::new("sh")
            .current_dir(root)
            .env("SLURM_ARRAY_TASK_ID", task)
            .env("SLURM_ARRAY_TASK_MIN", "1")
            .arg("job.sh")
            .output()
            .expect("a shell");
        assert!(output.status.success(), "{output:?}");
    }
    let (code, _, stderr) = outcome(root, &["sweep", "--merge", "the parts"], &[]);
    assert_eq!(code, 0, "{stderr}");
    let joined = read(root, "the parts/sweep.csv");
    assert_eq!(joined, read(root, "whole/sweep.csv"));
}
