//! Who does something.

use std::fmt;

/// The author of a change, as version records and the history name it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Actor {
    /// Whoever holds `ADMIN_TOKEN`.
    AdminToken,
    /// Whoever can reach a server started with `--allow-anonymous-admin`.
    Anonymous,
}

impl fmt::Display for Actor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::AdminToken => "admin-token",
            Self::Anonymous => "anonymous",
        })
    }
}
