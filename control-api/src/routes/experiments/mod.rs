//! Experiments.

mod create;
mod delete;
mod get;
mod history;
mod input;
mod kill;
mod list;
mod metrics;
mod new;
mod publish;
mod stats;
mod status;
mod update;

pub use create::*;
pub use delete::*;
pub use get::*;
pub use history::*;
pub use kill::*;
pub use list::*;
pub use publish::*;
pub use stats::*;
pub use status::*;
pub use update::*;

pub(super) use input::{read_bucket_by, read_payload, read_salt, slug_key};
pub(super) use new::read_environment;
