//! The OpenAPI document, checked in and served.

use std::path::Path;

use axum::body::Body;
use axum::http::Request;
use serde_json::Value;
use sqlx::PgPool;

use crate::support::{Server, ask};

#[test]
fn the_document_is_not_stale() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("openapi.json");
    lotwise_control::openapi::check(&file).unwrap();
}

#[sqlx::test(migrations = "../migrations")]
async fn the_document_is_served_to_everyone(pool: PgPool) {
    let server = Server::new(pool);
    for router in [&server.router, &server.anonymous()] {
        for path in ["/api/openapi.json", "/api/v1/openapi.json"] {
            let answer = ask(router, Request::get(path).body(Body::empty()).unwrap()).await;
            answer.expect(200);
            assert_eq!(answer.headers["content-type"], "application/json");
            assert_eq!(answer.text, lotwise_control::openapi::text().unwrap());
        }
    }
}

#[test]
fn the_document_says_who_may_and_for_which_version() {
    let document: Value = serde_json::from_str(&lotwise_control::openapi::text().unwrap()).unwrap();
    let names = |value: &Value| value.as_object().unwrap().keys().cloned().collect::<Vec<_>>();
    assert_eq!(names(&document["components"]["securitySchemes"]), ["adminToken", "keyBearer", "keyHeader"]);
    let keys = &document["paths"]["/api/decide"]["get"]["security"];
    assert_eq!(*keys, serde_json::json!([{}, {"keyBearer": []}, {"keyHeader": []}]));
    for (path, item) in document["paths"].as_object().unwrap() {
        // Actions that change no resource: publishing, assigning, and what happened.
        let acts = ["/publish", "/track", "/assign", "/assign/bulk"].iter().any(|end| path.ends_with(end));
        let kinds = ["experiments", "groups", "segments", "holdouts", "metrics"];
        let is_one = kinds.iter().any(|kind| path.starts_with(&format!("/api/{kind}/{{id}}")));
        let changes_one = is_one && !acts
            || ["/api/environments/{id}", "/api/environments/{id}/keys/{keyId}", "/api/tokens/{id}"]
                .contains(&path.as_str());
        for (method, operation) in item.as_object().unwrap() {
            let parameters = operation["parameters"].as_array().cloned().unwrap_or_default();
            let says_so = parameters.iter().any(|parameter| parameter["name"] == "If-Match");
            assert_eq!(says_so, changes_one && method != "get", "{method} {path}");
        }
    }
}
