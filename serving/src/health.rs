//! The body of `/health`.

use std::collections::BTreeMap;

use serde::Serialize;

/// How an environment stands.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct EnvironmentHealth {
    /// The version served, if any.
    pub version: Option<u64>,
    /// Seconds since the store last confirmed it.
    pub age_seconds: Option<u64>,
    /// Why the last look at the store failed, if it did.
    pub last_error: Option<String>,
}

#[derive(Serialize)]
struct Body<'a> {
    status: &'static str,
    config_versions: BTreeMap<&'a str, Option<u64>>,
    environments: &'a BTreeMap<String, EnvironmentHealth>,
}

/// `degraded` while something served could not be confirmed, with versions and ages.
pub fn health(environments: &BTreeMap<String, EnvironmentHealth>) -> serde_json::Value {
    let is_degraded = environments.values().any(|environment| environment.last_error.is_some());
    let body = Body {
        status: if is_degraded { "degraded" } else { "ok" },
        config_versions: environments.iter().map(|(name, it)| (name.as_str(), it.version)).collect(),
        environments,
    };
    serde_json::to_value(body).unwrap_or_default()
}
