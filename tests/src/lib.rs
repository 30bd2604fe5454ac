//! What the journeys in `journeys/` have in common: a running stack, and an admin's usual moves.

mod admin;
mod document;
mod edge;
mod page;
mod patience;
mod prod;
mod subjects;

pub use admin::{Admin, items, two_variants};
pub use document::{put_client_document, put_document, small_document, varied_document};
pub use edge::{edge, edge_with};
pub use page::PageSite;
pub use patience::eventually;
pub use prod::Prod;
pub use subjects::{Subject, Subjects};

use anyhow::{Context, Result};
use lotwise_dev::{Home, Stack, StackOptions};
use serde_json::Value;

/// A stack that goes away with this value.
pub async fn stack() -> Result<Stack> {
    Stack::start(Home::temporary()?, StackOptions::disposable()).await
}

/// One of the golden files in `vectors/`.
fn golden(name: &str) -> Result<Value> {
    let path = format!("{}/vectors/{name}.json", env!("CARGO_MANIFEST_DIR"));
    let text = std::fs::read_to_string(&path).with_context(|| format!("reading {path}"))?;
    serde_json::from_str(&text).with_context(|| format!("reading {path}"))
}
