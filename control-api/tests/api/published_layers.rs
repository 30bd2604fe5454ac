//! What rows of groups, holdouts, segments, prerequisites and overrides make of published decisions.

use lotwise_core::{Context, Evaluation, Scratch, Snapshot, Sticky, Subject};
use serde_json::{Value, json};
use sqlx::PgPool;

use crate::support::{Server, halves};

/// The full or the client document of the last publish, as text.
async fn published(server: &Server, folder: &str) -> String {
    let version = server.post("/api/environments/prod/publish", &json!({})).await.expect(200);
    let pointer = server.object(&format!("{folder}/version.json")).await;
    assert_eq!(pointer["version"], version["version"]);
    let path = format!("{folder}/{}", pointer["snapshot"].as_str().unwrap());
    server.object(&path).await.to_string()
}

/// What one experiment gives a user: the reason and the variant.
fn decide(
    document: &str,
    key: &str,
    user: &str,
    context: &str,
    sticky: &[(&str, &str)],
) -> (String, Option<String>) {
    let snapshot = Snapshot::load(document.as_bytes()).unwrap();
    let context = Context::from_json(context).unwrap();
    let sticky = sticky.iter().map(|(key, variant)| ((*key).to_owned(), (*variant).to_owned()));
    let sticky: Sticky = sticky.collect();
    let subject = Subject::new(user, &context).unwrap().with_sticky(&sticky);
    let mut scratch = Scratch::new();
    let experiment = snapshot.experiment(key).unwrap();
    let decision = Evaluation::new(&snapshot, &subject, &mut scratch).decide(experiment);
    let variant = snapshot.variant(decision).map(|variant| variant.key.to_owned());
    (decision.reason.name().to_owned(), variant)
}

fn reason(document: &str, key: &str, user: &str) -> String {
    decide(document, key, user, "{}", &[]).0
}

async fn start(server: &Server, body: Value) {
    let mut body = body;
    body["environment"] = json!("prod");
    body["variants"] = halves();
    let key = body["key"].as_str().unwrap().to_owned();
    server.post("/api/experiments", &body).await.expect(201);
    server.post(&format!("/api/experiments/prod:{key}/start"), &json!({})).await.expect(200);
}

async fn prod(pool: PgPool) -> Server {
    let server = Server::with_store(pool).await;
    server.post("/api/environments", &json!({"name": "prod"})).await.expect(201);
    server
}

#[sqlx::test(migrations = "../migrations")]
async fn slices_exclude_each_other(pool: PgPool) {
    let server = prod(pool).await;
    server.post("/api/groups", &json!({"key": "g", "environment": "prod"})).await.expect(201);
    for key in ["a", "b"] {
        let body = json!({"key": key, "environment": "prod", "variants": halves(), "groupKey": "g"});
        server.post("/api/experiments", &body).await.expect(201);
        let started = server.post(&format!("/api/experiments/prod:{key}/start"), &json!({})).await;
        assert_eq!(started.code(409), "not_startable");
        let slice = format!("/api/groups/prod:g/slices/{key}");
        server.put(&slice, &json!({"share": 0.4})).await.expect(200);
        server.post(&format!("/api/experiments/prod:{key}/start"), &json!({})).await.expect(200);
    }
    let document = published(&server, "prod").await;
    let mut seen = [0; 4];
    for number in 0..2_000 {
        let user = format!("user-{number}");
        let [a, b] = ["a", "b"].map(|key| reason(&document, key, &user) == "SPLIT");
        seen[usize::from(a) + 2 * usize::from(b)] += 1;
    }
    assert_eq!(seen[3], 0, "nobody is in both: {seen:?}");
    assert!((700..900).contains(&seen[1]) && (700..900).contains(&seen[2]), "{seen:?}");
}

#[sqlx::test(migrations = "../migrations")]
async fn a_first_come_group_excludes_by_what_was_assigned_and_says_so(pool: PgPool) {
    let server = prod(pool).await;
    let group = json!({"key": "g", "environment": "prod", "mode": "first"});
    server.post("/api/groups", &group).await.expect(201);
    start(&server, json!({"key": "a", "groupKey": "g", "sticky": true})).await;
    start(&server, json!({"key": "b", "groupKey": "g"})).await;
    let document = published(&server, "prod").await;
    assert_eq!(reason(&document, "a", "u"), "SPLIT");
    assert_eq!(reason(&document, "b", "u"), "SPLIT");
    let (held, _) = decide(&document, "b", "u", "{}", &[("a", "control")]);
    assert_eq!(held, "EXCLUDED_BY_GROUP");
    let version = server.get("/api/environments/prod/versions/1").await.expect(200);
    let warnings: Vec<_> = version["warnings"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| (it["code"].as_str().unwrap(), it["experimentKey"].as_str().unwrap()))
        .collect();
    assert_eq!(
        warnings,
        [("stateless_cannot_exclude", "a"), ("stateless_cannot_exclude", "b"), ("not_sticky", "b")]
    );
}

