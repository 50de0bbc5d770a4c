//! Ctrl-C: the first time, what is finished is kept; the second time, nothing is waited for.

use super::Exit;
use anyhow::{Context, Result};
use std::sync::atomic::{AtomicBool, Ordering};

/// Whether the user has interrupted.
pub static INTERRUPTED: AtomicBool = AtomicBool::new(false);

/// From here on Ctrl-C sets [`INTERRUPTED`].
///
/// # Errors
/// The system refuses a handler.
pub fn listen() -> Result<()> {
    ctrlc::set_handler(|| {
        if INTERRUPTED.swap(true, Ordering::Relaxed) {
            std::process::exit(Exit::Interrupted.code().into());
        }
    })
    .context("cannot listen for Ctrl-C")
}
