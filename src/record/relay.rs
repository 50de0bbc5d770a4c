//! Hands samples on as they are taken and keeps none: for series that are too long to keep.

use crate::sim::{ClientSample, Observation, Observer, Sample};
use crate::units::SimTime;

/// What is handed on.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Relayed {
    /// A sample of the machine.
    Sample(Sample),
    /// What one program has at the same instant.
    Client(ClientSample),
}

/// An observer that gives every sample to a function, until that says that it is enough.
#[derive(Debug)]
pub struct Relay<F> {
    give: F,
    is_done: bool,
}

impl<F: FnMut(Relayed) -> bool> Relay<F> {
    /// Gives samples to `give` for as long as it gives true.
    pub const fn new(give: F) -> Relay<F> {
        Relay {
            give,
            is_done: false,
        }
    }

    fn relay(&mut self, relayed: Relayed) {
        self.is_done = self.is_done || !(self.give)(relayed);
    }
}

impl<F: FnMut(Relayed) -> bool> Observer for Relay<F> {
    fn observes_each_step(&self) -> bool {
        false
    }

    fn observe(&mut self, _now: SimTime, observation: Observation) {
        if let Observation::Sampled(sample) = observation {
            self.relay(Relayed::Sample(sample));
        }
    }

    fn client_sampled(&mut self, sample: ClientSample) {
        self.relay(Relayed::Client(sample));
    }

    fn is_done(&self) -> bool {
        self.is_done
    }
}
