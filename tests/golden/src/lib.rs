//! Golden files against the core, on whatever runtime this is compiled for.
//!
//! A golden file is JSON in one of the shapes of `tests/vectors/README.md`; which one shows by its
//! members. [`run`] takes the file's text and needs no file system, so that the same expectations
//! run natively, in WebAssembly and in a Worker.

#![no_std]

extern crate alloc;

mod cases;
mod decisions;

use alloc::string::{String, ToString};
use alloc::vec::Vec;

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// What became of a golden file.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
pub struct Report {
    /// How many expectations held.
    pub passed: usize,
    /// Those that did not.
    pub failures: Vec<Failure>,
}

/// An expectation that did not hold.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct Failure {
    /// Which case of the file.
    pub case: String,
    /// What was expected and what came.
    pub detail: String,
}

impl Report {
    fn count(&mut self, case: impl FnOnce() -> String, outcome: Result<(), String>) {
        match outcome {
            Ok(()) => self.passed += 1,
            Err(detail) => self.failures.push(Failure { case: case(), detail }),
        }
    }
}

/// What would be published of the snapshot of a golden file: the document as it stands there, and its
/// binary form. None of a file without one.
pub fn published(text: &str) -> Option<(&str, Vec<u8>)> {
    decisions::published(text)
}

/// Runs all cases of a golden file. `name` stands before each failing case.
pub fn run(name: &str, text: &str) -> Report {
    let mut report = Report::default();
    let file: Value = match serde_json::from_str(text) {
        Ok(file) => file,
        Err(error) => {
            report.count(|| name.to_string(), Err(alloc::format!("not a golden file: {error}")));
            return report;
        }
    };
    if file.get("snapshot").is_some() {
        decisions::run(name, text, &mut report);
    } else {
        cases::run(name, &file, &mut report);
    }
    if report.passed == 0 && report.failures.is_empty() {
        report.count(|| name.to_string(), Err("the file holds no cases".to_string()));
    }
    report
}
