//! The Worker under load in workerd, beside a hello-world Rust Worker and a JavaScript peer in the same
//! run, and how long it takes from nothing to the first decision.

mod fresh;
mod module;
mod verify;
mod workerd;

use anyhow::{Context, Result, ensure};
use serde_json::{Map, Value, json};

use self::workerd::{GROWTHBOOK, HELLO, LOTWISE, Worker, Workerd};
use crate::load::child::Child;
use crate::load::cpu::load_average;
use crate::load::figures::{Figures, Spread};
use crate::load::questions::{Question, questions};
use crate::load::store::Store;
use crate::load::{CONNECTIONS, Load, alternate};
use crate::peers::growthbook;
use crate::report::{print_table, save};
use crate::workload::{User, document, users};

const SIZES: [usize; 3] = [10, 100, 1000];
const USERS: usize = 1000;

/// Requests per second may be this part of hello world's, for the size that is named.
const TARGET: f64 = 0.85;
const TARGET_SIZE: usize = 100;

pub(crate) fn run(seconds: f64, rounds: usize, starts: usize) -> Result<()> {
    ensure!(rounds > 0 && starts > 0 && seconds > 0.0, "there has to be something to measure");
    // One thread: the other cores are the servers'.
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(all(seconds, rounds, starts))
}

async fn all(seconds: f64, rounds: usize, starts: usize) -> Result<()> {
    let workerd = Workerd::find().await?;
    let users = users(USERS);
    println!(
        "GET /decide over {CONNECTIONS} keep-alive connections, {USERS} users, {rounds} rounds of {seconds} s each, \
         alternating. Load average before: {}.",
        load_average().as_deref().unwrap_or("not known here"),
    );
    let mut sizes = Vec::new();
    for experiments in SIZES {
        sizes.push(compare(&workerd, experiments, &users, seconds, rounds).await?);
    }
    let fresh = fresh::measure(&workerd, starts, &users).await?;
    let figures = json!({"users": USERS, "connections": CONNECTIONS, "load_average_after": load_average(),
        "sizes": sizes, "fresh": fresh, "module": module::weigh()?});
    save("edge", &figures)
}

async fn compare(
    workerd: &Workerd,
    experiments: usize,
    users: &[User],
    seconds: f64,
    rounds: usize,
) -> Result<Value> {
    let document = document(experiments);
    let asked = questions(&document, experiments, users)?;
    let assignments: usize = asked.iter().map(|it| it.assignments).sum();
    println!("\nW({experiments}), {:.1} assignments on average:\n", assignments as f64 / users.len() as f64);
    let payload = growthbook::payload(&document)?;
    let store_url = Store::of(document).with("growthbook.json", payload).serve().await?;

    let servers = [LOTWISE, HELLO, GROWTHBOOK].map(|worker| workerd.start(worker, &store_url));
    let [lotwise, hello, peer] = servers;
    let (lotwise, hello, peer) = (lotwise?, hello?, peer?);
    let ending = |text: &str| -> Vec<Question> {
        asked.iter().map(|it| Question { ending: text.into(), ..it.clone() }).collect()
    };
    let loads = [
        load(HELLO, &hello, ending("Hello, World!")).await?,
        load(GROWTHBOOK, &peer, ending("}]}")).await?,
        load(LOTWISE, &lotwise, asked.clone()).await?,
    ];
    verify::growthbook(&peer, &asked).await?;
    let figures = alternate(loads, seconds, rounds).await?;
    Ok(report(experiments, &figures))
}

async fn load(worker: Worker, server: &Child, questions: Vec<Question>) -> Result<Load> {
    Load::new(worker.name, server, questions).await.with_context(|| server.complaint())
}

/// The first is what the others are compared with.
fn report(experiments: usize, figures: &[Figures; 3]) -> Value {
    print_table(&Figures::HEADER, &figures.each_ref().map(Figures::row));
    let [hello, others @ ..] = figures;
    println!();
    let mut ratios = Map::new();
    for other in others {
        let rate = other.rate_ratio_to(hello);
        let cpu = other.cpu_ratio_to(hello);
        let cpu_text = cpu.map_or_else(|| "not known here".into(), |it| it.to_string());
        println!("{} / hello world: requests/s {rate}, CPU/request {cpu_text}.", other.name());
        ratios.insert(
            other.name().to_owned(),
            json!({"requests_per_second": rate.json(), "cpu": cpu.map(Spread::json)}),
        );
        if other.name() == LOTWISE.name && experiments == TARGET_SIZE {
            let verdict = if rate.best >= TARGET { "met" } else { "missed" };
            println!("The target is at least {TARGET} of the requests/s: {verdict}.");
        }
    }
    let servers: Map<_, _> = figures.iter().map(|it| (it.name().to_owned(), it.json())).collect();
    json!({"n": experiments, "servers": servers, "ratios": ratios})
}
