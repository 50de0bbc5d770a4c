//! A simulation inside another program: one scenario, its strategies beside each other.
//!
//! `cargo run --example embed_a_run`
#![allow(clippy::print_stdout, reason = "an example shows what it finds")]

use spsim::prelude::*;
use std::error::Error;

const SCENARIO: &str = r#"
title = "A poller that names a connection group per device"
duration = "10min"

[machine]
ports = "windows-2003"

[client.poller]
runtime = "net40"

[server.devices]
response-time = "200ms"

[workload.polls]
group = "unique"
arrivals = { every = "100ms" }

[[strategy]]
name = "as is"

[[strategy]]
name = "16 groups"
groups = 16
"#;

fn main() -> Result<(), Box<dyn Error>> {
    let scenario = Scenario::parse(SCENARIO)?;
    for warning in &scenario.warnings {
        println!("warning: {warning}");
    }
    let comparison = scenario.compare()?;
    for strategy in &comparison.strategies {
        let ports = strategy.runs[0].ports;
        println!(
            "{:10} {:10} {:4} of {} ports at the peak, exhausted {}",
            strategy.name,
            strategy.verdict().as_str(),
            ports.peak,
            ports.limit,
            match strategy.exhausted_at() {
                Some(at) => format!("after {at}"),
                None => "never".into(),
            }
        );
    }
    Ok(())
}
