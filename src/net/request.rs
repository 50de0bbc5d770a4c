//! Requests in the system, and the lists in which they wait.
//!
//! A wait list is an object of its own that a connection owns, so that when a connection dies
//! its whole list can be handed to another at once: the requests in it refer to the list, not
//! to the connection. That keeps the cost of an overloaded group independent of its queue.

use crate::kernel::{Arena, TimerId, arena_id};
use crate::model::{ClientPerRequest, GroupName};
use crate::net::ConnectionId;
use crate::units::{SimSpan, SimTime};

arena_id!(
    /// A request that has not ended.
    RequestId,
    "request"
);
arena_id!(
    /// A list of waiting requests.
    WaitListId,
    "wait-list"
);

/// One `HttpWebRequest` between submit and end. It has no body, so none outlasts its response
/// (CN-13).
#[derive(Clone, Copy, PartialEq, Debug)]
#[allow(
    clippy::struct_excessive_bools,
    reason = "each is a property of HttpWebRequest"
)]
pub struct Request {
    /// How many requests there were before it: names it forever.
    pub serial: u64,
    /// The remote endpoint it goes to.
    pub endpoint: u32,
    /// Its process.
    pub process: u32,
    /// Its workload.
    pub workload: u32,
    /// Its `ConnectionGroupName`.
    pub group: GroupName,
    /// `KeepAlive`; an expired lease turns it off (TM-6).
    pub keep_alive: bool,
    /// `Pipelined` and without a body; a re-submit turns it off (FL-2).
    pub pipelined: bool,
    /// Both of these as the program set them.
    set_by_program: (bool, bool),
    /// Whether its group is closed when it ends (CG-9, facts M5).
    pub closes_group: bool,
    /// Whether it has an `HttpClient` of its own (NC-3, HC-11..HC-13).
    #[allow(
        clippy::struct_field_names,
        reason = "the key of a scenario is called so"
    )]
    pub client_per_request: ClientPerRequest,
    /// Whether the program neither reads nor disposes its response (CN-4, HC-15).
    pub left_open: bool,
    /// Its response is there and left open: to everybody but its connection it has ended.
    pub has_ended: bool,
    /// Whether its program closes the response, some time after it is there: `response` is then
    /// how long it takes to be there, which is all that its own timeout watches.
    pub closed_by_program: bool,
    /// Whether it goes to the ServicePoint that the program holds (SP-9).
    pub held: bool,
    /// It failed once and was re-submitted as recoverable (FL-3).
    pub once_failed: bool,
    /// Whether its host decides when it is answered: `response` is then only the work in it.
    pub answer_is_open: bool,
    /// How far its response has come, where that is told apart (AS-7).
    pub headers: Headers,
    /// The answer that is being read says 503.
    pub turned_away: bool,
    /// Whether its program may try it again.
    pub may_retry: bool,
    /// Whether its response time came with it (a trace's, a timeline's) and is no draw.
    pub brings_response: bool,
    /// When the program asked for it: what latency counts from.
    pub arrived: SimTime,
    /// When this attempt was submitted.
    pub submitted: SimTime,
    /// From sending it to the end of its response; `None` when somebody else completes it.
    pub response: Option<SimSpan>,
    /// When its answer is there to be read, as far as its connection keeps track of that
    /// (pipelines, AS-5); [`SimTime::NEVER`] else.
    pub answer_at: SimTime,
    /// How long a connect takes, should it need one.
    pub connect_time: SimSpan,
    /// When its own timeout ends it; [`SimTime::NEVER`] without one (TM-5).
    pub deadline: SimTime,
    /// How often it was tried before.
    pub attempt: u32,
    /// What its host remembers it by.
    pub tag: u64,
    /// Where it is.
    pub place: Place,
    /// When this attempt came to a connection, or one began to connect for it: its wait for one
    /// ended then. [`SimTime::NEVER`] while it waits.
    pub connection_at: SimTime,
    /// Its timeout, while it has to be watched.
    pub(super) timer: Option<TimerId>,
    pub(super) previous: RequestId,
    pub(super) next: RequestId,
}

/// How far a response has come, where its headers and its end are not one moment.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Headers {
    /// Not read.
    NotRead,
    /// There, behind another response of their pipeline.
    Waiting {
        /// They say `Connection: close`.
        closes: bool,
    },
    /// Read.
    Read,
}

/// Where a request is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Place {
    /// Not submitted yet, or between two connections.
    Nowhere,
    /// On a wait list.
    Waiting(WaitListId),
    /// Sent, or to be sent once its connection is connected.
    OnConnection(ConnectionId),
}

