//! The control API, which keeps events.

use core::time::Duration;

use wasm_bindgen::JsCast as _;
use wasm_bindgen::JsValue;
use wasm_bindgen_futures::JsFuture;
use worker::web_sys::{self, AbortSignal, WorkerGlobalScope};

use crate::border;

/// More than a thousand refusals take.
const MAX_ANSWER_BYTES: usize = 1 << 20;

/// A write is more than a look: several times the time of a fetch.
const PATIENCE: u32 = 5;

/// Where events are kept.
pub(crate) struct Keeper {
    url: String,
    key: Option<String>,
    timeout: Duration,
}

/// A request that brings events.
pub(crate) struct Parcel<'p> {
    pub(crate) content_type: &'p str,
    pub(crate) body: &'p [u8],
    /// Whether the caller had a secret key.
    pub(crate) is_verified: bool,
    pub(crate) request_id: &'p str,
}

/// What the control API says.
pub(crate) struct Answer {
    pub(crate) status: u16,
    /// Seconds.
    pub(crate) retry_after: Option<u32>,
    pub(crate) body: Vec<u8>,
}

impl Keeper {
    /// The control API at this address, with this key.
    pub(crate) fn new(api_url: &str, key: Option<String>, fetch_timeout: Duration) -> Self {
        let url = format!("{}/events", api_url.trim_end_matches('/'));
        Self { url, key, timeout: fetch_timeout * PATIENCE }
    }

    /// Brings events; none when there is no answer.
    pub(crate) async fn bring(&self, parcel: &Parcel<'_>) -> Option<Answer> {
        self.fetch(parcel).await.ok().flatten()
    }

    async fn fetch(&self, parcel: &Parcel<'_>) -> Result<Option<Answer>, JsValue> {
        let init = web_sys::RequestInit::new();
        init.set_method("POST");
        // The key is for this address alone.
        init.set_redirect(web_sys::RequestRedirect::Manual);
        let timeout = u32::try_from(self.timeout.as_millis()).unwrap_or(u32::MAX);
        init.set_signal(Some(&AbortSignal::timeout_with_u32(timeout)));
        let headers = web_sys::Headers::new()?;
        headers.set("content-type", parcel.content_type)?;
        if !parcel.request_id.is_empty() {
            headers.set("x-request-id", parcel.request_id)?;
        }
        if let Some(key) = &self.key {
            headers.set("authorization", &format!("Bearer {key}"))?;
        }
        if !parcel.is_verified {
            headers.set(lotwise_serving::UNVERIFIED_HEADER, "1")?;
        }
        init.set_headers(&headers);
        init.set_body(&js_sys::Uint8Array::from(parcel.body));
        let scope: WorkerGlobalScope = js_sys::global().unchecked_into();
        let response = JsFuture::from(scope.fetch_with_str_and_init(&self.url, &init)).await?;
        let response: web_sys::Response = response.unchecked_into();
        let retry_after = response.headers().get("retry-after")?.and_then(|text| text.parse().ok());
        let body = border::body(&response, MAX_ANSWER_BYTES).await?.unwrap_or_default();
        Ok(Some(Answer { status: response.status(), retry_after, body }))
    }
}
