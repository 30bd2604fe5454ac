//! Segments as resources.

use axum::http::Method;
use serde_json::{Value, json};
use sqlx::PgPool;

use crate::support::{Server, halves, redact};

fn asks(attribute: &str, value: &str) -> Value {
    json!([{"conditions": [{"attribute": attribute, "operator": "eq", "value": value}]}])
}

fn inside(segment: &str) -> Value {
    json!([{"conditions": [{"operator": "inSegment", "value": segment}]}])
}

fn fault(pointer: &str, code: &str) -> Vec<(String, String)> {
    vec![(pointer.to_owned(), code.to_owned())]
}

#[sqlx::test(migrations = "../migrations")]
async fn a_segment_is_made_read_changed_and_deleted(pool: PgPool) {
    let server = Server::new(pool);
    let body = json!({"key": "beta", "name": "Beta", "description": "d", "rules": asks("plan", "beta")});
    let answer = server.post("/api/segments", &body).await;
    let made = answer.expect(201);
    let path = format!("/api/segments/{}", made["id"].as_str().unwrap());
    assert_eq!(answer.headers["location"], path);
    assert_eq!(answer.headers["etag"], "\"1\"");
    assert_eq!(
        redact(made.clone()),
        json!({
            "id": "[id]", "environmentId": "[environmentId]", "environment": "default", "key": "beta",
            "name": "Beta", "description": "d", "rules": asks("plan", "beta"),
            "usedBy": {"experiments": [], "segments": []}, "version": 1,
            "createdAt": "[createdAt]", "updatedAt": "[updatedAt]",
        })
    );
    assert_eq!(server.get(&path).await.expect(200), made);
    assert_eq!(server.get("/api/segments/default:beta").await.expect(200), made);
    assert_eq!(server.post("/api/segments", &body).await.code(409), "duplicate_key");

    let change = json!({"description": null, "rules": []});
    let stale = server.send(Method::PATCH, &path, Some(change.to_string()), &[("if-match", "\"7\"")]).await;
    assert_eq!(stale.code(412), "stale_version");
    let changed = server.patch(&path, &change).await.expect(200);
    assert_eq!((&changed["description"], &changed["version"]), (&json!(null), &json!(2)));
    assert_eq!((&changed["name"], &changed["rules"]), (&json!("Beta"), &json!([])));
    assert_eq!(server.get(&path).await.expect(200), changed);

    let stale = server.send(Method::DELETE, &path, None, &[("if-match", "1")]).await;
    assert_eq!(stale.code(412), "stale_version");
    server.delete(&path).await.expect(204);
    assert_eq!(server.get(&path).await.code(404), "not_found");
}

#[sqlx::test(migrations = "../migrations")]
async fn faults_of_a_segment_come_at_once_and_change_nothing(pool: PgPool) {
    let server = Server::new(pool);
    let body = json!({"key": "not a key", "nmae": 1, "rules": [
        {"conditions": [{"attribute": "a", "operator": "in", "value": 1}]},
        {"conditions": [{"operator": "inSegment", "value": "nowhere"}]},
    ]});
    let mut faults = server.post("/api/segments", &body).await.faults(422);
    faults.sort();
    assert_eq!(
        faults,
        [
            ("/key".to_owned(), "invalid_key".to_owned()),
            ("/nmae".to_owned(), "unknown_field".to_owned()),
            ("/rules/0/conditions/0/value".to_owned(), "not_an_array".to_owned()),
            ("/rules/1/conditions/0/value".to_owned(), "unknown_segment".to_owned()),
        ]
    );
    assert_eq!(server.get("/api/segments").await.expect(200)["items"], json!([]));
    for path in ["/api/segments/x", "/api/segments/default:none", "/api/segments/nowhere:x"] {
        assert_eq!(server.get(path).await.code(404), "not_found", "{path}");
    }
}

#[sqlx::test(migrations = "../migrations")]
async fn segments_never_lead_to_themselves(pool: PgPool) {
    let server = Server::new(pool);
    let make = async |key: &str, rules: Value| {
        server.post("/api/segments", &json!({"key": key, "rules": rules})).await
    };
    assert_eq!(make("a", inside("a")).await.faults(422), fault("/rules", "segment_not_evaluable"));
    make("a", asks("plan", "x")).await.expect(201);
    make("b", inside("a")).await.expect(201);
    make("c", inside("b")).await.expect(201);
    let answer = server.patch("/api/segments/default:a", &json!({"rules": inside("c")})).await;
    let faults = answer.faults(422);
    assert!(faults.iter().all(|it| *it == fault("/rules", "segment_not_evaluable")[0]), "{faults:?}");
    assert_eq!(server.get("/api/segments/default:a").await.expect(200)["version"], 1);
}

