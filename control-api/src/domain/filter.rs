//! Filters of metrics: conditions on an event's properties.
//!
//! They are written like targeting conditions. Those operators are taken that mean the same in SQL.

use lotwise_core::Fault;
use serde_json::Value;

use super::rules::Condition;

/// The most filters of a metric.
const MAX_FILTERS: usize = 20;
/// The most elements of a list that a filter compares with.
const MAX_ELEMENTS: usize = 1_000;

/// Everything that is wrong with a metric's filters.
pub fn faults(filters: &[Condition]) -> Vec<Fault> {
    let mut faults = Vec::new();
    if filters.len() > MAX_FILTERS {
        let detail = format!("A metric has at most {MAX_FILTERS} filters.");
        faults.push(Fault { pointer: "/filters".to_owned(), code: "too_many", detail });
    }
    for (index, filter) in filters.iter().enumerate() {
        let mut fault = |place: &str, code: &'static str, detail: &str| {
            let pointer = format!("/filters/{index}/{place}");
            faults.push(Fault { pointer, code, detail: detail.to_owned() });
        };
        if filter.attribute.as_ref().is_none_or(|name| name.is_empty() || name.contains('\0')) {
            fault("attribute", "required", "Name the property that is looked at.");
        }
        if filter.ignore_case.is_some() {
            fault("ignoreCase", "unexpected", "Filters compare texts as they are.");
        }
        let value = filter.value.as_ref().and_then(|raw| serde_json::from_str(raw.get()).ok());
        if let Err((place, code, detail)) = check(&filter.operator, value.as_ref()) {
            fault(place, code, detail);
        }
    }
    faults
}

fn check(operator: &str, value: Option<&Value>) -> Result<(), (&'static str, &'static str, &'static str)> {
    let is_fine = match operator {
        "exists" | "notExists" => {
            return match value {
                None => Ok(()),
                Some(_) => Err(("value", "unexpected", "This operator compares with nothing.")),
            };
        }
        "eq" | "neq" => value.is_some_and(is_scalar),
        "in" | "notIn" => value
            .and_then(Value::as_array)
            .is_some_and(|list| !list.is_empty() && list.len() <= MAX_ELEMENTS && list.iter().all(is_scalar)),
        "gt" | "gte" | "lt" | "lte" => value.is_some_and(Value::is_number),
        "contains" | "startsWith" | "endsWith" => {
            value.is_some_and(|value| value.is_string() && is_scalar(value))
        }
        _ => {
            let known = "Filters know eq, neq, in, notIn, gt, gte, lt, lte, contains, startsWith, \
                         endsWith, exists and notExists.";
            return Err(("operator", "unknown_operator", known));
        }
    };
    if is_fine { Ok(()) } else { Err(("value", "wrong_operand", "This does not suit the operator.")) }
}

fn is_scalar(value: &Value) -> bool {
    match value {
        Value::String(text) => !text.contains('\0'),
        Value::Number(_) | Value::Bool(_) => true,
        _ => false,
    }
}
