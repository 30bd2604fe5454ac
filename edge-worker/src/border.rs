//! Requests and responses across the border of WebAssembly; see `border.js`.

use js_sys::Uint8Array;
use lotwise_serving::{Method, Request, Response};
use wasm_bindgen::prelude::wasm_bindgen;
use wasm_bindgen::{JsCast as _, JsValue};
use worker::web_sys;

#[wasm_bindgen(module = "/src/border.js")]
extern "C" {
    fn describe(request: &web_sys::Request, origin: bool, cookie: bool, client: bool) -> String;

    #[wasm_bindgen(catch)]
    async fn read(message: &JsValue, limit: u32) -> Result<JsValue, JsValue>;

    #[wasm_bindgen(catch)]
    async fn digest(bytes: &[u8]) -> Result<JsValue, JsValue>;

    fn respond(status: u16, headers: &str, body: &[u8]) -> web_sys::Response;
}

#[wasm_bindgen]
extern "C" {
    /// A fresh request id.
    #[wasm_bindgen(js_namespace = crypto, js_name = randomUUID)]
    pub(crate) fn random_uuid() -> String;
}

/// Headers that only some settings look at.
#[derive(Clone, Copy, Default)]
pub(crate) struct Wanted {
    pub(crate) origin: bool,
    pub(crate) cookie: bool,
    pub(crate) client: bool,
}

/// What a request says, apart from its body.
pub(crate) struct Description(String);

/// The lines of a description.
pub(crate) struct Parts<'d> {
    pub(crate) is_head: bool,
    /// The address that Cloudflare saw.
    pub(crate) client: Option<&'d str>,
    /// Without body and request id.
    pub(crate) request: Request<'d>,
    /// The id that the caller gave the request.
    pub(crate) given_id: Option<&'d str>,
}

impl Description {
    pub(crate) fn of(request: &web_sys::Request, wanted: Wanted) -> Self {
        Self(describe(request, wanted.origin, wanted.cookie, wanted.client))
    }

    pub(crate) fn parts(&self) -> Parts<'_> {
        let mut lines = self.0.split('\n');
        let mut line = || lines.next().unwrap_or_default();
        let (method, url) = (line(), line());
        let mut header = || Some(line()).filter(|value| !value.is_empty());
        let (path, query) = target(url);
        let (authorization, api_key, if_none_match) = (header(), header(), header());
        let given_id = header();
        let content_type = header();
        let (origin, cookie, client) = (header(), header(), header());
        let request = Request {
            method: Method::from_name(method),
            path,
            query,
            origin,
            authorization,
            api_key,
            if_none_match,
            cookie,
            content_type,
            body: Some(b""),
            request_id: "",
        };
        Parts { is_head: method == "HEAD", request, given_id, client }
    }
}

/// Path and query of a URL.
fn target(url: &str) -> (&str, Option<&str>) {
    let after_scheme = url.split_once("://").map_or(url, |(_, rest)| rest);
    let target = after_scheme.find('/').and_then(|slash| after_scheme.get(slash..)).unwrap_or("/");
    target.split_once('?').map_or((target, None), |(path, query)| (path, Some(query)))
}

/// The body of a request or a response; `None` when it is larger than `limit`.
///
/// # Errors
///
/// A body that breaks off.
pub(crate) async fn body(message: &JsValue, limit: usize) -> Result<Option<Vec<u8>>, JsValue> {
    let bytes = read(message, u32::try_from(limit).unwrap_or(u32::MAX)).await?;
    Ok(bytes.dyn_ref::<Uint8Array>().map(Uint8Array::to_vec))
}

/// SHA-256, by the host: many times as fast as in WebAssembly, the more so in a fresh isolate, whose
/// code is not optimised yet.
pub(crate) async fn sha256(bytes: &[u8]) -> [u8; 32] {
    let digest = digest(bytes).await.ok();
    let digest = digest.as_ref().and_then(|digest| digest.dyn_ref::<Uint8Array>());
    digest
        .and_then(|digest| digest.to_vec().try_into().ok())
        .unwrap_or_else(|| lotwise_serving::sha256(bytes))
}

/// The response as the host wants it.
pub(crate) fn into_web(response: &Response, is_head: bool) -> web_sys::Response {
    let mut headers = String::with_capacity(512);
    for (name, value) in &response.headers {
        // A line break would be a header of its own making; no value has one.
        if !value.contains(['\n', '\r']) {
            headers.push_str(name);
            headers.push('\n');
            headers.push_str(value);
            headers.push('\n');
        }
    }
    respond(response.status, &headers, if is_head { b"" } else { &response.body })
}
