//! Golden files of statistics: arrays of `{id, method, inputs, expected, tolerance_rel, tolerance_abs, source}`.
//!
//! A number passes when |got − expected| ≤ `tolerance_rel`·|expected| + `tolerance_abs`, a `p` by the relative term
//! alone. Infinite numbers are the strings `"inf"` and `"-inf"`, and null means absent.

#![allow(clippy::cast_precision_loss, reason = "counts of golden files enter formulas as floating point")]

mod compare;
mod inputs;
mod methods;
mod planned;
mod raw;
mod rules;
mod shown;

use serde_json::Value;

/// What became of a golden file.
#[derive(Clone, Debug, Default)]
pub struct Report {
    /// Cases that came out as expected.
    pub passed: usize,
    /// Cases that did not.
    pub failed: usize,
    /// What missed, a line each with both numbers.
    pub misses: Vec<String>,
}

impl Report {
    /// A file of which nothing could be run.
    pub fn unreadable(name: &str, why: &str) -> Self {
        Self { passed: 0, failed: 1, misses: vec![format!("{name}: {why}")] }
    }
}

/// Runs every case of a file. `name` stands before what misses.
pub fn run(name: &str, text: &str) -> Report {
    let cases = match serde_json::from_str(text) {
        Ok(Value::Array(cases)) if !cases.is_empty() => cases,
        Ok(_) => return Report::unreadable(name, "holds no array of cases"),
        Err(error) => return Report::unreadable(name, &format!("not JSON: {error}")),
    };
    let mut report = Report::default();
    for case in &cases {
        let id = case["id"].as_str().unwrap_or("a case without an id");
        let misses = misses(case);
        if misses.is_empty() {
            report.passed += 1;
        } else {
            report.failed += 1;
            report.misses.extend(misses.into_iter().map(|miss| format!("{name}: {id}: {miss}")));
        }
    }
    report
}

fn misses(case: &Value) -> Vec<String> {
    let method = case["method"].as_str().unwrap_or_default();
    let Some(expected) = case["expected"].as_object().filter(|fields| !fields.is_empty()) else {
        return vec!["nothing is expected".to_owned()];
    };
    let got = match methods::run(method, &case["inputs"]) {
        Ok(got) => got,
        Err(why) => return vec![why],
    };
    let tolerance = compare::Tolerance::of(case);
    let misses =
        expected.iter().filter_map(|(field, expected)| tolerance.miss(field, expected, got.get(field)));
    misses.collect()
}
