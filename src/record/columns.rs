//! The counts of a sample, one row a column: what it is called in files, and where it is read.

use crate::sim::{ClientSample, Sample};
use core::ops::{Index, IndexMut};

macro_rules! columns {
    ($($column:ident $name:literal |$sample:ident| $value:expr;)*) => {
        /// A column of `ports.csv`, or of one of the tables of what is beyond the machines.
        #[derive(Clone, Copy, PartialEq, Eq, Debug)]
        #[allow(missing_docs, reason = "the fields of a sample that they are say what they mean")]
        pub enum Column {
            $($column),*
        }

        impl Column {
            /// Every one, in the order in which files have them.
            pub const ALL: [Column; [$($name),*].len()] = [$(Column::$column),*];

            /// What files call it.
            pub const fn name(self) -> &'static str {
                match self {
                    $(Column::$column => $name),*
                }
            }
        }

        impl Columns<i64> {
            /// The counts of a sample.
            #[allow(
                clippy::cast_possible_wrap,
                clippy::unnecessary_cast,
                reason = "counts are far below 2^63, and one is signed"
            )]
            pub fn of(sample: &Sample) -> Columns<i64> {
                Columns([$({
                    let $sample = sample;
                    ($value) as i64
                }),*])
            }
        }
    };
}

columns! {
    PortsInUse "ports_in_use" |it| it.ports_in_use;
    Connecting "connecting" |it| it.connecting;
    Busy "busy" |it| it.busy;
    Idle "idle" |it| it.idle;
    CloseWait "close_wait" |it| it.close_wait;
    TimeWait "time_wait" |it| it.time_wait;
    ServicePoints "service_points" |it| it.service_points;
    Groups "groups" |it| it.groups;
    Connections "connections" |it| it.connections;
    CurrentConnections "current_connections" |it| it.current_connections;
    Queued "queued" |it| it.queued;
    Requests "requests" |it| it.requests;
    Failed "failed" |it| it.failed;
    Opened "opened" |it| it.opened;
    Answered "answered" |it| it.answered;
    TimedOut "timed_out" |it| it.timed_out;
    Unanswered "unanswered" |it| it.unanswered;
    LatencyMicros "latency_us" |it| it.latency_us;
    SnatFlows "snat_flows" |it| it.beyond.nat_flows;
    SnatHeld "snat_held" |it| it.beyond.nat_held;
    SnatDropped "snat_dropped" |it| it.beyond.nat_dropped;
    Working "working" |it| it.beyond.service.working;
    Waiting "waiting" |it| it.beyond.service.waiting;
    ServerAnswered "answered" |it| it.beyond.service.answered;
    Wasted "wasted" |it| it.beyond.service.wasted;
    TurnedAway "turned_away" |it| it.beyond.service.turned_away;
    Sent "sent" |it| it.beyond.addresses.sent;
    ToOldAddress "to_old_address" |it| it.beyond.addresses.to_old;
}

use Column::{
    Answered, Busy, CloseWait, Connecting, Connections, CurrentConnections, Failed, Groups, Idle,
    Opened, PortsInUse, Queued, Requests, ServerAnswered, ServicePoints, TimeWait, TimedOut,
    TurnedAway, Unanswered, Waiting, Wasted, Working,
};

impl Column {
    /// Those of `ports.csv`.
    pub const PORTS: [Column; 17] = [
        PortsInUse,
        Connecting,
        Busy,
        Idle,
        CloseWait,
        TimeWait,
        ServicePoints,
        Groups,
        Connections,
        CurrentConnections,
        Queued,
        Requests,
        Failed,
        Opened,
        Answered,
        TimedOut,
        Unanswered,
    ];
    /// What it counts; of times, their unit.
    pub const fn unit(self) -> &'static str {
        match self {
            PortsInUse | Connecting | Busy | Idle | CloseWait | TimeWait => "ports",
            Column::SnatFlows | Column::SnatHeld => "SNAT ports",
            ServicePoints => "ServicePoints",
            Groups => "groups",
            Connections | CurrentConnections | Opened => "connections",
            Column::LatencyMicros => "us",
            Column::SnatDropped => "segments",
            Queued
            | Requests
            | Failed
            | Answered
            | TimedOut
            | Unanswered
            | Working
            | Waiting
            | ServerAnswered
            | Wasted
            | TurnedAway
            | Column::Sent
            | Column::ToOldAddress => "requests",
        }
    }

    /// Those of `clients.csv`: what is counted of each program.
    pub const CLIENT: [Column; 9] = [
        PortsInUse, Connecting, Busy, Idle, CloseWait, TimeWait, Requests, Failed, Opened,
    ];
    /// Those of `servers.csv`.
    pub const SERVERS: [Column; 5] = [Working, Waiting, ServerAnswered, Wasted, TurnedAway];
}

/// A number for each column.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Columns<T>([T; Column::ALL.len()]);

impl<T: Copy + Default> Default for Columns<T> {
    fn default() -> Columns<T> {
        Columns([T::default(); Column::ALL.len()])
    }
}

impl<T> Index<Column> for Columns<T> {
    type Output = T;

    fn index(&self, column: Column) -> &T {
        &self.0[column as usize]
    }
}

impl<T> IndexMut<Column> for Columns<T> {
    fn index_mut(&mut self, column: Column) -> &mut T {
        &mut self.0[column as usize]
    }
}

impl<T: Copy> Columns<T> {
    /// The numbers of some columns, in their order.
    pub fn pick<'c>(&'c self, columns: &'c [Column]) -> impl Iterator<Item = T> + 'c {
        columns.iter().map(|column| self[*column])
    }
}

impl Columns<i64> {
    /// The counts of a program; those that nobody counts by program are 0.
    pub fn of_client(client: &ClientSample) -> Columns<i64> {
        let mut sample = Sample::of_ports(client.time, &client.ports);
        (sample.requests, sample.failed) = (client.requests, client.failed);
        sample.opened = client.opened;
        Columns::of(&sample)
    }

    /// Adds those of another run.
    pub fn add(&mut self, other: &Columns<i64>) {
        for (sum, value) in self.0.iter_mut().zip(other.0) {
            *sum += value;
        }
    }

    /// The means over `n` runs.
    pub fn over(&self, n: u64) -> Columns<f64> {
        Columns(self.0.map(|sum| sum as f64 / n as f64))
    }
}
