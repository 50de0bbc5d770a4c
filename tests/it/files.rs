//! What becomes of the files of others, and of ours when something goes wrong, from outside.

use crate::support::leak::folder;
use spsim::inside::cli::journal::checked;
use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::thread::sleep;
use std::time::Duration;

/// Exit code, stdout and stderr of a command.
fn spsim(root: &Path, args: &[&str]) -> (i32, String, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_spsim"));
    ended(
        &command
            .current_dir(root)
            .args(args)
            .output()
            .expect("it starts"),
    )
}

/// The same of a line that `sh` reads, in which `spsim` is ours.
fn shell(root: &Path, line: &str) -> (i32, String, String) {
    let line = line.replace("spsim", env!("CARGO_BIN_EXE_spsim"));
    let mut command = Command::new("sh");
    ended(
        &command
            .current_dir(root)
            .args(["-c", &line])
            .output()
            .expect("it starts"),
    )
}

fn ended(output: &Output) -> (i32, String, String) {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let code = output.status.code().unwrap_or(-1);
    (code, text(&output.stdout), text(&output.stderr))
}

/// Waits for what comes within seconds, unless something is wrong.
fn wait_until(what: &str, mut is_so: impl FnMut() -> bool) {
    for _ in 0..400 {
        if is_so() {
            return;
        }
        sleep(Duration::from_millis(50));
    }
    panic!("{what}: not within 20 s");
}

fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).into_iter().flatten();
    let mut names: Vec<String> = entries
        .map(|it| {
            it.expect("a name")
                .file_name()
                .to_string_lossy()
                .into_owned()
        })
        .collect();
    names.sort();
    names
}

const RUN: [&str; 4] = ["run", "leak.toml", "--out", "out"];

#[test]
fn a_folder_with_other_files_is_refused_and_they_survive_force() {
    let root = folder();
    let root = root.path();
    fs::create_dir(root.join("out")).expect("made");
    fs::write(root.join("out/thesis.txt"), "years").expect("written");
    let (code, _, stderr) = spsim(root, &RUN);
    assert_eq!(code, 2, "{stderr}");
    assert!(
        stderr.contains("`out` holds `thesis.txt`") && stderr.contains("--force"),
        "{stderr}"
    );
    assert_eq!(names(&root.join("out")), ["thesis.txt"]);
    let sweep = ["sweep", "leak.toml", "--vary", "seed=1,2", "--out", "out"];
    assert_eq!(spsim(root, &sweep).0, 2);
    assert_eq!(spsim(root, &[&RUN[..], &["--force"]].concat()).0, 0);
    assert_eq!(
        fs::read_to_string(root.join("out/thesis.txt")).expect("there"),
        "years"
    );
    assert!(root.join("out/ports.csv").exists());
}

#[test]
fn a_run_leaves_no_file_of_the_run_before_and_none_of_a_sweep_goes() {
    let root = folder();
    let root = root.path();
    assert_eq!(
        spsim(root, &[&RUN[..], &["--replications", "3"]].concat()).0,
        0
    );
    assert!(root.join("out/survival.csv").exists() && root.join("out/ports.png").exists());
    let sweep = ["sweep", "leak.toml", "--vary", "seed=1,2", "--out", "out"];
    let (code, _, stderr) = spsim(root, &sweep);
    assert_eq!(code, 0, "{stderr}");
    assert!(
        root.join("out/ports.csv").exists(),
        "a sweep leaves a run's files alone"
    );
    assert_eq!(spsim(root, &[&RUN[..], &["--format", "svg"]].concat()).0, 0);
    let left = names(&root.join("out"));
    for gone in ["survival.csv", "ports.png"] {
        assert!(!left.contains(&gone.to_owned()), "{left:?}");
    }
    for there in [
        "sweep.csv",
        "sweep.json",
        "ports.csv",
        "ports.svg",
        "manifest.json",
    ] {
        assert!(left.contains(&there.to_owned()), "{left:?}");
    }
}

/// A limit on the size of files, which stands for a full disk: the big table fits no more.
#[test]
fn a_file_too_large_is_an_error_and_the_old_results_stay_whole() {
    let root = folder();
    let root = root.path();
    assert_eq!(spsim(root, &RUN).0, 0);
    let before: Vec<Vec<u8>> = names(&root.join("out"))
        .iter()
        .map(|name| fs::read(root.join("out").join(name)).expect("there"))
        .collect();
    let (code, _, stderr) = shell(root, "ulimit -f 8; spsim run leak.toml --out out --seed 2");
    assert_eq!(code, 1, "{stderr}");
    assert!(stderr.contains("cannot write `out/"), "{stderr}");
    let after: Vec<Vec<u8>> = names(&root.join("out"))
        .iter()
        .map(|name| fs::read(root.join("out").join(name)).expect("there"))
        .collect();
    assert!(before == after, "{:?}", names(&root.join("out")));
    let (code, _, stderr) = shell(root, "ulimit -f 8; spsim run leak.toml --out new");
    assert_eq!(code, 1, "{stderr}");
    assert!(!root.join("new").exists(), "{:?}", names(&root.join("new")));
}

