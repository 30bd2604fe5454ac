//! Experiments, from making to deleting.

use axum::http::Method;
use serde_json::{Value, json};
use sqlx::PgPool;

use crate::support::{Server, halves, redact};

#[sqlx::test(migrations = "../migrations")]
async fn an_experiment_is_made_in_one_call(pool: PgPool) {
    let server = Server::new(pool);
    let rules = json!([{"conditions": [
        {"attribute": "country", "operator": "in", "value": ["US", "CA"], "ignoreCase": true},
    ]}]);
    let body = json!({
        "name": "Checkout: button color!", "description": "d", "hypothesis": "h",
        "variants": [
            {"name": "Control", "config": {"color": "#0066cc"}, "allocation": 0.3},
            {"key": "treatment", "payload": [1], "allocation": 0.7},
        ],
        "targetingRules": rules,
        "rules": [{"conditions": [], "variant": "treatment"}],
        "bucketBy": "company.id", "trafficAllocation": 0.5, "metrics": ["purchase"],
        "targetSampleSize": 1000, "significanceLevel": 0.01, "hash": "fnv1a64",
        "salt": "checkout_v2", "sticky": true, "clientSide": true,
    });
    let answer = server.post("/api/experiments", &body).await;
    let made = answer.expect(201);
    let id = made["id"].as_str().unwrap();
    assert_eq!(answer.headers["location"], format!("/api/experiments/{id}"));
    let allocation = |variant: &str, start: u16, end: u16| json!({"variantId": "[variantId]", "variant": variant, "rangeStart": start, "rangeEnd": end});
    let variant = |key: &str, name: &str, payload: Value| {
        json!({
            "id": "[id]", "key": key, "name": name, "payload": payload, "version": 1,
            "createdAt": "[createdAt]", "updatedAt": "[updatedAt]",
        })
    };
    assert_eq!(made["salt"], "checkout_v2");
    assert_eq!(
        redact(made.clone()),
        json!({
            "id": "[id]", "environmentId": "[environmentId]", "environment": "default",
            "key": "checkout-button-color", "name": "Checkout: button color!",
            "description": "d", "hypothesis": "h", "status": "DRAFT", "winner": null,
            "salt": "[salt]", "hash": "fnv1a64", "bucketBy": "company.id", "sticky": true,
            "clientSide": true, "trafficAllocation": 0.5, "targetingRules": rules,
            "rules": [{"conditions": [], "variant": "treatment"}], "metrics": ["purchase"],
            "primaryMetric": "purchase", "guardrailMetrics": [], "minimumDays": 7, "targetSampleSize": 1000, "significanceLevel": 0.01,
            "variants": [
                variant("control", "Control", json!({"color": "#0066cc"})),
                variant("treatment", "treatment", json!([1])),
            ],
            "allocations": [allocation("control", 0, 1499), allocation("treatment", 3000, 6499)],
            "prerequisites": [], "group": null, "holdouts": [],
            "version": 1, "createdAt": "[createdAt]", "updatedAt": "[updatedAt]",
            "startedAt": null, "concludedAt": null, "archivedAt": null,
        })
    );
    let same = redact(made.clone());
    let path = format!("/api/experiments/{id}");
    assert_eq!(redact(server.get(&path).await.expect(200)), same);
    assert_eq!(redact(server.get("/api/experiments/default:checkout-button-color").await.expect(200)), same);
}

#[sqlx::test(migrations = "../migrations")]
async fn the_environment_is_found_or_asked_for(pool: PgPool) {
    let server = Server::new(pool);
    let make = async |key: &str, field: &str, value: Value| {
        let mut body = json!({ "key": key });
        body[field] = value;
        server.post("/api/experiments", &body).await
    };
    assert_eq!(make("a", "name", json!("A")).await.expect(201)["environment"], "default");
    assert_eq!(make("b", "name", json!("B")).await.expect(201)["environment"], "default");
    let prod = server.post("/api/environments", &json!({"name": "prod"})).await.expect(201);
    let fault = |pointer: &str, code: &str| vec![(pointer.to_owned(), code.to_owned())];
    assert_eq!(make("c", "name", json!("C")).await.faults(422), fault("/environmentId", "required"));
    assert_eq!(make("c", "environmentId", prod["id"].clone()).await.expect(201)["environment"], "prod");
    assert_eq!(make("d", "environment", json!("prod")).await.expect(201)["environment"], "prod");
    assert_eq!(
        make("e", "environment", json!("nowhere")).await.faults(422),
        fault("/environment", "unknown_environment")
    );
    let body = json!({"key": "f", "environment": "prod", "environmentId": prod["id"]});
    let answer = server.post("/api/experiments", &body).await;
    assert_eq!(answer.faults(422), fault("/environment", "duplicate_field"));
}

