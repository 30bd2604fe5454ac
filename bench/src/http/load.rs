//! Load on one server, round by round.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};

use super::child::Child;
use super::connection::Connection;
use super::cpu::cpu_time;
use super::figures::{Figures, Round};
use super::questions::Question;

/// Enough to keep the server from waiting for this process.
pub(super) const CONNECTIONS: usize = 32;

/// A round ends after this many requests if not after its time.
const MAX_REQUESTS: usize = 5_000_000;

/// How long a server may take to answer for the first time, and the last answers of a round.
const PATIENCE: Duration = Duration::from_secs(20);

/// A server, the connections to it, and what they have seen.
#[derive(Debug)]
pub(super) struct Load {
    name: &'static str,
    pid: u32,
    questions: Arc<[Question]>,
    connections: Vec<Connection>,
    rounds: Vec<Round>,
}

impl Load {
    /// Waits for the server's first right answer, and connects.
    pub(super) async fn new(name: &'static str, server: &Child, questions: Vec<Question>) -> Result<Self> {
        let first = questions.first().context("nothing to ask")?;
        let deadline = Instant::now() + PATIENCE;
        loop {
            let error = match Connection::open(server.address()).await {
                Ok(mut connection) => match ask(&mut connection, first).await {
                    Ok(()) => break,
                    Err(error) => error,
                },
                Err(error) => error,
            };
            if Instant::now() > deadline {
                return Err(error.context("waiting for the first answer"));
            }
            sleep(Duration::from_millis(50)).await;
        }
        let mut connections = Vec::new();
        for _ in 0..CONNECTIONS {
            connections.push(Connection::open(server.address()).await?);
        }
        let (pid, questions) = (server.pid(), questions.into());
        Ok(Self { name, pid, questions, connections, rounds: Vec::new() })
    }

    /// Asks for this long, over all connections at once. Any wrong answer is an error.
    pub(super) async fn round(&mut self, seconds: f64) -> Result<()> {
        let cpu_before = cpu_time(self.pid);
        let started = Instant::now();
        let deadline = started + Duration::from_secs_f64(seconds);
        let next = Arc::new(AtomicUsize::new(0));
        let mut clients = JoinSet::new();
        for connection in self.connections.drain(..) {
            clients.spawn(client(connection, Arc::clone(&self.questions), Arc::clone(&next), deadline));
        }
        let mut latencies = Vec::new();
        let last = Duration::from_secs_f64(seconds) + PATIENCE;
        let everything = async {
            while let Some(outcome) = clients.join_next().await {
                let (connection, seen) = outcome??;
                self.connections.push(connection);
                latencies.extend(seen);
            }
            anyhow::Ok(())
        };
        timeout(last, everything).await.context("the server stopped answering")??;
        let elapsed = started.elapsed();
        let cpu = cpu_before.zip(cpu_time(self.pid)).map(|(before, after)| after.saturating_sub(before));
        ensure!(!latencies.is_empty(), "a round was too short for a single request");
        self.rounds.push(Round { latencies, elapsed, cpu });
        Ok(())
    }

    /// Starts counting anew.
    pub(super) fn forget(&mut self) {
        self.rounds.clear();
    }

    /// What the rounds have shown.
    pub(super) fn figures(self) -> Figures {
        Figures::new(self.name, self.rounds)
    }
}

/// One connection's part of a round: the time of each of its requests.
async fn client(
    mut connection: Connection,
    questions: Arc<[Question]>,
    next: Arc<AtomicUsize>,
    deadline: Instant,
) -> Result<(Connection, Vec<Duration>)> {
    let mut latencies = Vec::new();
    let mut now = Instant::now();
    while now < deadline {
        let number = next.fetch_add(1, Ordering::Relaxed);
        if number >= MAX_REQUESTS {
            break;
        }
        ask(&mut connection, &questions[number % questions.len()]).await?;
        let answered = Instant::now();
        latencies.push(answered - now);
        now = answered;
    }
    Ok((connection, latencies))
}

async fn ask(connection: &mut Connection, question: &Question) -> Result<()> {
    let answer = connection.ask(&question.request).await?;
    if answer.status != 200 || !answer.body.ends_with(&question.ending) {
        let (request, body) =
            (String::from_utf8_lossy(&question.request), String::from_utf8_lossy(answer.body));
        bail!("a wrong answer, {} {body}\nto {request}", answer.status);
    }
    Ok(())
}
