//! Who does something.

use std::fmt;

use uuid::Uuid;

/// The author of a change, as version records and the history name it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Actor {
    /// `admin-token`, `anonymous`, `token:…` with the token's name, or `job:…`.
    pub name: String,
    /// The token it came with, if that is one of the database's.
    pub token_id: Option<Uuid>,
    /// The request that it came with.
    pub request_id: Option<String>,
}

impl Actor {
    /// An actor that no token stands for.
    fn named(name: &str) -> Self {
        Self { name: name.to_owned(), token_id: None, request_id: None }
    }

    /// Whoever holds `ADMIN_TOKEN`.
    pub fn admin_token() -> Self {
        Self::named("admin-token")
    }

    /// Whoever can reach a server started with `--allow-anonymous-admin`.
    pub fn anonymous() -> Self {
        Self::named("anonymous")
    }

    /// A job of the server's own.
    pub fn job(name: &str) -> Self {
        Self::named(&format!("job:{name}"))
    }

    /// The same, in the name of a request.
    pub fn within(self, request_id: &str) -> Self {
        Self { request_id: Some(request_id.to_owned()), ..self }
    }
}

impl fmt::Display for Actor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name)
    }
}
