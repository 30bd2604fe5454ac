//! Weights as answers show them: the ranges they became and whom that moves.

use lotwise_core::plan::{Move, Plan};
use serde::Serialize;
use utoipa::ToSchema;

use super::{AllocationView, AllocationsView};
use crate::domain::allocation::BUCKETS;
use crate::domain::experiment::Experiment;

/// New ranges, and who moves. Shares are of all users and exact: one bucket is 0.0001.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Weights)]
pub struct WeightsView {
    /// In the order of buckets.
    pub allocations: Vec<AllocationView>,
    /// The share of users that the weights divide.
    pub traffic_allocation: f64,
    /// Users who keep their variant.
    pub staying_share: f64,
    /// Users who get a variant and had none.
    pub entering_share: f64,
    /// Users who had a variant and get none.
    pub leaving_share: f64,
    /// Users who go from one variant to another.
    pub moved_share: f64,
    /// Every pair that users go between.
    pub moves: Vec<MoveView>,
    /// Whether nothing was changed.
    pub dry_run: bool,
    /// The experiment's version; also the `ETag`.
    pub version: i64,
}

/// Buckets that go from one place to another.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Move)]
pub struct MoveView {
    /// The key of the variant that had them; null: none.
    pub from: Option<String>,
    /// The key of the variant that gets them; null: none.
    pub to: Option<String>,
    /// How many.
    pub buckets: u16,
    /// The same as a share of all users.
    pub share: f64,
}

impl WeightsView {
    /// What a plan did to an experiment.
    pub fn new(experiment: &Experiment, plan: &Plan, dry_run: bool) -> Self {
        let AllocationsView { allocations, version } = AllocationsView::from(experiment);
        let key = |index: Option<usize>| {
            index.and_then(|it| experiment.variants.get(it)).map(|variant| variant.key.clone())
        };
        let view = |it: &Move| MoveView {
            from: key(it.from),
            to: key(it.to),
            buckets: it.buckets,
            share: share(it.buckets),
        };
        Self {
            allocations,
            traffic_allocation: share(experiment.traffic_allocation),
            staying_share: share(plan.stay),
            entering_share: share(plan.entering()),
            leaving_share: share(plan.leaving()),
            moved_share: share(plan.switching()),
            moves: plan.moves.iter().map(view).collect(),
            dry_run,
            version,
        }
    }
}

/// Buckets as a share of all.
fn share(buckets: u16) -> f64 {
    f64::from(buckets) / f64::from(BUCKETS)
}
