//! The S3-compatible store that snapshots are published to.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use aws_sdk_s3::Client;
use aws_sdk_s3::config::retry::RetryConfig;
use aws_sdk_s3::config::timeout::TimeoutConfig;
use aws_sdk_s3::config::{
    BehaviorVersion, Credentials, Region, RequestChecksumCalculation, ResponseChecksumValidation,
};
use aws_sdk_s3::operation::get_object::GetObjectError;
use aws_sdk_s3::primitives::ByteStream;
use bytes::Bytes;
use tokio::sync::Mutex;

use super::object_store_error::{ObjectStoreError, status};
use super::pointer::{Audience, Pointer};
use super::probe::probe;

/// Where the store is and how to be let in.
#[derive(Clone)]
pub struct ObjectStoreSettings {
    /// Scheme and authority.
    pub endpoint: String,
    /// The bucket that readers read from.
    pub bucket: String,
    /// The region that requests are signed for.
    pub region: String,
    /// A folder in the bucket, without slashes at its ends; may be empty.
    pub prefix: String,
    /// Access key id.
    pub access_key_id: String,
    /// Secret access key.
    pub secret_access_key: String,
    /// Session token of temporary credentials.
    pub session_token: Option<String>,
    /// Publish even where conditional writes do not work.
    pub allow_unconditional: bool,
}

/// What a store is told of an object.
#[derive(Clone, Copy, Debug)]
pub(super) struct Kind {
    pub(super) content_type: &'static str,
    pub(super) cache_control: &'static str,
}

/// A snapshot never changes under its name.
const CACHE_FOREVER: &str = "public, max-age=31536000, immutable";

pub(super) const DOCUMENT: Kind = Kind { content_type: "application/json", cache_control: CACHE_FOREVER };

pub(super) const BINARY: Kind =
    Kind { content_type: "application/octet-stream", cache_control: CACHE_FOREVER };

/// Readers ask for the pointer every few seconds with its `ETag`. A second of shared caching keeps
/// a thousand readers behind one CDN from being a thousand requests, and delays nobody noticeably.
const POINTER: Kind =
    Kind { content_type: "application/json", cache_control: "public, max-age=1, must-revalidate" };

/// How long the answer of a health check is good for: `/health` is public, the store's bill is not.
const HEALTH_AGE: Duration = Duration::from_secs(2);

/// What has to be so for a write to happen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Condition {
    /// Nothing is there.
    Absent,
    /// What is there has this `ETag`.
    Unchanged(String),
}

/// Whether a conditional write happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Put {
    /// It did.
    Written,
    /// The condition does not hold.
    ConditionFailed,
}

/// A client of one bucket.
pub struct ObjectStore {
    client: Client,
    settings: ObjectStoreSettings,
    /// Whether conditional writes are known to work.
    is_conditional: Mutex<Option<bool>>,
    /// Set where they do not and need not: a store may refuse the headers.
    omits_conditions: AtomicBool,
    health: Mutex<Option<(Instant, bool)>>,
}

impl std::fmt::Debug for ObjectStore {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ObjectStore").field("bucket", &self.settings.bucket).finish_non_exhaustive()
    }
}

impl ObjectStore {
    /// A client; nothing is asked yet.
    pub fn new(settings: ObjectStoreSettings) -> Self {
        let credentials = Credentials::new(
            &settings.access_key_id,
            &settings.secret_access_key,
            settings.session_token.clone(),
            None,
            "settings",
        );
        let timeouts = TimeoutConfig::builder()
            .connect_timeout(Duration::from_secs(2))
            .operation_attempt_timeout(Duration::from_secs(10))
            .operation_timeout(Duration::from_secs(20))
            .build();
        let config = aws_sdk_s3::Config::builder()
            .behavior_version(BehaviorVersion::latest())
            .endpoint_url(&settings.endpoint)
            .region(Region::new(settings.region.clone()))
            .credentials_provider(credentials)
            .force_path_style(true)
            // Many compatible stores know none of the newer checksums.
            .request_checksum_calculation(RequestChecksumCalculation::WhenRequired)
            .response_checksum_validation(ResponseChecksumValidation::WhenRequired)
            .retry_config(RetryConfig::standard().with_max_attempts(2))
            .timeout_config(timeouts)
            .build();
        Self {
            client: Client::from_conf(config),
            settings,
            is_conditional: Mutex::new(None),
            omits_conditions: AtomicBool::new(false),
            health: Mutex::new(None),
        }
    }

    /// What `version.json` of an environment says, with its `ETag`; none: there is none yet.
    pub(super) async fn pointer(
        &self,
        environment: &str,
        audience: Audience,
    ) -> Result<Option<(Pointer, String)>, ObjectStoreError> {
        let key = audience.pointer_key(environment);
        let Some((bytes, etag)) = self.get(&key).await? else { return Ok(None) };
        let pointer = serde_json::from_slice(&bytes).map_err(|_| {
            ObjectStoreError::Foreign(format!(
                "{key} at the store is not a version pointer. Restore it, or remove it to start over."
            ))
        })?;
        Ok(Some((pointer, etag)))
    }

