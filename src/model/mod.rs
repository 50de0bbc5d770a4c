//! The facts of a scenario, validated and immutable.
//!
//! Lives here: what the world is made of and what is asked of it. Does not live here: how
//! anything behaves (`net`, `sim`), and how a scenario is written down (`scenario`).
//!
//! **Invariant:** a [`Scenario`] that exists is right: every reference resolves, every number is
//! in range. `scenario::check` is the only place that makes one from text.

use alloc::string::String;
use alloc::vec::Vec;

pub mod aims;
mod asked;
pub mod group_name;
pub mod law;
pub mod nat;
pub mod profile;
pub mod scaled;
pub mod service;
pub mod settings;
pub mod strategy;
pub mod workload;

pub use aims::{BestBy, Part, Thresholds};
pub use asked::{Asked, OfStrategy};
pub use group_name::GroupName;
pub use law::Law;
pub use nat::Nat;
pub use profile::RuntimeProfile;
pub use service::Service;
pub use settings::{Api, Client, Closer, IdleClose, Machine, PortScope, Server};
pub use strategy::{CloseGroups, Patch, Strategy, Target, Throttle};
pub use workload::{Arrivals, ClientPerRequest, GroupRule, Retry, Workload};

use crate::units::SimSpan;

/// One question put to the simulator: a machine, its programs, their servers and their load.
#[derive(Clone, PartialEq, Debug)]
pub struct Scenario {
    /// The name of results and of the folder they go to: the file's stem, kebab-case.
    pub name: String,
    /// One line for charts and tables.
    pub title: String,
    /// What the author wants to know; empty when not given.
    pub question: String,
    /// What the author expects and why, with its arithmetic, as one paragraph; empty when not
    /// given, and when what was read is no longer what the author wrote.
    pub expect: String,
    /// What the question asks for; `None` leaves it to the question's words.
    pub answer: Option<Asked>,
    /// How much time is simulated.
    pub duration: SimSpan,
    /// The number from which every random stream is derived.
    pub seed: u64,
    /// How many independent runs there are of each strategy; at least 1.
    pub replications: u32,
    /// Whether the question is about the steady state; `None` leaves it to the results.
    pub steady: Option<bool>,
    /// How long a run warms up before its steady state is measured; `None` finds it.
    pub warm_up: Option<SimSpan>,
    /// Time between samples of the port count, when the author chose one. `None` takes
    /// `duration / 600`, and charts may thin it further.
    pub sample_every: Option<SimSpan>,
    /// Above how many requests over all strategies and replications it is refused before it
    /// starts, where the author has set that.
    pub most_requests: Option<u64>,
    /// From where on a verdict is given.
    pub verdict: Thresholds,
    /// What the best strategy is best at, where the author says so.
    pub best: Option<BestBy>,
    /// What is counted on its own as well, because somebody asks for it.
    pub parts: Vec<Part>,
    /// The host whose port table runs out.
    pub machine: Machine,
    /// The NAT that the machines are behind, if there is one.
    pub nat: Option<Nat>,
    /// The processes on the machine.
    pub clients: Vec<Client>,
    /// The remote endpoints.
    pub servers: Vec<Server>,
    /// Who asks whom for what, when.
    pub workloads: Vec<Workload>,
    /// What the program does about its connection groups while it runs; see [`CloseGroups`].
    pub close_groups: Option<CloseGroups>,
    /// How the program holds itself back; see [`Throttle`].
    pub throttle: Option<Throttle>,
    /// The variants to compare, in the order of the file. Never empty.
    pub strategies: Vec<Strategy>,
    /// FNV-1a digest of the resolved scenario's canonical text: names the input of a result.
    pub digest: u64,
}

impl Scenario {
    /// What its strategies are called, in their order.
    pub fn strategy_names(&self) -> Vec<String> {
        self.strategies.iter().map(|it| it.name.clone()).collect()
    }

    /// Time between two samples: the author's choice, or a 600th of the duration.
    pub fn sample_span(&self) -> SimSpan {
        let default = SimSpan::from_nanos((self.duration.as_nanos() / 600).max(1));
        self.sample_every.unwrap_or(default)
    }

    /// How many samples a run takes: at 0, and at every multiple of the span up to the end.
    pub fn samples(&self) -> u64 {
        self.duration.as_nanos() / self.sample_span().as_nanos().max(1) + 1
    }

    /// The scenario as `strategy` changes it.
    pub fn under(&self, strategy: &Strategy) -> Scenario {
        let mut variant = self.clone();
        for patch in &strategy.patches {
            patch.apply(&mut variant, &strategy.only);
        }
        variant
    }

    /// What the author calls a target.
    pub fn name_of(&self, target: Target) -> &str {
        match target {
            Target::Client(index) => &self.clients[index].name,
            Target::Server(index) => &self.servers[index].name,
            Target::Workload(index) => &self.workloads[index].name,
        }
    }
}
