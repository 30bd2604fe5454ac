//! Metrics as resources.

use axum::http::Method;
use serde_json::json;
use sqlx::PgPool;

use crate::support::{Server, redact};

#[sqlx::test(migrations = "../migrations")]
async fn metrics_are_made_changed_listed_and_deleted(pool: PgPool) {
    let server = Server::new(pool);
    server.post("/api/environments", &json!({"name": "prod"})).await.expect(201);
    let body = json!({"key": "revenue", "name": "Revenue", "kind": "revenue", "event_name": "purchase",
        "filters": [{"attribute": "plan", "operator": "eq", "value": "pro"}], "windowEndSeconds": 604_800});
    let made = server.post("/api/metrics", &body).await.expect(201);
    assert_eq!(
        redact(made.clone()),
        json!({
            "id": "[id]", "environmentId": "[environmentId]", "environment": "prod", "key": "revenue",
            "name": "Revenue", "description": null, "kind": "sum", "eventName": "purchase",
            "valueProperty": "value", "denominatorEvent": null, "denominatorProperty": null, "quantile": null,
            "filters": [{"attribute": "plan", "operator": "eq", "value": "pro"}],
            "windowStartSeconds": 0, "windowEndSeconds": 604_800, "winsorLower": null, "winsorUpper": 0.99,
            "direction": "increase", "minimumEffect": null, "guardrailMargin": null, "prePeriodSeconds": null,
            "version": 1, "createdAt": "[createdAt]", "updatedAt": "[updatedAt]",
        })
    );
    assert_eq!(server.post("/api/metrics", &body).await.code(409), "duplicate_key");
    let path = "/api/metrics/prod:revenue";
    let change = json!({"winsorUpper": null, "minimumEffect": 0.02});
    let changed = server.patch(path, &change).await.expect(200);
    assert_eq!((&changed["winsorUpper"], &changed["version"]), (&json!(null), &json!(2)));
    let stale = server.send(Method::PATCH, path, Some(change.to_string()), &[("if-match", "\"1\"")]).await;
    assert_eq!(stale.code(412), "stale_version");
    for key in ["a", "b"] {
        server.post("/api/metrics", &json!({"key": key, "kind": "conversion"})).await.expect(201);
    }
    let page = server.get("/api/metrics?limit=2&environmentId=prod").await.expect(200);
    let keys = |page: &serde_json::Value| {
        let items = page["items"].as_array().unwrap();
        items.iter().map(|it| it["key"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(keys(&page), ["b", "a"]);
    let cursor = page["nextCursor"].as_str().unwrap();
    assert_eq!(keys(&server.get(&format!("/api/metrics?cursor={cursor}")).await.expect(200)), ["revenue"]);
    server.delete(path).await.expect(204);
    assert_eq!(server.get(path).await.code(404), "not_found");
}

#[sqlx::test(migrations = "../migrations")]
async fn what_does_not_go_together_is_refused_at_once(pool: PgPool) {
    let server = Server::new(pool);
    let body = json!({"key": "m", "kind": "conversion", "windowStartSeconds": 60, "windowEndSeconds": 30,
        "valueProperty": "price", "quantile": 0.5, "denominatorEvent": "x", "winsorUpper": 0.9,
        "filters": [{"attribute": "a", "operator": "matches", "value": "x"}, {"operator": "gt", "value": "y"}]});
    let mut faults = server.post("/api/metrics", &body).await.faults(422);
    faults.sort();
    let expected = [
        ("/denominatorEvent", "unexpected"),
        ("/filters/0/operator", "unknown_operator"),
        ("/filters/1/attribute", "required"),
        ("/filters/1/value", "wrong_operand"),
        ("/quantile", "unexpected"),
        ("/valueProperty", "unexpected"),
        ("/windowEndSeconds", "window_order"),
        ("/winsorUpper", "unexpected"),
    ];
    let expected: Vec<_> = expected.map(|(at, code)| (at.to_owned(), code.to_owned())).to_vec();
    assert_eq!(faults, expected);
    let faults =
        server.post("/api/metrics", &json!({"key": "m", "kind": "p95", "typo": 1})).await.faults(422);
    assert_eq!(
        faults,
        [("/kind", "unknown_kind"), ("/typo", "unknown_field")].map(|(a, b)| (a.to_owned(), b.to_owned()))
    );
    for (kind, pointer) in
        [("ratio", "/denominatorEvent"), ("quantile", "/quantile"), ("retention", "/windowStartSeconds")]
    {
        let faults = server.post("/api/metrics", &json!({"key": "m", "kind": kind})).await.faults(422);
        assert_eq!(faults, [(pointer.to_owned(), "required".to_owned())]);
    }
    assert_eq!(server.get("/api/metrics").await.expect(200)["items"], json!([]));
}

#[sqlx::test(migrations = "../migrations")]
async fn experiments_name_metrics_and_keep_them_from_being_deleted(pool: PgPool) {
    let server = Server::new(pool);
    let metrics =
        json!(["views", {"key": "errors", "role": "guardrail"}, {"key": "sales", "role": "primary"}]);
    let made = server.post("/api/experiments", &json!({"key": "e", "metrics": metrics})).await.expect(201);
    assert_eq!(made["metrics"], json!(["views", "errors", "sales"]));
    assert_eq!((&made["primaryMetric"], &made["guardrailMetrics"]), (&json!("sales"), &json!(["errors"])));
    let implied = server.get("/api/metrics/default:views").await.expect(200);
    assert_eq!((&implied["kind"], &implied["eventName"]), (&json!("conversion"), &json!("views")));
    assert_eq!(implied["usedBy"], json!(["e"]));
    let refused = server.delete("/api/metrics/default:errors").await;
    assert!(refused.expect(409)["detail"].as_str().unwrap().contains("used by e"));
    assert_eq!(refused.code(409), "metric_in_use");

    let path = "/api/experiments/default:e";
    let changed =
        server.patch(path, &json!({"metrics": ["views", "conversion", "errors"]})).await.expect(200);
    assert_eq!(
        (&changed["primaryMetric"], &changed["guardrailMetrics"]),
        (&json!("conversion"), &json!(["errors"]))
    );
    server.get("/api/metrics/default:conversion").await.expect(200);
    server.delete("/api/metrics/default:sales").await.expect(204);
    let faults =
        server.patch(path, &json!({"primaryMetric": "sales", "guardrailMetrics": ["x"]})).await.faults(422);
    assert_eq!(
        faults,
        [("/primaryMetric", "unknown_metric"), ("/guardrailMetrics/0", "unknown_metric")]
            .map(|(a, b)| (a.to_owned(), b.to_owned()))
    );
    let two =
        json!({"key": "f", "metrics": [{"key": "a", "role": "primary"}, {"key": "b", "role": "primary"}]});
    assert_eq!(server.post("/api/experiments", &two).await.faults(422)[0].1, "second_primary");
}
