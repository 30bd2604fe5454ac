//! Exposures that assignments leave behind.

use lotwise_core::Reason;
use sha2::{Digest, Sha256};
use uuid::{Builder, Uuid};

/// One user has met one variant, with all that is needed to decide it again.
#[derive(Clone, Debug)]
pub struct Exposure {
    /// Made from experiment, user and request, so that a request that is sent again adds no second one;
    /// random where no request is named.
    pub id: Uuid,
    /// The environment's name.
    pub environment: String,
    /// The experiment's id.
    pub experiment_id: String,
    /// The experiment's key.
    pub experiment_key: String,
    /// The variant's id.
    pub variant_id: String,
    /// The variant's key.
    pub variant_key: String,
    /// Who it was, byte for byte.
    pub user_key: String,
    /// Why this variant: `SPLIT`, `STICKY`, `RULE` or `OVERRIDE`.
    pub reason: Reason,
    /// Whether QA or staff pinned it. Those are never analysed.
    pub is_override: bool,
    /// SHA-256 of the document that was decided on.
    pub document_sha256: [u8; 32],
    /// The attributes that the experiment's rules read, as a JSON object.
    pub context: Option<Box<str>>,
    /// What the user had been given before, as a JSON object of variant keys by experiment key.
    pub sticky: Option<Box<str>>,
    /// The request that it happened in.
    pub request_id: Option<String>,
}

/// The id of an exposure.
pub(super) fn exposure_id(experiment_id: &str, user_key: &str, request_id: Option<&str>) -> Uuid {
    let Some(request_id) = request_id else { return Uuid::new_v4() };
    let mut hasher = Sha256::new();
    for part in [experiment_id, user_key, request_id] {
        hasher.update((part.len() as u64).to_le_bytes());
        hasher.update(part);
    }
    let digest: [u8; 32] = hasher.finalize().into();
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&digest[..16]);
    Builder::from_custom_bytes(bytes).into_uuid()
}
