//! `sweep.parquet` holds what `sweep.csv` holds, however the sweep came about.
use crate::support::leak::LEAK;
use assert_cmd::Command;
use parquet::file::reader::{FileReader, SerializedFileReader};
use parquet::record::Field;
use spsim::inside::cli::journal::checked;
use spsim::inside::words::number::with_point;
use std::fs::{self, File};
use std::path::Path;

/// A leak with a strategy whose name must be quoted.
fn leak() -> String {
    LEAK.replace("4 groups", "4, \\\"groups\\\"")
}

/// A text, a number with fractions, a time, and a seed that no double holds.
const GRID: [&str; 10] = [
    "sweep",
    "leak.toml",
    "--vary",
    "machine.ports=10..40:log:3,linux",
    "--vary",
    "workload.orders.arrivals.poisson.rate=5,10.25",
    "--vary",
    "client.app.max-idle-time=1s..3s:lin:2",
    "--vary",
    "seed=9007199254740993,2",
];

fn spsim(folder: &Path, args: &[&str]) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_spsim"));
    command.current_dir(folder).args(args).assert().success();
}

fn grid(folder: &Path, more: &[&str]) {
    spsim(folder, &[&GRID, more].concat());
}

/// The values of a row, as `sweep.csv` writes them.
fn texts(row: &parquet::record::Row) -> Vec<String> {
    let text = |field: &Field| match field {
        Field::Null => String::new(),
        Field::Str(text) => text.clone(),
        Field::Double(number) => with_point(number.to_string()),
        other => panic!("neither a text nor a double: {other:?}"),
    };
    row.get_column_iter()
        .map(|(_, field)| text(field))
        .collect()
}

/// Compares every value and name in a folder's two tables; how many rows there are.
fn compare(folder: &Path) -> usize {
    let mut table = csv::Reader::from_path(folder.join("sweep.csv")).expect("a table");
    let file = File::open(folder.join("sweep.parquet")).expect("it is there");
    let reader = SerializedFileReader::new(file).expect("Parquet");
    let schema = reader.metadata().file_metadata().schema_descr();
    let names: Vec<&str> = schema.columns().iter().map(|it| it.name()).collect();
    assert_eq!(table.headers().expect("names"), names.as_slice());
    let typed: Vec<_> = reader.get_row_iter(None).expect("rows").collect();
    let written: Vec<_> = table.records().collect();
    assert_eq!(typed.len(), written.len());
    for (typed, written) in typed.iter().zip(&written) {
        let (typed, written) = (typed.as_ref(), written.as_ref());
        let typed = texts(typed.expect("a row"));
        // Values of a key that are all whole are written so, and are numbers all the same.
        let as_typed = |(cell, typed): (&str, &String)| match cell.parse::<i64>() {
            Ok(_) if typed.ends_with(".0") => with_point(cell.into()),
            _ => cell.to_owned(),
        };
        let cells = written.expect("a row").iter().zip(&typed);
        let written: Vec<String> = cells.map(as_typed).collect();
        assert_eq!(typed, written);
    }
    typed.len()
}

#[test]
fn every_value_is_that_of_the_table_whether_whole_merged_or_resumed() {
    let folder = tempfile::tempdir().expect("a folder");
    let root = folder.path();
    fs::write(root.join("leak.toml"), leak()).expect("written");
    grid(root, &["--replications", "3", "--out", "whole"]);
    assert_eq!(compare(&root.join("whole")), 4 * 2 * 2 * 2 * 2);
    let whole = fs::read(root.join("whole/sweep.parquet")).expect("there");

    for shard in ["2/3", "3/3", "1/3"] {
        grid(
            root,
            &["--replications", "3", "--out", "parts", "--shard", shard],
        );
    }
    spsim(root, &["sweep", "--merge", "parts"]);
    assert_eq!(
        fs::read(root.join("parts/sweep.parquet")).expect("there"),
        whole
    );

    // Killed after the table, before what follows from it: the same command makes up for it.
    fs::remove_file(root.join("whole/sweep.parquet")).expect("removed");
    grid(root, &["--replications", "3", "--out", "whole"]);
    assert_eq!(
        fs::read(root.join("whole/sweep.parquet")).expect("there"),
        whole
    );

    // What a killed process leaves: the rows of its part with their checksums, torn in one.
    grid(
        root,
        &["--replications", "3", "--out", "torn", "--shard", "1/2"],
    );
    let part = checked(&fs::read(root.join("torn/part-1-of-2.csv")).expect("there"));
    let journal = root.join("torn/part-1-of-2.csv.unfinished");
    fs::remove_file(root.join("torn/part-1-of-2.csv")).expect("removed");
    fs::write(journal, &part[..part.len() / 2]).expect("written");
    for shard in ["1/2", "2/2"] {
        grid(
            root,
            &["--replications", "3", "--out", "torn", "--shard", shard],
        );
    }
    spsim(root, &["sweep", "--merge", "torn"]);
    assert_eq!(
        fs::read(root.join("torn/sweep.parquet")).expect("there"),
        whole
    );
}

#[test]
fn a_table_of_several_row_groups_is_whole() {
    let folder = tempfile::tempdir().expect("a folder");
    let root = folder.path();
    let tiny = leak().replace("\"5s\"", "\"100ms\"");
    fs::write(root.join("leak.toml"), tiny).expect("written");
    let args = [
        "sweep",
        "leak.toml",
        "--vary",
        "seed=1..9000:lin:9000",
        "--out",
        "many",
    ];
    spsim(root, &args);
    // More than one group of 16,384 rows.
    assert_eq!(compare(&root.join("many")), 18_000);
}
