//! Who may do what.
//!
//! A handler that takes an [`Authorized`] holds the evidence that its caller has that role; there
//! is no other way to get an [`Actor`](crate::domain::actor::Actor).

mod access;
mod authorized;
mod metrics;
mod origin;
mod role;

pub use access::AdminAccess;
pub use authorized::Authorized;
pub use metrics::MetricsAccess;
pub use origin::guard_anonymous;
pub use role::{Admin, Editor, Publisher, Role, Viewer};
