//! The store that `lotwise` reads: one published snapshot and the pointer to it.

use std::fmt::Write as _;

use axum::Router;
use axum::routing::get;
use serde_json::json;
use sha2::{Digest, Sha256};
use tokio::net::TcpListener;

/// Version 1 of the environment `prod`, as it lies in a store.
#[derive(Debug)]
pub(super) struct Store {
    pointer: String,
    snapshot_path: String,
    snapshot: Vec<u8>,
}

impl Store {
    /// A store in which this document is published.
    pub(super) fn of(snapshot: Vec<u8>) -> Self {
        let sha256 = Sha256::digest(&snapshot).iter().fold(String::new(), |mut digits, byte| {
            // Writing to a string cannot fail.
            let _ = write!(digits, "{byte:02x}");
            digits
        });
        let snapshot_path = format!("snapshots/1-{}.json", &sha256[..16]);
        let pointer = json!({"schema_version": 1, "environment": "prod", "version": 1, "snapshot": snapshot_path,
            "sha256": sha256, "bytes": snapshot.len(), "published_at": "2026-11-21T10:00:00Z"});
        Self { pointer: pointer.to_string(), snapshot_path, snapshot }
    }

    /// Answers `GET`s of both for as long as the runtime runs.
    pub(super) async fn serve(self, listener: TcpListener) {
        let Self { pointer, snapshot_path, snapshot } = self;
        let router = Router::new()
            .route("/prod/version.json", get(async move || pointer))
            .route(&format!("/prod/{snapshot_path}"), get(async move || snapshot));
        if let Err(error) = axum::serve(listener, router).await {
            eprintln!("the store stopped: {error}");
        }
    }
}
