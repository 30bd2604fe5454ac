//! Who may do what, and where.
//!
//! A handler that takes an [`Authorized`] holds the evidence that its caller has that role, one that
//! takes a [`Caller`] gets at an [`Actor`](crate::domain::actor::Actor) only for an environment that
//! the caller has to do with. Tokens of some environments only are kept to those by [`guard_scope`],
//! which lets nothing pass that it does not know.

mod access;
mod authorized;
mod caller;
mod identity;
mod key_ring;
mod last_use;
mod metrics;
mod origin;
mod presented;
mod required;
mod scope_guard;

pub use crate::domain::role::Role;
pub use access::AdminAccess;
pub use authorized::Authorized;
pub use caller::{Caller, Proof};
pub use key_ring::{keep_keys_fresh, refresh_keys};
pub use metrics::MetricsAccess;
pub use origin::guard_anonymous;
pub use required::{Admin, Editor, Publisher, Required, Viewer};
pub use scope_guard::guard_scope;