#[sqlx::test(migrations = "../migrations")]
async fn a_segment_in_use_stays_and_names_its_users(pool: PgPool) {
    let server = Server::new(pool);
    server.post("/api/segments", &json!({"key": "a", "rules": asks("plan", "x")})).await.expect(201);
    server.post("/api/segments", &json!({"key": "b", "rules": inside("a")})).await.expect(201);
    let body = json!({"key": "e", "variants": halves(), "targetingRules": inside("a"),
        "rules": [{"conditions": [{"operator": "notInSegment", "value": "b"}], "variant": "control"}]});
    server.post("/api/experiments", &body).await.expect(201);
    let used = server.get("/api/segments/default:a").await.expect(200);
    assert_eq!(used["usedBy"], json!({"experiments": ["e"], "segments": ["b"]}));
    let listed = server.get("/api/segments").await.expect(200);
    assert_eq!(listed["items"][0]["usedBy"], json!({"experiments": ["e"], "segments": []}));
    let refused = server.delete("/api/segments/default:a").await;
    assert_eq!(refused.code(409), "segment_in_use");
    let detail = refused.expect(409)["detail"].as_str().unwrap().to_owned();
    assert!(detail.contains("experiment e") && detail.contains("segment b"), "{detail}");

    server.post("/api/experiments/default:e/archive", &json!({})).await.expect(200);
    assert_eq!(server.delete("/api/segments/default:a").await.code(409), "segment_in_use");
    server.delete("/api/segments/default:b").await.expect(204);
    server.delete("/api/segments/default:a").await.expect(204);
}

#[sqlx::test(migrations = "../migrations")]
async fn an_experiment_names_segments_that_exist(pool: PgPool) {
    let server = Server::new(pool);
    let body = json!({"key": "e", "variants": halves(), "targetingRules": inside("none")});
    let place = fault("/targetingRules/0/conditions/0/value", "unknown_segment");
    assert_eq!(server.post("/api/experiments", &body).await.faults(422), place);
    server.post("/api/environments", &json!({"name": "other"})).await.expect(201);
    let elsewhere = json!({"key": "none", "environment": "other"});
    server.post("/api/segments", &elsewhere).await.expect(201);
    server.post("/api/environments", &json!({"name": "prod"})).await.expect(201);
    let mut body = body;
    body["environment"] = json!("prod");
    assert_eq!(server.post("/api/experiments", &body).await.faults(422), place);
    server.post("/api/segments", &json!({"key": "none", "environment": "prod"})).await.expect(201);
    server.post("/api/experiments", &body).await.expect(201);
    let patch =
        json!({"rules": [{"conditions": [{"operator": "inSegment", "value": "x"}], "variant": "control"}]});
    assert_eq!(
        server.patch("/api/experiments/prod:e", &patch).await.faults(422),
        fault("/rules/0/conditions/0/value", "unknown_segment")
    );
}

#[sqlx::test(migrations = "../migrations")]
async fn lists_of_segments_are_paged_and_filtered(pool: PgPool) {
    let server = Server::new(pool);
    for key in ["a", "b", "c"] {
        server
            .post("/api/segments", &json!({"key": key, "description": format!("of {key}")}))
            .await
            .expect(201);
    }
    let keys = |page: &Value| -> Vec<String> {
        page["items"].as_array().unwrap().iter().map(|it| it["key"].as_str().unwrap().to_owned()).collect()
    };
    let first = server.get("/api/segments?limit=2").await.expect(200);
    assert_eq!(keys(&first), ["c", "b"]);
    let cursor = first["nextCursor"].as_str().unwrap();
    let second = server.get(&format!("/api/segments?limit=2&cursor={cursor}")).await.expect(200);
    assert_eq!((keys(&second), &second["nextCursor"]), (vec!["a".to_owned()], &json!(null)));
    assert_eq!(keys(&server.get("/api/segments?q=OF%20B").await.expect(200)), ["b"]);
    assert_eq!(keys(&server.get("/api/segments?environmentId=nowhere").await.expect(200)).len(), 0);
    for bad in ["limit=0", "cursor=x", "page=2", "q=%00"] {
        assert_eq!(server.get(&format!("/api/segments?{bad}")).await.code(400), "invalid_parameter", "{bad}");
    }
}

#[sqlx::test(migrations = "../migrations")]
async fn changes_of_segments_are_in_the_history(pool: PgPool) {
    let server = Server::new(pool.clone());
    server.post("/api/segments", &json!({"key": "a"})).await.expect(201);
    server.patch("/api/segments/default:a", &json!({"name": "A"})).await.expect(200);
    server.delete("/api/segments/default:a").await.expect(204);
    let sql =
        "select action, before is null, after is null from audit where resource = 'segment' order by id";
    let rows: Vec<(String, bool, bool)> = sqlx::query_as(sql).fetch_all(&pool).await.unwrap();
    let row = |action: &str, before, after| (action.to_owned(), before, after);
    assert_eq!(rows, [row("create", true, false), row("update", false, false), row("delete", false, true)]);
}
