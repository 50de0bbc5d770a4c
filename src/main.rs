//! The `spsim` command.
fn main() {}