/// A request as it is known outside: a number that is its own for the whole run.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct RequestView {
    /// How many requests there were before it.
    pub serial: u64,
    /// Index of its workload.
    pub workload: u32,
    /// Index of its process.
    pub process: u32,
    /// The remote endpoint it goes to.
    pub endpoint: u32,
    /// Its `ConnectionGroupName`.
    pub group: GroupName,
    /// When the program asked for it.
    pub arrived: SimTime,
    /// When this attempt was submitted.
    pub submitted: SimTime,
    /// When it came to a connection, or one began to connect for it; [`SimTime::NEVER`] while it
    /// waits.
    pub connection_at: SimTime,
}

impl Request {
    /// It as it is known outside.
    #[inline(always)]
    pub const fn view(&self) -> RequestView {
        RequestView {
            serial: self.serial,
            workload: self.workload,
            process: self.process,
            endpoint: self.endpoint,
            group: self.group,
            arrived: self.arrived,
            submitted: self.submitted,
            connection_at: self.connection_at,
        }
    }

    /// A request with its fields at their plainest: to be filled in by who makes it.
    #[inline(always)]
    pub fn new(serial: u64, now: SimTime, group: GroupName) -> Request {
        Request {
            serial,
            endpoint: 0,
            process: 0,
            workload: 0,
            group,
            keep_alive: true,
            pipelined: false,
            set_by_program: (true, false),
            closes_group: false,
            client_per_request: ClientPerRequest::No,
            left_open: false,
            has_ended: false,
            closed_by_program: false,
            held: false,
            once_failed: false,
            answer_is_open: false,
            headers: Headers::NotRead,
            turned_away: false,
            may_retry: false,
            brings_response: false,
            arrived: now,
            submitted: now,
            response: None,
            answer_at: SimTime::NEVER,
            connect_time: SimSpan::ZERO,
            deadline: SimTime::NEVER,
            attempt: 0,
            tag: 0,
            place: Place::Nowhere,
            connection_at: SimTime::NEVER,
            timer: None,
            previous: RequestId::NONE,
            next: RequestId::NONE,
        }
    }

    /// The program sets `KeepAlive` and `Pipelined`.
    pub const fn set(&mut self, keep_alive: bool, pipelined: bool) {
        self.keep_alive = keep_alive;
        self.pipelined = pipelined;
        self.set_by_program = (keep_alive, pipelined);
    }

    /// The same request as the program makes it again after a failure: a new object, on which the
    /// attempt before it has left no mark.
    pub fn again(&self) -> Request {
        let mut again = Request {
            endpoint: self.endpoint,
            process: self.process,
            workload: self.workload,
            closes_group: self.closes_group,
            client_per_request: self.client_per_request,
            left_open: self.left_open,
            closed_by_program: self.closed_by_program,
            held: self.held,
            answer_is_open: self.answer_is_open,
            may_retry: self.may_retry,
            brings_response: self.brings_response,
            response: self.response,
            connect_time: self.connect_time,
            attempt: self.attempt + 1,
            tag: self.tag,
            ..Request::new(self.serial, self.arrived, self.group)
        };
        let (keep_alive, pipelined) = self.set_by_program;
        again.set(keep_alive, pipelined);
        again
    }

    /// It has a connection: sent, or to be sent once that is connected.
    #[inline(always)]
    pub(super) fn comes_to(&mut self, connection: ConnectionId, now: SimTime) {
        self.place = Place::OnConnection(connection);
        self.waits_no_longer(now);
    }

    /// A connection is there for it, or begins to connect for it.
    #[inline(always)]
    pub(super) fn waits_no_longer(&mut self, now: SimTime) {
        self.connection_at = self.connection_at.min(now);
    }

    /// Whether its response, if it is sent now, ends before its own timeout would. At the same
    /// instant the timeout wins: timers fire before the network is read.
    #[inline]
    pub fn completes_in_time(&self, now: SimTime) -> bool {
        match self.response {
            Some(response) if !self.answer_is_open => now.saturating_add(response) < self.deadline,
            _ => self.deadline == SimTime::NEVER,
        }
    }

    /// When its answer is there, if it is sent now; [`SimTime::NEVER`] when that is not known.
    #[inline]
    pub fn answered_if_sent(&self, now: SimTime) -> SimTime {
        match self.response {
            Some(response) if !self.answer_is_open && !self.closed_by_program => {
                now.saturating_add(response)
            }
            _ => SimTime::NEVER,
        }
    }
}

impl Default for Request {
    fn default() -> Request {
        Request::new(0, SimTime::ZERO, GroupName::UNNAMED)
    }
}

