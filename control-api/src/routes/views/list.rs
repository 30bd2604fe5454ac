//! Lists, page by page.

use serde::Serialize;
use utoipa::ToSchema;

use super::{
    EnvironmentView, ExperimentView, GroupView, HoldoutView, OverrideView, SegmentView, VersionView,
};

/// All environments, by name.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct EnvironmentList {
    /// All of them.
    pub items: Vec<EnvironmentView>,
}

/// A page of experiments, newest first.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ExperimentList {
    /// Up to `limit` of them.
    pub items: Vec<ExperimentView>,
    /// The `cursor` of the next page; null on the last.
    pub next_cursor: Option<String>,
}

/// A page of versions, newest first.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct VersionList {
    /// Up to `limit` of them.
    pub items: Vec<VersionView>,
    /// The `cursor` of the next page; null on the last.
    pub next_cursor: Option<String>,
}

/// A page of segments, newest first.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct SegmentList {
    /// Up to `limit` of them.
    pub items: Vec<SegmentView>,
    /// The `cursor` of the next page; null on the last.
    pub next_cursor: Option<String>,
}

/// A page of groups, newest first.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct GroupList {
    /// Up to `limit` of them.
    pub items: Vec<GroupView>,
    /// The `cursor` of the next page; null on the last.
    pub next_cursor: Option<String>,
}

/// A page of holdouts, newest first.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct HoldoutList {
    /// Up to `limit` of them.
    pub items: Vec<HoldoutView>,
    /// The `cursor` of the next page; null on the last.
    pub next_cursor: Option<String>,
}

/// A page of overrides, in the order of user keys.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct OverrideList {
    /// Up to `limit` of them.
    pub items: Vec<OverrideView>,
    /// The `cursor` of the next page; null on the last.
    pub next_cursor: Option<String>,
}
