//! Batches of events over HTTP.

use std::fmt::Write as _;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use tokio::task::JoinSet;

use crate::load::child::Child;
use crate::load::connection::Connection;

/// Events of a request.
pub(super) const BATCH: usize = 1_000;
pub(super) const CONNECTIONS: usize = 8;

const PATIENCE: Duration = Duration::from_secs(30);

/// Sends events, each with an id of its own.
pub(super) struct Sender {
    address: SocketAddr,
    next: u64,
}

/// What a round has shown.
pub(super) struct Round {
    pub(super) elapsed: Duration,
    /// Of each batch.
    pub(super) latencies: Vec<Duration>,
}

impl Sender {
    /// Waits for the server and gives it an experiment.
    pub(super) async fn start(server: &Child) -> Result<Self> {
        let address = server.address();
        let deadline = Instant::now() + PATIENCE;
        while let Err(error) = Connection::open(address).await {
            ensure!(Instant::now() < deadline, "no answer: {error}");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        let mut connection = Connection::open(address).await?;
        let body = r#"{"key":"button","environment":"prod","variants":[{"key":"on","weight":1},{"key":"off","weight":1}]}"#;
        for (path, body) in [
            ("/api/environments", r#"{"name":"prod"}"#),
            ("/api/experiments", body),
            ("/api/experiments/prod:button/start", "{}"),
        ] {
            let answer = connection.ask(&request(address, path, body)).await?;
            ensure!(answer.status < 300, "{path}: {}", String::from_utf8_lossy(answer.body));
        }
        Ok(Self { address, next: 0 })
    }

    /// Sends so many events and waits until all are acknowledged.
    pub(super) async fn round(&mut self, events: usize) -> Result<Round> {
        let numbers = self.next..self.next + (events / BATCH) as u64;
        self.next = numbers.end;
        let mut clients = JoinSet::new();
        let mut parts: Vec<Vec<Vec<u8>>> = vec![Vec::new(); CONNECTIONS];
        for (place, number) in numbers.enumerate() {
            parts[place % CONNECTIONS].push(request(self.address, "/events", &batch(number)));
        }
        let address = self.address;
        let started = Instant::now();
        for part in parts {
            clients.spawn(client(address, part));
        }
        let mut latencies = Vec::new();
        while let Some(outcome) = clients.join_next().await {
            latencies.extend(outcome??);
        }
        Ok(Round { elapsed: started.elapsed(), latencies })
    }
}

async fn client(address: SocketAddr, requests: Vec<Vec<u8>>) -> Result<Vec<Duration>> {
    let mut connection = Connection::open(address).await?;
    let mut latencies = Vec::with_capacity(requests.len());
    for request in requests {
        let started = Instant::now();
        let answer = connection.ask(&request).await?;
        let body = String::from_utf8_lossy(answer.body);
        ensure!(answer.status == 202 && body.contains("\"refused\":[]"), "{}: {body}", answer.status);
        latencies.push(started.elapsed());
    }
    Ok(latencies)
}

fn request(address: SocketAddr, path: &str, body: &str) -> Vec<u8> {
    format!(
        "POST {path} HTTP/1.1\r\nhost: localhost:{}\r\ncontent-type: application/json\r\n\
         content-length: {}\r\n\r\n{body}",
        address.port(),
        body.len(),
    )
    .into_bytes()
}

/// Ids are scattered, as random ones are: the worst for an index.
fn batch(number: u64) -> String {
    let mut body = String::with_capacity(300 * BATCH);
    body.push_str("{\"events\":[");
    for place in 0..BATCH as u64 {
        let event = number * BATCH as u64 + place;
        let scattered = event.wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        let (high, low) = (scattered >> 48, scattered & 0xffff_ffff_ffff);
        let id = format!("{:08x}-{:04x}-4000-8000-{low:012x}", event & 0xffff_ffff, high);
        let user = scattered % 50_000;
        if place > 0 {
            body.push(',');
        }
        let common =
            format!(r#""id":"{id}","environment":"prod","user_key":"user-{user}","request_id":"r-{number}""#);
        let _ = match event % 4 {
            0 => write!(
                body,
                r#"{{"type":"exposure",{common},"experiment_key":"button","variant_key":"{}","reason":"SPLIT","context":{{"country":"US","plan":"pro"}}}}"#,
                if user % 2 == 0 { "on" } else { "off" },
            ),
            _ => write!(
                body,
                r#"{{"type":"track",{common},"event_name":"purchase","value":{}.5,"properties":{{"sku":"{user}"}}}}"#,
                user % 100,
            ),
        };
    }
    body.push_str("]}");
    body
}
