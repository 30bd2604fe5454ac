//! Counters and histograms that are fed where things happen.

use std::fmt;
use std::sync::LazyLock;
use std::time::Duration;

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::encoding::text::encode_registry;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::Registry;

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct Answer {
    route: String,
    method: &'static str,
    status: u16,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct Outcome {
    outcome: &'static str,
}

struct Meters {
    registry: Registry,
    requests: Family<Answer, Counter>,
    durations: Family<Answer, Histogram, fn() -> Histogram>,
    publishes: Family<Outcome, Counter>,
    publishing: Family<Outcome, Histogram, fn() -> Histogram>,
}

/// Upper ends of the buckets of answers, in seconds: decisions take microseconds, results seconds.
const ANSWER_SECONDS: [f64; 12] =
    [0.000_1, 0.000_5, 0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1.0, 2.5, 10.0];

/// Upper ends of the buckets of publishes, in seconds.
const PUBLISH_SECONDS: [f64; 9] = [0.01, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0, 30.0];

static METERS: LazyLock<Meters> = LazyLock::new(Meters::new);

impl Meters {
    fn new() -> Self {
        let mut registry = Registry::default();
        let requests = Family::<Answer, Counter>::default();
        let answer: fn() -> Histogram = || Histogram::new(ANSWER_SECONDS);
        let durations = Family::new_with_constructor(answer);
        let publishes = Family::<Outcome, Counter>::default();
        let publish: fn() -> Histogram = || Histogram::new(PUBLISH_SECONDS);
        let publishing = Family::new_with_constructor(publish);
        registry.register("http_requests", "Answers by route, method and status", requests.clone());
        registry.register(
            "http_request_duration_seconds",
            "Time until answers began, by route, method and status",
            durations.clone(),
        );
        registry.register("lotwise_publishes", "Publishes carried out, by outcome", publishes.clone());
        registry.register(
            "lotwise_publish_duration_seconds",
            "Time that carrying out a publish took, by outcome",
            publishing.clone(),
        );
        Self { registry, requests, durations, publishes, publishing }
    }
}

/// Counts an answer. `route` is the pattern that matched, never the path that was asked for.
pub fn answered(route: Option<&str>, method: &str, status: u16, took: Duration) {
    let route = route.unwrap_or("-").to_owned();
    let answer = Answer { route, method: known_method(method), status };
    METERS.requests.get_or_create(&answer).inc();
    METERS.durations.get_or_create(&answer).observe(took.as_secs_f64());
}

/// Counts an attempt to carry a version to the store: `published`, `retried` or `failed`.
pub fn published(outcome: &'static str, took: Duration) {
    let outcome = Outcome { outcome };
    METERS.publishes.get_or_create(&outcome).inc();
    METERS.publishing.get_or_create(&outcome).observe(took.as_secs_f64());
}

/// Writes all of them.
pub(super) fn write(text: &mut String) -> fmt::Result {
    encode_registry(text, &METERS.registry)
}

/// HTTP lets clients make methods up.
fn known_method(method: &str) -> &'static str {
    ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]
        .into_iter()
        .find(|known| *known == method)
        .unwrap_or("other")
}
