//! The program, bounded, and what must hold however it is called.

use std::ffi::OsStr;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// How long an answer may take. The contract says ten seconds; a build without optimisation on a
/// busy machine is given more.
const PATIENCE: Duration = Duration::from_secs(if cfg!(debug_assertions) { 120 } else { 10 });

/// Address space, in KiB, where a shell can bound it: 3 GiB.
const MEMORY: &str = "3145728";

/// How a call ended.
pub(crate) struct Run {
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
    took: Duration,
    called: String,
}

/// Calls the program in `folder`.
pub(crate) fn spsim<S: AsRef<OsStr>>(folder: &Path, args: &[S]) -> Run {
    let mut command = if cfg!(unix) {
        let mut shell = Command::new("sh");
        let line = format!("ulimit -v {MEMORY}; exec \"$0\" \"$@\"");
        shell.args(["-c", &line, env!("CARGO_BIN_EXE_spsim")]);
        shell
    } else {
        Command::new(env!("CARGO_BIN_EXE_spsim"))
    };
    let began = Instant::now();
    let command = command.current_dir(folder).args(args).stdin(Stdio::null());
    let output = command.output().expect("it starts");
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let words = args.iter().map(|it| it.as_ref().display().to_string());
    Run {
        code: output.status.code(),
        stdout: text(&output.stdout),
        stderr: text(&output.stderr),
        took: began.elapsed(),
        called: words.collect::<Vec<_>>().join(" "),
    }
}

/// What must hold of every call, whatever its input.
#[track_caller]
pub(crate) fn judge(run: &Run, input: &[u8]) {
    let case = || {
        format!(
            "spsim {}\nsays {}\nof {}",
            run.called,
            run.stderr,
            shown(input)
        )
    };
    assert!(
        matches!(run.code, Some(0..=4)),
        "exit {:?}: {}",
        run.code,
        case()
    );
    // Reading and judging need no file but those that are there.
    let may_fail = run.called.contains("conform");
    assert!(run.code != Some(1) || may_fail, "exit 1: {}", case());
    assert!(!run.stderr.contains("panicked"), "{}", case());
    assert!(run.took < PATIENCE, "{:?}: {}", run.took, case());
    let steers = |c: char| !matches!(c, '\n' | '\t') && (c.is_control() || c == '\u{202e}');
    assert!(!run.stderr.contains(steers), "{}", case());
    // What `conform` finds is its result.
    let says_why = !run.stderr.is_empty() || (may_fail && !run.stdout.is_empty());
    assert!(
        run.code == Some(0) || says_why,
        "no word of why: {}",
        case()
    );
}

/// Bytes as a failing test shows them.
pub(crate) fn shown(input: &[u8]) -> String {
    input.escape_ascii().to_string()
}