#[sqlx::test(migrations = "../migrations")]
async fn keys_and_salts_are_taken_once(pool: PgPool) {
    let server = Server::new(pool);
    server.post("/api/experiments", &json!({"key": "a", "salt": "s"})).await.expect(201);
    let answer = server.post("/api/experiments", &json!({"key": "a"})).await;
    assert_eq!(answer.code(409), "duplicate_key");
    let answer = server.post("/api/experiments", &json!({"key": "b", "salt": "s"})).await;
    assert_eq!(answer.code(409), "duplicate_salt");
    let made = server.post("/api/experiments", &json!({"key": "c"})).await.expect(201);
    assert_eq!(made["salt"].as_str().unwrap().len(), 32);
}

#[sqlx::test(migrations = "../migrations")]
async fn lists_are_paged_and_filtered(pool: PgPool) {
    let server = Server::new(pool);
    for number in 0..5 {
        let body = json!({"key": format!("e{number}"), "name": format!("Number {number}")});
        server.post("/api/experiments", &body).await.expect(201);
    }
    let keys = |page: &Value| -> Vec<String> {
        let items = page["items"].as_array().unwrap();
        items.iter().map(|item| item["key"].as_str().unwrap().to_owned()).collect()
    };
    let first = server.get("/api/experiments?limit=2").await.expect(200);
    assert_eq!(keys(&first), ["e4", "e3"]);
    let cursor = first["nextCursor"].as_str().unwrap();
    let second = server.get(&format!("/api/experiments?limit=2&cursor={cursor}")).await.expect(200);
    assert_eq!(keys(&second), ["e2", "e1"]);
    let cursor = second["nextCursor"].as_str().unwrap();
    let third = server.get(&format!("/api/experiments?limit=2&cursor={cursor}")).await.expect(200);
    assert_eq!((keys(&third), &third["nextCursor"]), (vec!["e0".to_owned()], &Value::Null));

    assert_eq!(keys(&server.get("/api/experiments?q=NUMBER%203").await.expect(200)), ["e3"]);
    assert_eq!(keys(&server.get("/api/experiments?status=RUNNING").await.expect(200)).len(), 0);
    assert_eq!(keys(&server.get("/api/experiments?environmentId=default").await.expect(200)).len(), 5);
    for bad in ["limit=0", "limit=201", "limit=x", "cursor=x", "status=running", "page=2", "limit=1&limit=2"]
    {
        let answer = server.get(&format!("/api/experiments?{bad}")).await;
        assert_eq!(answer.code(400), "invalid_parameter", "{bad}");
    }
}

#[sqlx::test(migrations = "../migrations")]
async fn edits_change_what_they_name(pool: PgPool) {
    let server = Server::new(pool);
    let made = server.post("/api/experiments", &json!({"key": "a", "description": "d"})).await.expect(201);
    let path = format!("/api/experiments/{}", made["id"].as_str().unwrap());
    let rules = json!([{"conditions": [{"attribute": "plan", "operator": "eq", "value": "pro"}]}]);
    let body = json!({"name": "New", "description": null, "targeting_rules": rules});
    let answer = server.patch(&path, &body).await;
    let changed = answer.expect(200);
    assert_eq!(answer.headers["etag"], "\"2\"");
    let mut expected = made.clone();
    expected["name"] = json!("New");
    expected["description"] = Value::Null;
    expected["targetingRules"] = rules;
    expected["version"] = json!(2);
    assert_eq!(redact(changed), redact(expected));

    let send = async |version: &str| {
        let body = Some(json!({"hypothesis": "h"}).to_string());
        server.send(Method::PATCH, &path, body, &[("if-match", version)]).await
    };
    assert_eq!(send("\"1\"").await.code(412), "stale_version");
    send("\"2\"").await.expect(200);
    send("*").await.expect(200);
    assert_eq!(send("x").await.code(400), "invalid_if_match");
    let now = server.get(&path).await.expect(200);
    assert_eq!((&now["version"], &now["hypothesis"]), (&json!(4), &json!("h")));
}

#[sqlx::test(migrations = "../migrations")]
async fn buckets_move_only_while_a_draft(pool: PgPool) {
    let server = Server::new(pool);
    let body = json!({"key": "a", "variants": halves()});
    let made = server.post("/api/experiments", &body).await.expect(201);
    let path = format!("/api/experiments/{}", made["id"].as_str().unwrap());
    server.patch(&path, &json!({"salt": "other", "bucketBy": "company"})).await.expect(200);
    server.post(&format!("{path}/start"), &json!({})).await.expect(200);
    for change in [json!({"salt": "third"}), json!({"hash": "fnv1a64"}), json!({"bucketBy": "user_key"})] {
        assert_eq!(server.patch(&path, &change).await.code(409), "rebuckets");
    }
    server.patch(&path, &json!({"salt": "other", "name": "same salt"})).await.expect(200);
}

