//! `ports.csv` and what is beyond the machines: one row per strategy and sample.

use crate::figures::beyond;
use crate::record::Column::{SnatDropped, SnatFlows, SnatHeld};
use crate::record::{Column, Sample};
use crate::study::{ClientRow, Comparison, PortsRow, ports_csv};
use crate::units::SimTime;
use crate::words::{number, plain};
use ::csv::Writer;
use std::io::{self, Write};

/// A file of series: a row per strategy and sample, or also per program. Counts, or their means
/// where there are replications.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Table {
    /// Local ports and what is in the clients.
    Ports,
    /// What each program has: a row per strategy, sample and program, in that order.
    Clients,
    /// Ports of the NAT's fullest pool.
    Snat,
    /// What servers work on and have done.
    Servers,
    /// Requests to old addresses; the share is that since the row before, empty where none was
    /// sent.
    Addresses,
}

impl Table {
    /// The tables of a comparison, in the order in which they are written.
    pub fn all_of(comparison: &Comparison) -> Vec<Table> {
        let tables = [
            (Table::Ports, true),
            (Table::Clients, comparison.scenario.clients.len() > 1),
            (Table::Snat, beyond::has_nat(comparison)),
            (Table::Servers, beyond::has_service(comparison)),
            (Table::Addresses, beyond::has_moves(comparison)),
        ];
        let there = tables.into_iter().filter(|(_, is_there)| *is_there);
        there.map(|(table, _)| table).collect()
    }

    /// The name of its file.
    pub const fn name(self) -> &'static str {
        match self {
            Table::Ports => "ports.csv",
            Table::Clients => "clients.csv",
            Table::Snat => "snat.csv",
            Table::Servers => "servers.csv",
            Table::Addresses => "addresses.csv",
        }
    }

    fn header(self, is_replicated: bool) -> Vec<&'static str> {
        let mut header = vec!["strategy", "time_s"];
        match self {
            Table::Ports => header.extend(ports_csv::columns(is_replicated)),
            Table::Clients => {
                header.push("client");
                header.extend(Column::CLIENT.map(Column::name));
            }
            Table::Snat => {
                header.extend(["snat_in_use", "snat_flows", "snat_held", "snat_dropped"]);
            }
            Table::Servers => header.extend(Column::SERVERS.map(Column::name)),
            Table::Addresses => header.extend(["sent", "to_old_address", "share_to_old_address"]),
        }
        header
    }

    /// The cells of a row behind strategy and time, which follow from it and the row before.
    fn cells(self, before: Option<&PortsRow>, row: &PortsRow, is_replicated: bool) -> Vec<String> {
        let count = |value| ports_csv::count(value, is_replicated);
        let of = |columns: &[Column]| row.values.pick(columns).map(count).collect();
        match self {
            Table::Ports => ports_csv::cells(row, is_replicated),
            Table::Clients => unreachable!("its rows are those of programs"),
            Table::Snat => {
                let mut cells: Vec<String> = of(&[SnatFlows, SnatHeld, SnatDropped]);
                let in_use = row.values[SnatFlows] + row.values[SnatHeld];
                cells.insert(0, count(in_use));
                cells
            }
            Table::Servers => of(&Column::SERVERS),
            Table::Addresses => {
                let mut cells: Vec<String> = of(&[Column::Sent, Column::ToOldAddress]);
                let share = before.and_then(|before| beyond::share_to_old(before, row));
                let share = share.map_or_else(String::new, number::plain);
                cells.push(number::with_point(share));
                cells
            }
        }
    }
}

/// Writes a [`Table`] row by row.
#[derive(Debug)]
pub struct TableWriter<W: Write> {
    table: Table,
    is_replicated: bool,
    writer: Writer<W>,
    record: Vec<String>,
    before: Option<PortsRow>,
}