#[test]
fn devices_pipes_and_links_are_written_through() {
    let root = folder();
    let root = root.path();
    assert_eq!(spsim(root, &RUN).0, 0);
    assert_eq!(spsim(root, &["report", "out", "--out", "/dev/null"]).0, 0);
    assert!(!fs::metadata("/dev/null").expect("there").is_file());
    symlink("page.html", root.join("link.html")).expect("made");
    for _ in 0..2 {
        assert_eq!(spsim(root, &["report", "out", "--out", "link.html"]).0, 0);
    }
    assert!(
        fs::symlink_metadata(root.join("link.html"))
            .expect("there")
            .is_symlink()
    );
    let page = fs::read_to_string(root.join("page.html")).expect("through the link");
    let line = "mkfifo pipe; cat pipe > piped & spsim report out --out pipe --quiet; wait";
    let (code, _, stderr) = shell(root, line);
    assert_eq!(code, 0, "{stderr}");
    assert_eq!(
        fs::read_to_string(root.join("piped")).expect("through the pipe"),
        page
    );
    let (_, printed, _) = shell(
        root,
        "spsim report out --out /dev/stdout --quiet > redirected",
    );
    assert_eq!(printed, "");
    assert_eq!(
        fs::read_to_string(root.join("redirected")).expect("written"),
        page
    );
}

/// A sweep that takes longer than any test waits.
const LONG: [&str; 8] = [
    "sweep",
    "leak.toml",
    "--vary",
    "seed=1..2000:lin:2000",
    "--replications",
    "40",
    "--out",
    "out",
];

fn begun(root: &Path) -> Child {
    let mut command = Command::new(env!("CARGO_BIN_EXE_spsim"));
    let command = command.current_dir(root).args(LONG);
    let child = command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn();
    let mut child = child.expect("it starts");
    let journal = root.join("out/sweep.csv.unfinished");
    let has_rows = || fs::read_to_string(&journal).is_ok_and(|it| it.lines().count() > 4);
    while !has_rows() {
        assert!(child.try_wait().expect("ours").is_none(), "it ended");
        sleep(Duration::from_millis(20));
    }
    child
}

#[test]
fn every_signal_that_ends_keeps_what_is_finished_and_says_which_it_was() {
    for (signal, wanted) in [("INT", 130), ("TERM", 143), ("HUP", 129)] {
        let root = folder();
        let root = root.path();
        let child = begun(root);
        // Nobody else writes there meanwhile.
        let (code, _, stderr) = spsim(root, &RUN);
        assert_eq!(code, 1, "{stderr}");
        assert!(
            stderr.contains("another process is writing into `out`"),
            "{stderr}"
        );
        let id = child.id().to_string();
        let sent = Command::new("kill")
            .args([&format!("-{signal}"), &id])
            .status();
        assert!(sent.expect("it starts").success());
        let (code, _, stderr) = ended(&child.wait_with_output().expect("it ends"));
        assert_eq!(code, wanted, "{stderr}");
        assert!(stderr.contains("are finished and kept"), "{stderr}");
        assert_eq!(
            names(&root.join("out")),
            ["sweep.csv.unfinished"],
            "{signal}"
        );
    }
}

/// An altered row is not gone on from: the sweep goes on before it, to the same table.
#[test]
fn an_altered_journal_gives_the_same_table() {
    let root = folder();
    let root = root.path();
    let sweep = [
        "sweep",
        "leak.toml",
        "--vary",
        "seed=1,2,3",
        "--shard",
        "1/1",
    ];
    let sweep = [&sweep[..], &["--out", "parts"]].concat();
    assert_eq!(spsim(root, &sweep).0, 0);
    let finished = root.join("parts/part-1-of-1.csv");
    let whole = fs::read(&finished).expect("there");
    let mut kept = checked(&whole);
    // The last digit of the last row, which is the second of the third point.
    let ends: Vec<usize> = (0..kept.len()).filter(|at| kept[*at] == b'\n').collect();
    let row = ends[ends.len() - 2]..ends[ends.len() - 1];
    let digit = row.rev().find(|at| kept[*at].is_ascii_digit());
    kept[digit.expect("a number")] ^= 1;
    fs::remove_file(&finished).expect("there");
    fs::write(root.join("parts/part-1-of-1.csv.unfinished"), kept).expect("written");
    let (code, _, stderr) = spsim(root, &sweep);
    assert_eq!(code, 0, "{stderr}");
    assert!(stderr.contains("going on after 2 of 3 points"), "{stderr}");
    assert!(fs::read(&finished).expect("there") == whole);
}

