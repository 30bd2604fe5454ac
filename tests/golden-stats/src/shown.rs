//! Results as fields, in the spelling of golden files.

use lotwise_stats::engine::{Comparison, Relative};
use lotwise_stats::{Interval, PValue, Refusal, Status};
use serde_json::{Map, Value, json};

pub(crate) type Fields = Map<String, Value>;

/// A number, or the word for it.
pub(crate) fn real(value: f64) -> Value {
    if value.is_nan() {
        json!("nan")
    } else if value.is_infinite() {
        json!(if value > 0.0 { "inf" } else { "-inf" })
    } else {
        json!(value)
    }
}

pub(crate) fn put(fields: &mut Fields, name: &str, value: f64) {
    fields.insert(name.to_owned(), real(value));
}

pub(crate) fn put_interval(fields: &mut Fields, name: &str, interval: Option<Interval>) {
    if let Some(interval) = interval {
        put(fields, &format!("{name}_lo"), interval.lo);
        put(fields, &format!("{name}_hi"), interval.hi);
    }
}

pub(crate) fn put_p(fields: &mut Fields, p: PValue) {
    put(fields, "p", p.p);
    put(fields, "ln_p", p.ln_p);
}

pub(crate) fn put_comparison(fields: &mut Fields, comparison: &Comparison) {
    put(fields, "diff", comparison.diff);
    put(fields, "se", comparison.se);
    put(fields, "t", comparison.t);
    put(fields, "df", comparison.df);
    put_p(fields, comparison.p);
    put_interval(fields, "ci", Some(comparison.ci));
    if let Some(relative) = &comparison.relative {
        put_relative(fields, relative);
    }
}

fn put_relative(fields: &mut Fields, relative: &Relative) {
    put(fields, "rel", relative.rel);
    put_interval(fields, "rel", relative.rel_ci);
    fields.insert("rel_unbounded".to_owned(), json!(relative.rel_unbounded));
    put(fields, "rel_delta_se", relative.rel_delta_se);
    put_interval(fields, "rel_delta", Some(relative.rel_delta_ci));
}

/// A result's fields with the status `ok`, or the status and what goes with it.
pub(crate) fn with_status(result: Result<Fields, Refusal>) -> Fields {
    match result {
        Ok(mut fields) => {
            fields.insert("status".to_owned(), json!(Status::Ok.name()));
            fields
        }
        Err(refusal) => {
            let mut fields = Fields::new();
            fields.insert("status".to_owned(), json!(refusal.status.name()));
            if let Some(diff) = refusal.diff {
                put(&mut fields, "diff", diff);
            }
            fields
        }
    }
}
