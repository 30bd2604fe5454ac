//! What answers look like.

mod assignment;
mod environment;
mod experiment;
mod list;
mod metric;
mod version;

pub use assignment::{AssignmentView, AssignmentsView, IndexedAssignment, RefusedUser};
pub use environment::EnvironmentView;
pub use experiment::{AllocationView, AllocationsView, ExperimentView, VariantView};
pub use list::{EnvironmentList, ExperimentList, MetricList, VersionList};
pub use metric::{MetricView, UsedMetricView};
pub use version::VersionView;
