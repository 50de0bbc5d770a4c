//! One arm per event.

use super::event::{Event, HeldBackId, SentRequest};
use super::plain::is_awaited;
use super::{Observation, Observer, Sample, Simulation, TraceError, instances};
use crate::kernel::Phase;
use crate::model::GroupName;
use crate::model::workload::Action;
use crate::net::{ConnectionId, ConnectionManager, Failure, Net, Request, RequestId, Setting};
use crate::units::{SimSpan, SimTime};

/// Calls a process with everything it acts upon.
macro_rules! with_process {
    ($simulation:expr, $index:expr, |$process:ident, $net:ident| $call:expr) => {{
        let index = $index;
        $simulation.engine.process = index;
        $simulation.engine.observer.turn_to(index);
        let $process = &mut $simulation.world.processes[index as usize];
        let instance = $simulation.instances.of_process(index);
        let client = $simulation.instances.client_of(index);
        $simulation.world.ports[instance].turn_to(client);
        let $net = &mut Net {
            now: $simulation.now,
            ports: &mut $simulation.world.ports[instance],
            requests: &mut $simulation.world.requests,
            host: &mut $simulation.engine,
        };
        let done = $call;
        if $simulation.engine.observer.observes_each_step() {
            let process = &mut $simulation.world.processes[index as usize];
            for change in process.take_timer_changes() {
                let observation = Observation::of_timer(change);
                $simulation
                    .engine
                    .observer
                    .observe($simulation.now, observation);
            }
        }
        if $simulation.wakes.are_many() {
            let process = &$simulation.world.processes[index as usize];
            $simulation.wakes.set(index, process.next_wake());
        }
        done
    }};
}

pub(super) use with_process;

impl<O: Observer + ?Sized> Simulation<'_, '_, O> {
    #[inline(always)]
    pub(super) fn apply(&mut self, event: Event) -> Result<(), TraceError> {
        match event {
            Event::ResponseArrived {
                to: SentRequest::Numbered { id, serial },
                closes,
            } => self.response_arrived(id, serial, closes),
            Event::ResponseArrived {
                to: SentRequest::Exchange(id),
                ..
            } => self.exchange_answered(id),
            Event::Arrival { workload } => {
                self.request_arrives(workload);
                let source = &mut self.engine.sources[workload as usize];
                if let Some(at) = source.next_arrival(self.now)? {
                    let event = Event::Arrival { workload };
                    self.engine
                        .queue
                        .schedule_recurring(at, Phase::Arrival, event);
                }
            }
            Event::UserAsks { workload } => self.request_arrives(workload),
            Event::ConnectAnswered {
                process,
                connection,
                serial,
            } => {
                self.connect_answered(process, connection, serial);
            }
            Event::ConnectGoesOn {
                process,
                connection,
                serial,
            } => {
                self.connect_goes_on(process, connection, serial);
            }
            Event::JobMoves { job, serial } => self.job_moves(job, serial),
            Event::HeadersArrived {
                request,
                serial,
                connection,
                closes,
            } => self.headers_arrived(request, serial, connection, closes),
            Event::ConnectionReset { request, serial } => self.connection_reset(request, serial),
            Event::ServerGoesDown { endpoint } => self.server_goes_down(endpoint),
            Event::Resume(id) => self.resume(id),
            Event::TimelineAction { workload } => self.timeline_action(workload),
            Event::OldAddressGoesDown { endpoint } => self.old_address_goes_down(endpoint),
            Event::CloseGroups { policy } => self.close_groups(policy),
            Event::CollectGarbage { process } => self.collect_garbage(process),
            Event::WarmedUp => self.restart_totals(),
            Event::Sample => self.sample(),
        }
        Ok(())
    }

    /// The timers of the first process whose thread makes a pass now.
    pub(super) fn fire_timers(&mut self) {
        if self.wakes.are_many() {
            let index = self.wakes.first();
            with_process!(self, index, |process, net| process.fire_timers(net));
            self.watch_ports();
            return;
        }
        for index in 0..self.world.processes.len() as u32 {
            if self.world.processes[index as usize].next_wake() == self.now {
                with_process!(self, index, |process, net| process.fire_timers(net));
                break;
            }
        }
        self.watch_ports();
    }

    /// The server of an idle connection closes it (CN-11).
    pub(super) fn server_closes(&mut self) {
        if let Some(due) = self.engine.take_fin(self.now) {
            self.engine.observer.turn_to(due.process);
            self.engine
                .observer
                .observe(self.now, Observation::ServerClosed(due.view));
            with_process!(self, due.process, |process, net| {
                process.server_closed(net, due.view.id);
            });
        }
    }

