//! The store that servers read: one published snapshot and the pointer to it.

use std::fmt::Write as _;

use anyhow::Result;
use axum::Router;
use axum::routing::get;
use lotwise_core::{BINARY_FORMAT, Snapshot};
use serde_json::json;
use sha2::{Digest, Sha256};
use tokio::net::TcpListener;

/// Objects at their paths.
#[derive(Debug, Default)]
pub(crate) struct Store(Vec<(String, Vec<u8>)>);

impl Store {
    /// A store in which this document is published as version 1 of the environment `prod`.
    pub(crate) fn of(document: Vec<u8>) -> Self {
        Self::publish(document, None)
    }

    /// The same with the binary form of the document, as publishing adds it.
    pub(crate) fn with_binary(document: Vec<u8>) -> Result<Self> {
        let binary = Snapshot::load(&document)?.to_binary();
        Ok(Self::publish(document, Some(binary)))
    }

    fn publish(document: Vec<u8>, binary: Option<Vec<u8>>) -> Self {
        let named = |object: &[u8], ending: &str| {
            let sha256 = sha256(object);
            (format!("snapshots/1-{}.{ending}", &sha256[..16]), sha256)
        };
        let (path, sha256) = named(&document, "json");
        let mut pointer = json!({"schema_version": 1, "environment": "prod", "version": 1, "snapshot": path,
            "sha256": sha256, "bytes": document.len(), "published_at": "2026-11-21T10:00:00Z"});
        let mut store = Self::default().with(&format!("prod/{path}"), document);
        if let Some(binary) = binary {
            let (path, sha256) = named(&binary, "bin");
            pointer["binary"] =
                json!({"format": BINARY_FORMAT, "path": path, "sha256": sha256, "bytes": binary.len()});
            store = store.with(&format!("prod/{path}"), binary);
        }
        store.with("prod/version.json", pointer.to_string().into_bytes())
    }

    /// The same with one more object.
    pub(crate) fn with(mut self, path: &str, object: Vec<u8>) -> Self {
        self.0.push((path.to_owned(), object));
        self
    }

    /// Answers `GET`s for as long as the runtime runs, and says at which URL.
    pub(crate) async fn serve(self) -> Result<String> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let url = format!("http://{}", listener.local_addr()?);
        let router = self.0.into_iter().fold(Router::new(), |router, (path, object)| {
            router.route(&format!("/{path}"), get(async move || object))
        });
        tokio::spawn(async move {
            if let Err(error) = axum::serve(listener, router).await {
                eprintln!("the store stopped: {error}");
            }
        });
        Ok(url)
    }
}

fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().fold(String::new(), |mut digits, byte| {
        // Writing to a string cannot fail.
        let _ = write!(digits, "{byte:02x}");
        digits
    })
}
