//! Ctrl-C, SIGTERM, SIGHUP: the first time, what is finished is kept, where a command keeps
//! something; else, and the second time, the process ends at once. No staged file is left.

use anyhow::{Context, Result};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU8, Ordering};
use std::sync::{Mutex, PoisonError};

/// Whether the user has interrupted.
pub static INTERRUPTED: AtomicBool = AtomicBool::new(false);

/// Whether the command in hand looks at [`INTERRUPTED`].
static IS_LISTENED_TO: AtomicBool = AtomicBool::new(false);

/// Which signal it was: 2 until another comes.
static SIGNAL: AtomicU8 = AtomicU8::new(2);

/// The files that are not in their places yet.
static STAGED: Mutex<Vec<PathBuf>> = Mutex::new(Vec::new());

/// From here on a first interruption sets [`INTERRUPTED`], which the command looks at.
pub fn listen() {
    IS_LISTENED_TO.store(true, Ordering::Relaxed);
}

/// What the shell sees of an interrupted command: 130, 143 or 129.
pub fn exit_code() -> u8 {
    128 + SIGNAL.load(Ordering::Relaxed)
}

/// A file that is to go if the process ends early.
pub(super) fn remember(path: &Path) {
    staged().push(path.into());
}

/// A file that is in its place, or gone.
pub(super) fn forget(path: &Path) {
    staged().retain(|it| it != path);
}

fn staged() -> std::sync::MutexGuard<'static, Vec<PathBuf>> {
    STAGED.lock().unwrap_or_else(PoisonError::into_inner)
}

/// What a signal does.
fn interrupted(signal: u8) {
    SIGNAL.store(signal, Ordering::Relaxed);
    let again = INTERRUPTED.swap(true, Ordering::Relaxed);
    if !again && IS_LISTENED_TO.load(Ordering::Relaxed) {
        return;
    }
    // The lock stays: nobody begins another.
    let left = staged();
    for path in left.iter() {
        // It may have been renamed or removed just now.
        let _ = std::fs::remove_file(path);
    }
    std::process::exit(exit_code().into());
}

/// Hears signals until the process ends.
///
/// # Errors
/// The system refuses a handler.
#[cfg(unix)]
pub fn install() -> Result<()> {
    use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM, SIGXFSZ};
    use signal_hook::iterator::Signals;
    use std::sync::Arc;
    let cannot = "cannot listen for signals";
    let mut wanted = vec![SIGINT, SIGTERM];
    // `nohup` has made it nothing to end for.
    if !is_ignored(SIGHUP) {
        wanted.push(SIGHUP);
    }
    let mut signals = Signals::new(wanted).context(cannot)?;
    std::thread::spawn(move || {
        for signal in signals.forever() {
            interrupted(u8::try_from(signal).expect("a signal is a small number"));
        }
    });
    // A file beyond `ulimit -f` is then an error of its write, not the end of the process.
    signal_hook::flag::register(SIGXFSZ, Arc::default()).context(cannot)?;
    Ok(())
}

/// Whether whoever started the process wants a signal ignored, where the system tells.
#[cfg(unix)]
fn is_ignored(signal: i32) -> bool {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|it| it.strip_prefix("SigIgn:"));
    let mask = line.and_then(|it| u64::from_str_radix(it.trim(), 16).ok());
    mask.is_some_and(|mask| mask >> (signal - 1) & 1 == 1)
}

/// Hears Ctrl-C, Ctrl-Break and a closed console until the process ends.
///
/// # Errors
/// The system refuses a handler.
#[cfg(windows)]
pub fn install() -> Result<()> {
    ctrlc::set_handler(|| interrupted(2)).context("cannot listen for Ctrl-C")
}