#[sqlx::test(migrations = "../migrations")]
async fn holdouts_segments_prerequisites_and_overrides_decide_as_the_rows_say(pool: PgPool) {
    let server = prod(pool).await;
    let pro = json!([{"conditions": [{"attribute": "plan", "operator": "matches", "value": "^pro"}]}]);
    let inside = json!([{"conditions": [{"operator": "inSegment", "value": "pro"}]}]);
    for (key, rules) in [("pro", pro), ("nested", inside), ("unused", json!([]))] {
        let body = json!({"key": key, "environment": "prod", "rules": rules});
        server.post("/api/segments", &body).await.expect(201);
    }
    let targeting = json!([{"conditions": [{"operator": "inSegment", "value": "nested"}]}]);
    start(&server, json!({"key": "base", "clientSide": true})).await;
    let needs = json!([{"experiment": "base", "variants": ["treatment"]}]);
    start(&server, json!({"key": "top", "clientSide": true, "prerequisites": needs})).await;
    start(&server, json!({"key": "aimed", "targetingRules": targeting})).await;
    let all = json!({"key": "all", "environment": "prod", "share": 0.3, "experiments": ["aimed"]});
    server.post("/api/holdouts", &all).await.expect(201);
    server
        .put("/api/experiments/prod:base/overrides/qa%00%2F", &json!({"variant": "treatment"}))
        .await
        .expect(200);

    let document = published(&server, "prod").await;
    let parsed: Value = serde_json::from_str(&document).unwrap();
    let names: Vec<&String> = parsed["segments"].as_object().unwrap().keys().collect();
    assert_eq!(names, ["nested", "pro"]);
    assert_eq!(parsed["experiments"][0]["requires"], json!(["regex"]));
    assert_eq!(parsed["features"], json!(["regex"]));
    let (reason_of, variant) = decide(&document, "base", "qa\0/", "{}", &[]);
    assert_eq!((reason_of.as_str(), variant.as_deref()), ("OVERRIDE", Some("treatment")));
    assert_eq!(reason(&document, "top", "qa\0/"), "SPLIT");
    let mut held = 0;
    for number in 0..1_000 {
        let user = format!("user-{number}");
        let (_, base) = decide(&document, "base", &user, "{}", &[]);
        let expected = if base.as_deref() == Some("treatment") { "SPLIT" } else { "PREREQUISITE_FAILED" };
        assert_eq!(reason(&document, "top", &user), expected);
        assert_eq!(reason(&document, "aimed", &user), "TARGETING_MISMATCH");
        let (aimed, _) = decide(&document, "aimed", &user, r#"{"plan": "pro-yearly"}"#, &[]);
        held += usize::from(aimed == "HOLDOUT");
    }
    assert!((240..360).contains(&held), "{held}");

    let pointer = server.object("prod/client/version.json").await;
    let client = server.object(&format!("prod/client/{}", pointer["snapshot"].as_str().unwrap())).await;
    let keys: Vec<&str> =
        client["experiments"].as_array().unwrap().iter().map(|it| it["key"].as_str().unwrap()).collect();
    assert_eq!(keys, ["base", "top"]);
    let text = client.to_string();
    for secret in ["qa", "overrides", "nested", "pro", "all", "regex"] {
        assert!(!text.contains(&format!("\"{secret}\"")), "{secret} in {text}");
    }
}

#[sqlx::test(migrations = "../migrations")]
async fn a_changed_segment_or_holdout_changes_the_experiments_that_have_it(pool: PgPool) {
    let server = prod(pool).await;
    server.post("/api/segments", &json!({"key": "s", "environment": "prod"})).await.expect(201);
    let targeting = json!([{"conditions": [{"operator": "inSegment", "value": "s"}]}]);
    start(&server, json!({"key": "a", "targetingRules": targeting})).await;
    start(&server, json!({"key": "b"})).await;
    let publish = async || server.post("/api/environments/prod/publish", &json!({})).await.expect(200);
    publish().await;
    let name = json!({"name": "only a name"});
    server.patch("/api/segments/prod:s", &name).await.expect(200);
    assert_eq!(publish().await["version"], 1);
    let rules = json!({"rules": [{"conditions": []}]});
    server.patch("/api/segments/prod:s", &rules).await.expect(200);
    let changed = json!([{"experimentKey": "a", "change": "changed"}]);
    assert_eq!(publish().await["changes"], changed);
    let holdout = json!({"key": "h", "environment": "prod", "share": 0.1, "experiments": ["b"]});
    server.post("/api/holdouts", &holdout).await.expect(201);
    // Whoever is held out leaves a variant.
    let unseen = server.post("/api/environments/prod/publish", &json!({})).await;
    assert_eq!(unseen.code(409), "moves_users");
    let version = server.publish_knowingly().await;
    assert_eq!(version["changes"], json!([{"experimentKey": "b", "change": "changed"}]));
}

#[sqlx::test(migrations = "../migrations")]
async fn a_prerequisite_that_is_not_published_is_warned_of(pool: PgPool) {
    let server = prod(pool).await;
    let draft = json!({"key": "base", "environment": "prod", "variants": halves()});
    server.post("/api/experiments", &draft).await.expect(201);
    let needs = json!([{"experiment": "base", "variants": ["control"]}]);
    start(&server, json!({"key": "top", "prerequisites": needs})).await;
    let version = server.post("/api/environments/prod/publish", &json!({})).await.expect(200);
    assert_eq!(version["warnings"][0]["code"], "prerequisite_not_published");
    assert_eq!(version["warnings"][0]["experimentKey"], "top");
    server.post("/api/experiments/prod:base/start", &json!({})).await.expect(200);
    let version = server.post("/api/environments/prod/publish", &json!({})).await.expect(200);
    assert_eq!(version["warnings"], json!([]));
    let back = server.post_knowingly("/api/environments/prod/versions/1/rollback").await;
    assert_eq!(back["warnings"][0]["code"], "prerequisite_not_published");
}
