//! Raw values of units: written out, or made by a generator.

use serde_json::Value;

use crate::inputs::{count, number};

/// The values of an arm.
pub(crate) fn values(arm: &Value, _inputs: &Value) -> Result<Vec<f64>, String> {
    if let Some(values) = arm.as_array() {
        return Ok(values.iter().map(|value| number(value).unwrap_or(f64::NAN)).collect());
    }
    let _ = count;
    Err("raw values are neither an array nor made by a known generator".to_owned())
}
