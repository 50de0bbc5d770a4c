//! Where requests come from, and what each brings along.
//!
//! What belongs to request k (its response time, its group, the time a connect would take) is
//! drawn when k arrives, each from its own stream, even if k is then refused or waits: so every
//! strategy meets the same requests.

use super::arrivals::ArrivalTimes;
use super::draw::Draws;
use super::given::Given;
use super::traces::{TraceError, Traces};
use crate::kernel::{RandomStream, stream};
use crate::model::profile::HttpClientOf;
use crate::model::workload::{Action, TraceRow};
use crate::model::{Api, Client, ClientPerRequest, GroupName, GroupRule, Scenario};
use crate::net::Request;
use crate::units::{SimSpan, SimTime};
use rand::RngExt;

/// What belongs to one request, drawn when it arrives.
#[derive(Clone, Copy)]
pub(super) struct Drawn {
    pub(super) response: SimSpan,
    pub(super) connect_time: SimSpan,
    pub(super) group: GroupName,
    pub(super) closes_group: bool,
}

/// The source of one workload's requests.
#[allow(
    clippy::struct_excessive_bools,
    reason = "each says what its requests have not, so that it costs nothing"
)]
pub(super) struct Source<'t> {
    /// When they come.
    pub(super) times: ArrivalTimes<'t>,
    /// How long each request may take, once it is submitted.
    pub(super) timeout: SimSpan,
    /// A request with what all of this workload have in common.
    pattern: Request,
    response_times: Draws,
    connect_times: Draws,
    /// Whether nothing but its answer can come to a drawn request that has its connection to
    /// itself, as far as that is up to the request: connected at once, not pipelined, and no group
    /// is closed behind it.
    pub(super) asks_plainly: bool,
    /// Whether a connect takes no time.
    connects_at_once: bool,
    groups: RandomStream,
    group: Option<GroupRule>,
    /// Each request has a group of its own, which (if true) is closed when it ends.
    own_client: Option<bool>,
    undisposed: f64,
    keep_alive: Option<bool>,
    /// How many requests there were: k of the next one.
    ordinal: u64,
    /// Whose turn it is of the names of a pool: k modulo their number, without a division.
    turn: u64,
}

