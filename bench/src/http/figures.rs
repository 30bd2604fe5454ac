//! Figures of one server.

use std::time::Duration;

use serde_json::{Value, json};

/// What a round has shown.
#[derive(Debug)]
pub(super) struct Round {
    /// One for each request.
    pub(super) latencies: Vec<Duration>,
    pub(super) elapsed: Duration,
    /// The server's CPU time, where the system tells it.
    pub(super) cpu: Option<Duration>,
}

/// The best round, and the one in the middle.
#[derive(Clone, Copy, Debug)]
pub(super) struct Spread {
    pub(super) best: f64,
    pub(super) median: f64,
}

/// Figures of all rounds.
#[derive(Debug)]
pub(super) struct Figures {
    name: &'static str,
    requests: usize,
    per_second: Spread,
    /// Microseconds per request.
    cpu: Option<Spread>,
    /// Microseconds.
    p50: f64,
    p99: f64,
}

impl Figures {
    pub(super) const HEADER: [&'static str; 6] =
        ["server", "CPU/request", "requests/s", "latency p50", "p99", "requests"];

    pub(super) fn new(name: &'static str, rounds: Vec<Round>) -> Self {
        let per_second = rounds.iter().map(|it| it.latencies.len() as f64 / it.elapsed.as_secs_f64());
        let per_second = Spread::of(per_second.map(|it| -it).collect());
        let cpu = rounds.iter().map(|it| Some(microseconds(it.cpu?) / it.latencies.len() as f64));
        let cpu = cpu.collect::<Option<Vec<f64>>>().map(Spread::of);
        let mut latencies: Vec<Duration> = rounds.into_iter().flat_map(|it| it.latencies).collect();
        latencies.sort_unstable();
        let percentile = |percent: usize| microseconds(latencies[(latencies.len() - 1) * percent / 100]);
        Self {
            name,
            requests: latencies.len(),
            per_second: Spread { best: -per_second.best, median: -per_second.median },
            cpu,
            p50: percentile(50),
            p99: percentile(99),
        }
    }

    /// CPU time per request against another server's.
    pub(super) fn ratio_to(&self, other: &Self) -> Option<Spread> {
        let (own, other) = (self.cpu?, other.cpu?);
        Some(Spread { best: own.best / other.best, median: own.median / other.median })
    }

    pub(super) fn row(&self) -> Vec<String> {
        let cpu = |cpu: Spread| format!("{:.2} µs ({:.2})", cpu.best, cpu.median);
        vec![
            self.name.to_owned(),
            self.cpu.map_or_else(|| "not available".to_owned(), cpu),
            format!("{:.0} ({:.0})", self.per_second.best, self.per_second.median),
            format!("{:.0} µs", self.p50),
            format!("{:.0} µs", self.p99),
            self.requests.to_string(),
        ]
    }

    pub(super) fn json(&self) -> Value {
        json!({"requests": self.requests, "requests_per_second": self.per_second.best,
            "requests_per_second_median": self.per_second.median, "cpu_us": self.cpu.map(|it| it.best),
            "cpu_us_median": self.cpu.map(|it| it.median), "p50_us": self.p50, "p99_us": self.p99})
    }
}

impl Spread {
    /// Of figures where less is better.
    fn of(mut figures: Vec<f64>) -> Self {
        figures.sort_by(f64::total_cmp);
        Self { best: figures[0], median: figures[figures.len() / 2] }
    }
}

fn microseconds(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1e6
}
