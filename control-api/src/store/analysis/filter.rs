//! Conditions on an event's properties, in SQL.
//!
//! Properties are compared as the condition's value is: with a text as text, with a number as numbers,
//! with true or false as such. A property that is missing, or is no number where one is needed, meets
//! no condition but `notExists`, `neq` and `notIn`.

use serde_json::Value;
use sqlx::{Postgres, QueryBuilder};

use crate::domain::rules::Condition;

/// Pushes ` and …` for each condition.
pub(super) fn push_filters(query: &mut QueryBuilder<Postgres>, filters: &[Condition]) {
    for filter in filters {
        query.push(" and ");
        push_filter(query, filter);
    }
}

fn push_filter(query: &mut QueryBuilder<Postgres>, filter: &Condition) {
    let name = filter.attribute.clone().unwrap_or_default();
    let value = filter.value.as_ref().and_then(|raw| serde_json::from_str(raw.get()).ok());
    let value: Value = value.unwrap_or_default();
    match filter.operator.as_str() {
        "exists" => push_text(query, name, " is not null"),
        "notExists" => push_text(query, name, " is null"),
        "eq" => push_equal(query, name, &value),
        "neq" => push_not(query, |query| push_equal(query, name, &value)),
        "in" => push_any(query, &name, &value),
        "notIn" => push_not(query, |query| push_any(query, &name, &value)),
        "gt" => push_compared(query, name, " > ", &value),
        "gte" => push_compared(query, name, " >= ", &value),
        "lt" => push_compared(query, name, " < ", &value),
        "lte" => push_compared(query, name, " <= ", &value),
        "contains" => push_found(query, name, &value, " > 0"),
        "startsWith" => push_found(query, name, &value, " = 1"),
        "endsWith" => push_end(query, name, &value),
        // Checked before it was stored.
        _ => drop(query.push("false")),
    }
}

fn push_not(query: &mut QueryBuilder<Postgres>, push: impl FnOnce(&mut QueryBuilder<Postgres>)) {
    query.push("not coalesce(");
    push(query);
    query.push(", false)");
}

fn push_any(query: &mut QueryBuilder<Postgres>, name: &str, value: &Value) {
    query.push("(false");
    for element in value.as_array().into_iter().flatten() {
        query.push(" or ");
        push_equal(query, name.to_owned(), element);
    }
    query.push(")");
}

fn push_equal(query: &mut QueryBuilder<Postgres>, name: String, value: &Value) {
    match value {
        Value::Number(_) => push_compared(query, name, " = ", value),
        Value::Bool(_) => {
            push_text(query, name, " = ");
            query.push_bind(value.to_string());
        }
        other => {
            push_text(query, name, " = ");
            query.push_bind(other.as_str().unwrap_or_default().to_owned());
        }
    }
}

fn push_compared(query: &mut QueryBuilder<Postgres>, name: String, operator: &str, value: &Value) {
    query.push("analysis_number(");
    push_text(query, name, ")");
    query.push(operator).push_bind(value.as_f64().unwrap_or_default());
}

fn push_found(query: &mut QueryBuilder<Postgres>, name: String, value: &Value, where_: &str) {
    query.push("strpos(");
    push_text(query, name, ", ");
    query.push_bind(value.as_str().unwrap_or_default().to_owned());
    query.push(")").push(where_);
}

fn push_end(query: &mut QueryBuilder<Postgres>, name: String, value: &Value) {
    let end = value.as_str().unwrap_or_default();
    query.push("right(");
    push_text(query, name, ", ");
    query.push_bind(i32::try_from(end.chars().count()).unwrap_or(i32::MAX)).push(") = ");
    query.push_bind(end.to_owned());
}

fn push_text(query: &mut QueryBuilder<Postgres>, name: String, rest: &str) {
    query.push("event_attribute(e.properties, ").push_bind(name);
    query.push(")").push(rest);
}
