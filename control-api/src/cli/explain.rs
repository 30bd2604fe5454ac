//! `lotwise explain`: why somebody gets what they get.

use std::io::Write;
use std::path::PathBuf;

use anyhow::{Context as _, bail};
use clap::Args;
use lotwise_core::{Context, Sticky, Subject};
use serde_json::{Map, Value, json};

use crate::domain::sample::SampleSubject;
use crate::explain::explain_document;
use crate::hex;

/// Whose decisions to explain, and by which document.
#[derive(Args)]
#[allow(clippy::doc_markdown)] // Help texts.
pub(super) struct ExplainArgs {
    /// The subject's key.
    #[arg(long, value_name = "KEY")]
    user_key: String,

    /// The subject's attributes, a JSON object.
    #[arg(long, value_name = "JSON", default_value = "{}")]
    context: String,

    /// What the subject was given before: a JSON object of variant keys by experiment key.
    #[arg(long, value_name = "JSON")]
    sticky: Option<String>,

    /// Only these experiments, by key.
    #[arg(long, value_name = "KEYS", value_delimiter = ',')]
    experiments: Vec<String>,

    /// Decide by this snapshot document instead of asking a server.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["url", "environment", "config_version", "snapshot_sha256"])]
    snapshot: Option<PathBuf>,

    /// The server's admin API, such as http://localhost:3000.
    #[arg(long, env = "LOTWISE_URL", value_name = "URL")]
    url: Option<String>,

    /// A token or secret key for it.
    #[arg(long, env = "LOTWISE_TOKEN", hide_env_values = true, value_name = "TOKEN")]
    token: Option<String>,

    /// The environment's name or id.
    #[arg(long, value_name = "NAME")]
    environment: Option<String>,

    /// A published version; the latest when left out.
    #[arg(long, value_name = "N")]
    config_version: Option<i64>,

    /// The SHA-256 of the document that was decided on, as exposures name it, instead of a version.
    #[arg(long, value_name = "HEX", conflicts_with = "config_version")]
    snapshot_sha256: Option<String>,
}

/// Prints the explanation as JSON.
pub(super) async fn run(args: &ExplainArgs) -> anyhow::Result<()> {
    let explanation = match &args.snapshot {
        Some(file) => {
            let document = std::fs::read(file).with_context(|| format!("reading {}", file.display()))?;
            offline(args, &document)?
        }
        None => ask(args).await?,
    };
    let mut out = std::io::stdout().lock();
    serde_json::to_writer_pretty(&mut out, &explanation)?;
    Ok(writeln!(out)?)
}

fn offline(args: &ExplainArgs, document: &[u8]) -> anyhow::Result<Value> {
    let context = Context::from_json(&args.context).map_err(|error| anyhow::anyhow!("--context: {error}"))?;
    Subject::new(&args.user_key, &context).map_err(|error| anyhow::anyhow!("--user-key: {error}"))?;
    let sticky: Option<Sticky> =
        args.sticky.as_deref().map(serde_json::from_str).transpose().context("--sticky")?;
    let context = context.into_owned();
    let who = SampleSubject { user_key: args.user_key.clone(), context, sticky };
    let keys = Some(args.experiments.as_slice()).filter(|keys| !keys.is_empty());
    let decisions = explain_document(document, &who, keys)
        .map_err(|fault| anyhow::anyhow!("--snapshot: {} {}", fault.pointer, fault.detail))?;
    let head: Value = serde_json::from_slice(document).context("--snapshot")?;
    Ok(json!({
        "environment": head["environment"],
        "config_version": head["version"],
        "snapshot_sha256": hex::sha256(document),
        "user_key": args.user_key,
        "decisions": decisions,
    }))
}

async fn ask(args: &ExplainArgs) -> anyhow::Result<Value> {
    let url = args.url.as_deref().context("say where: --url, or --snapshot to do without a server")?;
    let environment = args.environment.as_deref().context("--environment says which one")?;
    let read = |text: &str, flag: &'static str| serde_json::from_str::<Value>(text).context(flag);
    let mut body = Map::new();
    body.insert("environment".to_owned(), json!(environment));
    body.insert("user_key".to_owned(), json!(args.user_key));
    body.insert("context".to_owned(), read(&args.context, "--context")?);
    if let Some(sticky) = &args.sticky {
        body.insert("sticky".to_owned(), read(sticky, "--sticky")?);
    }
    if !args.experiments.is_empty() {
        body.insert("experiments".to_owned(), json!(args.experiments));
    }
    if let Some(version) = args.config_version {
        body.insert("version".to_owned(), json!(version));
    }
    if let Some(digest) = &args.snapshot_sha256 {
        body.insert("snapshot_sha256".to_owned(), json!(digest));
    }
    // What other programs are told ends in /api.
    let root = url.trim_end_matches('/');
    let root = root.strip_suffix("/api").unwrap_or(root);
    let request = reqwest::Client::new()
        .post(format!("{root}/api/explain"))
        .header("content-type", "application/json")
        .body(Value::Object(body).to_string());
    let request = match &args.token {
        Some(token) => request.bearer_auth(token),
        None => request,
    };
    let response = request.send().await.with_context(|| format!("{url} does not answer"))?;
    let status = response.status();
    let text = response.text().await.context("reading the answer")?;
    let answer: Value = serde_json::from_str(&text).with_context(|| format!("{url} answers {status}"))?;
    if !status.is_success() {
        bail!("{url} answers {status}: {}", reasons(&answer));
    }
    Ok(answer)
}

/// What a problem says, fault by fault if it names any.
fn reasons(problem: &Value) -> String {
    let faults = problem["errors"].as_array().into_iter().flatten();
    let fault = |it: &Value| Some(format!("{} {}", it["pointer"].as_str()?, it["detail"].as_str()?));
    let faults: Vec<String> = faults.filter_map(fault).collect();
    if faults.is_empty() {
        return problem["detail"].as_str().unwrap_or("no reason is given").to_owned();
    }
    faults.join("; ")
}
