//! A recorder of one's own: how many requests a connection serves before it is closed.
//!
//! `cargo run --example custom_recorder`
#![allow(clippy::print_stdout, reason = "an example shows what it finds")]

use spsim::prelude::*;
use std::error::Error;

/// What is kept of a run: nothing but three numbers.
#[derive(Default)]
struct Reuse {
    opened: u64,
    requests: u64,
    most_per_connection: u32,
}

impl Observer for Reuse {
    // The three facts below are told in either case, and a run that may skip steps is faster.
    fn observes_each_step(&self) -> bool {
        false
    }

    fn observe(&mut self, _now: SimTime, observation: Observation) {
        match observation {
            Observation::ConnectionOpened(_) => self.opened += 1,
            Observation::RequestSent(_, connection) => {
                self.requests += 1;
                self.most_per_connection = self.most_per_connection.max(connection.served + 1);
            }
            // There are some twenty others; see `Observation`.
            _ => {}
        }
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    let article = BuiltIn::find("kb2551125").ok_or("it is built in")?;
    let scenario = Scenario::parse(article.toml)?.scenario;
    for strategy in &scenario.strategies {
        let mut reuse = Reuse::default();
        let variant = scenario.under(strategy);
        Simulation::new(&variant, 0, &NoFiles, &mut reuse)?.run()?;
        println!(
            "{:25} {:5} requests on {:5} connections, at most {:3} on one",
            strategy.name, reuse.requests, reuse.opened, reuse.most_per_connection
        );
    }
    Ok(())
}
