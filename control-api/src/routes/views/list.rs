//! Lists, page by page.

use serde::Serialize;
use utoipa::ToSchema;

use super::{EnvironmentView, ExperimentView, MetricView, VersionView};

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

/// A page of metrics, newest first.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct MetricList {
    /// Up to `limit` of them.
    pub items: Vec<MetricView>,
    /// The `cursor` of the next page; null on the last.
    pub next_cursor: Option<String>,
}