    #[inline(always)]
    fn request_arrives(&mut self, workload: u32) {
        let source = &mut self.engine.sources[workload as usize];
        let mut request =
            source.request(self.engine.arrived, self.now, &mut self.engine.fresh_names);
        request.process = self.instances.next_process(request.process, workload);
        self.enter(request);
    }

    /// A request enters the system: submitted now, or held back by the program's throttle.
    #[inline(always)]
    fn enter(&mut self, mut request: Request) {
        self.engine.arrived += 1;
        if let Some(client) = self.engine.clients.of_process(request.process) {
            client.requests += 1;
        }
        let workload = request.workload as usize;
        if let Some(retries) = &mut self.engine.retries[workload] {
            retries.on_arrival(&mut request);
        }
        self.engine
            .observer
            .observe(self.now, Observation::RequestArrived(request.view()));
        let mut at = self.now;
        for policy in &mut self.policies {
            at = at.max(policy.on_arrival(self.now, request.workload));
        }
        if at > self.now {
            let id = self.engine.held_back.insert(request);
            self.engine
                .queue
                .schedule(at, Phase::Arrival, Event::Resume(id));
            return;
        }
        self.submit(request);
    }

    #[inline(always)]
    fn submit(&mut self, mut request: Request) {
        request.submitted = self.now;
        request.deadline = self
            .now
            .saturating_add(self.engine.sources[request.workload as usize].timeout);
        self.engine
            .observer
            .observe(self.now, Observation::RequestSubmitted(request.view()));
        let from = request.workload;
        for (index, policy) in (0..).zip(&mut self.policies) {
            let (process, endpoint) = (request.process, request.endpoint);
            let call = policy.on_submit(self.now, from, process, endpoint, request.group);
            if let Some(at) = call {
                let event = Event::CloseGroups { policy: index };
                let at = at.max(self.now);
                self.engine.queue.schedule(at, Phase::Arrival, event);
            }
        }
        let (index, tag, workload) = (request.process, request.tag, request.workload);
        let id = self.world.requests.insert(request);
        if tag > 0 {
            self.engine
                .timeline_requests
                .insert((workload, tag - 1), id);
        }
        with_process!(self, index, |process, net| process.submit(net, id));
        self.watch_ports();
    }

    fn resume(&mut self, id: HeldBackId) {
        let request = self.engine.held_back[id];
        self.engine.held_back.remove(id);
        self.submit(request);
    }

    #[inline(always)]
    fn response_arrived(&mut self, id: RequestId, serial: u32, closes: bool) {
        let request = &self.world.requests[id];
        if !is_awaited(request, serial, self.now) {
            return;
        }
        if closes && !self.engine.remotes[request.endpoint as usize].says_close {
            self.answered_and_closed(id);
            return;
        }
        let index = request.process;
        with_process!(self, index, |process, net| process
            .response_completed(net, id, closes));
        self.watch_ports();
    }

    fn connect_answered(&mut self, index: u32, id: ConnectionId, serial: u32) {
        let now = self.now;
        with_process!(self, index, |process, net| {
            if process.is_connecting(id, serial) {
                net.host.connected(now, id);
                process.connected(net, id);
            }
        });
        self.watch_ports();
    }

    /// The program looks after its groups when the ports in use call for it.
    #[inline(always)]
    pub(super) fn watch_ports(&mut self) {
        if !core::mem::take(&mut self.engine.opened_one) {
            return;
        }
        if !self.policies.iter().any(|it| it.watches_ports()) {
            return;
        }
        let ports = &mut self.world.ports;
        let in_use = instances::fullest(ports, self.now).1.in_use();
        let share = f64::from(in_use) / f64::from(ports[0].limit());
        for (index, policy) in (0..).zip(&mut self.policies) {
            if policy.watches_ports() && policy.on_opened(share) {
                let event = Event::CloseGroups { policy: index };
                self.engine.queue.schedule(self.now, Phase::Arrival, event);
            }
        }
    }

    fn close_groups(&mut self, policy: u32) {
        let (names, next) = self.policies[policy as usize].call(self.now);
        for (process, endpoint, name) in names {
            self.close_group(process, endpoint, name);
        }
        if let Some(at) = next {
            let (at, event) = (at.max(self.now), Event::CloseGroups { policy });
            self.engine.queue.schedule(at, Phase::Arrival, event);
        }
    }

    fn close_group(&mut self, index: u32, endpoint: u32, name: GroupName) {
        let found = with_process!(self, index, |process, net| {
            process.close_connection_group(net, endpoint, name)
        });
        let called = Observation::GroupCloseCalled {
            endpoint,
            name,
            found,
        };
        self.engine.observer.observe(self.now, called);
    }