#[sqlx::test(migrations = "../migrations")]
async fn drafts_and_archived_ones_are_deleted(pool: PgPool) {
    let server = Server::new(pool);
    let id = server.running("a").await;
    let path = format!("/api/experiments/{id}");
    assert_eq!(server.delete(&path).await.code(409), "not_deletable");
    server.post(&format!("{path}/archive"), &json!({})).await.expect(200);
    assert_eq!(server.patch(&path, &json!({"name": "x"})).await.code(409), "archived");
    assert_eq!(
        server.send(Method::DELETE, &path, None, &[("if-match", "1")]).await.code(412),
        "stale_version"
    );
    server.delete(&path).await.expect(204);
    assert_eq!(server.get(&path).await.code(404), "not_found");
    assert_eq!(server.delete(&path).await.code(404), "not_found");
}

#[sqlx::test(migrations = "../migrations")]
async fn payload_bytes_stay(pool: PgPool) {
    let server = Server::new(pool);
    let payload = "{ \"b\" : 1.0,\n \"a\": 9007199254740993, \"e\": 1e2, \"u\": \"\\u0041\\u0000/\\/\" }";
    let body = format!(r#"{{"key": "a", "variants": [{{"key": "v", "payload": {payload}}}]}}"#);
    let answer = server.send(Method::POST, "/api/experiments", Some(body), &[]).await;
    answer.expect(201);
    assert!(answer.text.contains(payload), "{}", answer.text);
    assert!(server.get("/api/experiments/default:a").await.text.contains(payload));
}

#[sqlx::test(migrations = "../migrations")]
async fn a_write_answers_what_a_read_will(pool: PgPool) {
    let server = Server::new(pool);
    let body = json!({"key": "a", "variants": halves()});
    let made = server.post("/api/experiments", &body).await.expect(201);
    let path = "/api/experiments/default:a";
    assert_eq!(server.get(path).await.expect(200), made);
    assert_eq!(server.get("/api/experiments").await.expect(200)["items"], json!([made]));

    let added = server.post(&format!("{path}/variants"), &json!({"key": "c"})).await.expect(201);
    assert_eq!(server.get(path).await.expect(200)["variants"][2], added);
    let changed = server.patch(&format!("{path}/variants/c"), &json!({"name": "C"})).await.expect(200);
    assert_eq!(server.get(path).await.expect(200)["variants"][2], changed);
    let patched = server.patch(path, &json!({"description": "d"})).await.expect(200);
    assert_eq!(server.get(path).await.expect(200), patched);
    for action in ["start", "pause"] {
        let answer = server.post(&format!("{path}/{action}"), &json!({})).await.expect(200);
        assert_eq!(server.get(path).await.expect(200), answer, "{action}");
    }
    let concluded = json!({"winner": "control"});
    let concluded = server.post(&format!("{path}/conclude"), &concluded).await.expect(200);
    assert_eq!(server.get(path).await.expect(200), concluded);
    let archived = server.post(&format!("{path}/archive"), &json!({})).await.expect(200);
    assert_eq!(server.get(path).await.expect(200), archived);
}

#[sqlx::test(migrations = "../migrations")]
async fn shares_are_of_the_admitted(pool: PgPool) {
    let server = Server::new(pool);
    let variants = json!([
        {"key": "a", "allocation": 0.25}, {"key": "b", "allocation": 0.25}, {"key": "c", "allocation": 0.5},
    ]);
    let body = json!({"key": "x", "variants": variants, "trafficAllocation": 0.2});
    let made = server.post("/api/experiments", &body).await.expect(201);
    let bucket = |value: &Value| value.as_u64().unwrap();
    let sizes = made["allocations"].as_array().unwrap().iter();
    let sizes = sizes.map(|it| bucket(&it["rangeEnd"]) + 1 - bucket(&it["rangeStart"]));
    assert_eq!(sizes.collect::<Vec<_>>(), [500, 500, 1000]);
}

#[sqlx::test(migrations = "../migrations")]
async fn absent_is_not_null(pool: PgPool) {
    let server = Server::new(pool);
    let body = json!({"key": "a", "description": "d", "hypothesis": "h", "targetSampleSize": 5});
    server.post("/api/experiments", &body).await.expect(201);
    let path = "/api/experiments/default:a";
    let now = server.patch(path, &json!({"description": null, "targetSampleSize": null})).await.expect(200);
    assert_eq!(
        (&now["description"], &now["targetSampleSize"], &now["hypothesis"]),
        (&json!(null), &json!(null), &json!("h"))
    );
    for field in ["name", "targetingRules", "rules", "metrics", "significanceLevel", "sticky", "salt", "hash"]
    {
        let mut body = json!({});
        body[field] = Value::Null;
        let faults = server.patch(path, &body).await.faults(422);
        assert_eq!(faults, [(format!("/{field}"), "wrong_type".to_owned())]);
    }
    assert_eq!(server.get(path).await.expect(200), now);
}
