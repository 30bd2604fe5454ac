//! Groups: experiments that exclude each other, and the slices they hold.

mod claim;
mod create;
mod delete;
mod get;
mod list;
mod release;
mod update;

pub use claim::*;
pub use create::*;
pub use delete::*;
pub use get::*;
pub use list::*;
pub use release::*;
pub use update::*;
