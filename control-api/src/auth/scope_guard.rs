//! Keeping tokens to their environments.
//!
//! What a path names is looked up here, so that no handler can forget it: outside the token's
//! environments it is not there. Routes whose path names nothing check the scope themselves and are
//! listed here once they do. A route that this module does not know is closed to such tokens.

use axum::RequestPartsExt;
use axum::extract::{MatchedPath, RawPathParams, Request, State};
use axum::http::Method;
use axum::http::request::Parts;
use axum::middleware::Next;
use axum::response::Response;

use super::authorized::forbidden;
use super::identity::{Identity, identify};
use crate::domain::scope::Scope;
use crate::problem::Problem;
use crate::state::AppState;
use crate::store::scope::Resource;

/// Routes whose handlers keep to the scope: lists, creations, and what belongs to no environment.
const CHECKED_BY_HANDLER: &[(Method, &str)] = &[
    (Method::GET, "/environments"),
    (Method::POST, "/environments"),
    (Method::GET, "/experiments"),
    (Method::POST, "/experiments"),
    (Method::GET, "/tokens"),
    (Method::POST, "/tokens"),
    (Method::GET, "/tokens/{id}"),
    (Method::PATCH, "/tokens/{id}"),
    (Method::DELETE, "/tokens/{id}"),
    (Method::GET, "/audit"),
    (Method::POST, "/explain"),
    (Method::POST, "/power"),
    (Method::GET, "/metrics"),
    (Method::POST, "/metrics"),
    (Method::GET, "/segments"),
    (Method::POST, "/segments"),
    (Method::GET, "/groups"),
    (Method::POST, "/groups"),
    (Method::GET, "/holdouts"),
    (Method::POST, "/holdouts"),
];

/// Middleware of the admin API: refuses what lies outside the environments of the caller's token.
pub async fn guard_scope(
    State(state): State<AppState>,
    request: Request,
    next: Next,
) -> Result<Response, Problem> {
    let (mut parts, body) = request.into_parts();
    // Who is not known is refused by the handler's own evidence.
    if let Ok(Identity::Admin { scope, .. }) = identify(&mut parts, &state).await
        && !scope.is_all()
    {
        check(&mut parts, &scope, &state).await?;
    }
    Ok(next.run(Request::from_parts(parts, body)).await)
}

async fn check(parts: &mut Parts, scope: &Scope, state: &AppState) -> Result<(), Problem> {
    let matched = parts.extensions.get::<MatchedPath>().cloned();
    let route = matched.as_ref().map(MatchedPath::as_str).and_then(below_prefix).unwrap_or_default();
    let method = if parts.method == Method::HEAD { Method::GET } else { parts.method.clone() };
    if CHECKED_BY_HANDLER.iter().any(|known| known.0 == method && known.1 == route) {
        return Ok(());
    }
    let mut segments = route.split('/').skip(1);
    let resource = segments.next().and_then(Resource::of_collection);
    let Some(resource) = resource.filter(|_| segments.next() == Some("{id}")) else {
        return Err(forbidden("A token of some environments only may not do that."));
    };
    let parameters = parts.extract::<RawPathParams>().await;
    let id = parameters.ok().and_then(|all| all.iter().find(|it| it.0 == "id").map(|it| it.1.to_owned()));
    let environment = match id {
        Some(id) => state.store.environment_of(resource, &id).await?,
        None => None,
    };
    match environment {
        Some(environment) if scope.permits(environment) => Ok(()),
        _ => Err(Problem::not_found(resource.what)),
    }
}

/// The route without the prefix that the admin API is served under.
fn below_prefix(route: &str) -> Option<&str> {
    let route = route.strip_prefix("/api")?;
    Some(route.strip_prefix("/v1").unwrap_or(route))
}
