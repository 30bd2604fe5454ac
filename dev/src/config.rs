//! What the parts of the stack have to agree on.

/// The bucket that snapshots are published to and read from without credentials.
pub const BUCKET: &str = "experiment-configs";

/// Where `cargo xtask dev` puts the server.
pub const DEFAULT_SERVER_PORT: u16 = 3000;

/// Where `cargo xtask dev` puts the object store.
pub const DEFAULT_STORE_PORT: u16 = 9000;

/// Where `cargo xtask dev` puts the Worker.
pub const DEFAULT_EDGE_PORT: u16 = 8787;

// No secrets: the store listens on loopback and holds what a developer published to it. Writes
// are signed all the same, so that the signing path is the one used in production.
pub(crate) const ACCESS_KEY: &str = "lotwise-dev";
pub(crate) const SECRET_KEY: &str = "lotwise-dev-secret";
pub(crate) const REGION: &str = "us-east-1";