#[test]
fn one_shard_of_one_is_a_part_that_merges() {
    let root = folder();
    let root = root.path();
    let sweep = ["sweep", "leak.toml", "--vary", "seed=1,2,3", "--out"];
    let part = [&sweep[..], &["parts", "--shard", "1/1"]].concat();
    assert_eq!(spsim(root, &[&sweep[..], &["whole"]].concat()).0, 0);
    assert_eq!(spsim(root, &part).0, 0);
    assert_eq!(names(&root.join("parts")), ["part-1-of-1.csv"]);
    let (code, _, stderr) = spsim(root, &["sweep", "--merge", "parts"]);
    assert_eq!(code, 0, "{stderr}");
    let table = |folder: &str| fs::read(root.join(folder).join("sweep.csv")).expect("there");
    assert!(table("whole") == table("parts"));
}

#[test]
fn nothing_that_was_typed_steers_a_terminal() {
    let root = folder();
    let root = root.path();
    let hostile = "x\u{1b}[2J\u{9b}31m\u{202e}y";
    for args in [
        &["run", hostile][..],
        &["run", "leak.toml", "--color", hostile],
        &["run", "leak.toml", "--set", &format!("{hostile}=1")],
        &["run", "leak.toml", "--strategy", hostile],
        &["run", "leak.toml", "--fail-if", hostile],
        &["sweep", "leak.toml", "--vary", &format!("{hostile}=1,2")],
        &["report", hostile],
        &["diagnose", hostile],
        &["import", "iis", hostile],
        &["man", hostile],
        &[hostile],
    ] {
        let (code, _, stderr) = spsim(root, args);
        assert!((1..=3).contains(&code), "{args:?}: {code}");
        assert!(!stderr.is_empty(), "{args:?}");
        let steers = |c: char| c != '\n' && (c.is_control() || c == '\u{202e}');
        assert!(!stderr.contains(steers), "{args:?}: {stderr:?}");
    }
}

#[test]
fn a_job_cannot_be_broken_out_of() {
    let root = folder();
    let out = "x\nrm -rf ~\n#";
    let emit = [
        "sweep",
        "leak.toml",
        "--vary",
        "seed=1,2",
        "--emit",
        "slurm",
        "--out",
        out,
    ];
    let (code, stdout, stderr) = spsim(root.path(), &emit);
    assert_eq!((code, stdout.as_str()), (2, ""), "{stderr}");
    assert!(stderr.contains("control characters"), "{stderr}");
}

#[test]
fn formulas_are_text_in_tables_and_read_back() {
    let root = folder();
    let root = root.path();
    let text = crate::support::leak::LEAK.replace("\"4 groups\"", "\"=1+1\"");
    fs::write(root.join("leak.toml"), text).expect("written");
    assert_eq!(spsim(root, &RUN).0, 0);
    let table = fs::read_to_string(root.join("out/ports.csv")).expect("there");
    assert!(
        table.contains("\n'=1+1,") && !table.contains("\n=1+1,"),
        "{}",
        &table[..200]
    );
    let (code, _, stderr) = spsim(root, &["report", "out", "--out", "page.html"]);
    assert_eq!(code, 0, "{stderr}");
}

#[test]
fn a_manifest_with_a_nul_is_wrong_input() {
    let root = folder();
    let root = root.path();
    assert_eq!(spsim(root, &RUN).0, 0);
    let path = root.join("out/manifest.json");
    let text = fs::read_to_string(&path).expect("there");
    fs::write(&path, text.replace("ports.csv", "ports\\u0000.csv")).expect("written");
    let (code, _, stderr) = spsim(root, &["report", "out", "--out", "page.html"]);
    assert_eq!(code, 3, "{stderr}");
}

#[test]
fn what_the_filters_leave_nothing_of_is_said() {
    let root = folder();
    let args = [
        "trace",
        "leak.toml",
        "--strategy",
        "as is",
        "--request",
        "99999",
    ];
    let (code, stdout, stderr) = spsim(root.path(), &args);
    assert_eq!((code, stdout.as_str()), (0, ""), "{stderr}");
    assert!(stderr.contains("nothing is shown"), "{stderr}");
}

/// A thousand machines with 65,535 ports each: nothing is set aside for what they do not use.
#[test]
fn a_thousand_instances_fit_into_the_address_space() {
    let root = folder();
    let root = root.path();
    let text = "duration = \"60s\"\n[machine]\nports = 65535\ninstances = 1000\n\
                [client.a]\nruntime = \"net48\"\n[server.a]\nresponse-time = \"0s\"\n\
                [workload.w]\narrivals = { poisson = { rate = 5 } }\n\
                [[strategy]]\nname = \"as is\"\n";
    fs::write(root.join("many.toml"), text).expect("written");
    let line = "ulimit -v 3145728; spsim run many.toml --out none --threads 2 --quiet";
    let (code, _, stderr) = shell(root, line);
    assert_eq!(code, 0, "{stderr}");
}

