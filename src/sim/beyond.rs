//! The engine's dealings with what is beyond the machines: the path and the servers.
//!
//! Requests for which these decide carry `answer_is_open`; every other request passes by.

use super::Simulation;
use super::apply::with_process;
use super::engine::Engine;
use super::event::Event;
use super::observation::{Observation, Observer};
use super::path::{Connect, Next, Way};
use super::sample::Beyond;
use super::service::{Answer, Job};
use crate::kernel::Phase;
use crate::net::request::Place;
use crate::net::service::workers::JobId;
use crate::net::{
    ConnectionId, ConnectionManager, ConnectionView, Failure, Net, Outcome, Request, RequestId,
};
use crate::units::{SimSpan, SimTime};

impl<O: Observer + ?Sized> Engine<'_, '_, O> {
    /// A connect begins whose way is not plain. True when it is answered at once.
    pub(super) fn connect_by_path(
        &mut self,
        now: SimTime,
        connection: &ConnectionView,
        takes: SimSpan,
    ) -> bool {
        let Some(path) = &mut self.path else {
            return false;
        };
        let process = self.process;
        let connect = path.connect(now, process, connection, takes, self.servers.as_deref());
        self.follow(
            now,
            connect,
            connection.id,
            connection.serial as u32,
            connection.endpoint,
        )
    }

    /// Schedules what comes of a connect. True when it is answered at once.
    fn follow(
        &mut self,
        now: SimTime,
        connect: Connect,
        connection: ConnectionId,
        serial: u32,
        endpoint: u32,
    ) -> bool {
        let process = self.process;
        match connect {
            Connect::Answered(at) if at <= now => {
                self.connected(now, connection);
                return true;
            }
            Connect::Answered(at) => {
                let event = Event::ConnectAnswered {
                    process,
                    connection,
                    serial,
                };
                self.queue.schedule(at, Phase::Network, event);
            }
            Connect::Dropped(at) => {
                let dropped = Observation::SnatPortRefused { process, endpoint };
                self.observer.observe(now, dropped);
                self.connect_goes_on(at, connection, serial);
            }
            Connect::Later(at) => self.connect_goes_on(at, connection, serial),
        }
        false
    }

    fn connect_goes_on(&mut self, at: SimTime, connection: ConnectionId, serial: u32) {
        let event = Event::ConnectGoesOn {
            process: self.process,
            connection,
            serial,
        };
        self.queue.schedule(at, Phase::Network, event);
    }

    /// A request was sent whose answer is not known to come: it goes to its server, if it gets
    /// there.
    pub(super) fn hand_over(
        &mut self,
        now: SimTime,
        id: RequestId,
        request: &Request,
        connection: &ConnectionView,
        work: SimSpan,
    ) {
        let way = match &mut self.path {
            Some(path) => path.sent(now, self.process, connection),
            None => Way::Open,
        };
        let Some(servers) = &mut self.servers else {
            return;
        };
        match way {
            Way::Dropped => {}
            Way::Reset => {
                let event = Event::ConnectionReset {
                    request: id,
                    serial: request.serial as u32,
                };
                self.queue.schedule(now, Phase::Network, event);
            }
            Way::Open => {
                let closes = self.remotes[connection.endpoint as usize]
                    .closes_after_requests
                    .is_some_and(|n| connection.served + 1 >= n);
                let job = Job::new(
                    (id, request.serial),
                    (self.process, connection),
                    work,
                    closes,
                );
                servers.sent(now, &mut self.queue, job);
            }
        }
    }

    /// A request with an open answer ends: how its program sees it.
    pub(super) fn leaves_server(
        &mut self,
        now: SimTime,
        id: RequestId,
        request: &Request,
        outcome: Outcome,
    ) -> Outcome {
        if let Some(servers) = &mut self.servers {
            servers.abandon(now, &mut self.queue, id);
        }
        if request.turned_away && outcome == Outcome::Succeeded {
            return Outcome::Failed(Failure::ServerUnavailable);
        }
        outcome
    }

