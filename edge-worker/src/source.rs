//! The store as a Worker sees it: over HTTP or an R2 binding, with the Cache API in between.

use core::time::Duration;

use futures_util::future::{Either, select};
use lotwise_serving::{FetchError, Fetched, Form, InvalidSnapshot, Kept, Object, Published, Report, Source};
use wasm_bindgen::{JsCast as _, JsValue};
use wasm_bindgen_futures::JsFuture;
use worker::web_sys::{self, AbortSignal, WorkerGlobalScope};
use worker::{Bucket, Cache, Conditional, Date, Delay, Headers, Response};

use crate::border;

/// A cache of our own, so that nothing else is found under these names.
const CACHE: &str = "lotwise";

/// When an object was kept, in milliseconds since 1970.
const STORED_AT: &str = "x-lotwise-stored-at";

/// Kept objects are useful as long as the store may be away. Snapshots never change, and
/// `version.json` is asked for again as soon as it is older than the poll interval.
const KEEP: &str = "public, max-age=604800";

/// Where snapshots come from.
pub(crate) struct EdgeSource {
    /// Without a slash at the end. Names the cache entries even when there is a bucket.
    pub(crate) base_url: String,
    pub(crate) bucket: Option<Bucket>,
    pub(crate) fetch_timeout: Duration,
}

impl EdgeSource {
    fn url(&self, path: &str) -> String {
        format!("{}/{path}", self.base_url)
    }

    async fn fetch_http(
        &self,
        path: &str,
        etag: Option<&str>,
        max_bytes: usize,
    ) -> Result<Fetched, FetchError> {
        let request = web_sys::RequestInit::new();
        // A snapshot comes from where it was asked for or not at all.
        request.set_redirect(web_sys::RequestRedirect::Manual);
        let timeout = u32::try_from(self.fetch_timeout.as_millis()).unwrap_or(u32::MAX);
        request.set_signal(Some(&AbortSignal::timeout_with_u32(timeout)));
        let headers = web_sys::Headers::new().map_err(|_| FetchError::Unreachable)?;
        if let Some(etag) = etag {
            // Only a tag that no header can carry is refused, and then the object comes whole.
            let _ = headers.set("if-none-match", etag);
        }
        request.set_headers(&headers);
        let scope: WorkerGlobalScope = js_sys::global().unchecked_into();
        let response = JsFuture::from(scope.fetch_with_str_and_init(&self.url(path), &request)).await;
        let response: web_sys::Response =
            response.map_err(|error| failure(&error, FetchError::Unreachable))?.unchecked_into();
        match response.status() {
            200 => {}
            304 => return Ok(Fetched::NotModified),
            404 => return Ok(Fetched::Absent),
            status => return Err(FetchError::Status(status)),
        }
        let etag = response.headers().get("etag").ok().flatten();
        let body = border::body(&response, max_bytes).await;
        let bytes =
            body.map_err(|error| failure(&error, FetchError::BrokenOff))?.ok_or(FetchError::TooLarge)?;
        Ok(Fetched::Object(Object { bytes, etag }))
    }

    async fn fetch_bucket(
        &self,
        bucket: &Bucket,
        path: &str,
        etag: Option<&str>,
        max_bytes: usize,
    ) -> Result<Fetched, FetchError> {
        let etag_does_not_match = etag.map(|etag| etag.trim_start_matches("W/").trim_matches('"').to_owned());
        let get = async {
            let condition = Conditional { etag_does_not_match, ..Conditional::default() };
            let object = bucket.get(path).only_if(condition).execute().await;
            let Some(object) = object.map_err(|_| FetchError::Unreachable)? else {
                return Ok(Fetched::Absent);
            };
            let Some(body) = object.body() else { return Ok(Fetched::NotModified) };
            if object.size() > max_bytes as u64 {
                return Err(FetchError::TooLarge);
            }
            let bytes = body.bytes().await.map_err(|_| FetchError::BrokenOff)?;
            Ok(Fetched::Object(Object { bytes, etag: Some(object.http_etag()) }))
        };
        match select(Box::pin(get), Delay::from(self.fetch_timeout)).await {
            Either::Left((fetched, _)) => fetched,
            Either::Right(_) => Err(FetchError::TimedOut),
        }
    }
}

impl Source for EdgeSource {
    /// The time of the last I/O: clocks stand still while a Worker computes.
    fn now(&self) -> Duration {
        Duration::from_millis(Date::now().as_millis())
    }

    async fn fetch(&self, path: &str, etag: Option<&str>, max_bytes: usize) -> Result<Fetched, FetchError> {
        match &self.bucket {
            Some(bucket) => self.fetch_bucket(bucket, path, etag, max_bytes).await,
            None => self.fetch_http(path, etag, max_bytes).await,
        }
    }

    async fn pause(&self, time: Duration) {
        Delay::from(time).await;
    }

    async fn load(&self, form: Form<'_>, object: &[u8]) -> Result<Published, InvalidSnapshot> {
        form.load(object, &border::sha256(object).await)
    }

    async fn recall(&self, path: &str) -> Option<Kept> {
        let cache = Cache::open(CACHE.to_owned()).await;
        let mut response = cache.get(self.url(path), false).await.ok()??;
        let header = |name| response.headers().get(name).ok().flatten();
        let stored_at = Duration::from_millis(header(STORED_AT)?.parse().ok()?);
        let etag = header("etag");
        let bytes = response.bytes().await.ok()?;
        Some(Kept { object: Object { bytes, etag }, stored_at })
    }

    async fn keep(&self, path: &str, object: &Object) {
        let now = self.now().as_millis().to_string();
        let headers = Headers::new();
        let mut lines = vec![("cache-control", KEEP), (STORED_AT, now.as_str())];
        lines.extend(object.etag.as_deref().map(|etag| ("etag", etag)));
        if lines.into_iter().any(|(name, value)| headers.set(name, value).is_err()) {
            return;
        }
        let Ok(response) = Response::from_bytes(object.bytes.clone()) else { return };
        let cache = Cache::open(CACHE.to_owned()).await;
        // What is not kept is fetched again.
        let _ = cache.put(self.url(path), response.with_headers(headers)).await;
    }

    fn report(&self, environment: &str, report: Report<'_>) {
        match report {
            // The first line that a Worker logs costs milliseconds, more than loading does; /health tells
            // the version as well. Tests count these lines.
            Report::Loaded(version) if cfg!(feature = "golden") => {
                worker::console_log!("{environment}: version {version} loaded");
            }
            Report::Loaded(_) => {}
            Report::Skipped(error) => {
                worker::console_warn!("{environment}: trying the next form of the snapshot: {error}");
            }
            Report::Failed(error) => {
                worker::console_warn!("{environment}: staying with what is held: {error}");
            }
        }
    }
}

fn failure(error: &JsValue, otherwise: FetchError) -> FetchError {
    let name = js_sys::Reflect::get(error, &"name".into()).ok().and_then(|name| name.as_string());
    if name.as_deref() == Some("TimeoutError") { FetchError::TimedOut } else { otherwise }
}
