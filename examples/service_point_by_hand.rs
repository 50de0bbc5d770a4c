//! A ServicePoint driven by hand: every step is given, and what it holds is shown after each.
//!
//! `cargo run --example service_point_by_hand`
#![allow(clippy::print_stdout, reason = "an example shows what it finds")]

use spsim::prelude::*;
use std::error::Error;

const SCENARIO: &str = r#"
duration = "5min"
sample-every = "1s"

[client.program]
runtime = "net48"

[server.api]
response-time = "1s"

[workload.steps]
arrivals = { timeline = "steps.csv" }
"#;

// The first group is used once. In .NET 4.0 it lives as long as its ServicePoint, which the second
// keeps busy (CG-5); in 4.8 its own timer ends it after 100 s (CG-6).
const STEPS: &str = "\
time_s,action,id,group
1,submit,1,first
30,submit,2,second
90,submit,3,second
150,submit,4,second
160,close-group,,second
";

fn main() -> Result<(), Box<dyn Error>> {
    for runtime in ["net40", "net48"] {
        let mut files = InputFiles::in_memory(&[("steps.csv", STEPS)]);
        let text = SCENARIO.replace("net48", runtime);
        let scenario = Scenario::parse_with(&text, &mut files)?.scenario;
        let run = run_one(&scenario, 0, &files)?;
        println!("{runtime}\n   time  ports  busy  idle  groups  ServicePoints");
        let mut before = None;
        for it in run.samples {
            let now = (it.ports_in_use, it.busy, it.groups, it.service_points);
            if before.replace(now) != Some(now) {
                let time = it.time.to_string();
                println!(
                    "{time:>7} {:6} {:5} {:5} {:7} {:14}",
                    it.ports_in_use, it.busy, it.idle, it.groups, it.service_points
                );
            }
        }
    }
    Ok(())
}
