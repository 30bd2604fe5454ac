//! Tokens of the admin API.

mod create;
mod get;
mod input;
mod list;
mod revoke;
mod update;

pub(super) use input::name as credential_name;

pub use create::*;
pub use get::*;
pub use list::*;
pub use revoke::*;
pub use update::*;
