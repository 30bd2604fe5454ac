//! The frame of the OpenAPI document.

use std::path::Path;

use anyhow::{Context, bail};
use utoipa::OpenApi;
use utoipa::openapi::security::{Http, HttpAuthScheme, SecurityScheme};

use crate::problem::{FieldFault, ProblemBody};

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Lotwise",
        description = "Feature flags and A/B experiments. The admin API is served under `/api` and, \
                       the same, under `/api/v1`. Fields are camelCase; bodies may spell them in \
                       snake_case too. Unknown fields are refused by name."
    ),
    components(schemas(ProblemBody<'_>, FieldFault<'_>)),
    security(("token" = [])),
    tags(
        (name = "environments", description = "Places with their own experiments and snapshots"),
        (name = "experiments", description = "Feature flags and A/B/n tests"),
        (name = "variants", description = "What experiments give, and to which buckets"),
        (name = "publishing", description = "From rows to the snapshots that readers decide on"),
        (name = "operations", description = "For load balancers and people on call")
    )
)]
struct Frame;

/// The document before any route is added.
pub fn base_document() -> utoipa::openapi::OpenApi {
    let mut document = Frame::openapi();
    let bearer = SecurityScheme::Http(Http::new(HttpAuthScheme::Bearer));
    let components = document.components.get_or_insert_default();
    components.security_schemes.insert("token".to_owned(), bearer.into());
    document
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
