//! Native `/decide` under load, beside a trivial axum handler in the same run.
//!
//! What counts is the server's CPU time per request: it says what a decision costs beyond what any
//! HTTP answer costs, and the load generator's own speed does not enter into it.

mod servers;
pub(crate) mod trivial;

use std::path::Path;

use anyhow::{Context, Result, ensure};

use self::servers::{lotwise_server, trivial_server};
use crate::load::cpu::load_average;
use crate::load::figures::Figures;
use crate::load::questions::{Question, questions};
use crate::load::store::Store;
use crate::load::{CONNECTIONS, Load, alternate};
use crate::report::{print_table, save};
use crate::workload::{document, users};

const EXPERIMENTS: usize = 10;
const USERS: usize = 10_000;

/// CPU time per request of `lotwise` may be this many times the trivial handler's.
const TARGET: f64 = 1.25;

pub(crate) fn run(lotwise: &Path, seconds: f64, rounds: usize) -> Result<()> {
    ensure!(rounds > 0 && seconds > 0.0, "there has to be something to measure");
    // One thread: the other cores are the servers'.
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(compare(lotwise, seconds, rounds))
}

async fn compare(lotwise: &Path, seconds: f64, rounds: usize) -> Result<()> {
    let snapshot = document(EXPERIMENTS);
    let questions = questions(&snapshot, EXPERIMENTS, &users(USERS))?;
    let assignments: usize = questions.iter().map(|it| it.assignments).sum();
    println!(
        "W({EXPERIMENTS}), {USERS} users with {:.1} assignments on average, GET /decide over {} keep-alive \
         connections, {rounds} rounds of {seconds} s each, alternating. Load average before: {}.\n",
        assignments as f64 / USERS as f64,
        CONNECTIONS,
        load_average().as_deref().unwrap_or("not known here"),
    );

    let store_url = Store::of(snapshot).serve().await?;
    let decide = lotwise_server(lotwise, &store_url)?;
    let trivial = trivial_server()?;
    let trivial_questions =
        questions.iter().map(|it| Question { ending: trivial::BODY.into(), ..it.clone() });
    let trivial_questions: Vec<_> = trivial_questions.collect();
    let loads = [
        Load::new("lotwise", &decide, questions).await.with_context(|| decide.complaint())?,
        Load::new("trivial axum handler", &trivial, trivial_questions)
            .await
            .with_context(|| trivial.complaint())?,
    ];

    let [lotwise, trivial] = alternate(loads, seconds, rounds).await?;
    report(&lotwise, &trivial)
}

fn report(lotwise: &Figures, trivial: &Figures) -> Result<()> {
    print_table(&Figures::HEADER, &[lotwise.row(), trivial.row()]);
    let ratio = lotwise.cpu_ratio_to(trivial);
    match &ratio {
        Some(ratio) => println!(
            "\nCPU time per request, lotwise / trivial: {:.3} (median round against median round {:.3}); \
             the target is at most {TARGET}: {}.",
            ratio.best,
            ratio.median,
            if ratio.best <= TARGET { "met" } else { "missed" },
        ),
        None => println!("\nCPU time of other processes is not available on this system (it is on Linux)."),
    }
    let figures = serde_json::json!({
        "workload": format!("W({EXPERIMENTS})"), "users": USERS, "connections": CONNECTIONS,
        "load_average_after": load_average(), "lotwise": lotwise.json(), "trivial": trivial.json(),
        "cpu_ratio": ratio.as_ref().map(|it| it.best), "cpu_ratio_median": ratio.as_ref().map(|it| it.median),
        "target": TARGET,
    });
    save("http", &figures)
}