    /// A full garbage collection runs in a process, and the next one is due (HC-13, HC-16).
    fn collect_garbage(&mut self, process: u32) {
        with_process!(self, process, |manager, net| manager.collect_garbage(net));
        self.watch_ports();
        self.schedule_collection(process);
    }

    /// The next collection of a process that has any.
    pub(super) fn schedule_collection(&mut self, process: u32) {
        if let Some(span) = self.gc_every[self.instances.client_of(process) as usize] {
            let at = self.now.saturating_add(span);
            let event = Event::CollectGarbage { process };
            self.engine.queue.schedule(at, Phase::Arrival, event);
        }
    }

    fn timeline_action(&mut self, workload: u32) {
        let source = &mut self.engine.sources[workload as usize];
        let Some(timed) = source.times.take_action() else {
            return;
        };
        if let Some(at) = source.times.next_action_at() {
            self.engine
                .queue
                .schedule(at, Phase::Arrival, Event::TimelineAction { workload });
        }
        let (index, endpoint) = (source.client(), source.endpoint());
        match &timed.action {
            Action::Submit { .. } => {
                let serial = self.engine.arrived;
                let request = source.timeline_request(serial, self.now, &timed.action);
                if let Some(request) = request {
                    self.enter(request);
                }
            }
            Action::Complete { id, server_close } => {
                if let Some(request) = self.timeline_request(workload, *id) {
                    with_process!(self, index, |process, net| {
                        process.response_completed(net, request, *server_close)
                    });
                }
            }
            Action::Abort { id } => {
                if let Some(request) = self.timeline_request(workload, *id) {
                    with_process!(self, index, |process, net| {
                        process.abort(net, request, Failure::RequestCanceled)
                    });
                }
            }
            Action::CloseResponse { id } => {
                if let Some(request) = self.timeline_request(workload, *id) {
                    self.close_response(index, request);
                }
            }
            Action::NameGroup(name) => {
                for process in &mut self.world.processes {
                    process.register_name(name);
                }
            }
            Action::FailSockets(count) => {
                let instance = self.instances.of_process(index);
                self.world.ports[instance].fail_sockets(*count);
            }
            Action::ResetBody { id } => {
                if let Some(request) = self.timeline_request(workload, *id) {
                    with_process!(self, index, |process, net| process
                        .response_broken(net, request));
                }
            }
            Action::CloseGroup { group } => self.close_group(index, endpoint, *group),
            Action::ServerFin { group } => {
                for id in self.world.processes[index as usize].idle_connections(endpoint, *group) {
                    with_process!(self, index, |process, net| process.server_closed(net, id));
                }
            }
            Action::HoldServicePoint => {
                with_process!(self, index, |process, net| {
                    process.hold_service_point(net, endpoint);
                });
            }
            setting => {
                if let Some(change) = Setting::of_action(setting) {
                    with_process!(self, index, |process, net| {
                        process.change_setting(net, endpoint, change);
                    });
                }
            }
        }
        self.watch_ports();
    }

    fn timeline_request(&self, workload: u32, id: u64) -> Option<RequestId> {
        self.engine.timeline_requests.get(&(workload, id)).copied()
    }

    /// What was used in the warm-up does not count.
    fn restart_totals(&mut self) {
        for ports in &mut self.world.ports {
            ports.restart_totals(self.now);
        }
        if let Some(path) = &mut self.engine.path {
            path.restart_totals(self.now);
        }
    }

    /// Reads the port table, after everything else of this instant.
    fn sample(&mut self) {
        let sample = self.sample_now();
        self.engine
            .observer
            .observe(self.now, Observation::Sampled(sample));
        for sample in self.engine.clients.now(self.now, &mut self.world.ports) {
            self.engine.observer.client_sampled(sample);
        }
        let next: SimTime = self
            .now
            .saturating_add(self.sample_span.max(SimSpan::from_nanos(1)));
        if next <= self.end {
            self.engine
                .queue
                .schedule(next, Phase::Sample, Event::Sample);
        }
    }

    /// The counts now, as a sample has them.
    pub fn sample_now(&mut self) -> Sample {
        let (_, ports) = instances::fullest(&mut self.world.ports, self.now);
        let mut sample = Sample {
            requests: self.engine.arrived,
            failed: self.engine.failed,
            timed_out: self.engine.timed_out,
            unanswered: self.in_flight(),
            opened: self.engine.opened,
            ..Sample::of_ports(self.now, &ports)
        };
        for process in &self.world.processes {
            let counts = process.counts();
            sample.service_points += counts.service_points;
            sample.groups += counts.groups;
            sample.connections += counts.connections;
            sample.current_connections += counts.current_connections;
            sample.queued += counts.queued;
        }
        sample.answered = sample.requests - sample.failed - sample.unanswered;
        sample.beyond = self.engine.beyond_now(self.now);
        sample
    }
}
