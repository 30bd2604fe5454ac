//! How far the exposures of an experiment can be believed.

use std::collections::BTreeMap;

use axum::Json;
use axum::extract::State;
use serde::Serialize;
use utoipa::ToSchema;

use crate::auth::{Authorized, Viewer};
use crate::domain::experiment::ExperimentRef;
use crate::problem::Problem;
use crate::routes::problems::ReadProblems;
use crate::state::AppState;
use crate::store::events::ExposureQuality;

/// Counts of the exposures of an experiment, each of which was decided again at the version that it names,
/// or a sample of them.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ExposureQualityView {
    /// All that were kept.
    pub exposures: i64,
    /// Neither overrides nor deliveries by rules.
    pub counted: i64,
    /// Came with a publishable key or none.
    pub unverified: i64,
    /// Their time lay in the future and became that of receipt.
    pub clamped: i64,
    /// Were decided again.
    pub checked: i64,
    /// Name neither version nor digest, so that they could not be.
    pub unnamed: i64,
    /// What deciding again did not confirm; in no analysis.
    pub quarantined: i64,
    /// The same by reason, such as `wrong_variant`, `not_eligible`, `wrong_reason`, `unknown_version`,
    /// `unknown_digest`, `unknown_experiment`, `concluded`.
    pub quarantined_by_reason: BTreeMap<String, i64>,
}

impl From<ExposureQuality> for ExposureQualityView {
    fn from(it: ExposureQuality) -> Self {
        Self {
            exposures: it.exposures,
            counted: it.counted,
            unverified: it.unverified,
            clamped: it.clamped,
            checked: it.checked,
            unnamed: it.unnamed,
            quarantined: it.quarantined.values().sum(),
            quarantined_by_reason: it.quarantined,
        }
    }
}

/// How far the exposures of an experiment can be believed.
#[utoipa::path(
    get, path = "/experiments/{id}/exposures/quality", tag = "events",
    params(("id" = String, Path, description = "The experiment's id, or `environment:key`")),
    responses((status = 200, description = "Counts of all that was received so far", body = ExposureQualityView), ReadProblems)
)]
pub async fn get_exposure_quality(
    State(state): State<AppState>,
    _authorized: Authorized<Viewer>,
    which: ExperimentRef,
) -> Result<Json<ExposureQualityView>, Problem> {
    let experiment = state.store.experiment(&which).await?;
    state.ingest.settle().await?;
    Ok(Json(state.store.exposure_quality(experiment.id).await?.into()))
}
