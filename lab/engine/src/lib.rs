//! The core as WebAssembly: scenarios are read and run, recordings and rows of `ports.csv` come
//! out.
//!
//! There is no standard library below and the module imports nothing, so whatever can load
//! WebAssembly can run it. A text is handed over as one number: its address in the upper 32 bits,
//! its length in bytes in the lower. It stays where it is until the module is dropped; a module is
//! made anew for each question, so that its memory goes with it.
#![no_std]
// Elsewhere the standard library of somebody else would be linked to it: nothing is built.
#![cfg(target_arch = "wasm32")]

extern crate alloc;

mod csv;
mod facts;
mod files;
mod json;
mod recording;

use alloc::boxed::Box;
use alloc::string::String;
use alloc::vec::Vec;
use core::cell::RefCell;
use core::panic::PanicInfo;
use files::BuiltInFiles;
use json::Json;
use recording::{COUNTS, NUMBERS, PORT_EVENTS, Recording};
use spsim::inside::record::events::EVENTS;
use spsim::inside::scenario::{self, BUILTIN};
use spsim::inside::study::combine;
use spsim::{BuiltIn, Diagnostic, Failure, Override, Read, run_one};

#[global_allocator]
static ALLOCATOR: dlmalloc::GlobalDlmalloc = dlmalloc::GlobalDlmalloc;

/// A bug of ours ends the run: whoever called sees a trap.
#[panic_handler]
fn panic(_: &PanicInfo<'_>) -> ! {
    core::arch::wasm32::unreachable()
}

/// What is open.
#[derive(Default)]
struct Lab {
    read: Option<Read>,
    files: &'static [(&'static str, &'static str)],
    recording: Recording,
}

/// A module has one thread.
struct OneThread(RefCell<Option<Lab>>);

// SAFETY: there is no second thread that could share it.
unsafe impl Sync for OneThread {}

static LAB: OneThread = OneThread(RefCell::new(None));

fn with_lab<T>(act: impl FnOnce(&mut Lab) -> T) -> T {
    act(LAB.0.borrow_mut().get_or_insert_default())
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

/// The text of a built-in scenario.
#[unsafe(no_mangle)]
pub extern "C" fn toml(scenario: u32) -> u64 {
    hand_over(BUILTIN[scenario as usize].toml.into())
}

/// What the numbers and indices of recordings stand for, as JSON.
#[unsafe(no_mangle)]
pub extern "C" fn legend() -> u64 {
    let texts = |texts: &[&str]| Json::array_of(texts.iter().map(|it| json::quoted(it)));
    let events: Vec<&str> = EVENTS.into_iter().chain(PORT_EVENTS).collect();
    let failures = Failure::ALL.map(|failure| {
        let mut one = Json::object();
        one.text("name", failure.name());
        one.text("message", failure.message());
        one.done()
    });
    let mut legend = Json::object();
    legend.member("events", &texts(&events));
    legend.member("counts", &texts(&COUNTS));
    legend.member("numbers", &texts(&NUMBERS));
    legend.member("failures", &Json::array_of(failures));
    hand_over(legend.done())
}

/// Room for a text that is handed in: its address.
#[unsafe(no_mangle)]
pub extern "C" fn room(length: u32) -> *mut u8 {
    alloc::vec![0_u8; length as usize].leak().as_mut_ptr()
}

/// Reads a scenario. The text at `address` (from [`room`]) has parts with a NUL behind each: the
/// scenario's name, its text (empty: of the built-in one of that name), then keys and values to be
/// set. Gives JSON: its facts, or every problem with its place.
#[unsafe(no_mangle)]
pub extern "C" fn open(address: *const u8, length: u32) -> u64 {
    // SAFETY: the address is one that `room` gave for this length.
    let bytes = unsafe { core::slice::from_raw_parts(address, length as usize) };
    let text = String::from_utf8_lossy(bytes);
    let parts: Vec<&str> = text.split_terminator('\0').collect();
    let [name, toml, changes @ ..] = &parts[..] else {
        return hand_over(refused(&[]));
    };
    let built_in = BuiltIn::find(name);
    let toml = match (*toml, built_in) {
        ("", Some(built_in)) => built_in.toml,
        (own, _) => own,
    };
    let files = built_in.map_or(&[] as &[_], |it| it.files);
    let pairs = changes.chunks_exact(2);
    let overrides: Vec<Override> = pairs.map(|pair| Override::new(pair[0], pair[1])).collect();
    let read = scenario::read(toml, name, &overrides, &mut BuiltInFiles(files));
    hand_over(match read {
        Ok(read) => {
            let facts = facts::of(&read);
            with_lab(|lab| (lab.read, lab.files) = (Some(read), files));
            facts
        }
        Err(problems) => refused(&problems),
    })
}

fn refused(problems: &[Diagnostic]) -> String {
    let mut refused = Json::object();
    refused.member("ok", "false");
    let problems = problems.iter().map(facts::diagnostic);
    refused.member("problems", &Json::array_of(problems));
    refused.done()
}

/// What is open, with every default, as TOML.
#[unsafe(no_mangle)]
pub extern "C" fn resolved() -> u64 {
    with_lab(|lab| hand_over(lab.read.as_ref().map(scenario::show).unwrap_or_default()))
}

/// Records the run of one strategy of what is open. Gives JSON: where each column lies, or that
/// there are too many events.
#[unsafe(no_mangle)]
pub extern "C" fn record(strategy: u32, replication: u32) -> u64 {
    with_lab(|lab| {
        let scenario = &lab.read.as_ref().expect("something is open").scenario;
        let variant = scenario.under(&scenario.strategies[strategy as usize]);
        let recorded = Recording::of(&variant, replication, &BuiltInFiles(lab.files));
        let Some(recording) = recorded.expect("its trace is built in") else {
            return hand_over("null".into());
        };
        lab.recording = recording;
        hand_over(columns(&lab.recording))
    })
}

fn columns(of: &Recording) -> String {
    let mut columns = Json::object();
    columns.number("instants", of.times.len() as u32);
    columns.number("events", of.kinds.len() as u32);
    columns.number("times", of.times.as_ptr() as u32);
    columns.number("counts", of.counts.as_ptr() as u32);
    columns.number("kinds", of.kinds.as_ptr() as u32);
    columns.number("numbers", of.numbers.as_ptr() as u32);
    columns.number("values", of.values.as_ptr() as u32);
    let groups = of.groups.iter().map(|name| json::quoted(name));
    columns.member("groups", &Json::array_of(groups));
    columns.done()
}

/// `ports.csv` of what is open, as `spsim run` writes it.
#[unsafe(no_mangle)]
pub extern "C" fn csv() -> u64 {
    with_lab(|lab| {
        let read = lab.read.as_ref().expect("something is open");
        hand_over(ports_csv(read, lab.files))
    })
}

/// `ports.csv` of a built-in scenario, as `spsim run` writes it.
#[unsafe(no_mangle)]
pub extern "C" fn ports(scenario: u32) -> u64 {
    let built_in = &BUILTIN[scenario as usize];
    let mut files = BuiltInFiles(built_in.files);
    let read = scenario::read(built_in.toml, built_in.name, &[], &mut files);
    let read = read.expect("a built-in scenario is right");
    hand_over(ports_csv(&read, built_in.files))
}

fn ports_csv(read: &Read, files: &'static [(&'static str, &'static str)]) -> String {
    let (scenario, files) = (&read.scenario, BuiltInFiles(files));
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
    text
}

fn hand_over(text: String) -> u64 {
    let text = Box::leak(text.into_boxed_str());
    ((text.as_ptr() as u64) << 32) | text.len() as u64
}
