//! How a command ends.

use std::fmt;

/// How the command ended, where the machine did what it was asked. A failure of the machine is
/// an error and exits with 1.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Exit {
    /// What was asked is done.
    Done,
    /// A recorded trace differs from the model.
    Differs,
    /// The command line is wrong.
    Usage,
    /// The scenario or another input is wrong.
    Wrong,
    /// A check such as `--fail-if` did not hold.
    NotHeld,
    /// The user interrupted.
    Interrupted,
}

impl Exit {
    /// The number that the shell sees.
    pub const fn code(self) -> u8 {
        match self {
            Exit::Done => 0,
            Exit::Differs => 1,
            Exit::Usage => 2,
            Exit::Wrong => 3,
            Exit::NotHeld => 4,
            // By Ctrl-C; by another signal, what `interrupt::exit_code` says.
            Exit::Interrupted => 130,
        }
    }
}

/// The error of a command that ends before its work is done: why was said already.
#[derive(Debug)]
pub struct Refused(pub Exit);

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("it was said why")
    }
}

impl std::error::Error for Refused {}
