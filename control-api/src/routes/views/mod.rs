//! What answers look like.

mod environment;
mod experiment;
mod list;
mod metric;
mod version;

pub use environment::EnvironmentView;
pub use experiment::{AllocationView, AllocationsView, ExperimentView, VariantView};
pub use list::{EnvironmentList, ExperimentList, MetricList, VersionList};
pub use metric::{MetricView, UsedMetricView};
pub use version::VersionView;
