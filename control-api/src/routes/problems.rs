//! The problems that groups of routes answer, for the OpenAPI document.

use std::collections::BTreeMap;

use utoipa::IntoResponses;
use utoipa::openapi::{ContentBuilder, Ref, RefOr, Response, ResponseBuilder};

/// Of routes that read.
pub struct ReadProblems;

/// Of routes that read what was published, where nothing may have been.
pub struct PublishedProblems;

/// Of routes that change something.
pub struct WriteProblems;

impl IntoResponses for ReadProblems {
    fn responses() -> BTreeMap<String, RefOr<Response>> {
        problems(&[400, 401, 403, 404, 500, 503])
    }
}

impl IntoResponses for PublishedProblems {
    fn responses() -> BTreeMap<String, RefOr<Response>> {
        problems(&[400, 401, 403, 404, 409, 422, 500, 503])
    }
}

impl IntoResponses for WriteProblems {
    fn responses() -> BTreeMap<String, RefOr<Response>> {
        problems(&[400, 401, 403, 404, 409, 412, 413, 415, 422, 500, 503])
    }
}

fn problems(statuses: &[u16]) -> BTreeMap<String, RefOr<Response>> {
    statuses.iter().map(|&status| (status.to_string(), problem(status).into())).collect()
}

fn problem(status: u16) -> Response {
    let schema = Ref::from_schema_name("Problem");
    let content = ContentBuilder::new().schema(Some(schema)).build();
    ResponseBuilder::new().description(describe(status)).content("application/problem+json", content).build()
}

fn describe(status: u16) -> &'static str {
    match status {
        400 => "The request cannot be read, or a field is over its limit",
        401 => "No token, or one that is not known",
        403 => "The token's role does not allow it",
        404 => "There is no such thing",
        409 => "The present state does not allow it, or the key is taken",
        412 => "`If-Match` named another version than the present one",
        413 => "The body is over 1 MiB",
        415 => "`Content-Type` is not `application/json`; with a token it may be left out",
        422 => "The body can never be right; `errors` names every place",
        503 => "The database or the store does not answer; see `Retry-After`",
        _ => "A mistake of the server",
    }
}