impl<W: Write> TableWriter<W> {
    /// Writes the header; `is_replicated` says whether the rows will be means.
    ///
    /// # Errors
    /// `out` does not take it.
    pub fn new(table: Table, is_replicated: bool, out: W) -> io::Result<TableWriter<W>> {
        let mut writer = Writer::from_writer(out);
        writer.write_record(table.header(is_replicated))?;
        Ok(TableWriter {
            table,
            is_replicated,
            writer,
            record: Vec::new(),
            before: None,
        })
    }

    /// The next rows are of another strategy.
    pub const fn begin_strategy(&mut self) {
        self.before = None;
    }

    /// Writes what belongs to a sample; nothing in a table of programs.
    ///
    /// # Errors
    /// The output does not take it.
    pub fn sample(&mut self, strategy: &str, row: &PortsRow) -> io::Result<()> {
        if self.table == Table::Clients {
            return Ok(());
        }
        let before = self.before.as_ref();
        let cells = self.table.cells(before, row, self.is_replicated);
        self.before = Some(*row);
        self.write(strategy, row.time, cells)
    }

    /// Writes what belongs to a program, in a table of programs.
    ///
    /// # Errors
    /// The output does not take it.
    pub fn client(&mut self, strategy: &str, name: &str, row: &ClientRow) -> io::Result<()> {
        if self.table != Table::Clients {
            return Ok(());
        }
        let mut cells = vec![plain::cell(name)];
        let count = |value| ports_csv::count(value, self.is_replicated);
        cells.extend(row.values.pick(&Column::CLIENT).map(count));
        self.write(strategy, row.time, cells)
    }

    fn write(&mut self, strategy: &str, time: SimTime, cells: Vec<String>) -> io::Result<()> {
        self.record.clear();
        self.record.push(plain::cell(strategy));
        self.record.push(number::seconds(time));
        self.record.extend(cells);
        Ok(self.writer.write_record(&self.record)?)
    }

    /// The output, with everything in it.
    ///
    /// # Errors
    /// It does not take the last of it.
    pub fn finish(self) -> io::Result<W> {
        self.writer
            .into_inner()
            .map_err(::csv::IntoInnerError::into_error)
    }
}

/// A whole table: the rows in the order of the strategies, then of time.
pub(super) fn table(table: Table, comparison: &Comparison) -> Vec<u8> {
    let whole = || {
        let is_replicated = comparison.scenario.replications > 1;
        let mut writer = TableWriter::new(table, is_replicated, Vec::new())?;
        for strategy in &comparison.strategies {
            writer.begin_strategy();
            for row in &strategy.rows {
                writer.sample(&strategy.name, row)?;
            }
            for row in &strategy.clients {
                let client = &strategy.scenario.clients[row.client as usize];
                writer.client(&strategy.name, &client.name, row)?;
            }
        }
        writer.finish()
    };
    whole().expect(TAKES_ALL)
}

/// Samples of single runs as CSV, in the columns of `ports.csv`: each strategy's name with its
/// samples.
pub fn samples_csv(strategies: &[(&str, Vec<Sample>)]) -> Vec<u8> {
    let whole = || {
        let mut writer = TableWriter::new(Table::Ports, false, Vec::new())?;
        for (name, samples) in strategies {
            writer.begin_strategy();
            for sample in samples {
                writer.sample(name, &PortsRow::of(sample))?;
            }
        }
        writer.finish()
    };
    whole().expect(TAKES_ALL)
}

/// Why writing into memory cannot fail.
const TAKES_ALL: &str = "a vector takes every byte, and all records have the columns of the header";
/// Writes a row into memory.
pub(super) fn write<T: AsRef<[u8]>>(
    writer: &mut Writer<Vec<u8>>,
    record: impl IntoIterator<Item = T>,
) {
    writer.write_record(record).expect(TAKES_ALL);
}

/// What was written into memory.
pub(super) fn bytes(writer: Writer<Vec<u8>>) -> Vec<u8> {
    writer.into_inner().expect(TAKES_ALL)
}
