//! Groups and slices.

use std::sync::Arc;

use axum::http::Method;
use serde_json::{Value, json};
use sqlx::PgPool;

use crate::support::{Server, halves, redact};

/// A group `g` of `default` and drafts of these keys.
async fn group(server: &Server, mode: &str, keys: &[&str]) {
    server.post("/api/groups", &json!({"key": "g", "mode": mode})).await.expect(201);
    for key in keys {
        let body = json!({"key": key, "variants": halves()});
        server.post("/api/experiments", &body).await.expect(201);
    }
}

fn slice(key: &str) -> String {
    format!("/api/groups/default:g/slices/{key}")
}

fn range(start: u16, end: u16) -> Value {
    json!({"rangeStart": start, "rangeEnd": end})
}

#[sqlx::test(migrations = "../migrations")]
async fn a_group_is_made_read_changed_and_deleted(pool: PgPool) {
    let server = Server::new(pool);
    let body = json!({"key": "g", "name": "G", "mode": "slices", "bucketBy": "company"});
    let made = server.post("/api/groups", &body).await.expect(201);
    assert_eq!(made["salt"].as_str().unwrap().len(), 32);
    assert_eq!(
        redact(made.clone()),
        json!({
            "id": "[id]", "environmentId": "[environmentId]", "environment": "default", "key": "g",
            "name": "G", "description": null, "mode": "slices", "salt": "[salt]", "bucketBy": "company",
            "members": [], "freeRanges": [range(0, 9999)], "freeBuckets": 10000, "version": 1,
            "createdAt": "[createdAt]", "updatedAt": "[updatedAt]",
        })
    );
    let path = "/api/groups/default:g";
    assert_eq!(server.get(path).await.expect(200), made);
    assert_eq!(server.get("/api/groups").await.expect(200), json!({"items": [made], "nextCursor": null}));
    assert_eq!(server.post("/api/groups", &body).await.code(409), "duplicate_key");
    let bad = json!({"key": "h", "mode": "some", "ranges": []});
    let mut faults = server.post("/api/groups", &bad).await.faults(422);
    faults.sort();
    let expected = [("/mode", "unknown_mode"), ("/ranges", "unknown_field")];
    assert_eq!(faults, expected.map(|(pointer, code)| (pointer.to_owned(), code.to_owned())));

    for fixed in [json!({"mode": "first"}), json!({"salt": "s"}), json!({"bucketBy": "x"})] {
        assert_eq!(server.patch(path, &fixed).await.faults(422)[0].1, "unknown_field");
    }
    let stale = server.send(Method::PATCH, path, Some("{}".to_owned()), &[("if-match", "\"9\"")]).await;
    assert_eq!(stale.code(412), "stale_version");
    let changed = server.patch(path, &json!({"name": "H"})).await.expect(200);
    assert_eq!(
        (&changed["name"], &changed["version"], &changed["salt"]),
        (&json!("H"), &json!(2), &made["salt"])
    );
    server.delete(path).await.expect(204);
    assert_eq!(server.get(path).await.code(404), "not_found");
}

#[sqlx::test(migrations = "../migrations")]
async fn a_claim_never_disturbs_what_others_hold(pool: PgPool) {
    let server = Server::new(pool);
    group(&server, "slices", &["a", "b", "c"]).await;
    let after = server.put(&slice("a"), &json!({"buckets": 2500})).await.expect(200);
    assert_eq!(after["members"][0]["ranges"], json!([range(0, 2499)]));
    assert_eq!(after["freeRanges"], json!([range(2500, 9999)]));
    server.put(&slice("b"), &json!({"share": 0.25})).await.expect(200);
    let grown = server.put(&slice("a"), &json!({"buckets": 3000})).await.expect(200);
    assert_eq!(grown["members"][0]["ranges"], json!([range(0, 2499), range(5000, 5499)]));
    assert_eq!(grown["members"][1]["ranges"], json!([range(2500, 4999)]));
    let shrunk = server.put(&slice("a"), &json!({"buckets": 2000})).await.expect(200);
    assert_eq!(shrunk["members"][0]["ranges"], json!([range(0, 1999)]));
    assert_eq!(shrunk["freeBuckets"], 5500);

    let full = server.put(&slice("c"), &json!({"share": 0.5501})).await;
    assert_eq!(full.code(409), "group_full");
    assert_eq!(full.expect(409)["freeBuckets"], 5500);
    assert_eq!(server.get("/api/experiments/default:c").await.expect(200)["group"], json!(null));
    let taken = server.put(&slice("c"), &json!({"ranges": [range(1990, 2010)]})).await;
    assert_eq!(taken.code(409), "slice_taken");
    let exact = server.put(&slice("c"), &json!({"ranges": [range(2000, 2499), range(5000, 9999)]})).await;
    assert_eq!(exact.expect(200)["freeBuckets"], 0);
    let experiment = server.get("/api/experiments/default:c").await.expect(200);
    assert_eq!(experiment["group"]["ranges"], json!([range(2000, 2499), range(5000, 9999)]));
    assert_eq!((&experiment["group"]["key"], &experiment["version"]), (&json!("g"), &json!(2)));
}

