//! What answers look like.

mod assignment;
mod environment;
mod environment_key;
mod experiment;
mod explanation;
mod group;
mod history;
mod holdout;
mod list;
mod metric;
mod overrides;
mod segment;
mod token;
mod version;
mod weights;

pub use assignment::{AssignmentView, AssignmentsView, IndexedAssignment, RefusedUser};
pub use environment::EnvironmentView;
pub use environment_key::{EnvironmentKeyView, NewEnvironmentKeyView};
pub use experiment::{AllocationView, AllocationsView, ExperimentView, VariantView};
pub use explanation::{ExplanationView, OverlapView};
pub use group::GroupView;
pub use history::HistoryEntryView;
pub use holdout::HoldoutView;
pub use list::{
    EnvironmentKeyList, EnvironmentList, ExperimentList, GroupList, HistoryList, HoldoutList, MetricList,
    OverrideList, SegmentList, TokenList, VersionList,
};
pub use metric::{MetricView, UsedMetricView};
pub use overrides::OverrideView;
pub use segment::SegmentView;
pub use token::{NewTokenView, TokenView};
pub use version::{KillView, PublishView, VersionView};
pub use weights::{MoveView, WeightsView};