impl<'t> Source<'t> {
    pub(super) fn new(
        scenario: &Scenario,
        index: usize,
        endpoint: u32,
        replication: u32,
        traces: &'t dyn Traces,
    ) -> Result<Source<'t>, TraceError> {
        let workload = &scenario.workloads[index];
        let server = &scenario.servers[workload.server];
        let named = |purpose: &str| {
            stream(
                scenario.seed,
                &format!("{purpose}/{}", workload.name),
                replication,
            )
        };
        let times = ArrivalTimes::new(
            workload,
            scenario.duration,
            named("arrivals"),
            &mut named("phases"),
            traces,
        )?;
        let connect_times = Draws::new(server.connect_time.clone(), named("connect"));
        let client = &scenario.clients[workload.client];
        let own_client = own_group(client, workload.client_per_request);
        Ok(Source {
            times,
            timeout: timeout(client.request_timeout),
            pattern: pattern(scenario, index, endpoint),
            response_times: Draws::new(server.response_time.clone(), named("response")),
            asks_plainly: connect_times.are_zero()
                && workload.undisposed == 0.0
                && !workload.pipelined
                && workload.group != Some(GroupRule::Ntlm)
                && own_client != Some(true),
            connects_at_once: connect_times.are_zero(),
            connect_times,
            groups: named("group"),
            group: workload.group.clone(),
            own_client,
            undisposed: workload.undisposed,
            keep_alive: workload.keep_alive,
            ordinal: 0,
            turn: 0,
        })
    }

    /// Takes these requests instead of drawing any.
    pub(super) fn give(&mut self, given: Given) {
        self.times.give(given.times);
        self.response_times.give(given.responses);
    }

    /// Whether the end of a response is for the path or a server to say.
    pub(super) const fn leave_answers_open(&mut self, open: bool) {
        self.pattern.answer_is_open = open;
    }

    /// When the next request of an open workload arrives, the last one having arrived `now`
    /// (or none yet, `now` being time zero). `None` when there is none.
    #[inline(always)]
    pub(super) fn next_arrival(&mut self, now: SimTime) -> Result<Option<SimTime>, TraceError> {
        self.times.next(now)
    }

    /// The request that arrives now. `fresh` gives the next fresh name.
    #[inline(always)]
    pub(super) fn request(&mut self, serial: u64, now: SimTime, fresh: &mut u64) -> Request {
        if let Some(row) = self.times.take_row() {
            return self.request_of_row(serial, now, fresh, &row);
        }
        let mut request = Request::default();
        self.draw_request(&mut request, serial, now, fresh);
        request
    }

    /// The same for a source that may read rows, written into its place.
    #[inline(never)]
    pub(super) fn read_request(
        &mut self,
        place: &mut Request,
        serial: u64,
        now: SimTime,
        fresh: &mut u64,
    ) {
        *place = self.request(serial, now, fresh);
    }

    /// The request that arrives now, from a source that reads no rows, written into its place.
    #[inline(always)]
    pub(super) fn draw_request(
        &mut self,
        place: &mut Request,
        serial: u64,
        now: SimTime,
        fresh: &mut u64,
    ) {
        let drawn = self.draw(fresh);
        self.write_request(place, serial, now, &drawn);
    }

    /// What belongs to the request that arrives now, from a source that reads no rows.
    #[inline(always)]
    pub(super) fn draw(&mut self, fresh: &mut u64) -> Drawn {
        let response = self.response_times.take();
        let connect_time = if self.connects_at_once {
            SimSpan::ZERO
        } else {
            self.connect_times.take()
        };
        let (group, closes_group) = self.name(None, fresh);
        self.ordinal += 1;
        Drawn {
            response,
            connect_time,
            group,
            closes_group,
        }
    }

    /// The request to which that belongs, written into its place.
    #[inline(always)]
    pub(super) fn write_request(
        &self,
        place: &mut Request,
        serial: u64,
        now: SimTime,
        drawn: &Drawn,
    ) {
        *place = self.pattern;
        place.serial = serial;
        place.group = drawn.group;
        place.arrived = now;
        place.submitted = now;
        place.closes_group = drawn.closes_group;
        place.response = Some(drawn.response);
        place.connect_time = drawn.connect_time;
        place.left_open = self.leaves_last_open();
    }

    /// `KeepAlive` of a request that has none of its own.
    pub(super) const fn keeps_alive(&self) -> bool {
        self.pattern.keep_alive
    }

    /// The request that a row of a trace stands for.
    #[inline(never)]
    fn request_of_row(
        &mut self,
        serial: u64,
        now: SimTime,
        fresh: &mut u64,
        row: &TraceRow,
    ) -> Request {
        let response = match row.duration {
            Some(duration) => duration,
            None => self.response_times.take(),
        };
        let connect_time = self.connect_times.take();
        let (group, closes_group) = self.name(Some(row), fresh);
        self.ordinal += 1;
        let mut request = self.plain_request(serial, now, group);
        request.set(self.keep_alive(row.keep_alive), request.pipelined);
        request.closes_group = closes_group;
        request.response = Some(response);
        request.brings_response = row.duration.is_some();
        request.connect_time = connect_time;
        request.left_open = self.leaves_last_open();
        request
    }

    /// A request of this workload, nothing of its own in it but its name.
    #[inline(always)]
    fn plain_request(&self, serial: u64, now: SimTime, group: GroupName) -> Request {
        let mut request = self.pattern;
        request.serial = serial;
        request.group = group;
        request.arrived = now;
        request.submitted = now;
        request
    }

    /// The request that a timeline's action submits; `None` for any other action.
    pub(super) fn timeline_request(
        &mut self,
        serial: u64,
        now: SimTime,
        action: &Action,
    ) -> Option<Request> {
        let Action::Submit {
            id,
            group,
            keep_alive,
            duration,
            completed_by_timeline,
            held,
        } = action
        else {
            return None;
        };
        let drawn = self.response_times.take();
        let connect_time = self.connect_times.take();
        let mut request = self.plain_request(serial, now, *group);
        request.set(self.keep_alive(*keep_alive), request.pipelined);
        request.held = *held;
        request.response = Some(duration.unwrap_or(drawn));
        request.brings_response = duration.is_some();
        request.closed_by_program = *completed_by_timeline;
        self.ordinal += 1;
        request.left_open = !completed_by_timeline && self.leaves_last_open();
        request.connect_time = connect_time;
        request.tag = id + 1;
        Some(request)
    }

    /// Whether the program leaves the response to its last request open: it does so to request k,
    /// from 1, where floor(k·s) > floor((k-1)·s).
    #[inline(always)]
    fn leaves_last_open(&self) -> bool {
        let k = self.ordinal as f64;
        self.undisposed > 0.0
            && libm::floor(k * self.undisposed) > libm::floor((k - 1.0) * self.undisposed)
    }

    /// The workload's own `KeepAlive`, else that of one request, else on.
    #[inline(always)]
    fn keep_alive(&self, of_one: Option<bool>) -> bool {
        self.keep_alive.or(of_one).unwrap_or(true)
    }

    /// The process that makes the requests.
    pub(super) const fn client(&self) -> u32 {
        self.pattern.process
    }

    /// The endpoint that the requests go to.
    pub(super) const fn endpoint(&self) -> u32 {
        self.pattern.endpoint
    }

    #[inline(always)]
    fn name(&mut self, row: Option<&TraceRow>, fresh: &mut u64) -> (GroupName, bool) {
        let mut next_fresh = || {
            *fresh += 1;
            GroupName::fresh(*fresh - 1)
        };
        if let Some(disposed) = self.own_client {
            return (next_fresh(), disposed);
        }
        match &self.group {
            None => (
                row.and_then(|row| row.group).unwrap_or(GroupName::UNNAMED),
                false,
            ),
            Some(GroupRule::None | GroupRule::NtlmShared) => (GroupName::UNNAMED, false),
            Some(GroupRule::Unique) => (next_fresh(), false),
            Some(GroupRule::Pool {
                size,
                random: false,
            }) => {
                let turn = self.turn;
                let next = turn + 1;
                self.turn = if next < u64::from(*size) { next } else { 0 };
                (GroupName::pooled(turn), false)
            }
            Some(GroupRule::Pool { size, random: true }) => (
                GroupName::pooled(self.groups.random_range(0..u64::from(*size))),
                false,
            ),
            Some(GroupRule::Users {
                count, cumulative, ..
            }) => {
                let user = if cumulative.is_empty() {
                    self.groups.random_range(0..u64::from(*count))
                } else {
                    let u: f64 = self.groups.random();
                    cumulative.partition_point(|share| *share <= u) as u64
                };
                (GroupName::user(user), false)
            }
            Some(GroupRule::Ntlm) => (next_fresh(), true),
        }
    }
}

