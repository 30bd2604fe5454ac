//! What a fresh isolate's first request costs.
//!
//! Clocks stand still inside a Worker, so its process is looked at from outside, before and after. Each
//! figure comes from a workerd of its own.

use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};
use tokio::time::sleep;

use super::workerd::{HELLO, LOTWISE, Worker, Workerd};
use crate::load::child::Child;
use crate::load::connection::Connection;
use crate::load::cpu::{FineCpu, fine_cpu};
use crate::load::figures::{Spread, microseconds};
use crate::load::questions::{Question, questions};
use crate::load::store::Store;
use crate::report::print_table;
use crate::workload::{User, document};

const EXPERIMENTS: usize = 1000;

/// CPU milliseconds to the first decision, beyond what a hello-world Worker's first answer takes.
const TARGET: f64 = 5.0;

/// How long it may take to listen.
const PATIENCE: Duration = Duration::from_secs(20);

/// A kind of first request, and another like it.
struct Kind {
    name: &'static str,
    worker: Worker,
    store_url: String,
    requests: [Vec<u8>; 2],
    status: u16,
    started: Vec<FineCpu>,
    first: Vec<FineCpu>,
    second: Vec<FineCpu>,
}

/// Starts workerd `starts` times for each kind of first request, in turn.
pub(super) async fn measure(workerd: &Workerd, starts: usize, users: &[User]) -> Result<Value> {
    let mut kinds = kinds(users).await?;
    for _ in 0..starts {
        for kind in &mut kinds {
            kind.run(workerd).await.with_context(|| kind.name)?;
        }
    }
    println!("\nA fresh workerd, {starts} starts for each kind of first request, CPU time in ms:\n");
    let rows: Vec<_> = kinds.iter().map(Kind::row).collect();
    print_table(&["first request", "start, all threads", "first", "first, all threads", "second"], &rows);
    let hello = &kinds[0];
    for decided in kinds.iter().filter(|kind| kind.name.starts_with("W(1000)")) {
        let beyond = decided.first_ms().best - hello.first_ms().best;
        println!(
            "\nTo the first decision on {}: {beyond:.2} ms beyond hello world's first answer; the target is at \
             most {TARGET}: {}.",
            decided.name,
            if beyond <= TARGET { "met" } else { "missed" },
        );
    }
    Ok(json!({"starts": starts, "target_ms": TARGET,
        "kinds": kinds.iter().map(Kind::json).collect::<Vec<_>>()}))
}

async fn kinds(users: &[User]) -> Result<Vec<Kind>> {
    let many = document(EXPERIMENTS);
    let asked = questions(&many, EXPERIMENTS, users)?;
    let [first, second, ..] = &asked[..] else { anyhow::bail!("two users are needed") };
    let decide = || [first, second].map(|it: &Question| it.request.clone());
    let nowhere = || [(); 2].map(|()| b"GET /nothing HTTP/1.1\r\nhost: localhost\r\n\r\n".to_vec());
    let empty = Store::default().serve().await?;
    let kind = |name, worker, store_url: &str, requests, status| Kind {
        name,
        worker,
        store_url: store_url.to_owned(),
        requests,
        status,
        started: Vec::new(),
        first: Vec::new(),
        second: Vec::new(),
    };
    let one = Store::of(document(1)).serve().await?;
    let binary = Store::with_binary(many.clone())?.serve().await?;
    let many = Store::of(many).serve().await?;
    Ok(vec![
        kind("hello world", HELLO, &empty, nowhere(), 200),
        kind("an address that leads nowhere", LOTWISE, &empty, nowhere(), 404),
        kind("an environment without a pointer", LOTWISE, &empty, decide(), 404),
        kind("W(1)", LOTWISE, &one, decide(), 200),
        kind("W(1000), JSON", LOTWISE, &many, decide(), 200),
        kind("W(1000), binary", LOTWISE, &binary, decide(), 200),
    ])
}

impl Kind {
    async fn run(&mut self, workerd: &Workerd) -> Result<()> {
        let server = workerd.start(self.worker, &self.store_url)?;
        let mut connection = connect(&server).await?;
        let looked = || fine_cpu(server.pid()).context("the CPU time of threads is known on Linux only");
        // What starting leaves behind for other threads is not the request's.
        sleep(Duration::from_millis(300)).await;
        let mut before = looked()?;
        self.started.push(before);
        for (request, seen) in self.requests.iter().zip([&mut self.first, &mut self.second]) {
            let status = connection.ask(request).await?.status;
            ensure!(status == self.status, "answers {status}");
            let after = looked()?;
            seen.push(after.since(before));
            before = after;
        }
        Ok(())
    }

    fn first_ms(&self) -> Spread {
        milliseconds(&self.first, |it| it.main)
    }

    fn row(&self) -> Vec<String> {
        vec![
            self.name.to_owned(),
            milliseconds(&self.started, |it| it.all).to_string(),
            self.first_ms().to_string(),
            milliseconds(&self.first, |it| it.all).to_string(),
            milliseconds(&self.second, |it| it.main).to_string(),
        ]
    }

    fn json(&self) -> Value {
        json!({"first_request": self.name, "start_all_threads_ms": milliseconds(&self.started, |it| it.all).json(),
            "first_ms": self.first_ms().json(), "first_all_threads_ms": milliseconds(&self.first, |it| it.all).json(),
            "second_ms": milliseconds(&self.second, |it| it.main).json()})
    }
}

fn milliseconds(seen: &[FineCpu], which: impl Fn(&FineCpu) -> Duration) -> Spread {
    Spread::of(seen.iter().map(|it| microseconds(which(it)) / 1e3).collect())
}

/// Connects as soon as somebody listens, without asking anything.
async fn connect(server: &Child) -> Result<Connection> {
    let deadline = Instant::now() + PATIENCE;
    loop {
        match Connection::open(server.address()).await {
            Ok(connection) => return Ok(connection),
            Err(error) if Instant::now() > deadline => return Err(error.context(server.complaint())),
            Err(_) => sleep(Duration::from_millis(20)).await,
        }
    }
}
