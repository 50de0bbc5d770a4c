//! The core as WebAssembly: built-in scenarios are run, rows of `ports.csv` come out.
//!
//! There is no standard library below and the module imports nothing, so whatever can load
//! WebAssembly can run it. A text is handed over as one number: its address in the upper 32 bits,
//! its length in bytes in the lower. It stays where it is until the module is dropped.
#![no_std]
// Elsewhere the standard library of somebody else would be linked to it: nothing is built.
#![cfg(target_arch = "wasm32")]

extern crate alloc;

mod csv;
mod files;

use alloc::string::String;
use core::panic::PanicInfo;
use files::BuiltInFiles;
use spsim::scenario::{self, BUILTIN};
use spsim::study::{combine, run_one};

#[global_allocator]
static ALLOCATOR: dlmalloc::GlobalDlmalloc = dlmalloc::GlobalDlmalloc;

/// A bug of ours ends the run: whoever called sees a trap.
#[panic_handler]
fn panic(_: &PanicInfo<'_>) -> ! {
    core::arch::wasm32::unreachable()
}

/// How many scenarios are built in.
#[unsafe(no_mangle)]
pub extern "C" fn scenarios() -> u32 {
    BUILTIN.len() as u32
}

/// The name of a built-in scenario.
#[unsafe(no_mangle)]
pub extern "C" fn name(scenario: u32) -> u64 {
    hand_over(BUILTIN[scenario as usize].name.into())
}

/// `ports.csv` of a built-in scenario, as `spsim run` writes it.
#[unsafe(no_mangle)]
pub extern "C" fn ports(scenario: u32) -> u64 {
    let built_in = &BUILTIN[scenario as usize];
    let mut files = BuiltInFiles(built_in.files);
    let read = scenario::read(built_in.toml, built_in.name, &[], &mut files);
    let scenario = read.expect("a built-in scenario is right").scenario;
    let is_replicated = scenario.replications > 1;
    let mut text = csv::header(is_replicated);
    for strategy in &scenario.strategies {
        let variant = scenario.under(strategy);
        let outputs = (0..scenario.replications)
            .map(|replication| run_one(&variant, replication, &files).expect("its trace is there"))
            .collect();
        let result = combine(variant, &strategy.name, outputs);
        for row in &result.rows {
            csv::push_row(&mut text, &result.name, row, is_replicated);
        }
    }
    hand_over(text)
}

fn hand_over(text: String) -> u64 {
    let text = text.leak();
    ((text.as_ptr() as u64) << 32) | text.len() as u64
}
