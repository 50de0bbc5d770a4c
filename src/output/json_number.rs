//! A number as `summary.json` writes it.

use crate::units::NANOS_PER_SECOND;
use alloc::borrow::Cow;
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::Serialize;

/// A number that is written without a fraction when it has none.
#[derive(Serialize)]
#[serde(untagged)]
pub(super) enum Number {
    Whole(i64),
    Real(f64),
}

impl Number {
    /// `value` to nine decimals: nanoseconds where it is seconds.
    pub(super) fn of(value: f64) -> Number {
        // Beyond 2^53 a float holds only whole numbers, and there is nothing to round.
        if value.abs() >= 9_007_199_254_740_992.0 {
            return Number::Real(value);
        }
        if value.fract() == 0.0 {
            return Number::Whole(value as i64);
        }
        let nanos = (value * NANOS_PER_SECOND as f64).round();
        Number::Real(nanos / NANOS_PER_SECOND as f64)
    }
}

impl JsonSchema for Number {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "Number".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        f64::json_schema(generator)
    }
}
