//! Assigning one user.

use axum::extract::State;
use axum::{Extension, Json};

use crate::assign::{Assigner, Question};
use crate::auth::{Authorized, Editor};
use crate::domain::experiment::ExperimentRef;
use crate::extract::subject::{take_context, take_user_key};
use crate::extract::{Faults, JsonBody};
use crate::http::RequestId;
use crate::problem::Problem;
use crate::routes::bodies::Assign;
use crate::routes::problems::WriteProblems;
use crate::routes::views::AssignmentView;
use crate::state::AppState;

/// Assign a user, for good: whoever was given a variant by the split keeps it, whatever changes later.
///
/// Decides on the experiment as it is now; no publish is needed. One exposure is recorded if the user gets a
/// variant, and none of a CONCLUDED experiment, whose winner is given but not kept. A request that is sent
/// again with the same `x-request-id` adds no second exposure. A DRAFT or PAUSED experiment is a conflict
/// with code `not_running`, an ARCHIVED one with code `archived`.
#[utoipa::path(
    post, path = "/experiments/{id}/assign", tag = "assignments", request_body = Assign,
    params(
        ("id" = String, Path, description = "The experiment's id, or `environment:key`"),
        ("x-request-id" = Option<String>, Header, description = "Names the request in the exposure")
    ),
    responses((status = 200, description = "Decided", body = AssignmentView), WriteProblems)
)]
pub async fn assign_user(
    State(state): State<AppState>,
    _: Authorized<Editor>, // access: Caller
    which: ExperimentRef,
    Extension(request_id): Extension<RequestId>,
    body: JsonBody,
) -> Result<Json<AssignmentView>, Problem> {
    let mut faults = Faults::default();
    let mut fields = body.fields(&mut faults)?;
    let user_key = take_user_key(&mut fields, &mut faults).unwrap_or_default();
    let context = take_context(&mut fields, &mut faults);
    fields.close(&mut faults);
    faults.finish()?;
    let question = Question::new(&user_key, context, Some(request_id.as_str()))
        .map_err(|invalid| Problem::from(crate::assign::Error::from(invalid)))?;
    let assignment = Assigner::new(state.store.clone()).assign(&which, question).await?;
    Ok(Json(AssignmentView::from(assignment)))
}
