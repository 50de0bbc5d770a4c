//! `ports.csv` and what is beyond the machines: one row per strategy and sample.

use super::chart::beyond::share_to_old;
use super::number;
use crate::record::Sample;
use crate::study::comparison::{BEYOND_COLUMNS, CLIENT_COLUMNS, COLUMNS, columns_of};
use crate::study::{Comparison, PortsRow};
use ::csv::Writer;
use alloc::string::String;
use alloc::vec::Vec;

/// The two columns that replications add at the end: the 95 % interval of `ports_in_use`.
const INTERVAL: [&str; 2] = ["ports_in_use_lo", "ports_in_use_hi"];

/// The rows in the order of the strategies, then of time. With replications the values are
/// means and two columns are appended; a single run has no interval and no such columns.
pub(super) fn ports_csv(comparison: &Comparison) -> Vec<u8> {
    let replicated = comparison.scenario.replications > 1;
    let mut writer = Writer::from_writer(Vec::new());
    let mut record: Vec<String> = vec!["strategy".into(), "time_s".into()];
    record.extend(COLUMNS.map(String::from));
    if replicated {
        record.extend(INTERVAL.map(String::from));
    }
    write(&mut writer, &record);
    for strategy in &comparison.strategies {
        for row in &strategy.rows {
            record.clear();
            record.push(strategy.name.clone());
            record.push(number::seconds(row.time));
            record.extend(row.values.map(number::plain));
            if replicated {
                let ends = row.ports_in_use.map(|ends| [ends.low, ends.high]);
                // A missing interval is empty, never 0.
                record.extend(ends.map_or([(); 2].map(|()| String::default()), |ends| {
                    ends.map(number::plain)
                }));
            }
            write(&mut writer, &record);
        }
    }
    writer
        .into_inner()
        .expect("a vector takes every byte, so flushing cannot fail")
}

/// What each program has: a row per strategy, sample and client, in that order.
pub(super) fn clients_csv(comparison: &Comparison) -> Vec<u8> {
    let mut writer = Writer::from_writer(Vec::new());
    let mut record: Vec<String> = ["strategy", "time_s", "client"].map(String::from).to_vec();
    record.extend(CLIENT_COLUMNS.map(String::from));
    write(&mut writer, &record);
    for strategy in &comparison.strategies {
        for row in &strategy.clients {
            record.clear();
            record.push(strategy.name.clone());
            record.push(number::seconds(row.time));
            record.push(strategy.scenario.clients[row.client as usize].name.clone());
            record.extend(row.values.map(number::plain));
            write(&mut writer, &record);
        }
    }
    writer
        .into_inner()
        .expect("a vector takes every byte, so flushing cannot fail")
}

/// Ports of the NAT's fullest pool.
pub(super) fn snat_csv(comparison: &Comparison) -> Vec<u8> {
    let header = ["snat_in_use", "snat_flows", "snat_held", "snat_dropped"];
    rows_csv(comparison, &header, |_, row| {
        let [flows, held, dropped, ..] = row.beyond;
        [flows + held, flows, held, dropped]
            .map(number::plain)
            .to_vec()
    })
}

/// What servers work on and have done.
pub(super) fn servers_csv(comparison: &Comparison) -> Vec<u8> {
    rows_csv(comparison, &BEYOND_COLUMNS[3..8], |_, row| {
        row.beyond[3..8]
            .iter()
            .copied()
            .map(number::plain)
            .collect()
    })
}

/// Requests to old addresses; the share is that since the row before, empty where none was sent.
pub(super) fn addresses_csv(comparison: &Comparison) -> Vec<u8> {
    let header = ["sent", "to_old_address", "share_to_old_address"];
    rows_csv(comparison, &header, |before, row| {
        let share = before.and_then(|before| share_to_old(before, row));
        let share = share.map_or_else(String::new, number::plain);
        let [sent, to_old] = [row.beyond[8], row.beyond[9]].map(number::plain);
        vec![sent, to_old, share]
    })
}

/// A file with a row per strategy and sample, whose cells follow from the row and the one before.
fn rows_csv(
    comparison: &Comparison,
    header: &[&str],
    cells: impl Fn(Option<&PortsRow>, &PortsRow) -> Vec<String>,
) -> Vec<u8> {
    let mut writer = Writer::from_writer(Vec::new());
    let mut record: Vec<String> = vec!["strategy".into(), "time_s".into()];
    record.extend(header.iter().map(|name| String::from(*name)));
    write(&mut writer, &record);
    for strategy in &comparison.strategies {
        let mut before = None;
        for row in &strategy.rows {
            record.clear();
            record.push(strategy.name.clone());
            record.push(number::seconds(row.time));
            record.extend(cells(before, row));
            write(&mut writer, &record);
            before = Some(row);
        }
    }
    writer
        .into_inner()
        .expect("a vector takes every byte, so flushing cannot fail")
}

/// The same columns for samples taken at other instants: what each strategy's run came to.
pub(super) fn samples_csv(strategies: &[(&str, Vec<Sample>)]) -> Vec<u8> {
    let mut writer = Writer::from_writer(Vec::new());
    let mut record: Vec<String> = vec!["strategy".into(), "time_s".into()];
    record.extend(COLUMNS.map(String::from));
    write(&mut writer, &record);
    for (name, samples) in strategies {
        for sample in samples {
            record.clear();
            record.push((*name).into());
            record.push(number::seconds(sample.time));
            record.extend(columns_of(sample).map(|value| value.to_string()));
            write(&mut writer, &record);
        }
    }
    writer
        .into_inner()
        .expect("a vector takes every byte, so flushing cannot fail")
}

fn write(writer: &mut Writer<Vec<u8>>, record: &[String]) {
    writer
        .write_record(record)
        .expect("a vector takes every byte, and all records have the columns of the header");
}
