//! Every route and who may use it: a line each. A route without a line fails the tests.

use lotwise_control::auth::Role::{self, Admin, Editor, Publisher, Viewer};

/// What a route asks of its callers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Least {
    /// Nothing, or what the decide role asks for.
    Open,
    /// A token of this role.
    Token(Role),
    /// A secret key of the environment, or a token that may edit.
    SecretKey,
    /// A secret key of the environment, or any token.
    SecretKeyOrReader,
}

use Least::{Open, SecretKey, SecretKeyOrReader, Token};

/// Method, path as the OpenAPI document has it, and what it asks for.
pub(super) const ROUTES: &[(&str, &str, Least)] = &[
    ("GET", "/health", Open),
    ("GET", "/ready", Open),
    ("GET", "/api/openapi.json", Open),
    ("GET", "/metrics", Token(Viewer)),
    ("GET", "/api/decide", Open),
    ("POST", "/api/decide", Open),
    ("POST", "/ofrep/v1/evaluate/flags", Open),
    ("POST", "/ofrep/v1/evaluate/flags/{key}", Open),
    ("POST", "/{environment}/ofrep/v1/evaluate/flags", Open),
    ("POST", "/{environment}/ofrep/v1/evaluate/flags/{key}", Open),
    ("GET", "/{environment}/client/version.json", Open),
    ("GET", "/{environment}/client/snapshots/{name}", Open),
    ("POST", "/api/environments", Token(Admin)),
    ("GET", "/api/environments", Token(Viewer)),
    ("GET", "/api/environments/{id}", Token(Viewer)),
    ("PATCH", "/api/environments/{id}", Token(Admin)),
    ("POST", "/api/environments/{id}/keys", Token(Admin)),
    ("GET", "/api/environments/{id}/keys", Token(Admin)),
    ("DELETE", "/api/environments/{id}/keys/{keyId}", Token(Admin)),
    ("POST", "/api/environments/{id}/publish", Token(Publisher)),
    ("GET", "/api/environments/{id}/versions", Token(Viewer)),
    ("GET", "/api/environments/{id}/versions/{version}", Token(Viewer)),
    ("GET", "/api/environments/{id}/versions/{version}/snapshot", Token(Viewer)),
    ("POST", "/api/environments/{id}/versions/{version}/rollback", Token(Publisher)),
    ("POST", "/api/experiments", Token(Editor)),
    ("GET", "/api/experiments", Token(Viewer)),
    ("GET", "/api/experiments/{id}", Token(Viewer)),
    ("PATCH", "/api/experiments/{id}", Token(Editor)),
    ("DELETE", "/api/experiments/{id}", Token(Admin)),
    ("GET", "/api/experiments/{id}/history", Token(Viewer)),
    ("PATCH", "/api/experiments/{id}/status", Token(Publisher)),
    ("POST", "/api/experiments/{id}/start", Token(Publisher)),
    ("POST", "/api/experiments/{id}/pause", Token(Publisher)),
    ("POST", "/api/experiments/{id}/conclude", Token(Publisher)),
    ("POST", "/api/experiments/{id}/archive", Token(Publisher)),
    ("POST", "/api/experiments/{id}/publish", Token(Publisher)),
    ("POST", "/api/experiments/{id}/variants", Token(Editor)),
    ("PATCH", "/api/experiments/{id}/variants/{key}", Token(Editor)),
    ("DELETE", "/api/experiments/{id}/variants/{key}", Token(Editor)),
    ("PUT", "/api/experiments/{id}/allocations", Token(Editor)),
    ("POST", "/api/tokens", Token(Admin)),
    ("GET", "/api/tokens", Token(Admin)),
    ("GET", "/api/tokens/{id}", Token(Admin)),
    ("PATCH", "/api/tokens/{id}", Token(Admin)),
    ("DELETE", "/api/tokens/{id}", Token(Admin)),
    ("GET", "/api/experiments/{id}/overrides", Token(Viewer)),
    ("PUT", "/api/experiments/{id}/overrides/{userKey}", Token(Editor)),
    ("DELETE", "/api/experiments/{id}/overrides/{userKey}", Token(Editor)),
    ("POST", "/api/segments", Token(Editor)),
    ("GET", "/api/segments", Token(Viewer)),
    ("GET", "/api/segments/{id}", Token(Viewer)),
    ("PATCH", "/api/segments/{id}", Token(Editor)),
    ("DELETE", "/api/segments/{id}", Token(Editor)),
    ("POST", "/api/groups", Token(Editor)),
    ("GET", "/api/groups", Token(Viewer)),
    ("GET", "/api/groups/{id}", Token(Viewer)),
    ("PATCH", "/api/groups/{id}", Token(Editor)),
    ("DELETE", "/api/groups/{id}", Token(Editor)),
    ("PUT", "/api/groups/{id}/slices/{experimentKey}", Token(Editor)),
    ("DELETE", "/api/groups/{id}/slices/{experimentKey}", Token(Editor)),
    ("POST", "/api/holdouts", Token(Editor)),
    ("GET", "/api/holdouts", Token(Viewer)),
    ("GET", "/api/holdouts/{id}", Token(Viewer)),
    ("PATCH", "/api/holdouts/{id}", Token(Editor)),
    ("DELETE", "/api/holdouts/{id}", Token(Editor)),
    ("GET", "/api/audit", Token(Viewer)),
    ("POST", "/api/experiments/{id}/assign", SecretKey),
    ("POST", "/api/experiments/{id}/assign/bulk", SecretKey),
    ("POST", "/api/experiments/{id}/track", SecretKey),
    ("GET", "/api/experiments/{id}/exposures/quality", Token(Viewer)),
    ("PUT", "/api/experiments/{id}/weights", Token(Editor)),
    ("POST", "/api/experiments/{id}/kill", Token(Publisher)),
    ("POST", "/api/events", Open),
    ("GET", "/api/environments/{id}/overlap", Token(Viewer)),
    ("POST", "/api/explain", SecretKeyOrReader),
    ("GET", "/api/experiments/{id}/stats", Token(Viewer)),
    ("POST", "/api/power", Token(Viewer)),
    ("POST", "/api/metrics", Token(Editor)),
    ("GET", "/api/metrics", Token(Viewer)),
    ("GET", "/api/metrics/{id}", Token(Viewer)),
    ("PATCH", "/api/metrics/{id}", Token(Editor)),
    ("DELETE", "/api/metrics/{id}", Token(Editor)),
];

/// Routes that no token of some environments only may use, whatever its role.
pub(super) const FOR_ALL_ENVIRONMENTS: &[(&str, &str)] =
    &[("POST", "/api/environments"), ("GET", "/metrics")];
