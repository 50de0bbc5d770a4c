//! `sweep.parquet`: the table with types, for data frames. Behind the feature `parquet`.

use super::table::columns;
use crate::study::Axis;
use crate::study::sweep::Identity;
use crate::study::vary::Values;
use crate::words::plain;
use ::parquet::basic::{ConvertedType, Repetition, Type as PhysicalType};
use ::parquet::data_type::{ByteArray, ByteArrayType, DoubleType};
use ::parquet::errors::{ParquetError, Result};
use ::parquet::file::properties::WriterProperties;
use ::parquet::file::writer::{SerializedFileWriter, SerializedRowGroupWriter};
use ::parquet::schema::types::{Type, TypePtr};
use alloc::sync::Arc;
use std::io::{Read, Write};

/// Rows of a row group: what is held in memory.
const ROWS: usize = 16 << 10;

/// One column of a row group in the making.
enum Column {
    Texts(Vec<ByteArray>),
    /// The values that are there, and for each row whether it has one.
    Numbers(Vec<f64>, Vec<i16>),
}

impl Column {
    fn new(is_number: bool) -> Column {
        if is_number {
            Column::Numbers(Vec::new(), Vec::new())
        } else {
            Column::Texts(Vec::new())
        }
    }

    /// Adds a value; an empty text is a number that is missing.
    fn push(&mut self, text: &str) -> Result<()> {
        match self {
            Column::Texts(texts) => texts.push(text.into()),
            Column::Numbers(_, present) if text.is_empty() => present.push(0),
            Column::Numbers(values, present) => {
                let is_wrong = |_| ParquetError::General(format!("`{text}` is not a number"));
                values.push(text.parse().map_err(is_wrong)?);
                present.push(1);
            }
        }
        Ok(())
    }
}

/// Writes the table that `table` reads as CSV; keys are numbers where all their values are.
///
/// # Errors
/// The table cannot be read, or `out` cannot be written.
pub fn parquet(
    identity: &Identity,
    table: impl Read,
    out: impl Write + Send,
) -> std::io::Result<()> {
    convert(identity, table, out).map_err(std::io::Error::other)
}

fn convert(identity: &Identity, table: impl Read, out: impl Write + Send) -> Result<()> {
    let general = |error: ::csv::Error| ParquetError::General(error.to_string());
    let mut reader = ::csv::Reader::from_reader(table);
    let names: Vec<String> = reader
        .headers()
        .map_err(general)?
        .iter()
        .map(String::from)
        .collect();
    let design = identity.design();
    let design = design.map_err(|it| ParquetError::General(it.to_string()))?;
    let mut numbers: Vec<bool> = design.axes().iter().map(is_numeric).collect();
    numbers.push(false);
    numbers.resize(numbers.len() + columns(&identity.of_parts()).len(), true);
    let fields: Vec<TypePtr> = names
        .iter()
        .zip(&numbers)
        .map(|(name, is_number)| field(name, *is_number).map(Arc::new))
        .collect::<Result<_>>()?;
    let schema = Type::group_type_builder("sweep").with_fields(fields);
    let properties = Arc::new(WriterProperties::builder().build());
    let mut writer = SerializedFileWriter::new(out, Arc::new(schema.build()?), properties)?;
    let fresh = || -> Vec<Column> { numbers.iter().map(|it| Column::new(*it)).collect() };
    let (mut columns, mut rows) = (fresh(), 0);
    let mut row = ::csv::StringRecord::new();
    loop {
        let more = reader.read_record(&mut row).map_err(general)?;
        if rows == ROWS || (!more && rows > 0) {
            group(writer.next_row_group()?, &columns)?;
            (columns, rows) = (fresh(), 0);
        }
        if !more {
            break;
        }
        for (column, text) in columns.iter_mut().zip(&row) {
            column.push(plain::of_cell(text))?;
        }
        rows += 1;
    }
    writer.close()?;
    Ok(())
}

