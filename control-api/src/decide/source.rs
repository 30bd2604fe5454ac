//! The store as a reader sees it: anonymous `GET`s under one base URL.

use std::time::Duration;

use anyhow::Context;
use reqwest::header::{ETAG, HeaderMap, HeaderValue, IF_NONE_MATCH};
use reqwest::{Client, StatusCode, redirect};

/// Fetches objects, bounded in time and size.
#[derive(Clone, Debug)]
pub(super) struct Source {
    client: Client,
    base_url: String,
}

/// What came.
#[derive(Debug)]
pub(super) enum Fetched {
    /// The object, and its entity tag if it has one.
    Object { etag: Option<String>, bytes: Vec<u8> },
    /// It is what the entity tag said.
    NotModified,
    /// There is no such object.
    Absent,
}

/// Why nothing came. Says nothing about addresses, since `/health` shows it.
#[derive(Debug, thiserror::Error)]
pub(super) enum FetchError {
    #[error("the store did not answer in time")]
    TimedOut,
    #[error("the store cannot be reached")]
    Unreachable,
    #[error("the store answered {0}")]
    Status(StatusCode),
    #[error("the object is larger than it should be")]
    TooLarge,
    #[error("the answer broke off")]
    BrokenOff,
}

impl Source {
    pub(super) fn new(base_url: &str, timeout: Duration) -> anyhow::Result<Self> {
        let client = Client::builder()
            .timeout(timeout)
            .connect_timeout(timeout)
            // A snapshot comes from where it was asked for or not at all.
            .redirect(redirect::Policy::none())
            .user_agent(concat!("lotwise/", env!("CARGO_PKG_VERSION")))
            .build()
            .context("setting up the HTTP client")?;
        Ok(Self { client, base_url: base_url.trim_end_matches('/').to_owned() })
    }

    /// Fetches `path`, made of checked parts, if it is not what `etag` names; at most `limit` bytes.
    pub(super) async fn get(
        &self,
        path: &str,
        etag: Option<&str>,
        limit: usize,
    ) -> Result<Fetched, FetchError> {
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
            status => return Err(FetchError::Status(status)),
        }
        let etag = response.headers().get(ETAG).and_then(|etag| etag.to_str().ok()).map(ToOwned::to_owned);
        let mut bytes = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(|error| failure(&error))? {
            if bytes.len() + chunk.len() > limit {
                return Err(FetchError::TooLarge);
            }
            bytes.extend_from_slice(&chunk);
        }
        Ok(Fetched::Object { etag, bytes })
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
