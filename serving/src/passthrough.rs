//! The client document on its way to pages. The full one never goes through this door.

use crate::problem::Problem;
use crate::settings::is_servable_environment;

/// An object of an environment's client folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PassthroughCall {
    /// The environment.
    pub environment: String,
    /// The object's path under the base URL, made of checked parts only.
    pub path: String,
    /// Whether the object never changes.
    pub is_immutable: bool,
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

    /// How long caches may keep it.
    pub fn cache_control(&self) -> &'static str {
        if self.is_immutable {
            "public, max-age=31536000, immutable"
        } else {
            "public, max-age=1, must-revalidate"
        }
    }
}

/// `snapshots/{version}-{16 hex digits}.json`
fn is_snapshot_path(object: &str) -> bool {
    let name = object.strip_prefix("snapshots/").and_then(|name| name.strip_suffix(".json"));
    name.and_then(|name| name.split_once('-')).is_some_and(|(version, digest)| {
        let is_version =
            (1..=20).contains(&version.len()) && version.bytes().all(|byte| byte.is_ascii_digit());
        is_version
            && digest.len() == 16
            && digest.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
    })
}