/// A list of waiting requests with what decides whether they can move together.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct WaitList {
    /// The first to be served.
    pub head: RequestId,
    /// The last.
    pub tail: RequestId,
    /// How many wait.
    pub len: u32,
    /// How many of them ask for `KeepAlive = false`.
    pub non_keep_alive: u32,
    /// How many of them may be pipelined.
    pub pipelined: u32,
    /// The connection whose list it is.
    pub owner: ConnectionId,
}

/// Every request of the machine that has not ended, and their wait lists.
#[derive(Clone, Debug, Default)]
pub struct Requests {
    known: Arena<RequestId, Request>,
    /// How many of them have ended, and are here for their connections' sake alone.
    n_ended: usize,
    lists: Arena<WaitListId, WaitList>,
}

impl core::ops::Index<RequestId> for Requests {
    type Output = Request;
    #[inline]
    fn index(&self, id: RequestId) -> &Request {
        &self.known[id]
    }
}

impl core::ops::IndexMut<RequestId> for Requests {
    #[inline]
    fn index_mut(&mut self, id: RequestId) -> &mut Request {
        &mut self.known[id]
    }
}

impl Requests {
    /// Takes a request into the system.
    #[inline(always)]
    pub fn insert(&mut self, request: Request) -> RequestId {
        self.known.insert_in_place(request)
    }

    /// Takes a request into the system that is written into its place by the caller.
    #[inline(always)]
    pub fn open(&mut self) -> (RequestId, &mut Request) {
        self.known.open()
    }

    /// Forgets every request; keeps its memory.
    pub fn clear(&mut self) {
        self.known.clear();
        self.n_ended = 0;
        self.lists.clear();
    }

    /// Lets a request that has ended go.
    #[inline]
    pub fn remove(&mut self, id: RequestId) {
        // Whoever still holds the number can see that it is nobody's.
        self.known[id].place = Place::Nowhere;
        self.n_ended -= usize::from(self.known[id].has_ended);
        self.known.remove(id);
    }

    /// A request has ended whose response is left open: its connection still holds it.
    pub fn mark_ended(&mut self, id: RequestId) {
        debug_assert!(!self.known[id].has_ended);
        self.known[id].has_ended = true;
        self.n_ended += 1;
    }

    /// How many requests have not ended.
    pub fn len(&self) -> usize {
        self.known.len() - self.n_ended
    }

