//! `ports.csv`: one row per strategy and sample.

use super::number;
use crate::record::Sample;
use crate::study::Comparison;
use crate::study::comparison::{COLUMNS, columns_of};
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
