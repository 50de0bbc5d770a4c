//! Retries of one workload: the program's rule, and the draws that belong to its requests.

use super::draw::draw;
use crate::kernel::{RandomStream, keyed_stream, nth_uniform, stream};
use crate::model::{Law, Scenario};
use crate::net::{Failure, Request};
use crate::strategy::Retrier;
use crate::units::SimSpan;
use alloc::collections::BTreeMap;
use alloc::vec::Vec;
use rand::Rng;

/// What a workload does after failures.
///
/// What request k's further attempts draw (the jitter of the wait, how long a connect and the
/// response take) follows from one number that is drawn when k arrives, so that strategies under
/// which other requests fail meet the same numbers.
#[derive(Debug)]
pub(super) struct Retries {
    retrier: Retrier,
    keys: RandomStream,
    response_time: Law,
    connect_time: Law,
    /// The number drawn for each request in the system, by its serial.
    of_request: BTreeMap<u64, u64>,
}

impl Retries {
    /// The retries of every workload; `None` for those that never try again.
    pub(super) fn of(scenario: &Scenario, replication: u32) -> Vec<Option<Retries>> {
        let workloads = scenario.workloads.iter();
        let retries = workloads.map(|workload| {
            let label = format!("retry/{}", workload.name);
            let server = &scenario.servers[workload.server];
            workload.retry.map(|rule| Retries {
                response_time: server.response_time.clone(),
                connect_time: server.connect_time.clone(),
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
        request.may_retry = true;
        self.of_request.insert(request.serial, self.keys.next_u64());
    }

    /// How long the program waits until it tries a failed request again, if it does.
    pub(super) fn on_failure(&mut self, request: &Request, failure: Failure) -> Option<SimSpan> {
        let uniform = nth_uniform(self.key(request.serial), request.attempt);
        self.retrier.on_failure(failure, request.attempt, uniform)
    }

    /// Draws how long the connect and the response of a further attempt take; a response time that
    /// came with the request stays.
    pub(super) fn draw_again(&self, request: &mut Request) {
        let mut draws = keyed_stream(self.key(request.serial), request.attempt);
        let response = draw(&self.response_time, &mut draws);
        request.connect_time = draw(&self.connect_time, &mut draws);
        if !request.brings_response {
            request.response = Some(response);
        }
    }

    fn key(&self, serial: u64) -> u64 {
        self.of_request[&serial]
    }

    /// A request has ended for good.
    pub(super) fn forget(&mut self, serial: u64) {
        self.of_request.remove(&serial);
    }
}