    /// The counts of what is beyond the machines.
    pub(super) fn beyond_now(&mut self, now: SimTime) -> Beyond {
        let mut beyond = Beyond::default();
        if let Some(path) = &mut self.path {
            let nat = path.nat_counts(now);
            beyond.nat_flows = u64::from(nat.flows);
            beyond.nat_held = u64::from(nat.held);
            beyond.nat_dropped = path.nat_totals(now).map_or(0, |totals| totals.dropped);
            beyond.addresses = path.address_counts();
        }
        if let Some(servers) = &self.servers {
            beyond.service = servers.counts();
        }
        beyond
    }

    /// A socket is closed whose connection had a way.
    pub(super) fn left_path(&mut self, now: SimTime, connection: &ConnectionView, is_hard: bool) {
        if let Some(path) = &mut self.path {
            path.closed(now, self.process, connection.id, is_hard);
        }
    }

    /// Whether the program tries a failed request again; then it is held back until it does.
    pub(super) fn try_again(&mut self, now: SimTime, request: &Request, failure: Failure) -> bool {
        let Some(rule) = &mut self.retries[request.workload as usize] else {
            return false;
        };
        let Some(wait) = rule.on_failure(request, failure) else {
            return false;
        };
        let mut next = request.again();
        rule.draw_again(&mut next);
        let id = self.held_back.insert(next);
        self.queue
            .schedule(now.saturating_add(wait), Phase::Arrival, Event::Resume(id));
        let retried = Observation::RequestRetried(request.view(), failure, wait);
        self.observer.observe(now, retried);
        true
    }
}

impl<O: Observer + ?Sized> Simulation<'_, '_, O> {
    /// A job at a server comes to its next stage.
    pub(super) fn job_moves(&mut self, id: JobId, serial: u32) {
        let now = self.now;
        let engine = &mut self.engine;
        let Some(servers) = &mut engine.servers else {
            return;
        };
        let Some((job, answer)) = servers.moves(now, &mut engine.queue, id, serial) else {
            return;
        };
        let forgotten = engine
            .path
            .as_mut()
            .is_some_and(|path| path.has_forgotten(now, job.process, job.connection));
        if forgotten {
            // The server's packets find no flow: nobody hears of the answer.
            return;
        }
        if self.world.requests[job.request].serial != job.request_serial {
            return;
        }
        match answer {
            Answer::Reset => self.connection_reset(job.request, job.request_serial as u32),
            Answer::BreaksOff => {
                with_process!(self, job.process, |process, net| process
                    .response_broken(net, job.request));
                self.watch_ports();
            }
            Answer::Done | Answer::TurnedAway => {
                let request = &mut self.world.requests[job.request];
                request.turned_away = answer == Answer::TurnedAway;
                if job.closes && !self.engine.remotes[job.endpoint as usize].says_close {
                    self.answered_and_closed(job.request);
                    return;
                }
                let read = with_process!(self, job.process, |process, net| process
                    .response_completed(net, job.request, job.closes));
                if !read {
                    // Behind another one of its pipeline: read when its turn comes (AS-5).
                    self.world.requests[job.request].answer_at = now;
                }
                self.watch_ports();
            }
        }
    }

    /// A response has been read to its end, and behind it comes a FIN that it did not speak of
    /// (HC-19): for an idle connection that is all; a request that was put on it meanwhile is lost
    /// with it.
    #[cold]
    pub(super) fn answered_and_closed(&mut self, request: RequestId) {
        let known = &self.world.requests[request];
        let Place::OnConnection(connection) = known.place else {
            return;
        };
        let index = known.process;
        let serial = self.world.processes[index as usize].serial_of(connection);
        with_process!(self, index, |process, net| process
            .response_completed(net, request, false));
        self.lose(index, connection, serial);
        self.watch_ports();
    }

    /// The headers of a response are there, if the request is still on the connection with this
    /// (low half of the) serial.
    pub(super) fn headers_arrived(
        &mut self,
        request: RequestId,
        serial: u32,
        connection: u32,
        closes: bool,
    ) {
        let known = &self.world.requests[request];
        let Place::OnConnection(place) = known.place else {
            return;
        };
        let index = known.process;
        let closes = closes && self.engine.remotes[known.endpoint as usize].says_close;
        let is_there = self.world.processes[index as usize].serial_of(place) == connection;
        if is_there && known.serial as u32 == serial {
            with_process!(self, index, |process, net| process
                .headers_arrived(net, request, closes));
        }
    }