#[sqlx::test(migrations = "../migrations")]
async fn claims_that_make_no_sense_are_refused(pool: PgPool) {
    let server = Server::new(pool);
    group(&server, "slices", &["a"]).await;
    let faults = async |body: Value| server.put(&slice("a"), &body).await.faults(422);
    for (body, pointer, code) in [
        (json!({}), "/buckets", "required"),
        (json!({"buckets": 0}), "/buckets", "out_of_range"),
        (json!({"buckets": 10001}), "/buckets", "out_of_range"),
        (json!({"share": 0}), "/share", "out_of_range"),
        (json!({"share": 0.00005}), "/share", "too_precise"),
        (json!({"share": 1.5}), "/share", "out_of_range"),
        (json!({"buckets": 1, "share": 0.1}), "/share", "duplicate_field"),
        (json!({"ranges": []}), "/ranges", "empty"),
        (json!({"ranges": [range(5, 4)]}), "/ranges/0", "reversed_range"),
        (json!({"ranges": [range(0, 4), range(4, 5)]}), "/ranges/1", "overlapping_ranges"),
        (json!({"bucket": 1}), "/bucket", "unknown_field"),
    ] {
        let found = faults(body.clone()).await;
        assert!(found.contains(&(pointer.to_owned(), code.to_owned())), "{body}: {found:?}");
    }
    assert_eq!(server.put(&slice("none"), &json!({"buckets": 1})).await.code(404), "not_found");
    assert_eq!(server.delete(&slice("a")).await.code(404), "not_found");
    assert_eq!(server.get("/api/groups/default:g").await.expect(200)["version"], 1);
}

#[sqlx::test(migrations = "../migrations")]
async fn parallel_claims_never_overlap_and_never_exceed(pool: PgPool) {
    let server = Server::new(pool);
    let keys: Vec<String> = (0..16).map(|number| format!("e{number:02}")).collect();
    let names: Vec<&str> = keys.iter().map(String::as_str).collect();
    group(&server, "slices", &names).await;
    let server = Arc::new(server);
    let claims = keys.into_iter().map(|key| {
        let server = Arc::clone(&server);
        tokio::spawn(async move { server.put(&slice(&key), &json!({"buckets": 900})).await })
    });
    let mut answers = Vec::new();
    for claim in claims.collect::<Vec<_>>() {
        answers.push(claim.await.unwrap());
    }
    let granted = answers.iter().filter(|answer| answer.status == 200).count();
    assert_eq!(granted, 11);
    for refused in answers.iter().filter(|answer| answer.status != 200) {
        assert_eq!(refused.code(409), "group_full");
        assert_eq!(refused.expect(409)["freeBuckets"], 100);
    }
    let group = server.get("/api/groups/default:g").await.expect(200);
    assert_eq!(group["freeBuckets"], 100);
    let mut owned = vec![0; 10_000];
    for member in group["members"].as_array().unwrap() {
        for range in member["ranges"].as_array().unwrap() {
            let bucket = |name: &str| usize::try_from(range[name].as_u64().unwrap()).unwrap();
            owned[bucket("rangeStart")..=bucket("rangeEnd")].iter_mut().for_each(|count| *count += 1);
        }
    }
    assert!(owned.iter().all(|count| *count <= 1));
    assert_eq!(owned.iter().sum::<i32>(), 9_900);
}

#[sqlx::test(migrations = "../migrations")]
async fn a_claim_may_be_made_for_a_version(pool: PgPool) {
    let server = Server::new(pool);
    group(&server, "slices", &["a"]).await;
    let claim = async |version: &str| {
        let body = Some(json!({"buckets": 10}).to_string());
        server.send(Method::PUT, &slice("a"), body, &[("if-match", version)]).await
    };
    assert_eq!(claim("\"2\"").await.code(412), "stale_version");
    assert_eq!(claim("\"1\"").await.expect(200)["version"], 2);
    assert_eq!(claim("\"1\"").await.code(412), "stale_version");
}

