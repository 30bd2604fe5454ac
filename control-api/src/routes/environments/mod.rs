//! Environments and what they published.

mod create;
mod get;
mod keys;
mod list;
mod overlap;
mod publish;
mod rollback;
mod update;
mod versions;

pub use create::*;
pub use get::*;
pub use keys::*;
pub use list::*;
pub use overlap::*;
pub use publish::*;
pub use rollback::*;
pub use update::*;
pub use versions::*;
