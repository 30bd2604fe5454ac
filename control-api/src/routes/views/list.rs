//! Lists, page by page.

use serde::Serialize;
use utoipa::ToSchema;

use super::{
    EnvironmentKeyView, EnvironmentView, ExperimentView, GroupView, HistoryEntryView, HoldoutView,
    MetricView, OverrideView, SegmentView, TokenView, VersionView,
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

/// A page of tokens, newest first.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct TokenList {
    /// Up to `limit` of them.
    pub items: Vec<TokenView>,
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

/// A page of an environment's keys, newest first.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct EnvironmentKeyList {
    /// Up to `limit` of them.
    pub items: Vec<EnvironmentKeyView>,
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

/// A page of the history, newest first.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct HistoryList {
    /// Up to `limit` of them.
    pub items: Vec<HistoryEntryView>,
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

/// A page of metrics, newest first.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct MetricList {
    /// Up to `limit` of them.
    pub items: Vec<MetricView>,
    /// The `cursor` of the next page; null on the last.
    pub next_cursor: Option<String>,
}