#[sqlx::test(migrations = "../migrations")]
async fn slices_are_kept_until_they_are_released_or_archived(pool: PgPool) {
    let server = Server::new(pool.clone());
    group(&server, "slices", &["a", "b"]).await;
    server.put(&slice("a"), &json!({"buckets": 5000})).await.expect(200);
    let path = "/api/experiments/default:a";
    server.post(&format!("{path}/start"), &json!({})).await.expect(200);
    assert_eq!(server.delete(&slice("a")).await.code(409), "running");
    assert_eq!(server.patch(path, &json!({"groupKey": null})).await.code(409), "group_fixed");
    for (step, body) in [("pause", json!({})), ("conclude", json!({"winner": "control"}))] {
        server.post(&format!("{path}/{step}"), &body).await.expect(200);
        assert_eq!(server.get("/api/groups/default:g").await.expect(200)["freeBuckets"], 5000, "{step}");
    }
    server.delete(&slice("a")).await.expect(204);
    let group = server.get("/api/groups/default:g").await.expect(200);
    assert_eq!((&group["freeBuckets"], &group["members"][0]["ranges"]), (&json!(10000), &json!([])));
    assert_eq!(server.post(&format!("{path}/start"), &json!({})).await.code(409), "not_startable");
    server.put(&slice("a"), &json!({"buckets": 10000})).await.expect(200);
    assert_eq!(server.put(&slice("b"), &json!({"buckets": 1})).await.code(409), "group_full");
    let refused = server.delete("/api/groups/default:g").await;
    assert_eq!(refused.code(409), "group_in_use");
    assert!(refused.text.contains("experiment a"), "{}", refused.text);
    server.post(&format!("{path}/archive"), &json!({})).await.expect(200);
    assert_eq!(server.get(path).await.expect(200)["group"], json!(null));
    server.put(&slice("b"), &json!({"buckets": 1})).await.expect(200);
    server.delete("/api/experiments/default:b").await.expect(204);
    server.delete("/api/groups/default:g").await.expect(204);
    let sql = "select action from audit where resource = 'group' order by id";
    let actions: Vec<String> = sqlx::query_scalar(sql).fetch_all(&pool).await.unwrap();
    assert_eq!(actions, ["create", "claim_slice", "release_slice", "claim_slice", "claim_slice", "delete"]);
}

#[sqlx::test(migrations = "../migrations")]
async fn an_experiment_joins_a_group_as_a_draft(pool: PgPool) {
    let server = Server::new(pool);
    group(&server, "first", &["a"]).await;
    server.post("/api/groups", &json!({"key": "h"})).await.expect(201);
    let body = json!({"key": "b", "variants": halves(), "groupKey": "g"});
    let made = server.post("/api/experiments", &body).await.expect(201);
    assert_eq!(made["group"]["key"], "g");
    assert_eq!(made["group"]["ranges"], json!([range(0, 9999)]));
    assert_eq!(server.get("/api/experiments/default:b").await.expect(200), made);
    let members = &server.get("/api/groups/default:g").await.expect(200)["members"];
    assert_eq!((&members[0]["experimentKey"], &members[0]["status"]), (&json!("b"), &json!("DRAFT")));

    let path = "/api/experiments/default:a";
    let unknown = server.patch(path, &json!({"groupKey": "none"})).await;
    assert_eq!(unknown.faults(422), [("/groupKey".to_owned(), "unknown_group".to_owned())]);
    server.patch(path, &json!({"groupKey": "h"})).await.expect(200);
    assert_eq!(server.put(&slice("a"), &json!({"buckets": 1})).await.code(409), "not_sliced");
    let moved = server.patch(path, &json!({"groupKey": "g"})).await.expect(200);
    assert_eq!(moved["group"]["mode"], "first");
    server.post(&format!("{path}/start"), &json!({})).await.expect(200);
    assert_eq!(server.patch(path, &json!({"groupKey": "h"})).await.code(409), "group_fixed");
    server.patch(path, &json!({"groupKey": "g", "name": "same group"})).await.expect(200);
    server.post(&format!("{path}/pause"), &json!({})).await.expect(200);
    let left = server.patch(path, &json!({"groupKey": null})).await.expect(200);
    assert_eq!(left["group"], json!(null));
    assert_eq!(server.patch(path, &json!({"groupKey": "g"})).await.code(409), "group_fixed");
}

#[sqlx::test(migrations = "../migrations")]
async fn salts_are_distinct_across_experiments_groups_and_holdouts(pool: PgPool) {
    let server = Server::new(pool);
    server.post("/api/experiments", &json!({"key": "e", "salt": "s"})).await.expect(201);
    let taken = server.post("/api/groups", &json!({"key": "g", "salt": "s"})).await;
    assert_eq!(taken.code(409), "duplicate_salt");
    server.post("/api/groups", &json!({"key": "g", "salt": "t"})).await.expect(201);
    let taken = server.post("/api/holdouts", &json!({"key": "h", "share": 0.1, "salt": "t"})).await;
    assert_eq!(taken.code(409), "duplicate_salt");
    server.post("/api/holdouts", &json!({"key": "h", "share": 0.1, "salt": "u"})).await.expect(201);
    let taken = server.post("/api/experiments", &json!({"key": "f", "salt": "u"})).await;
    assert_eq!(taken.code(409), "duplicate_salt");
    assert_eq!(
        server.patch("/api/experiments/default:e", &json!({"salt": "t"})).await.code(409),
        "duplicate_salt"
    );
    server.post("/api/environments", &json!({"name": "other"})).await.expect(201);
    server.post("/api/groups", &json!({"key": "g", "salt": "s", "environment": "other"})).await.expect(201);
}