/// Whether each request has a group of its own because it has an `HttpClient` of its own, and
/// whether that is closed with the client: on .NET Framework a client is a group (facts M5, HF-2).
fn own_group(client: &Client, rule: ClientPerRequest) -> Option<bool> {
    let is_group = client.api == Api::HttpClient
        && matches!(client.runtime.http_client, HttpClientOf::HttpWebRequest);
    (is_group && rule != ClientPerRequest::No).then_some(rule == ClientPerRequest::Disposed)
}

/// How long a request may take: a timeout of 0 counts as 1 ms (TM-5).
fn timeout(of_client: Option<SimSpan>) -> SimSpan {
    let forever = SimTime::NEVER.since(SimTime::ZERO);
    of_client.map_or(forever, |span| span.max(SimSpan::from_millis(1)))
}

/// A request with what all of a workload have in common.
fn pattern(scenario: &Scenario, index: usize, endpoint: u32) -> Request {
    let workload = &scenario.workloads[index];
    let mut pattern = Request::new(0, SimTime::ZERO, GroupName::UNNAMED);
    pattern.workload = index as u32;
    pattern.process = workload.client as u32;
    pattern.endpoint = endpoint;
    pattern.client_per_request = workload.client_per_request;
    pattern.set(workload.keep_alive.unwrap_or(true), workload.pipelined);
    pattern
}
