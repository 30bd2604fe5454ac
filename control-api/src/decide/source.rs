//! The store as this process sees it: anonymous `GET`s under one base URL.

use std::time::{Duration, Instant};

use anyhow::Context;
use lotwise_serving::{
    FetchError, Fetched, Form, InvalidSnapshot, Object, Published, Report, Source, sha256,
};
use reqwest::header::{ETAG, HeaderMap, HeaderValue, IF_NONE_MATCH};
use reqwest::{Client, StatusCode, redirect};
use tokio::runtime::{Handle, RuntimeFlavor};
use tokio::task::block_in_place;

/// Fetches objects, bounded in time and size.
#[derive(Clone, Debug)]
pub(super) struct HttpSource {
    client: Client,
    base_url: String,
    started_at: Instant,
}

impl HttpSource {
    pub(super) fn new(base_url: &str, timeout: Duration) -> anyhow::Result<Self> {
        let client = Client::builder()
            .timeout(timeout)
            .connect_timeout(timeout)
            // A snapshot comes from where it was asked for or not at all.
            .redirect(redirect::Policy::none())
            .user_agent(concat!("lotwise/", env!("CARGO_PKG_VERSION")))
            .build()
            .context("setting up the HTTP client")?;
        let base_url = base_url.trim_end_matches('/').to_owned();
        Ok(Self { client, base_url, started_at: Instant::now() })
    }
}

impl Source for HttpSource {
    fn now(&self) -> Duration {
        self.started_at.elapsed()
    }

    async fn fetch(&self, path: &str, etag: Option<&str>, max_bytes: usize) -> Result<Fetched, FetchError> {
        let mut headers = HeaderMap::new();
        if let Some(etag) = etag.and_then(|etag| HeaderValue::from_str(etag).ok()) {
            headers.insert(IF_NONE_MATCH, etag);
        }
        let request = self.client.get(format!("{}/{path}", self.base_url)).headers(headers);
        let mut response = request.send().await.map_err(|error| failure(&error))?;
        match response.status() {
            StatusCode::OK => {}
            StatusCode::NOT_MODIFIED => return Ok(Fetched::NotModified),
            StatusCode::NOT_FOUND => return Ok(Fetched::Absent),
            status => return Err(FetchError::Status(status.as_u16())),
        }
        let etag = response.headers().get(ETAG).and_then(|etag| etag.to_str().ok()).map(ToOwned::to_owned);
        let mut bytes = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(|error| failure(&error))? {
            if bytes.len() + chunk.len() > max_bytes {
                return Err(FetchError::TooLarge);
            }
            bytes.extend_from_slice(&chunk);
        }
        Ok(Fetched::Object(Object { bytes, etag }))
    }

    async fn pause(&self, time: Duration) {
        tokio::time::sleep(time).await;
    }

    async fn load(&self, form: Form<'_>, object: &[u8]) -> Result<Published, InvalidSnapshot> {
        let load = || form.load(object, &sha256(object));
        // Loading the largest document takes a good part of a second, which other tasks of this
        // thread need not wait for, where there are other threads.
        match Handle::current().runtime_flavor() {
            RuntimeFlavor::MultiThread => block_in_place(load),
            _ => load(),
        }
    }

    fn report(&self, environment: &str, report: Report<'_>) {
        match report {
            Report::Loaded(version) => tracing::info!(environment, version, "loaded"),
            Report::Skipped(error) => {
                tracing::warn!(environment, error, "trying the next form of the snapshot");
            }
            Report::Failed(error) => tracing::warn!(environment, error, "staying with what is held"),
        }
    }
}

fn failure(error: &reqwest::Error) -> FetchError {
    if error.is_timeout() {
        FetchError::TimedOut
    } else if error.is_connect() || error.is_request() {
        FetchError::Unreachable
    } else {
        FetchError::BrokenOff
    }
}
