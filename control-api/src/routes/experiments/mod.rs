//! Experiments.

mod create;
mod delete;
mod get;
mod input;
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
pub use list::*;
pub use publish::*;
pub use stats::*;
pub use status::*;
pub use update::*;

pub(super) use input::{read_payload, slug_key};
pub(super) use new::read_environment;
