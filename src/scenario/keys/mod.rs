//! Every key of a scenario file: one row each, in the table of its own noun.
//!
//! A row says what a key is called, what it means, what it may hold, what absent means, and how it
//! is read and written. Everything that knows keys iterates the rows: the reader, `check --show`
//! and the digest, the JSON Schema, strategies and suggestions.
//!
//! **To add a key:** the field in `model` (`settings.rs`, `workload.rs` …); its row in `KEYS` of
//! `machine`, `client`, `server`, `workload`, `nat` or `top`; and the code that uses the field.
//! Most rows are one `at!` with a form of `form`: `at!(FLAG, Workload.pipelined)`. A key that
//! strategies may set names its patch as well: `at!(FLAG, Workload.pipelined => Pipelined)`. A
//! value that does more than fill one field implements `Field`, or has its functions in `ByHand`.
//!
//! Does not live here: what several keys mean together (`check`).

use alloc::boxed::Box;

pub(super) mod aim;
pub(super) mod arrivals;
pub(super) mod client;
pub(super) mod form;
mod group;
mod key;
mod kind;
mod law;
pub(super) mod machine;
pub(super) mod nat;
mod retry;
pub(super) mod server;
mod service;
pub(super) mod strategy;
pub(super) mod top;
pub(super) mod verdict;
pub(super) mod workload;

pub use kind::{Kind, Row, Table};

use key::rows;
pub(super) use key::{Key, Shown, open, read, show};

/// The keys of the whole file.
pub fn scenario() -> Table {
    let mut all = rows(top::KEYS);
    let table = |keys| Kind::Table(Table { rows: keys });
    let named = |keys| Kind::Named(Table { rows: keys });
    all.extend([
        Row::new(
            "machine",
            table(rows(machine::KEYS)),
            "The host whose port table runs out.",
        ),
        Row::new(
            "verdict",
            table(rows(verdict::KEYS)),
            "From where on a run is no longer safe.",
        ),
        Row::new(
            "client",
            named(rows(client::KEYS)),
            "`[client.NAME]`: one process, with a `ServicePointManager` of its own.",
        ),
        Row::new(
            "server",
            named(rows(server::KEYS)),
            "`[server.NAME]`: one remote endpoint, a ServicePoint in each process.",
        )
        .needed(),
        Row::new(
            "workload",
            named(rows(workload::KEYS)),
            "`[workload.NAME]`: a stream of requests of one client to one server.",
        )
        .needed(),
        Row::new(
            "strategy",
            Kind::List {
                item: Box::new(Kind::Table(strategy::table())),
                least: 0,
                most: strategy::MOST_STRATEGIES,
            },
            "`[[strategy]]`: a named change of the scenario, to be compared. Without any, the \
             article's four are compared.",
        ),
        Row::new(
            "$schema",
            Kind::Text,
            "Where an editor finds the JSON Schema of this file; it changes nothing.",
        )
        .like("\"scenario.schema.json\""),
    ]);
    Table { rows: all }
}