    /// Those that have not ended, in order of their numbers. Linear.
    pub fn ids(&self) -> impl Iterator<Item = RequestId> + '_ {
        let all = self.known.ids().into_iter();
        all.filter(|id| !self.known[*id].has_ended)
    }

    /// The wait list with this number.
    #[inline]
    pub fn list(&self, id: WaitListId) -> &WaitList {
        &self.lists[id]
    }

    /// Puts a request at the end of `owner`'s wait list, which is opened when there is none.
    pub fn push_waiter(&mut self, list: &mut WaitListId, owner: ConnectionId, id: RequestId) {
        if list.is_none() {
            *list = self.open_list(owner);
        }
        self.append(*list, id);
    }

    /// Takes the first waiter off a list; the list is closed when it was the last.
    pub fn pop_waiter(&mut self, list: &mut WaitListId) -> Option<RequestId> {
        if list.is_none() {
            return None;
        }
        let head = self.lists[*list].head;
        self.remove_waiter(list, head);
        Some(head)
    }

    /// Takes a waiter off its list; the list is closed when it was the last.
    pub fn remove_waiter(&mut self, list: &mut WaitListId, id: RequestId) {
        self.unlink(*list, id);
        if self.lists[*list].len == 0 {
            self.lists.remove(*list);
            *list = WaitListId::NONE;
        }
    }

    /// Moves the first `count` waiters of `from` (at least that many) to the end of `owner`'s
    /// list `to`. Costs the shorter of what moves and what stays, and never more than the
    /// shorter list when everything moves.
    pub fn move_waiters(
        &mut self,
        from: &mut WaitListId,
        count: u32,
        to: &mut WaitListId,
        owner: ConnectionId,
    ) {
        let stays = self.lists[*from].len - count;
        if stays == 0 {
            let whole = core::mem::replace(from, WaitListId::NONE);
            self.append_list(to, whole, owner);
        } else if count <= stays {
            for _ in 0..count {
                let head = self.lists[*from].head;
                self.unlink(*from, head);
                if to.is_none() {
                    *to = self.open_list(owner);
                }
                self.append(*to, head);
            }
        } else {
            // The rest is shorter: move it aside, hand the list over whole.
            let rest = self.open_list(self.lists[*from].owner);
            for _ in 0..stays {
                let tail = self.lists[*from].tail;
                self.unlink(*from, tail);
                self.prepend(rest, tail);
            }
            let whole = core::mem::replace(from, rest);
            self.append_list(to, whole, owner);
        }
    }

    /// Appends the whole list `tail` to `to`, relabelling the shorter of the two.
    fn append_list(&mut self, to: &mut WaitListId, tail: WaitListId, owner: ConnectionId) {
        if to.is_none() {
            self.lists[tail].owner = owner;
            *to = tail;
        } else if self.lists[*to].len <= self.lists[tail].len {
            while self.lists[*to].len > 0 {
                let last = self.lists[*to].tail;
                self.unlink(*to, last);
                self.prepend(tail, last);
            }
            self.lists.remove(*to);
            self.lists[tail].owner = owner;
            *to = tail;
        } else {
            while self.lists[tail].len > 0 {
                let first = self.lists[tail].head;
                self.unlink(tail, first);
                self.append(*to, first);
            }
            self.lists.remove(tail);
        }
    }

    fn open_list(&mut self, owner: ConnectionId) -> WaitListId {
        self.lists.insert(WaitList {
            head: RequestId::NONE,
            tail: RequestId::NONE,
            len: 0,
            non_keep_alive: 0,
            pipelined: 0,
            owner,
        })
    }

    fn append(&mut self, list: WaitListId, id: RequestId) {
        let tail = self.lists[list].tail;
        let request = &mut self.known[id];
        request.previous = tail;
        request.next = RequestId::NONE;
        if tail.is_none() {
            self.lists[list].head = id;
        } else {
            self.known[tail].next = id;
        }
        self.lists[list].tail = id;
        self.joined(list, id);
    }

    fn prepend(&mut self, list: WaitListId, id: RequestId) {
        let head = self.lists[list].head;
        let request = &mut self.known[id];
        request.previous = RequestId::NONE;
        request.next = head;
        if head.is_none() {
            self.lists[list].tail = id;
        } else {
            self.known[head].previous = id;
        }
        self.lists[list].head = id;
        self.joined(list, id);
    }

    fn joined(&mut self, list: WaitListId, id: RequestId) {
        let request = &mut self.known[id];
        request.place = Place::Waiting(list);
        let entry = &mut self.lists[list];
        entry.len += 1;
        entry.non_keep_alive += u32::from(!request.keep_alive);
        entry.pipelined += u32::from(request.pipelined);
    }

    fn unlink(&mut self, list: WaitListId, id: RequestId) {
        let Request {
            previous,
            next,
            keep_alive,
            pipelined,
            ..
        } = self.known[id];
        if previous.is_none() {
            self.lists[list].head = next;
        } else {
            self.known[previous].next = next;
        }
        if next.is_none() {
            self.lists[list].tail = previous;
        } else {
            self.known[next].previous = previous;
        }
        let entry = &mut self.lists[list];
        entry.len -= 1;
        entry.non_keep_alive -= u32::from(!keep_alive);
        entry.pipelined -= u32::from(pipelined);
        self.known[id].place = Place::Nowhere;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::vec::Vec;

    /// What nobody holds back is there when its time is over, which decides who waits in a
    /// pipeline (AS-5); what its program closes, or nobody answers, may be there at any time.
    #[test]
    fn a_plain_request_is_answered_in_its_own_time() {
        let now = SimTime::ZERO + SimSpan::from_seconds(1);
        let mut request = Request::new(0, now, GroupName::UNNAMED);
        assert_eq!(request.answered_if_sent(now), SimTime::NEVER);
        let response = SimSpan::from_seconds(2);
        request.response = Some(response);
        assert_eq!(request.answered_if_sent(now), now + response);
        request.closed_by_program = true;
        assert_eq!(request.answered_if_sent(now), SimTime::NEVER);
    }

    /// CN-4: an open response keeps its request's place, not the request.
    #[test]
    fn a_request_whose_response_is_left_open_is_no_longer_counted() {
        let mut requests = Requests::default();
        let [one, other] = [0, 1]
            .map(|serial| requests.insert(Request::new(serial, SimTime::ZERO, GroupName::UNNAMED)));
        requests.mark_ended(one);
        let left = |requests: &Requests| requests.ids().collect::<Vec<_>>();
        assert_eq!((requests.len(), left(&requests)), (1, vec![other]));
        assert!(requests[one].has_ended && !requests[other].has_ended);
        requests.remove(other);
        assert_eq!((requests.len(), left(&requests)), (0, vec![]));
        assert_eq!(requests[one].serial, 0, "its connection still holds it");
        requests.remove(one);
        assert_eq!((requests.len(), left(&requests)), (0, vec![]));
        requests.insert(Request::default());
        assert_eq!(requests.len(), 1, "what has gone is not counted twice");
        requests.clear();
        assert_eq!((requests.len(), left(&requests)), (0, vec![]));
    }
}
