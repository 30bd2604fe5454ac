//! What answers look like.

mod assignment;
mod environment;
mod experiment;
mod explanation;
mod group;
mod holdout;
mod list;
mod overrides;
mod segment;
mod version;
mod weights;

pub use assignment::{AssignmentView, AssignmentsView, IndexedAssignment, RefusedUser};
pub use environment::EnvironmentView;
pub use experiment::{AllocationView, AllocationsView, ExperimentView, VariantView};
pub use explanation::{ExplanationView, OverlapView};
pub use group::GroupView;
pub use holdout::HoldoutView;
pub use list::{
    EnvironmentList, ExperimentList, GroupList, HoldoutList, OverrideList, SegmentList, VersionList,
};
pub use overrides::OverrideView;
pub use segment::SegmentView;
pub use version::{KillView, PublishView, VersionView};
pub use weights::{MoveView, WeightsView};
