//! What a decide service is set up with.

use crate::access::Keys;
use crate::sticky::StickyKeys;

/// Settings of a decide service, the same on every host.
#[derive(Clone, Debug, Default)]
pub struct Settings {
    /// The environment of OFREP requests whose path names none.
    pub default_environment: Option<String>,
    /// Origins that pages may ask from, e.g. `https://shop.example.com`.
    pub cors_origins: Vec<String>,
    /// Who may ask for what.
    pub keys: Keys,
    /// What sticky cookies are signed with.
    pub sticky_keys: StickyKeys,
}

/// Names that paths begin with, so that no environment may have them.
pub const RESERVED_NAMES: &[&str] = &[
    "admin",
    "api",
    "assets",
    "client",
    "dashboard",
    "decide",
    "docs",
    "events",
    "explain",
    "favicon",
    "health",
    "metrics",
    "ofrep",
    "openapi",
    "ready",
    "snapshots",
    "static",
    "v1",
    "version",
];

/// Whether an environment of this name can exist. Checked before anything is fetched or remembered.
pub fn is_servable_environment(name: &str) -> bool {
    lotwise_core::document::is_environment_name(name) && !RESERVED_NAMES.contains(&name)
}
