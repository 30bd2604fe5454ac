//! What answers look like.

mod assignment;
mod environment;
mod experiment;
mod list;
mod version;

pub use assignment::{AssignmentView, AssignmentsView, IndexedAssignment, RefusedUser};
pub use environment::EnvironmentView;
pub use experiment::{AllocationView, AllocationsView, ExperimentView, VariantView};
pub use list::{EnvironmentList, ExperimentList, VersionList};
pub use version::VersionView;
