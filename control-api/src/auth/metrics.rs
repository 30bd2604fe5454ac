//! Who may read the metrics without a token of the admin API.

use axum::http::HeaderMap;
use axum::http::header::AUTHORIZATION;
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

/// What `GET /metrics` asks of its callers, beside what the admin API does.
#[derive(Clone, Default)]
pub struct MetricsAccess {
    /// Of `METRICS_TOKEN`.
    token_sha256: Option<[u8; 32]>,
}

impl std::fmt::Debug for MetricsAccess {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("MetricsAccess").finish_non_exhaustive()
    }
}

impl MetricsAccess {
    /// Access for whoever brings the token; without one for nobody.
    pub fn new(token: Option<&str>) -> Self {
        Self { token_sha256: token.map(|token| Sha256::digest(token.as_bytes()).into()) }
    }

    /// Whether a request brings the token. Takes the same time whatever is wrong with it.
    pub fn permits(&self, headers: &HeaderMap) -> bool {
        let value = headers.get(AUTHORIZATION).and_then(|value| value.to_str().ok()).unwrap_or_default();
        let Some((scheme, token)) = value.split_once(' ') else { return false };
        let sent: [u8; 32] = Sha256::digest(token.trim().as_bytes()).into();
        scheme.eq_ignore_ascii_case("bearer")
            && self.token_sha256.is_some_and(|wanted| wanted.ct_eq(&sent).into())
    }
}
