//! The client document, in either form, on its way to pages. The full one never goes through this door.

use core::time::Duration;

use lotwise_core::document::MAX_DOCUMENT_BYTES;

use crate::etag::matches;
use crate::problem::Problem;
use crate::published::{Pointer, is_named_by_digest};
use crate::reader::{FetchError, Fetched, Found, Object, Reader, Report, Source};
use crate::request::Request;
use crate::response::Response;
use crate::settings::is_servable_environment;

/// How long a `version.json` may be passed on without asking the store, as its `Cache-Control` says.
const POINTER_LIFE: Duration = Duration::from_secs(1);

/// An object of an environment's client folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PassthroughCall {
    environment: String,
    /// Under the base URL, made of checked parts only.
    path: String,
    is_immutable: bool,
}

impl PassthroughCall {
    /// The call for `/{environment}/client/{object}`.
    pub(crate) fn parse(environment: &str, object: &str) -> Result<Self, Problem> {
        let is_immutable = is_snapshot_path(object);
        if !is_servable_environment(environment) || !(is_immutable || object == "version.json") {
            return Err(Problem::new(404, "not_found", "There is nothing at this address."));
        }
        let path = format!("{environment}/client/{object}");
        Ok(Self { environment: environment.to_owned(), path, is_immutable })
    }

    /// The object as the store has it, or as a cache nearby kept it: always for a snapshot, which
    /// never changes, and for `version.json` while it is a second old, or the store is away or behind.
    pub async fn answer<S: Source>(&self, reader: &Reader<S>, request: &Request<'_>) -> Response {
        let absent = || Problem::new(404, "not_found", "There is nothing at this address.");
        let unavailable = || {
            let detail = "The store cannot be read right now. Try again.";
            Problem::new(503, "store_unavailable", detail).response(request.request_id)
        };
        let found = reader.find(&self.environment).await;
        if let Found::Absent = found {
            return absent().response(request.request_id);
        }
        let source = reader.source();
        let kept = source.recall(&self.path).await.filter(|kept| self.is_genuine(&kept.object));
        if let Some(kept) = &kept
            && (self.is_immutable
                || reader.has_failed(&self.environment)
                || source.now().checked_sub(kept.stored_at).is_some_and(|age| age < POINTER_LIFE))
        {
            return self.pass(&kept.object, request);
        }
        if let Found::Unavailable = found {
            return unavailable();
        }
        let kept = kept.map(|kept| kept.object);
        let etag = kept.as_ref().and_then(|object| object.etag.as_deref());
        let fetched = match (source.fetch(&self.path, etag, MAX_DOCUMENT_BYTES).await, kept) {
            (Ok(Fetched::Object(object)), kept) if !self.is_genuine(&object) => {
                Err((FetchError::BrokenOff, kept))
            }
            (Ok(Fetched::Object(object)), Some(kept)) if self.version(&object) < self.version(&kept) => {
                Ok(kept)
            }
            (Ok(Fetched::Object(object)), _) | (Ok(Fetched::NotModified), Some(object)) => Ok(object),
            (Ok(Fetched::NotModified), None) => Err((FetchError::Status(304), None)),
            (Ok(Fetched::Absent), _) => return absent().response(request.request_id),
            (Err(error), kept) => Err((error, kept)),
        };
        match fetched {
            Ok(object) => {
                source.keep(&self.path, &object).await;
                self.pass(&object, request)
            }
            Err((_, Some(kept))) => self.pass(&kept, request),
            Err((error, None)) => {
                source.report(&self.environment, Report::Failed(&error.to_string()));
                unavailable()
            }
        }
    }

    /// Whether the object is what its path promises, so that no cache is filled with rubbish.
    fn is_genuine(&self, object: &Object) -> bool {
        if self.is_immutable {
            is_named_by_digest(&self.path, &object.bytes)
        } else {
            Pointer::parse(&self.environment, &object.bytes).is_ok()
        }
    }

    /// Which version a `version.json` points to; none for a snapshot.
    fn version(&self, object: &Object) -> Option<u64> {
        Pointer::parse(&self.environment, &object.bytes).ok().map(|pointer| pointer.version())
    }

    fn pass(&self, object: &Object, request: &Request<'_>) -> Response {
        let is_known = object.etag.as_deref().is_some_and(|etag| matches(request.if_none_match, etag));
        let response = match is_known {
            true => Response::empty(304),
            false => Response::of(self.content_type(), 200, object.bytes.clone()),
        };
        let response = response.with_header("cache-control", self.cache_control());
        match &object.etag {
            Some(etag) => response.with_header("etag", etag.clone()),
            None => response,
        }
    }

    fn content_type(&self) -> &'static str {
        match self.path.strip_suffix(".bin") {
            Some(_) => "application/octet-stream",
            None => "application/json",
        }
    }

    /// How long caches may keep it.
    fn cache_control(&self) -> &'static str {
        if self.is_immutable {
            "public, max-age=31536000, immutable"
        } else {
            "public, max-age=1, must-revalidate"
        }
    }
}

/// `snapshots/{version}-{16 hex digits}.json` or `.bin`
fn is_snapshot_path(object: &str) -> bool {
    let name = object.strip_prefix("snapshots/");
    let name = name.and_then(|name| name.strip_suffix(".json").or_else(|| name.strip_suffix(".bin")));
    name.and_then(|name| name.split_once('-')).is_some_and(|(version, digest)| {
        let is_version =
            (1..=20).contains(&version.len()) && version.bytes().all(|byte| byte.is_ascii_digit());
        is_version
            && digest.len() == 16
            && digest.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
    })
}