    /// The higher of the versions that the two pointers of an environment name.
    pub async fn published_version(&self, environment: &str) -> Result<Option<i64>, ObjectStoreError> {
        let full = self.pointer(environment, Audience::Full).await?;
        let client = self.pointer(environment, Audience::Client).await?;
        Ok(full.into_iter().chain(client).map(|(pointer, _)| pointer.version).max())
    }

    /// Whether the bucket answers; asked at most every few seconds.
    pub async fn is_healthy(&self) -> bool {
        let mut health = self.health.lock().await;
        if let Some((asked, answer)) = *health
            && asked.elapsed() < HEALTH_AGE
        {
            return answer;
        }
        let head = self.client.head_bucket().bucket(&self.settings.bucket).send();
        let answer = tokio::time::timeout(Duration::from_secs(2), head).await;
        let answer = matches!(answer, Ok(Ok(_)));
        *health = Some((Instant::now(), answer));
        answer
    }

    /// Makes sure that conditional writes work, or that their absence is allowed.
    pub async fn require_conditional_writes(&self) -> Result<(), ObjectStoreError> {
        let mut known = self.is_conditional.lock().await;
        let works = match *known {
            Some(works) => works,
            None => *known.insert(probe(self).await?),
        };
        if works {
            return Ok(());
        }
        if self.settings.allow_unconditional {
            self.omits_conditions.store(true, Ordering::Relaxed);
            return Ok(());
        }
        // Ask again the next time: the store may have been replaced by then.
        *known = None;
        Err(ObjectStoreError::Unconditional)
    }

    /// An object and its `ETag`.
    pub(super) async fn get(&self, key: &str) -> Result<Option<(Bytes, String)>, ObjectStoreError> {
        let request = self.client.get_object().bucket(&self.settings.bucket).key(self.path(key));
        let object = match request.send().await {
            Ok(object) => object,
            Err(error) if error.as_service_error().is_some_and(GetObjectError::is_no_such_key) => {
                return Ok(None);
            }
            Err(error) => return Err(ObjectStoreError::from_sdk(&error)),
        };
        let etag = object.e_tag().unwrap_or_default().to_owned();
        let bytes = object.body.collect().await;
        let bytes = bytes.map_err(|error| ObjectStoreError::Unavailable(error.to_string()))?;
        Ok(Some((bytes.into_bytes(), etag)))
    }

    /// Writes the pointer of an environment, if the one it replaces is still there.
    pub(super) async fn put_pointer(
        &self,
        environment: &str,
        audience: Audience,
        pointer: &Pointer,
        condition: &Condition,
    ) -> Result<Put, ObjectStoreError> {
        let bytes =
            serde_json::to_vec(pointer).map_err(|error| ObjectStoreError::Foreign(error.to_string()))?;
        let key = audience.pointer_key(environment);
        self.put(&key, bytes.into(), POINTER, condition).await
    }

    /// Writes an object that will never change. Its being there already, with the same bytes, is
    /// as good.
    pub(super) async fn put_immutable(
        &self,
        key: &str,
        bytes: Bytes,
        kind: Kind,
    ) -> Result<(), ObjectStoreError> {
        let put = self.put(key, bytes.clone(), kind, &Condition::Absent).await?;
        if put == Put::Written {
            return Ok(());
        }
        match self.get(key).await? {
            Some((present, _)) if present == bytes => Ok(()),
            Some(_) => {
                Err(ObjectStoreError::Foreign(format!("{key} exists at the store with other content.")))
            }
            None => Err(ObjectStoreError::Unavailable(format!("{key} came and went"))),
        }
    }

    /// Writes an object if the condition holds.
    pub(super) async fn put(
        &self,
        key: &str,
        bytes: Bytes,
        kind: Kind,
        condition: &Condition,
    ) -> Result<Put, ObjectStoreError> {
        let request = self
            .client
            .put_object()
            .bucket(&self.settings.bucket)
            .key(self.path(key))
            .content_type(kind.content_type)
            .cache_control(kind.cache_control)
            .body(ByteStream::from(bytes));
        let request = match condition {
            _ if self.omits_conditions.load(Ordering::Relaxed) => request,
            Condition::Absent => request.if_none_match("*"),
            Condition::Unchanged(etag) => request.if_match(etag),
        };
        match request.send().await {
            Ok(_) => Ok(Put::Written),
            // 409 is a race that another request is winning.
            Err(error) if matches!(status(&error), Some(409 | 412)) => Ok(Put::ConditionFailed),
            Err(error) if status(&error) == Some(501) => Err(ObjectStoreError::Unconditional),
            Err(error) => Err(ObjectStoreError::from_sdk(&error)),
        }
    }

    /// Removes an object.
    pub(super) async fn delete(&self, key: &str) -> Result<(), ObjectStoreError> {
        let request = self.client.delete_object().bucket(&self.settings.bucket).key(self.path(key));
        request.send().await.map(|_| ()).map_err(|error| ObjectStoreError::from_sdk(&error))
    }

    fn path(&self, key: &str) -> String {
        if self.settings.prefix.is_empty() {
            key.to_owned()
        } else {
            format!("{}/{key}", self.settings.prefix)
        }
    }
}
