//! The decide role: published snapshots in, decisions out. Knows no database.

mod address;
mod handler;
mod incoming;
mod limiter;
mod openapi;
mod role;
mod settings;
mod source;

pub use incoming::{Incoming, into_http};
pub use openapi::openapi;
pub use role::DecideRole;
pub use settings::{DecideSettings, RateLimit};
