//! Explaining decisions, past ones too.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;

use crate::auth::Caller;
use crate::domain::environment::EnvironmentRef;
use crate::domain::key::MAX_KEY_BYTES;
use crate::domain::refusal::Refusal;
use crate::explain::explain_document;
use crate::extract::limits::MAX_NAME_CHARS;
use crate::extract::sample::take_subject;
use crate::extract::{Faults, Fields, Found, JsonBody};
use crate::problem::Problem;
use crate::routes::bodies::Explain;
use crate::routes::problems::WriteProblems;
use crate::routes::views::ExplanationView;
use crate::state::AppState;
use crate::store::StoreError;
use crate::store::versions::Which;

/// Experiment keys of one question at most.
const MAX_EXPERIMENTS: usize = 1_000;

/// Explain what a subject gets, and why: at the latest version that readers have, at any earlier one, or by
/// a document that `assign` decided on. Every rule with its conditions, their outcomes and what the subject
/// had to say to them; every gate; every bucket; the reason. It is decided by the stored document, with
/// the core that always decides.
#[utoipa::path(
    post, path = "/explain", tag = "publishing", request_body = Explain,
    responses((status = 200, description = "The decisions", body = ExplanationView), WriteProblems)
)]
pub async fn explain(
    State(state): State<AppState>,
    caller: Caller,
    body: JsonBody,
) -> Result<Json<ExplanationView>, Problem> {
    let mut faults = Faults::default();
    let mut fields = body.fields(&mut faults)?;
    let environment = read_environment(&mut fields, &mut faults);
    let which = read_which(&mut fields, &mut faults);
    let subject = take_subject(&mut fields, &mut faults);
    let experiments = fields.take("experiments", &mut faults);
    let experiments = experiments.and_then(|found| read_keys(&found, &mut faults));
    fields.close(&mut faults);
    faults.finish()?;
    let (Some(environment), Some(subject)) = (environment, subject) else {
        return Err(Problem::bad_request("malformed_json", "The body cannot be read."));
    };

    let unknown = |error| match error {
        StoreError::Refused(Refusal::NotFound("environment")) => {
            Refusal::fault("/environment", "unknown_environment", "There is no such environment.").into()
        }
        other => Problem::from(other),
    };
    let environment = state.store.environment(&environment).await.map_err(unknown)?;
    // What a token has nothing to do with is not there, in the same words.
    caller.require_reader(environment.id).map_err(|problem| match problem.status() {
        StatusCode::NOT_FOUND => unknown(StoreError::Refused(Refusal::NotFound("environment"))),
        _ => problem,
    })?;
    let found = state.store.stored_document(environment.id, &which).await?;
    let user_key = subject.user_key.clone();
    let document = found.document;
    let explaining =
        tokio::task::spawn_blocking(move || explain_document(&document, &subject, experiments.as_deref()));
    let decisions = explaining.await.map_err(|error| Problem::internal(&error))?;
    let decisions = decisions.map_err(|fault| Problem::internal(&fault.detail))?;
    Ok(Json(ExplanationView {
        environment: environment.name,
        config_version: found.version,
        snapshot_sha256: found.sha256,
        user_key,
        decisions,
    }))
}

fn read_environment(fields: &mut Fields<'_>, faults: &mut Faults) -> Option<EnvironmentRef> {
    let Some(found) = fields.take("environment", faults) else {
        fields.require("environment", "Name the environment, or give its id.", faults);
        return None;
    };
    let which = EnvironmentRef::parse(&found.text(MAX_NAME_CHARS, faults)?);
    if which.is_none() {
        faults.push(found.at, "unknown_environment", "There is no such environment.");
    }
    which
}

/// `version` or `snapshot_sha256`; with neither, the latest version that is published.
fn read_which(fields: &mut Fields<'_>, faults: &mut Faults) -> Which {
    let version = fields.take("version", faults);
    let digest = fields.take("snapshotSha256", faults);
    match (version, digest) {
        (Some(_), Some(digest)) => {
            let detail = "Send `version` or `snapshot_sha256`, not both.";
            faults.push(digest.at, "duplicate_field", detail);
            Which::Latest
        }
        (Some(version), None) => {
            version.integer(1, (1 << 53) - 1, faults).map_or(Which::Latest, Which::Version)
        }
        (None, Some(digest)) => {
            let text = digest.text(MAX_NAME_CHARS, faults).unwrap_or_default();
            let is_digest = text.len() == 64 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
            if !is_digest && !text.is_empty() {
                faults.push(digest.at, "invalid_digest", "A SHA-256 has 64 hex digits.");
            }
            Which::Digest(text.to_ascii_lowercase())
        }
        (None, None) => Which::Latest,
    }
}

fn read_keys(found: &Found<'_>, faults: &mut Faults) -> Option<Vec<String>> {
    let elements = found.list(MAX_EXPERIMENTS, faults)?;
    let read: Vec<Option<String>> = elements.iter().map(|it| it.text(MAX_KEY_BYTES, faults)).collect();
    read.into_iter().collect()
}
