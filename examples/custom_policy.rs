//! A strategy of one's own: a program that closes its connection groups by the number.
//!
//! `cargo run --example custom_policy`
#![allow(clippy::print_stdout, reason = "an example shows what it finds")]

use spsim::prelude::*;
use std::error::Error;

/// Calls `CloseConnectionGroup` for all its groups as soon as there are so many.
struct CloseByNumber {
    most: usize,
    /// Process, endpoint and name of each group made since the last time.
    made: Vec<(u32, u32, GroupName)>,
}

impl Policy for CloseByNumber {
    fn on_submit(
        &mut self,
        now: SimTime,
        _workload: u32,
        process: u32,
        endpoint: u32,
        name: GroupName,
    ) -> Option<SimTime> {
        self.made.push((process, endpoint, name));
        (self.made.len() == self.most).then_some(now)
    }

    fn call(&mut self, _now: SimTime) -> (Vec<(u32, u32, GroupName)>, Option<SimTime>) {
        (std::mem::take(&mut self.made), None)
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    let article = BuiltIn::find("kb2551125").ok_or("it is built in")?;
    let scenario = Scenario::parse(article.toml)?.scenario;
    let as_is = Simulation::new(&scenario, 0, &NoFiles, &mut Blind)?.run()?;
    println!("as is: {} ports at the peak", as_is.ports.peak);
    for most in [2_000, 500, 100] {
        let made = Vec::new();
        let end = Simulation::new(&scenario, 0, &NoFiles, &mut Blind)?
            .with_policy(Box::new(CloseByNumber { most, made }))
            .run()?;
        println!(
            "closing every {most} groups: {} of {} ports at the peak",
            end.ports.peak, end.ports.limit
        );
    }
    Ok(())
}