fn is_numeric(axis: &Axis) -> bool {
    match &axis.values {
        Values::List(values) => values.iter().all(|text| is_number(text)),
        Values::Range(range) => range.unit().is_none(),
    }
}

/// Whether a double stands for the text. A seed of 17 digits would become another one.
fn is_number(text: &str) -> bool {
    let is_kept = |value: &f64| match text.parse::<i128>() {
        Ok(whole) => *value as i128 == whole,
        Err(_) => value.is_finite(),
    };
    text.parse().as_ref().is_ok_and(is_kept)
}

fn field(name: &str, is_number: bool) -> Result<Type> {
    let (physical, repetition, converted) = if is_number {
        (
            PhysicalType::DOUBLE,
            Repetition::OPTIONAL,
            ConvertedType::NONE,
        )
    } else {
        (
            PhysicalType::BYTE_ARRAY,
            Repetition::REQUIRED,
            ConvertedType::UTF8,
        )
    };
    Type::primitive_type_builder(name, physical)
        .with_repetition(repetition)
        .with_converted_type(converted)
        .build()
}

fn group<W: Write + Send>(
    mut group: SerializedRowGroupWriter<'_, W>,
    columns: &[Column],
) -> Result<()> {
    for column in columns {
        let Some(mut writer) = group.next_column()? else {
            break;
        };
        match column {
            Column::Texts(texts) => {
                let texts_of = writer.typed::<ByteArrayType>();
                texts_of.write_batch(texts, None, None)?;
            }
            Column::Numbers(values, present) => {
                let numbers_of = writer.typed::<DoubleType>();
                numbers_of.write_batch(values, Some(present), None)?;
            }
        }
        writer.close()?;
    }
    group.close()?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use ::parquet::file::reader::{FileReader, SerializedFileReader};
    use ::parquet::record::Field;

    #[test]
    fn rows_are_read_back_with_their_types() {
        let identity = Identity {
            spsim: String::new(),
            scenario: String::new(),
            typed: String::new(),
            changes: Vec::new(),
            metrics: Vec::new(),
            title: String::new(),
            digest: String::new(),
            seed: 1,
            replications: 1,
            strategies: ["s".into()].into(),
            vary: ["a=1,2".into(), "b=x,3s".into()].into(),
            sample: None,
            points: 4,
            shard: None,
            shards: 1,
        };
        let names = columns(&[]);
        let mut table = format!("a,b,strategy,{}\n", names.join(","));
        let empty = ",".repeat(names.len() - 1);
        for (a, b) in [(1, "x"), (1, "3s"), (2, "x"), (2, "3s")] {
            table += &format!("{a},{b},s,0.25{empty}\n");
        }
        let mut file = tempfile::tempfile().expect("a file");
        parquet(&identity, table.as_bytes(), &mut file).expect("written");
        let reader = SerializedFileReader::new(file).expect("Parquet");
        let rows = reader.get_row_iter(None).expect("rows");
        let rows: Vec<_> = rows.map(|row| row.expect("a row")).collect();
        assert_eq!(rows.len(), 4);
        let last: Vec<&Field> = rows[3].get_column_iter().map(|(_, field)| field).collect();
        assert_eq!(last[0], &Field::Double(2.0));
        assert_eq!(last[1], &Field::Str("3s".into()));
        assert_eq!(last[3], &Field::Double(0.25));
        assert_eq!(last[4], &Field::Null);
    }

    #[test]
    fn a_number_that_a_double_cannot_hold_stays_a_text() {
        assert!(is_number("9007199254740992") && is_number("0.1") && is_number("-3e4"));
        assert!(!is_number("9007199254740993") && !is_number("linux") && !is_number("inf"));
    }

    #[test]
    fn a_damaged_table_is_an_error_and_no_missing_value() {
        let mut column = Column::new(true);
        assert!(column.push("0.5").is_ok() && column.push("").is_ok());
        assert!(column.push("0.5x").is_err());
    }
}
