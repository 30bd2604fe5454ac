//! Environments and what they published.

mod create;
mod get;
mod list;
mod overlap;
mod publish;
mod rollback;
mod versions;

pub use create::*;
pub use get::*;
pub use list::*;
pub use overlap::*;
pub use publish::*;
pub use rollback::*;
pub use versions::*;
