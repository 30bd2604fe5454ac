//! A small HTTP client for the server's JSON.

use std::time::Duration;

use anyhow::{Context, Result, bail};
use http::{HeaderMap, Method};
use serde_json::Value;

/// Talks to the paths below one base URL.
#[derive(Debug, Clone)]
pub struct Api {
    base: String,
    client: reqwest::Client,
}

/// What came back.
#[derive(Debug, Clone)]
pub struct Answer {
    /// The method and the URL that were asked.
    pub request: String,
    /// The status code.
    pub status: u16,
    /// The header fields.
    pub headers: HeaderMap,
    /// The body as it came.
    pub text: String,
}

impl Api {
    /// A client for a base URL without a slash at its end.
    pub fn new(base: &str) -> Self {
        Self { base: base.trim_end_matches('/').to_owned(), client: reqwest::Client::new() }
    }

    /// `GET`.
    pub async fn get(&self, path: &str) -> Result<Answer> {
        self.send(Method::GET, path, &[], None).await
    }

    /// `POST` with a JSON body.
    pub async fn post(&self, path: &str, body: &Value) -> Result<Answer> {
        self.send(Method::POST, path, &[], Some(body.to_string())).await
    }

    /// `PUT` with a JSON body.
    pub async fn put(&self, path: &str, body: &Value) -> Result<Answer> {
        self.send(Method::PUT, path, &[], Some(body.to_string())).await
    }

    /// `PATCH` with a JSON body.
    pub async fn patch(&self, path: &str, body: &Value) -> Result<Answer> {
        self.send(Method::PATCH, path, &[], Some(body.to_string())).await
    }

    /// Any request; the body, if there is one, is JSON unless the headers say otherwise.
    pub async fn send(
        &self,
        method: Method,
        path: &str,
        headers: &[(&str, &str)],
        body: Option<String>,
    ) -> Result<Answer> {
        let url = format!("{}{path}", self.base);
        let asked = format!("{method} {url}");
        let mut request = self.client.request(method, url).timeout(Duration::from_secs(30));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        if let Some(body) = body {
            if !headers.iter().any(|(name, _)| *name == "content-type") {
                request = request.header("content-type", "application/json");
            }
            request = request.body(body);
        }
        let response = request.send().await.with_context(|| asked.clone())?;
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let text = response.text().await.context(asked.clone())?;
        Ok(Answer { request: asked, status, headers, text })
    }
}

impl Answer {
    /// The body as JSON; `null` when it is not.
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or(Value::Null)
    }

    /// A string member of the body.
    pub fn string(&self, member: &str) -> Result<String> {
        match self.json()[member].as_str() {
            Some(text) => Ok(text.to_owned()),
            None => bail!("no string `{member}` in {}", self.text),
        }
    }

    /// A header field's value, empty when there is none.
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }

    /// The answer itself, if it is a success.
    pub fn success(self) -> Result<Self> {
        if (200..300).contains(&self.status) {
            return Ok(self);
        }
        bail!("{}: the server answered {}: {}", self.request, self.status, self.text)
    }

    /// The answer itself, if it has this status.
    pub fn expect(self, status: u16) -> Result<Self> {
        if self.status == status {
            return Ok(self);
        }
        let Self { request, status: got, text, .. } = self;
        bail!("{request}: expected {status}, but the server answered {got}: {text}")
    }
}
