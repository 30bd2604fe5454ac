//! Load on servers, round by round, and what it takes: servers, connections, questions, a store.

pub(crate) mod child;
pub(crate) mod connection;
pub(crate) mod cpu;
pub(crate) mod figures;
pub(crate) mod questions;
pub(crate) mod store;

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};

use self::child::Child;
use self::connection::Connection;
use self::cpu::cpu_time;
use self::figures::{Figures, Round};
use self::questions::Question;

/// Enough to keep the server from waiting for this process.
pub(crate) const CONNECTIONS: usize = 32;

/// A round ends after this many requests if not after its time.
const MAX_REQUESTS: usize = 5_000_000;

/// How long a server may take to answer for the first time, and the last answers of a round.
const PATIENCE: Duration = Duration::from_secs(20);

/// A server, and what those who asked it have seen.
#[derive(Debug)]
pub(crate) struct Load {
    name: &'static str,
    pid: u32,
    address: SocketAddr,
    questions: Arc<[Question]>,
    rounds: Vec<Round>,
}

impl Load {
    /// Waits for the server's first right answer.
    pub(crate) async fn new(name: &'static str, server: &Child, questions: Vec<Question>) -> Result<Self> {
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
        let (pid, address, questions) = (server.pid(), server.address(), questions.into());
        Ok(Self { name, pid, address, questions, rounds: Vec::new() })
    }

    /// Asks for this long, over all connections at once. Any wrong answer is an error.
    ///
    /// Connections do not outlast a round, since servers close those that rest for some seconds.
    async fn round(&mut self, seconds: f64) -> Result<()> {
        let mut connections = Vec::new();
        for _ in 0..CONNECTIONS {
            connections.push(Connection::open(self.address).await?);
        }
        let cpu_before = cpu_time(self.pid);
        let started = Instant::now();
        let deadline = started + Duration::from_secs_f64(seconds);
        let next = Arc::new(AtomicUsize::new(0));
        let mut clients = JoinSet::new();
        for connection in connections {
            clients.spawn(client(connection, Arc::clone(&self.questions), Arc::clone(&next), deadline));
        }
        let mut latencies = Vec::new();
        let last = Duration::from_secs_f64(seconds) + PATIENCE;
        let everything = async {
            while let Some(outcome) = clients.join_next().await {
                latencies.extend(outcome??);
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

    /// What the rounds have shown.
    fn figures(self) -> Figures {
        Figures::new(self.name, self.rounds)
    }
}

/// Puts load on each in turn, `rounds` times after warming up, and tells what each has shown.
pub(crate) async fn alternate<const N: usize>(
    mut loads: [Load; N],
    seconds: f64,
    rounds: usize,
) -> Result<[Figures; N]> {
    for load in &mut loads {
        load.round(seconds / 3.0).await.context("warming up")?;
        load.rounds.clear();
    }
    for _ in 0..rounds {
        for load in &mut loads {
            load.round(seconds).await?;
        }
    }
    Ok(loads.map(Load::figures))
}

/// One connection's part of a round: the time of each of its requests.
async fn client(
    mut connection: Connection,
    questions: Arc<[Question]>,
    next: Arc<AtomicUsize>,
    deadline: Instant,
) -> Result<Vec<Duration>> {
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
    Ok(latencies)
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
