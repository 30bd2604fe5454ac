//! Every request passes here on its way to `s3s`.

use std::convert::Infallible;
use std::path::Path;

use anyhow::{Context, Result};
use bytes::Bytes;
use http::header::{self, HeaderMap, HeaderValue};
use http::{Method, Response, StatusCode};
use http_body_util::BodyExt as _;
use hyper::body::Incoming;
use s3s::auth::SimpleAuth;
use s3s::service::{S3Service, S3ServiceBuilder};
use s3s::{Body, HttpRequest, HttpResponse};
use s3s_fs::FileSystem;
use tokio::sync::RwLock;

use super::access::Access;
use super::faults::{Faults, ReadFault};
use crate::config::{ACCESS_KEY, BUCKET, SECRET_KEY};

pub(super) struct Gate {
    service: S3Service,
    faults: Faults,
    /// Writes go one at a time: `s3s-fs` looks whether a condition holds and then writes, and
    /// writes an object's bytes and its `ETag` one after the other.
    turn: RwLock<()>,
}

impl Gate {
    pub(super) fn open(folder: &Path, faults: Faults) -> Result<Self> {
        forget_etags(folder)?;
        let files = FileSystem::new(folder)
            .map_err(|error| anyhow::anyhow!("{error:?}"))
            .with_context(|| format!("opening the object store in {}", folder.display()))?;
        let mut builder = S3ServiceBuilder::new(files);
        builder.set_auth(SimpleAuth::from_single(ACCESS_KEY, SECRET_KEY));
        builder.set_access(Access { faults: faults.clone() });
        Ok(Self { service: builder.build(), faults, turn: RwLock::new(()) })
    }

    pub(super) async fn answer(&self, request: http::Request<Incoming>) -> Result<HttpResponse, Infallible> {
        let request = request.map(Body::from);
        let mut response = match *request.method() {
            Method::OPTIONS => plain(StatusCode::NO_CONTENT),
            Method::GET | Method::HEAD => self.read(request).await,
            _ => self.write(request).await,
        };
        allow_every_origin(response.headers_mut());
        Ok(response)
    }

    async fn read(&self, request: HttpRequest) -> HttpResponse {
        let Some(key) = object_key(request.uri().path()) else {
            let _turn = self.turn.read().await;
            return self.pass_on(request).await;
        };
        let fault = self.faults.next_read(&key);
        match fault {
            ReadFault::Delay(delay) => tokio::time::sleep(delay).await,
            ReadFault::Status(status) => return plain(status_code(status)),
            ReadFault::None | ReadFault::Truncate => {}
        }
        if let Some(bytes) = self.faults.replacement(&key) {
            return Response::new(Body::from(bytes));
        }
        let known = request.headers().get(header::IF_NONE_MATCH).cloned();
        let response = {
            let _turn = self.turn.read().await;
            self.pass_on(request).await
        };
        if fault == ReadFault::Truncate {
            return cut_short(response).await;
        }
        match known {
            Some(known) if response.status().is_success() => unless_known(&known, response),
            _ => response,
        }
    }

    async fn write(&self, request: HttpRequest) -> HttpResponse {
        if let Some(status) = self.faults.failing_writes() {
            return plain(status_code(status));
        }
        let _turn = self.turn.write().await;
        self.pass_on(request).await
    }

    async fn pass_on(&self, request: HttpRequest) -> HttpResponse {
        let answer = self.service.call(request).await;
        answer.unwrap_or_else(|_| plain(StatusCode::INTERNAL_SERVER_ERROR))
    }
}

/// The key, when the path is that of an object in the public bucket.
fn object_key(path: &str) -> Option<String> {
    let (bucket, key) = path.strip_prefix('/')?.split_once('/')?;
    (bucket == BUCKET && !key.is_empty()).then(|| key.to_owned())
}

/// `304 Not Modified` for a reader that holds this very object.
fn unless_known(known: &HeaderValue, response: HttpResponse) -> HttpResponse {
    let Some(etag) = response.headers().get(header::ETAG) else {
        return response;
    };
    let bare = |tag: &str| tag.trim().trim_start_matches("W/").to_owned();
    let (Ok(known), Ok(current)) = (known.to_str(), etag.to_str()) else {
        return response;
    };
    if !known.split(',').any(|tag| tag.trim() == "*" || bare(tag) == bare(current)) {
        return response;
    }
    let mut unchanged = plain(StatusCode::NOT_MODIFIED);
    for name in [header::ETAG, header::CACHE_CONTROL, header::LAST_MODIFIED] {
        if let Some(value) = response.headers().get(&name) {
            unchanged.headers_mut().insert(name, value.clone());
        }
    }
    unchanged
}

/// Half of the body under the whole body's length, which makes the connection break.
async fn cut_short(response: HttpResponse) -> HttpResponse {
    let (mut parts, body) = response.into_parts();
    let bytes = body.collect().await.map_or_else(|_| Bytes::new(), http_body_util::Collected::to_bytes);
    parts.headers.insert(header::CONTENT_LENGTH, bytes.len().into());
    Response::from_parts(parts, Body::http_body(Half::of(&bytes)))
}

/// A body that fails after its first half.
struct Half(Option<Bytes>);

impl Half {
    fn of(bytes: &Bytes) -> Self {
        Self(Some(bytes.slice(..bytes.len() / 2)))
    }
}

impl hyper::body::Body for Half {
    type Data = Bytes;
    type Error = std::io::Error;

    fn poll_frame(
        mut self: std::pin::Pin<&mut Self>,
        _: &mut std::task::Context<'_>,
    ) -> std::task::Poll<Option<Result<hyper::body::Frame<Bytes>, Self::Error>>> {
        let frame = match self.0.take() {
            Some(bytes) => Ok(hyper::body::Frame::data(bytes)),
            None => Err(std::io::Error::other("cut short on purpose")),
        };
        std::task::Poll::Ready(Some(frame))
    }
}

fn allow_every_origin(headers: &mut HeaderMap) {
    for (name, value) in [
        (header::ACCESS_CONTROL_ALLOW_ORIGIN, "*"),
        (header::ACCESS_CONTROL_ALLOW_METHODS, "GET, HEAD"),
        (header::ACCESS_CONTROL_ALLOW_HEADERS, "If-None-Match"),
        (header::ACCESS_CONTROL_EXPOSE_HEADERS, "ETag"),
        (header::ACCESS_CONTROL_MAX_AGE, "86400"),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
}

fn plain(status: StatusCode) -> HttpResponse {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = status;
    response
}

fn status_code(status: u16) -> StatusCode {
    StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
}

/// A kill between the two writes of a PUT leaves an old `ETag` beside new bytes, which would let a
/// stale conditional write pass. Without a remembered `ETag` `s3s-fs` computes it from the bytes.
fn forget_etags(folder: &Path) -> Result<()> {
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        if name.starts_with(".bucket-") && name.ends_with(".internal.json") {
            std::fs::remove_file(&path)?;
        }
    }
    Ok(())
}
