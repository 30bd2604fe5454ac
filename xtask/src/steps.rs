//! Named steps, one after the other, and a table of how they went.

use std::time::{Duration, Instant};

use anyhow::Result;

/// Runs steps and remembers how they went.
#[derive(Default)]
pub(crate) struct Steps {
    rows: Vec<Row>,
}

struct Row {
    name: &'static str,
    passed: bool,
    took: Duration,
}

impl Steps {
    /// Runs one step. A failure does not end the run: the steps after it may still tell something.
    pub(crate) fn run(&mut self, name: &'static str, step: impl FnOnce() -> Result<bool>) {
        println!("\n== {name}");
        let start = Instant::now();
        let passed = step().unwrap_or_else(|error| {
            eprintln!("error: {error:#}");
            false
        });
        self.rows.push(Row { name, passed, took: start.elapsed() });
    }

    /// Prints the table and the last line; whether all went well.
    pub(crate) fn finish(self) -> bool {
        println!("\n{:<12} {:<8} {:>7}", "step", "result", "minutes");
        for row in &self.rows {
            let result = if row.passed { "passed" } else { "FAILED" };
            println!("{:<12} {result:<8} {:>7.1}", row.name, row.took.as_secs_f64() / 60.0);
        }
        let failed = self.rows.iter().filter(|row| !row.passed).count();
        println!("{} passed, {failed} failed", self.rows.len() - failed);
        failed == 0
    }
}
