//! Figures of one server.

use std::fmt;
use std::time::Duration;

use serde_json::{Value, json};

/// What a round has shown.
#[derive(Debug)]
pub(crate) struct Round {
    /// One for each request.
    pub(crate) latencies: Vec<Duration>,
    pub(crate) elapsed: Duration,
    /// The server's CPU time, where the system tells it.
    pub(crate) cpu: Option<Duration>,
}

/// The best round, and the one in the middle.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Spread {
    pub(crate) best: f64,
    pub(crate) median: f64,
}

/// Figures of all rounds.
#[derive(Debug)]
pub(crate) struct Figures {
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
    pub(crate) const HEADER: [&'static str; 6] =
        ["server", "CPU/request", "requests/s", "latency p50", "p99", "requests"];

    pub(crate) fn new(name: &'static str, rounds: Vec<Round>) -> Self {
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

    pub(crate) fn name(&self) -> &'static str {
        self.name
    }

    /// CPU time per request against another server's.
    pub(crate) fn cpu_ratio_to(&self, other: &Self) -> Option<Spread> {
        Some(self.cpu?.ratio_to(other.cpu?))
    }

    /// Requests per second against another server's.
    pub(crate) fn rate_ratio_to(&self, other: &Self) -> Spread {
        self.per_second.ratio_to(other.per_second)
    }

    pub(crate) fn row(&self) -> Vec<String> {
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

    pub(crate) fn json(&self) -> Value {
        json!({"requests": self.requests, "requests_per_second": self.per_second.best,
            "requests_per_second_median": self.per_second.median, "cpu_us": self.cpu.map(|it| it.best),
            "cpu_us_median": self.cpu.map(|it| it.median), "p50_us": self.p50, "p99_us": self.p99})
    }
}

impl fmt::Display for Spread {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:.2} ({:.2})", self.best, self.median)
    }
}

impl Spread {
    pub(crate) fn json(self) -> Value {
        json!({"best": self.best, "median": self.median})
    }

    fn ratio_to(self, other: Self) -> Self {
        Self { best: self.best / other.best, median: self.median / other.median }
    }

    /// Of figures where less is better.
    pub(crate) fn of(mut figures: Vec<f64>) -> Self {
        figures.sort_by(f64::total_cmp);
        Self { best: figures[0], median: figures[figures.len() / 2] }
    }
}

pub(crate) fn microseconds(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1e6
}
