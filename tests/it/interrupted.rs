//! What is kept of a command that is interrupted or killed, from outside.

use crate::support::leak::folder;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

/// Near the limit at every value in the range.
const PLAN: [&str; 11] = [
    "plan",
    "leak.toml",
    "--set",
    "machine.ports=50",
    "--vary",
    "workload.orders.arrivals.poisson.rate=6..16",
    "--goal",
    "p_exhausted < 0.5",
    "--strategy",
    "as is",
    "--json",
];

/// The plan with so many replications that it takes seconds on this machine, and what it prints.
fn long_plan(root: &Path) -> (Vec<&'static str>, String) {
    for replications in ["500", "2000", "8000", "32000", "128000"] {
        let plan = [&PLAN[..], &["--replications", replications]].concat();
        let started = Instant::now();
        let (code, printed, stderr) = end(start(root, &plan));
        assert_eq!(code, Some(0), "{stderr}");
        if started.elapsed() > Duration::from_secs(3) {
            return (plan, printed);
        }
    }
    panic!("no plan takes seconds on this machine");
}

fn start(folder: &Path, args: &[&str]) -> Child {
    let mut command = Command::new(env!("CARGO_BIN_EXE_spsim"));
    let command = command.current_dir(folder).args(args);
    let command = command.stdout(Stdio::piped()).stderr(Stdio::piped());
    command.spawn().expect("it starts")
}

/// Exit code, stdout and stderr; no code where it was killed.
fn end(child: Child) -> (Option<i32>, String, String) {
    let Output {
        status,
        stdout,
        stderr,
    } = child.wait_with_output().expect("it ends");
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("UTF-8");
    (status.code(), text(stdout), text(stderr))
}

fn interrupt(child: &Child) {
    let id = child.id().to_string();
    let sent = Command::new("kill").args(["-INT", &id]).status();
    assert!(sent.expect("it starts").success());
}

/// The one unfinished file below `output`.
fn unfinished(root: &Path) -> Option<PathBuf> {
    let files = fs::read_dir(root.join("output/leak")).ok()?;
    let paths = files.map(|it| it.expect("a name").path());
    let mut paths = paths.filter(|it| it.extension().is_some_and(|it| it == "unfinished"));
    paths.next()
}

/// Starts the plan and waits until it has kept more lines than so many.
fn start_and_wait(root: &Path, plan: &[&str], lines: usize) -> (Child, PathBuf) {
    let mut child = start(root, plan);
    loop {
        let kept = unfinished(root).filter(|path| {
            let text = fs::read_to_string(path).unwrap_or_default();
            text.ends_with('\n') && text.lines().count() > lines
        });
        if let Some(path) = kept {
            return (child, path);
        }
        let ended = child.try_wait().expect("it is ours");
        assert!(ended.is_none(), "it was done before it kept anything");
        sleep(Duration::from_millis(10));
    }
}

#[test]
fn a_killed_plan_goes_on_where_it_was() {
    let folder = folder();
    let root = folder.path();
    let (plan, whole) = long_plan(root);
    assert!(
        !root.join("output").exists(),
        "a finished plan leaves nothing"
    );

    let (mut child, path) = start_and_wait(root, &plan, 3);
    child.kill().expect("it is ours");
    assert_eq!(end(child).0, None);
    // As a crash leaves it: the last line is torn.
    let mut text = fs::read_to_string(&path).expect("there");
    let lines = text.lines().count();
    text.push_str("{\"strategy\":\"as is\",\"at\":\"9");
    fs::write(&path, &text).expect("written");

    // Another goal has nothing to do with it.
    let mut other = plan.clone();
    other[7] = "p_exhausted < 0.9";
    let (code, _, stderr) = end(start(root, &other));
    assert!(code == Some(0) && !stderr.contains("going on"), "{stderr}");

    let (child, path) = start_and_wait(root, &plan, lines);
    interrupt(&child);
    let (code, stdout, stderr) = end(child);
    assert_eq!((code, stdout.as_str()), (Some(130), ""), "{stderr}");
    let kept = format!("going on after {} finished values", lines - 2);
    assert!(stderr.contains(&kept), "{kept}: {stderr}");
    assert!(
        stderr.contains("finished values are kept in `output/leak/plan-")
            && stderr.contains("the same command goes on from there"),
        "{stderr}"
    );
    assert!(path.exists());

    let (code, resumed, stderr) = end(start(root, &plan));
    assert_eq!((code, resumed), (Some(0), whole), "{stderr}");
    assert!(stderr.contains("going on after"), "{stderr}");
    assert_eq!(unfinished(root), None);
}

#[test]
fn a_plan_that_cannot_keep_anything_says_so_and_goes_on() {
    let folder = folder();
    let root = folder.path();
    fs::write(root.join("file"), "").expect("written");
    let (plan, whole) = long_plan(root);
    let (code, stdout, stderr) = end(start(root, &[&plan[..], &["--out", "file"]].concat()));
    assert_eq!(code, Some(0), "{stderr}");
    assert_eq!(
        stderr.matches("finished values are not kept").count(),
        1,
        "{stderr}"
    );
    assert_eq!(stdout, whole);
    let (_, without, stderr) = end(start(root, &[&plan[..], &["--out", "none"]].concat()));
    assert_eq!(without, stdout);
    assert!(!stderr.contains("not kept"), "{stderr}");
}

/// The stages never end, since they double and the precision is not to be had.
#[test]
fn an_interrupted_precision_keeps_the_last_whole_stage() {
    let folder = folder();
    let mut args = vec!["run", "leak.toml", "--out", "none"];
    args.extend(["--precision", "0.000001", "--most-replications", "4000000"]);
    // How long 30 runs take depends on the machine; nothing is written that could be awaited.
    for seconds in [1, 4, 16, 64] {
        let child = start(folder.path(), &args);
        sleep(Duration::from_secs(seconds));
        interrupt(&child);
        let (code, table, problem) = end(child);
        assert_eq!(code, Some(130));
        if problem.contains(" of 2 strategies") {
            continue;
        }
        assert!(
            problem.contains("interrupted before the precision was reached")
                && problem.contains(" replications of every strategy"),
            "{problem}"
        );
        assert!(
            table.contains("as is") && table.contains("4 groups"),
            "{table}"
        );
        return;
    }
    panic!("30 runs of each strategy were not finished within a minute");
}
