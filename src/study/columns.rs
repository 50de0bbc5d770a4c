//! What is counted over time, column by column: as data frames, Arrow and plots take it.

use super::RunOutput;
use super::comparison::{PortsRow, StrategyResult};
use crate::record::Column;
use alloc::vec::Vec;
use serde::{Serialize, Serializer};

/// One column of a series: a value for each instant.
#[derive(Clone, PartialEq, Debug, Serialize)]
#[non_exhaustive]
pub struct SeriesColumn {
    /// What `ports.csv` calls it: `ports_in_use`.
    pub name: &'static str,
    /// What the values are: `s`, or what is counted, such as `ports`.
    pub unit: &'static str,
    /// In order of time; means, where there are replications.
    pub values: Vec<f64>,
}

impl StrategyResult {
    /// The columns of `ports.csv`: the time, what is counted at it and, with replications, the
    /// ends of the 95% interval of the ports in use.
    ///
    /// ```
    /// use spsim::prelude::*;
    ///
    /// let article = BuiltIn::find("kb2551125").expect("it is built in");
    /// let comparison = Scenario::parse(article.toml)?.compare()?;
    /// let columns = comparison.strategies[0].columns();
    /// let [time, ports] = [&columns[0], &columns[1]];
    /// assert_eq!([time.name, time.unit], ["time_s", "s"]);
    /// assert_eq!([ports.name, ports.unit], ["ports_in_use", "ports"]);
    /// assert_eq!(time.values.len(), ports.values.len());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn columns(&self) -> Vec<SeriesColumn> {
        of(&self.rows)
    }
}

impl RunOutput {
    /// The columns of `ports.csv` for this run alone.
    pub fn columns(&self) -> Vec<SeriesColumn> {
        let rows: Vec<PortsRow> = self.samples.iter().map(PortsRow::of).collect();
        of(&rows)
    }
}

fn of(rows: &[PortsRow]) -> Vec<SeriesColumn> {
    let column = |name, unit, read: &dyn Fn(&PortsRow) -> f64| SeriesColumn {
        name,
        unit,
        values: rows.iter().map(read).collect(),
    };
    let mut columns = Vec::from([column("time_s", "s", &|row| row.time.as_seconds())]);
    let counts = Column::PORTS.into_iter();
    columns.extend(counts.map(|it| column(it.name(), it.unit(), &|row| row.values[it])));
    if rows.iter().any(|row| row.ports_in_use.is_some()) {
        let end = |row: &PortsRow, end: usize| {
            let ends = row.ports_in_use.map(|it| [it.low, it.high]);
            ends.map_or(f64::NAN, |ends| ends[end])
        };
        columns.push(column("ports_in_use_lo", "ports", &|row| end(row, 0)));
        columns.push(column("ports_in_use_hi", "ports", &|row| end(row, 1)));
    }
    columns
}

/// Rows as what they are in columns: for `serialize_with`.
pub(super) fn serialize<S: Serializer>(rows: &[PortsRow], to: S) -> Result<S::Ok, S::Error> {
    of(rows).serialize(to)
}
