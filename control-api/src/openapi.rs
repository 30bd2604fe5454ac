//! The frame of the OpenAPI document.

use std::path::Path;

use anyhow::{Context, bail};
use axum::http::header::CONTENT_TYPE;
use axum::response::IntoResponse;
use utoipa::OpenApi;
use utoipa::openapi::path::PathItem;
use utoipa::openapi::security::{
    ApiKey, ApiKeyValue, Http, HttpAuthScheme, SecurityRequirement, SecurityScheme,
};

use crate::problem::{FieldFault, Problem, ProblemBody};

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Lotwise",
        description = "Feature flags and A/B experiments. The admin API is served under `/api` and, \
                       the same, under `/api/v1`. Fields are camelCase; bodies may spell them in \
                       snake_case too. Unknown fields are refused by name."
    ),
    components(schemas(ProblemBody<'_>, FieldFault<'_>)),
    security(("adminToken" = [])),
    tags(
        (name = "environments", description = "Places with their own experiments and snapshots"),
        (name = "experiments", description = "Feature flags and A/B/n tests"),
        (name = "variants", description = "What experiments give, and to which buckets"),
        (name = "metrics", description = "What experiments are judged by"),
        (name = "analysis", description = "From events to verdicts, and plans"),
        (name = "assignments", description = "Variants that users keep"),
        (name = "events", description = "What subjects met and did"),
        (name = "segments", description = "Named audiences that rules refer to"),
        (name = "groups", description = "Experiments that exclude each other"),
        (name = "holdouts", description = "Users who see nothing of what is covered"),
        (name = "publishing", description = "From rows to the snapshots that readers decide on"),
        (name = "tokens", description = "Who may do what, and where"),
        (name = "audit", description = "Who changed what when"),
        (name = "operations", description = "For load balancers and people on call")
    )
)]
struct Frame;

/// The document before any route is added.
pub fn base_document() -> utoipa::openapi::OpenApi {
    let mut document = Frame::openapi();
    let components = document.components.get_or_insert_default();
    for (name, scheme) in security_schemes() {
        components.security_schemes.insert(name.to_owned(), scheme.into());
    }
    document
}

fn security_schemes() -> [(&'static str, SecurityScheme); 3] {
    let bearer = |text: &str| {
        let mut bearer = Http::new(HttpAuthScheme::Bearer);
        bearer.description = Some(text.to_owned());
        SecurityScheme::Http(bearer)
    };
    let header = ApiKeyValue::with_description("X-API-Key", KEY_DESCRIPTION);
    [
        (
            "adminToken",
            bearer("`ADMIN_TOKEN`, or a token made with it. With `--allow-anonymous-admin` none is needed."),
        ),
        ("keyBearer", bearer(KEY_DESCRIPTION)),
        ("keyHeader", SecurityScheme::ApiKey(ApiKey::Header(header))),
    ]
}

const KEY_DESCRIPTION: &str = "A publishable key, a secret key or the explain token. Deciding needs \
                               none unless `REQUIRE_KEY` is set.";

/// Says of each decide route which keys it takes: those of the client folder none, the others
/// either way of sending one, or nothing.
pub fn with_keys(mut document: utoipa::openapi::OpenApi) -> utoipa::openapi::OpenApi {
    for (path, item) in &mut document.paths.paths {
        let mut ways = vec![SecurityRequirement::default()];
        if !path.contains("/client/") {
            ways.extend(["keyBearer", "keyHeader"].map(|name| SecurityRequirement::new(name, [""; 0])));
        }
        let PathItem { get, post, .. } = item;
        for operation in get.iter_mut().chain(post) {
            operation.security.get_or_insert_with(|| ways.clone());
        }
    }
    document
}

/// This document. It holds no secrets, so nobody has to say who they are.
#[utoipa::path(
    get, path = "/openapi.json", tag = "operations", security(()),
    responses((status = 200, description = "The OpenAPI document", body = serde_json::Value))
)]
pub async fn get_openapi() -> Result<impl IntoResponse, Problem> {
    let text = text().map_err(|error| Problem::internal(&error))?;
    Ok(([(CONTENT_TYPE, "application/json")], text))
}

/// The document as it is checked in.
pub fn text() -> anyhow::Result<String> {
    let json = crate::router::openapi().to_pretty_json().context("writing the document")?;
    Ok(json + "\n")
}

/// Fails unless the file holds the document of this program.
pub fn check(file: &Path) -> anyhow::Result<()> {
    let present = std::fs::read_to_string(file).with_context(|| format!("reading {}", file.display()))?;
    if present != text()? {
        bail!("{0} is stale; renew it with `lotwise openapi > {0}`", file.display());
    }
    Ok(())
}
