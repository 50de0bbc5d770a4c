//! Results as data: columns for a data frame, numbers as JSON.
//!
//! `cargo run --example results_as_data`
#![allow(clippy::print_stdout, reason = "an example shows what it finds")]

use spsim::prelude::*;
use std::error::Error;

fn main() -> Result<(), Box<dyn Error>> {
    let article = BuiltIn::find("kb2551125").ok_or("it is built in")?;
    let comparison = Scenario::parse(article.toml)?.compare()?;
    let as_is = &comparison.strategies[0];
    // Polars: `Column::new(it.name.into(), it.values)`; Arrow: `Float64Array::from(it.values)`.
    for column in as_is.columns() {
        let most = column.values.iter().copied().fold(0.0, f64::max);
        println!("{:20} {:14} at most {most}", column.name, column.unit);
    }
    // Everything that was found has serde's `Serialize`.
    println!("{}", serde_json::to_string_pretty(&as_is.runs[0])?);
    Ok(())
}
