//! The page SDK. Measuring is done in JavaScript, in bench/page/; here the workload is made for it.

use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Context as _, Result, ensure};
use lotwise_core::{Context, Evaluation, Scratch, Snapshot, Subject};
use serde_json::{Value, json};

use crate::peers::{configcat, growthbook};
use crate::workload::{User, document, users};

const SIZES: [usize; 3] = [10, 100, 1000];
const USERS: usize = 2000;

/// Users whose every decision is compared with the core's.
const VERIFIED: usize = 200;

const FOLDER: &str = "target/bench/page";

pub(crate) fn run(chromium: Option<&Path>, seconds: f64, rounds: usize) -> Result<()> {
    let folder = Path::new(FOLDER);
    fs::create_dir_all(folder).with_context(|| format!("making {FOLDER}"))?;
    let people = users(USERS);
    let listed: Vec<Value> =
        people.iter().map(|user| Ok(json!([user.key, context(user)?]))).collect::<Result<_>>()?;
    fs::write(folder.join("users.json"), json!(listed).to_string())?;
    for size in SIZES {
        let document = document(size);
        let snapshot = Snapshot::load(&document).context("the workload's snapshot")?;
        let expected = people[..VERIFIED].iter().map(|user| variants(&snapshot, user));
        let expected: Vec<Value> = expected.collect::<Result<_>>()?;
        fs::write(folder.join(format!("{size}.bin")), snapshot.to_binary())?;
        fs::write(folder.join(format!("{size}.growthbook.json")), growthbook::payload(&document)?)?;
        fs::write(folder.join(format!("{size}.configcat.json")), configcat::config(&document)?)?;
        fs::write(folder.join(format!("{size}.expected.json")), json!(expected).to_string())?;
    }
    let mut node = Command::new("node");
    node.arg("--expose-gc").arg("bench/page/main.mjs").arg(folder);
    node.arg(seconds.to_string()).arg(rounds.to_string()).args(chromium);
    let status = node.status().context("running node")?;
    ensure!(status.success(), "the page is not measured; see above");
    Ok(())
}

fn context(user: &User) -> Result<Value> {
    serde_json::from_str(&user.context).context("a context of the workload")
}

/// The key of each experiment's variant, in key order; null where the user is not in.
fn variants(snapshot: &Snapshot, user: &User) -> Result<Value> {
    let context = Context::from_json(&user.context).context("a context of the workload")?;
    let subject = Subject::new(&user.key, &context).context("a user key of the workload")?;
    let mut scratch = Scratch::new();
    let mut evaluation = Evaluation::new(snapshot, &subject, &mut scratch);
    let keys = snapshot.experiments().map(|experiment| {
        let decision = evaluation.decide(experiment);
        snapshot.variant(decision).map(|variant| variant.key)
    });
    Ok(json!(keys.collect::<Vec<_>>()))
}