/// Thousands of problems are read and told in the time of a few: each has its place, and the first
/// hundred are enough.
#[test]
fn of_thousands_of_problems_the_first_are_told() {
    let root = folder();
    let root = root.path();
    let lines = |line: &str| {
        let head = String::from("duration = \"1s\"\n[server.a]\n");
        (0..20_000).fold(head, |text, at| {
            text + &line.replace('#', &at.to_string()) + "\n"
        })
    };
    for (name, line) in [
        ("syntax", "x# = = 1"),
        ("keys", "x# = 1"),
        ("tables", "[[[["),
        ("texts", "x# = 'a"),
    ] {
        fs::write(root.join("wrong.toml"), lines(line)).expect("written");
        for args in [
            &["check", "wrong.toml"][..],
            &[
                "run",
                "leak.toml",
                "--labels",
                "wrong.toml",
                "--out",
                "none",
            ],
        ] {
            let (code, _, stderr) = spsim(root, args);
            assert_eq!(code, 3, "{name}: {args:?}");
            assert!(stderr.len() < 300_000, "{name}: {} bytes", stderr.len());
            let told = stderr.contains(" more of wrong.toml") || args[0] == "run";
            assert!(told && stderr.contains("problem"), "{name}: {args:?}");
        }
    }
}

/// Whatever writes: what is there of others stays, and what is there of ours is replaced.
#[test]
fn every_command_leaves_the_files_of_others_alone() {
    let root = folder();
    let root = root.path();
    for (name, rows) in [("s1.txt", 20), ("s2.txt", 40)] {
        let line = |row| format!("ESTAB 0 0 10.0.0.1:{} 10.0.0.2:80\n", 40_000 + row);
        let text = (0..rows).map(line).collect::<Vec<_>>().concat();
        fs::write(root.join(name), text).expect("written");
    }
    assert_eq!(spsim(root, &RUN).0, 0);
    let folders = ["gallery trickle --out there", "man --out there"];
    let files = [
        "report out --out mine.html",
        "lab --out mine.html",
        "diagnose s1.txt s2.txt --every 2s --scenario mine.html",
    ];
    fs::create_dir(root.join("there")).expect("made");
    for line in folders.iter().chain(&files) {
        let args: Vec<&str> = line.split(' ').collect();
        fs::write(root.join("there/thesis.txt"), "years").expect("written");
        fs::write(root.join("mine.html"), "years").expect("written");
        let (code, _, stderr) = spsim(root, &args);
        assert_eq!(code, 2, "{line}: {stderr}");
        assert!(stderr.contains("--force"), "{line}: {stderr}");
        assert_eq!(names(&root.join("there")), ["thesis.txt"], "{line}");
        assert_eq!(fs::read(root.join("mine.html")).expect("there"), b"years");
        let (code, _, stderr) = spsim(root, &[&args[..], &["--force"]].concat());
        assert_eq!(code, 0, "{line}: {stderr}");
        assert!(root.join("there/thesis.txt").exists(), "{line}");
        fs::remove_file(root.join("there/thesis.txt")).expect("there");
        // Now all of it is ours.
        let (code, _, stderr) = spsim(root, &args);
        assert_eq!(code, 0, "{line}: {stderr}");
        fs::remove_dir_all(root.join("there")).expect("there");
        fs::create_dir(root.join("there")).expect("made");
    }
}

/// The second Ctrl-C does not wait for what the first would keep: here, a table that nobody reads.
#[test]
fn a_second_interruption_ends_at_once() {
    let root = folder();
    let root = root.path();
    let line = "sweep leak.toml --vary seed=1..200:lin:200 --json --format svg --out out";
    let mut child = Command::new(env!("CARGO_BIN_EXE_spsim"))
        .current_dir(root)
        .args(line.split(' '))
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("it starts");
    // Then it writes more than a pipe holds.
    wait_until("its files are there", || root.join("out/sweep.md").exists());
    sleep(Duration::from_millis(300));
    let id = child.id().to_string();
    let interrupt = || {
        let killed = Command::new("kill").args(["-INT", &id]).status();
        assert!(killed.expect("it starts").success());
    };
    interrupt();
    sleep(Duration::from_millis(500));
    let after_one = child.try_wait().expect("it is ours");
    assert_eq!(after_one, None, "the first has ended it");
    interrupt();
    let mut status = None;
    wait_until("it ends", || {
        status = child.try_wait().expect("it is ours");
        status.is_some()
    });
    assert_eq!(status.and_then(|it| it.code()), Some(130));
    let left = names(&root.join("out"));
    assert!(left.iter().all(|it| !it.contains(".part")), "{left:?}");
}
