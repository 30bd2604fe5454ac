//! Assigning many users.

use std::collections::HashSet;

use axum::extract::State;
use axum::{Extension, Json};

use crate::assign::{Assigner, Question};
use crate::auth::{Authorized, Editor};
use crate::domain::experiment::ExperimentRef;
use crate::domain::refusal::Refusal;
use crate::extract::limits::MAX_ASSIGNED_USERS;
use crate::extract::subject::{take_context, take_user_key};
use crate::extract::{Faults, Found, JsonBody};
use crate::http::RequestId;
use crate::problem::Problem;
use crate::routes::bodies::AssignMany;
use crate::routes::problems::WriteProblems;
use crate::routes::views::{AssignmentsView, IndexedAssignment, RefusedUser};
use crate::state::AppState;

/// Assign up to 1,000 users, each as if it were asked for alone.
///
/// A user who cannot be taken is refused by index, and the others are assigned: all of those or, when the
/// database fails, none. A user who stands twice is refused the second time.
#[utoipa::path(
    post, path = "/experiments/{id}/assign/bulk", tag = "assignments", request_body = AssignMany,
    params(
        ("id" = String, Path, description = "The experiment's id, or `environment:key`"),
        ("x-request-id" = Option<String>, Header, description = "Names the request in the exposures")
    ),
    responses((status = 200, description = "Decided", body = AssignmentsView), WriteProblems)
)]
pub async fn assign_users(
    State(state): State<AppState>,
    _: Authorized<Editor>, // access: Caller
    which: ExperimentRef,
    Extension(request_id): Extension<RequestId>,
    body: JsonBody,
) -> Result<Json<AssignmentsView>, Problem> {
    let mut faults = Faults::default();
    let mut fields = body.fields(&mut faults)?;
    let users = match fields.take("users", &mut faults) {
        Some(found) => found.list(MAX_ASSIGNED_USERS, &mut faults),
        None => {
            fields.require("users", "Say which users.", &mut faults);
            None
        }
    };
    fields.close(&mut faults);
    faults.finish()?;

    let mut batch = Batch::default();
    for (index, user) in users.unwrap_or_default().iter().enumerate() {
        batch.read(index, user, request_id.as_str());
    }
    let assigned = Assigner::new(state.store.clone()).assign_all(&which, &batch.questions).await?;
    let assignments = batch.indexes.into_iter().zip(assigned);
    Ok(Json(AssignmentsView {
        assignments: assignments.map(|(index, it)| IndexedAssignment::new(index, it)).collect(),
        errors: batch.refused,
    }))
}

/// Users as they are read: those to ask about, and those who cannot be taken.
#[derive(Default)]
struct Batch {
    indexes: Vec<usize>,
    questions: Vec<Question>,
    seen: HashSet<String>,
    refused: Vec<RefusedUser>,
}

impl Batch {
    fn read(&mut self, index: usize, user: &Found<'_>, request_id: &str) {
        let mut faults = Faults::default();
        match question(user, request_id, &mut faults) {
            Some(question) if faults.is_empty() => {
                if self.seen.insert(question.user_key().to_owned()) {
                    self.indexes.push(index);
                    self.questions.push(question);
                    return;
                }
                faults.push(&user.at, "duplicate_user", "This user stands in the batch before.");
            }
            _ => {}
        }
        if let Err(Refusal::Invalid(all)) = faults.finish() {
            self.refused.extend(all.into_iter().map(|fault| RefusedUser::new(index, fault)));
        }
    }
}

fn question(user: &Found<'_>, request_id: &str, faults: &mut Faults) -> Option<Question> {
    let mut fields = user.fields(faults)?;
    let user_key = take_user_key(&mut fields, faults);
    let context = take_context(&mut fields, faults);
    fields.close(faults);
    let invalid = |invalid: crate::assign::InvalidQuestion| {
        faults.push(&user.at, "invalid_question", invalid.to_string());
    };
    Question::new(&user_key?, context, Some(request_id)).map_err(invalid).ok()
}