    /// The program closes a response early, if its headers are there (CN-5).
    pub(super) fn close_response(&mut self, index: u32, request: RequestId) {
        let known = &self.world.requests[request];
        let ends_at = match &self.engine.servers {
            // What the program completes itself is there as a whole when its headers are.
            _ if known.closed_by_program => self.now,
            Some(servers) => servers.ends_at(request).unwrap_or(SimTime::NEVER),
            None => known.answer_at,
        };
        with_process!(self, index, |process, net| process
            .close_response(net, request, ends_at));
        self.watch_ports();
    }

    /// The connection is reset under the request with this (low half of the) serial.
    pub(super) fn connection_reset(&mut self, request: RequestId, serial: u32) {
        let known = &self.world.requests[request];
        let Place::OnConnection(connection) = known.place else {
            return;
        };
        if known.serial as u32 == serial {
            let index = known.process;
            let serial = self.world.processes[index as usize].serial_of(connection);
            self.lose(index, connection, serial);
            self.watch_ports();
        }
    }

    fn lose(&mut self, index: u32, connection: ConnectionId, serial: u32) {
        with_process!(self, index, |process, net| process
            .connection_lost(net, connection, serial));
    }

    /// A connect that was not answered at once: it fails, or its first segment goes out again.
    pub(super) fn connect_goes_on(&mut self, index: u32, connection: ConnectionId, serial: u32) {
        let now = self.now;
        if !self.world.processes[index as usize].is_connecting(connection, serial) {
            return;
        }
        let engine = &mut self.engine;
        let Some(path) = &mut engine.path else {
            return;
        };
        match path.goes_on(index, connection) {
            Next::Fails(why) => {
                with_process!(self, index, |process, net| process
                    .connect_failed(net, connection, why));
            }
            Next::TriesAgain => {
                engine.process = index;
                let servers = engine.servers.as_deref();
                let connect = path.try_to_connect(now, index, connection, servers);
                let endpoint = path.endpoint_of(index, connection);
                if engine.follow(now, connect, connection, serial, endpoint) {
                    with_process!(self, index, |process, net| process
                        .connected(net, connection));
                }
            }
        }
        self.watch_ports();
    }

    /// The process behind an endpoint goes down: its connections and its work are lost.
    pub(super) fn server_goes_down(&mut self, endpoint: u32) {
        if let Some(servers) = &mut self.engine.servers {
            servers.lose_all(endpoint);
        }
        for index in 0..self.world.processes.len() as u32 {
            let connections = self.world.processes[index as usize].connected_to(endpoint);
            for (connection, serial) in connections {
                self.lose(index, connection, serial);
            }
        }
        self.watch_ports();
    }

    /// An address that an endpoint has left is gone: the connections that stayed there are lost.
    pub(super) fn old_address_goes_down(&mut self, endpoint: u32) {
        for index in 0..self.world.processes.len() as u32 {
            let connections = self.world.processes[index as usize].connected_to(endpoint);
            for (connection, serial) in connections {
                let path = self.engine.path.as_ref();
                if path.is_some_and(|path| path.is_at_a_gone_address(self.now, index, connection)) {
                    self.lose(index, connection, serial);
                }
            }
        }
        self.watch_ports();
    }

    /// Schedules the losses that are known before the run.
    pub(super) fn schedule_losses(&mut self) {
        let gone = self
            .engine
            .path
            .as_ref()
            .map(|path| path.old_addresses_gone());
        for (at, endpoint) in gone.unwrap_or_default() {
            let event = Event::OldAddressGoesDown { endpoint };
            self.engine.queue.schedule(at, Phase::Network, event);
        }
        let losses = self.engine.servers.as_ref().map(|it| it.losses());
        for (at, endpoint) in losses.unwrap_or_default() {
            let event = Event::ServerGoesDown { endpoint };
            self.engine.queue.schedule(at, Phase::Network, event);
        }
    }
}
