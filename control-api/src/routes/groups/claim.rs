//! Claiming a slice of a group.

use axum::Json;
use axum::extract::State;
use axum::response::IntoResponse;

use crate::auth::{Authorized, Editor};
use crate::domain::allocation::BUCKETS;
use crate::domain::slice::Claim;
use crate::extract::if_match::etag;
use crate::extract::path::{GroupRef, MemberKey};
use crate::extract::ranges::{ranges, share};
use crate::extract::{Faults, Fields, IfMatch, JsonBody};
use crate::problem::Problem;
use crate::routes::bodies::ClaimSlice;
use crate::routes::problems::WriteProblems;
use crate::routes::views::GroupView;
use crate::state::AppState;

/// Give an experiment its slice of a `slices` group, or another size. What other members hold stays
/// theirs: 409 `group_full` says in `freeBuckets` how much is free. A DRAFT of no group joins. A slice
/// that grows keeps what it has; one that shrinks gives up its last buckets.
#[utoipa::path(
    put, path = "/groups/{id}/slices/{experimentKey}", tag = "groups", request_body = ClaimSlice,
    params(
        ("id" = String, Path, description = "The group's id, or `environment:key`"),
        ("experimentKey" = String, Path, description = "The key of an experiment of the environment"),
        ("If-Match" = Option<String>, Header, description = "The group's version")
    ),
    responses((status = 200, description = "Held from now on", body = GroupView), WriteProblems)
)]
pub async fn claim_slice(
    State(state): State<AppState>,
    authorized: Authorized<Editor>,
    GroupRef(which): GroupRef,
    MemberKey(experiment): MemberKey,
    IfMatch(expected): IfMatch,
    body: JsonBody,
) -> Result<impl IntoResponse, Problem> {
    let mut faults = Faults::default();
    let mut fields = body.fields(&mut faults)?;
    let claim = read_claim(&mut fields, &mut faults);
    fields.close(&mut faults);
    faults.finish()?;
    let group = state.store.claim_slice(&authorized.actor, &which, &experiment, expected, &claim).await?;
    Ok((etag(group.version), Json(GroupView::from(group))))
}

/// Exactly one of `buckets`, `share` and `ranges`; a placeholder where that cannot be read.
fn read_claim(fields: &mut Fields<'_>, faults: &mut Faults) -> Claim {
    let buckets = fields.take("buckets", faults);
    let part = fields.take("share", faults);
    let exact = fields.take("ranges", faults);
    let sent: Vec<&str> =
        [&buckets, &part, &exact].into_iter().flatten().map(|found| found.at.as_str()).collect();
    match sent.as_slice() {
        [] => fields.require("buckets", "Send `buckets`, `share` or `ranges`.", faults),
        [_] => {}
        [_, second, ..] => {
            faults.push(*second, "duplicate_field", "Send one of `buckets`, `share` and `ranges`.");
        }
    }
    let wanted = match (&buckets, &part, &exact) {
        (Some(found), ..) => found.integer(1, BUCKETS.into(), faults).and_then(|it| it.try_into().ok()),
        (None, Some(found), _) => {
            let wanted = share(found, faults);
            if wanted == Some(0) {
                faults.push(
                    &found.at,
                    "out_of_range",
                    "A slice has at least one bucket; DELETE releases it.",
                );
            }
            wanted
        }
        (None, None, Some(found)) => {
            let ranges = ranges(found, faults).unwrap_or_default();
            if ranges.is_empty() && faults.is_empty() {
                faults.push(&found.at, "empty", "A slice has at least one bucket; DELETE releases it.");
            }
            return Claim::Ranges(ranges);
        }
        (None, None, None) => None,
    };
    Claim::Buckets(wanted.unwrap_or(0))
}
