//! The difference between what readers have and what they would have: whom a publish would move.
//!
//! Members are named as answers show them.

use serde::Serialize;
use utoipa::ToSchema;

use super::version::{ChangeKind, Warning};

/// What a publish would change. Buckets are exact: each is 0.0001 of all bucketing keys.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Preview {
    /// The environment's name.
    pub environment: String,
    /// The version that it is compared with: the latest that did not fail. Null: there is none.
    pub from: Option<i64>,
    /// The version that would be brought back by a rollback, or that a comparison of two versions leads
    /// to. Null: what the rows say now.
    pub to: Option<i64>,
    /// Experiments in which every user gets another bucket, so that all of them are dealt out anew.
    pub rerandomised: Vec<String>,
    /// Whether some bucket goes from a variant to another or out, or some experiment is re-randomised.
    pub moves_users: bool,
    /// Whether nothing would change.
    pub unchanged: bool,
    /// Send it as `confirm` to publish exactly this over exactly what is published now.
    pub confirm: String,
    /// What to look at before going on.
    pub warnings: Vec<Warning>,
    /// Every experiment that differs, by key.
    pub experiments: Vec<ExperimentChange>,
    /// Every segment that is new, gone or different, by name.
    pub segments: Vec<String>,
    /// Experiments that pages would get or lose while servers keep them.
    pub pages: PageChange,
    /// The same through targeting, gates and sticky state, for the subjects that were sent or sampled.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub sample: Option<SampleImpact>,
}

/// One experiment that differs, or that depends on one that does.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ExperimentChange {
    /// The experiment.
    pub experiment_key: String,
    /// What would happen to it. Null: it is the same, and depends on one that is not.
    pub change: Option<ChangeKind>,
    /// Whether users who are in it would be put into another variant or out, or dealt out anew.
    pub moves_users: bool,
    /// Whether its users are dealt out anew, wholly or at a gate.
    pub rerandomised: bool,
    /// What does that: `salt`, `hash`, `bucket_by`, `group`, `holdouts`.
    pub rerandomised_by: Vec<&'static str>,
    /// The fields of its document that differ; `payloads` where a variant hands out something else,
    /// `segments` where one that it leads to differs.
    pub fields: Vec<&'static str>,
    /// Buckets that keep their variant. Each is 0.0001 of all bucketing keys.
    pub staying: u16,
    /// Buckets that get a variant and had none.
    pub entering: u16,
    /// Buckets that had a variant and get none.
    pub leaving: u16,
    /// Buckets that go from one variant to another.
    pub moving: u16,
    /// Every pair of variants that buckets go between.
    pub moves: Vec<BucketMove>,
    /// Its group and its holdouts, where they let others pass than before.
    pub layers: Vec<LayerChange>,
    /// The prerequisites that differ, directly or through others.
    pub depends_on: Vec<String>,
}

/// Buckets that go from one place to another.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct BucketMove {
    /// The key of the variant that had them; null: none.
    pub from: Option<String>,
    /// The key of the variant that gets them; null: none.
    pub to: Option<String>,
    /// How many.
    pub buckets: u16,
}

/// What happens to the admission of one experiment by its group or a holdout.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct LayerChange {
    /// `group` or `holdout`.
    pub kind: &'static str,
    /// Its key.
    pub key: String,
    /// Buckets of the layer that are let in and were not.
    pub entering: u16,
    /// Buckets of the layer that were let in and are not any more.
    pub leaving: u16,
    /// Whether its salt or its bucketing attribute differ.
    pub rerandomised: bool,
}

/// Experiments of the client document that come or go while the full one keeps them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct PageChange {
    /// Pages get them for the first time.
    pub entering: Vec<String>,
    /// Pages lose them.
    pub leaving: Vec<String>,
}

/// What happens to real subjects.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct SampleImpact {
    /// How many there are.
    pub subjects: u64,
    /// Every experiment that can come out otherwise than before; in all others they keep what they have.
    pub experiments: Vec<SubjectImpact>,
}

/// What happens to subjects in one experiment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct SubjectImpact {
    /// The experiment.
    pub experiment_key: String,
    /// What happens to all of them.
    #[serde(flatten)]
    pub counts: Counts,
    /// The same for the members of each segment that has some.
    pub segments: Vec<SegmentImpact>,
}

/// Subjects who stay, enter, leave, move. Who has no variant before and after is in none of these.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Counts {
    /// Who keep their variant.
    pub staying: u64,
    /// Who get a variant and had none.
    pub entering: u64,
    /// Who had a variant and get none.
    pub leaving: u64,
    /// Who go from one variant to another.
    pub moving: u64,
    /// Every pair of variants that subjects go between.
    pub moves: Vec<SubjectMove>,
}

/// Subjects who go from one variant to another, or in or out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct SubjectMove {
    /// The key of the variant they had; null: none.
    pub from: Option<String>,
    /// The key of the variant they get; null: none.
    pub to: Option<String>,
    /// How many.
    pub subjects: u64,
}

/// What happens to the members of one segment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct SegmentImpact {
    /// The segment.
    pub segment: String,
    /// How many of the subjects are in it.
    pub subjects: u64,
    /// What happens to them.
    #[serde(flatten)]
    pub counts: Counts,
}
