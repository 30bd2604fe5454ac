//! Timing by rounds: the best round is the figure, the spread says how much to believe it.

use std::time::{Duration, Instant};

/// Nanoseconds per operation.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Timing {
    pub(crate) best: f64,
    pub(crate) median: f64,
}

const ROUNDS: u32 = 10;

/// Times `operation`, which does `per_call` operations, for about `seconds`.
pub(crate) fn time(seconds: f64, per_call: usize, mut operation: impl FnMut()) -> Timing {
    operation();
    let round = Duration::from_secs_f64(seconds) / ROUNDS;
    let mut figures: Vec<f64> = (0..ROUNDS)
        .map(|_| {
            let started = Instant::now();
            let mut calls = 0_u32;
            while started.elapsed() < round || calls == 0 {
                operation();
                calls += 1;
            }
            started.elapsed().as_secs_f64() * 1e9 / (f64::from(calls) * per_call as f64)
        })
        .collect();
    figures.sort_by(f64::total_cmp);
    Timing { best: figures[0], median: figures[figures.len() / 2] }
}
