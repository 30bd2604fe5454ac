//! Assignments per second: first calls, which are kept, and repeated ones. Each records an exposure.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use lotwise_dev::Stack;
use serde_json::{Map, Value, json};
use tokio::task::JoinSet;

use crate::load::connection::Connection;
use crate::report::print_table;

/// Connections of the figures under load. The server has ten to Postgres.
const CONNECTIONS: usize = 16;
/// Users of one call in bulk.
const BATCH: usize = 1_000;

const EXPERIMENT: &str = "prod:bench";

/// Measures, and gives the figures by name.
pub(super) async fn measure(stack: &Stack, users: usize) -> Result<Map<String, Value>> {
    set_up(stack).await?;
    let address = address(stack)?;
    let mut figures = Vec::new();
    for (name, connections, kind) in [("alone", 1, "quiet"), ("16 at once", CONNECTIONS, "busy")] {
        let requests: Arc<[Vec<u8>]> = (0..users).map(|it| single(&format!("{kind}-{it}"))).collect();
        for (call, reason) in [("first", "SPLIT"), ("repeat", "STICKY")] {
            let round = round(address, &requests, connections, reason).await?;
            figures.push(Figure::of(format!("{call}, {name}"), 1, round));
        }
    }
    let requests: Arc<[Vec<u8>]> = (0..users.div_ceil(BATCH)).map(bulk).collect();
    for (call, reason) in [("first", "SPLIT"), ("repeat", "STICKY")] {
        let round = round(address, &requests, 1, reason).await?;
        figures.push(Figure::of(format!("{call}, 1,000 in bulk"), BATCH, round));
    }
    print_table(&["call", "assigned/s", "p50", "p99"], &figures.iter().map(Figure::row).collect::<Vec<_>>());
    Ok(figures.into_iter().map(Figure::json).collect())
}

async fn set_up(stack: &Stack) -> Result<()> {
    let api = stack.server.api();
    api.post("/environments", &json!({"name": "prod"})).await?.success()?;
    let body = json!({"key": "bench", "environment": "prod", "variants": [
        {"key": "control", "payload": {"color": "#0066cc"}, "weight": 1},
        {"key": "treatment", "payload": {"color": "#00cc66"}, "weight": 1},
    ], "targetingRules": [{"conditions": [{"attribute": "country", "operator": "in", "value": ["US", "CA"]}]}]});
    api.post("/experiments", &body).await?.success()?;
    api.post(&format!("/experiments/{EXPERIMENT}/start"), &json!({})).await?.success()?;
    Ok(())
}

fn address(stack: &Stack) -> Result<SocketAddr> {
    let url = stack.server.url();
    let (_, port) = url.rsplit_once(':').context("a URL without a port")?;
    Ok(SocketAddr::from(([127, 0, 0, 1], port.parse()?)))
}

fn user(key: &str) -> Value {
    json!({"user_key": key, "context": {"country": "US", "plan": "pro"}})
}

fn single(key: &str) -> Vec<u8> {
    request("assign", &user(key))
}

fn bulk(batch: usize) -> Vec<u8> {
    let users: Vec<Value> = (0..BATCH).map(|it| user(&format!("bulk-{batch}-{it}"))).collect();
    request("assign/bulk", &json!({"users": users}))
}

fn request(action: &str, body: &Value) -> Vec<u8> {
    let body = body.to_string();
    let head = format!(
        "POST /api/experiments/{EXPERIMENT}/{action} HTTP/1.1\r\nhost: localhost\r\n\
         content-type: application/json\r\ncontent-length: {}\r\n\r\n",
        body.len(),
    );
    (head + &body).into_bytes()
}

/// The time of each request, and of all.
type Round = (Vec<Duration>, Duration);

/// Sends every request once. All answers have to give this reason.
async fn round(
    address: SocketAddr,
    requests: &Arc<[Vec<u8>]>,
    connections: usize,
    reason: &'static str,
) -> Result<Round> {
    let next = Arc::new(AtomicUsize::new(0));
    let mut clients = JoinSet::new();
    let started = Instant::now();
    for _ in 0..connections {
        let mut connection = Connection::open(address).await?;
        let (requests, next) = (Arc::clone(requests), Arc::clone(&next));
        clients.spawn(async move {
            let mut latencies = Vec::new();
            while let Some(request) = requests.get(next.fetch_add(1, Ordering::Relaxed)) {
                let asked = Instant::now();
                let answer = connection.ask(request).await?;
                latencies.push(asked.elapsed());
                let body = String::from_utf8_lossy(answer.body);
                ensure!(answer.status == 200 && body.contains(reason), "a wrong answer: {body}");
            }
            anyhow::Ok(latencies)
        });
    }
    let mut latencies = Vec::new();
    while let Some(client) = clients.join_next().await {
        latencies.extend(client??);
    }
    latencies.sort_unstable();
    Ok((latencies, started.elapsed()))
}

/// What one kind of call has shown.
struct Figure {
    name: String,
    per_second: f64,
    p50: Duration,
    p99: Duration,
}

impl Figure {
    fn of(name: String, users: usize, (latencies, elapsed): Round) -> Self {
        let percentile = |percent: usize| latencies[(latencies.len() - 1) * percent / 100];
        let per_second = (latencies.len() * users) as f64 / elapsed.as_secs_f64();
        Self { name, per_second, p50: percentile(50), p99: percentile(99) }
    }

    fn row(&self) -> Vec<String> {
        let milliseconds = |it: Duration| format!("{:.2} ms", it.as_secs_f64() * 1e3);
        vec![
            self.name.clone(),
            format!("{:.0}", self.per_second),
            milliseconds(self.p50),
            milliseconds(self.p99),
        ]
    }

    fn json(self) -> (String, Value) {
        let microseconds = |it: Duration| it.as_secs_f64() * 1e6;
        let figures = json!({
            "assigned_per_second": self.per_second,
            "p50_us": microseconds(self.p50), "p99_us": microseconds(self.p99),
        });
        (self.name, figures)
    }
}
