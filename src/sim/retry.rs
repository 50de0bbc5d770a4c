//! Retries of one workload: the program's rule, and the draws that belong to its requests.

use crate::kernel::{RandomStream, nth_uniform, stream};
use crate::model::Scenario;
use crate::net::{Failure, Request};
use crate::strategy::Retrier;
use crate::units::SimSpan;
use alloc::collections::BTreeMap;
use alloc::format;
use alloc::vec::Vec;
use rand::Rng;

/// What a workload does after failures.
///
/// The jitter of request k's retries follows from one number that is drawn when k arrives, so
/// that strategies under which other requests fail meet the same waits.
#[derive(Debug)]
pub(super) struct Retries {
    retrier: Retrier,
    keys: RandomStream,
    /// The number drawn for each request in the system, by its serial.
    of_request: BTreeMap<u64, u64>,
}

impl Retries {
    /// The retries of every workload; `None` for those that never try again.
    pub(super) fn of(scenario: &Scenario, replication: u32) -> Vec<Option<Retries>> {
        let workloads = scenario.workloads.iter();
        let retries = workloads.map(|workload| {
            let label = format!("retry/{}", workload.name);
            workload.retry.map(|rule| Retries {
                retrier: Retrier::new(rule),
                keys: stream(scenario.seed, &label, replication),
                of_request: BTreeMap::new(),
            })
        });
        retries.collect()
    }

    /// A request arrives.
    pub(super) fn on_arrival(&mut self, request: &mut Request) {
        self.retrier.on_arrival();
        request.has_jitter = self.retrier.has_jitter();
        if request.has_jitter {
            self.of_request.insert(request.serial, self.keys.next_u64());
        }
    }

    /// How long the program waits until it tries a failed request again, if it does.
    pub(super) fn on_failure(&mut self, request: &Request, failure: Failure) -> Option<SimSpan> {
        let uniform = self
            .of_request
            .get(&request.serial)
            .map_or(1.0, |key| nth_uniform(*key, request.attempt));
        self.retrier.on_failure(failure, request.attempt, uniform)
    }

    /// A request with jitter has ended for good.
    pub(super) fn forget(&mut self, serial: u64) {
        self.of_request.remove(&serial);
    }
}
