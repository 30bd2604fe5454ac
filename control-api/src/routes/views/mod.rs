//! What answers look like.

mod environment;
mod experiment;
mod list;
mod version;

pub use environment::EnvironmentView;
pub use experiment::{AllocationView, AllocationsView, ExperimentView, VariantView};
pub use list::{EnvironmentList, ExperimentList, VersionList};
pub use version::VersionView;
