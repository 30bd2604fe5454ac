//! The library face: stores that agree, sinks, and a cache that hears of what others change.

use std::sync::Arc;

use lotwise_control::assign::{
    Assigner, Assignment, CachedStore, Error, ExposureSink, MemoryStore, NoSink, Question, Recorded,
    RecordingSink, SinkError, TracingSink,
};
use lotwise_control::store::Store;
use serde_json::json;
use sqlx::PgPool;

use crate::support::{Server, eventually, halves};

fn question(user_key: &str, context: &str, request_id: &str) -> Question {
    Question::new(user_key, context, Some(request_id)).unwrap()
}

async fn ask(assigner: &Assigner, experiment: &str, user_key: &str) -> Result<Assignment, Error> {
    let which = assigner.experiment(experiment).unwrap();
    assigner.assign(&which, question(user_key, "", "request")).await
}

fn seen(assignment: &Assignment) -> (Option<&str>, &'static str) {
    (assignment.variant.as_ref().map(|variant| variant.key.as_str()), assignment.reason.name())
}

/// Experiments that decide in many ways.
async fn varied(server: &Server) {
    server.post("/api/environments", &json!({"name": "prod"})).await.expect(201);
    let pro = json!([{"conditions": [{"attribute": "plan", "operator": "eq", "value": "pro"}]}]);
    let deliveries = json!([
        {"conditions": [{"attribute": "user_key", "operator": "endsWith", "value": "3"}], "variant": "treatment"},
        {"conditions": [{"attribute": "a.b", "operator": "gt", "value": 3}],
         "allocations": [{"variant": "control", "rangeStart": 0, "rangeEnd": 4999}]},
    ]);
    for body in [
        json!({"key": "plain", "variants": halves()}),
        json!({"key": "half", "variants": halves(), "trafficAllocation": 0.5}),
        json!({"key": "targeted", "variants": halves(), "targetingRules": pro}),
        json!({"key": "delivered", "variants": halves(), "rules": deliveries}),
        json!({"key": "by-company", "variants": halves(), "bucketBy": "company"}),
        json!({"key": "old-hash", "variants": halves(), "hash": "fnv1a64"}),
        json!({"key": "over", "variants": halves(), "targetingRules": pro}),
    ] {
        let mut body = body;
        body["environment"] = json!("prod");
        let key = body["key"].as_str().unwrap().to_owned();
        server.post("/api/experiments", &body).await.expect(201);
        server.post(&format!("/api/experiments/prod:{key}/start"), &json!({})).await.expect(200);
    }
    server.post("/api/experiments/prod:over/conclude", &json!({"winner": "treatment"})).await.expect(200);
}

const EXPERIMENTS: [&str; 7] = ["plain", "half", "targeted", "delivered", "by-company", "old-hash", "over"];

async fn published(server: &Server) -> Vec<u8> {
    let version = server.publish_knowingly().await;
    let path = format!("/api/environments/prod/versions/{}/snapshot", version["version"]);
    server.get(&path).await.text.into_bytes()
}

#[sqlx::test(migrations = "../migrations")]
async fn every_store_decides_alike(pool: PgPool) {
    let server = Server::with_store(pool.clone()).await;
    varied(&server).await;
    let memory = Arc::new(MemoryStore::new(&published(&server).await).unwrap());
    let by_memory = Assigner::with_sink(Arc::clone(&memory), NoSink).in_environment("prod");
    let by_postgres = Assigner::with_sink(Store::from_pool(pool.clone()), NoSink).in_environment("prod");
    // Shares its rows with the other one, so every answer of it is a repeated one.
    let by_cache = CachedStore::start(Store::from_pool(pool.clone()));
    let by_cache = Assigner::with_sink(by_cache, TracingSink).in_environment("prod");

    let contexts = [
        "{}",
        r#"{"plan":"pro"}"#,
        r#"{"plan":"pro","company":7,"a":{"b":4}}"#,
        r#"{"company":"x","a.b":1}"#,
    ];
    for round in 0..2 {
        for number in 0..24 {
            let context = contexts[(number + round) % contexts.len()];
            let user_key = format!("user-{number}");
            for experiment in EXPERIMENTS {
                let which = by_memory.experiment(experiment).unwrap();
                let ask = async |assigner: &Assigner| {
                    assigner.assign(&which, question(&user_key, context, "request")).await.unwrap()
                };
                let (memory, postgres) = (ask(&by_memory).await, ask(&by_postgres).await);
                assert_eq!(seen(&memory), seen(&postgres), "{experiment} {user_key} {context} {round}");
                let cached = ask(&by_cache).await;
                assert_eq!(seen(&cached).0, seen(&postgres).0, "{experiment} {user_key} {context}");
                let is_first = seen(&postgres).1 == "SPLIT";
                assert_eq!(seen(&cached).1, if is_first { "STICKY" } else { seen(&postgres).1 });
            }
        }
        server.give_all("prod:plain", "treatment").await;
        server.give_all("prod:half", "control").await;
        memory.replace(&published(&server).await).unwrap();
    }
}

#[sqlx::test(migrations = "../migrations")]
async fn a_sink_gets_one_exposure_for_each_call_with_a_variant(pool: PgPool) {
    let server = Server::new(pool.clone());
    varied(&server).await;
    let sink = Arc::new(RecordingSink::default());
    let assigner = Assigner::with_sink(Store::from_pool(pool), Arc::clone(&sink)).in_environment("prod");
    let assign = async |experiment: &str, context: &str, request: &str| {
        let which = assigner.experiment(experiment).unwrap();
        assigner.assign(&which, question("user-1", context, request)).await.unwrap();
        sink.take()
    };
    let context = r#"{"email":"a@b.c","plan":"pro","a":{"b":1.50}}"#;
    let first = assign("targeted", context, "r1").await;
    let again = assign("targeted", context, "r2").await;
    assert_eq!((first.len(), again.len()), (1, 1));
    assert_eq!((first[0].reason.name(), again[0].reason.name()), ("SPLIT", "STICKY"));
    assert_eq!(first[0].context.as_deref(), Some(r#"{"plan":"pro"}"#), "only what the rules read");
    assert_eq!((&first[0].sticky, first[0].request_id.as_deref()), (&None, Some("r1")));
    let variant = &first[0].variant_key;
    assert_eq!(again[0].sticky.as_deref(), Some(format!(r#"{{"targeted":"{variant}"}}"#).as_str()));
    assert_eq!((again[0].user_key.as_str(), again[0].environment.as_str()), ("user-1", "prod"));
    assert_ne!(first[0].id, again[0].id);
    assert_eq!(assign("targeted", context, "r2").await[0].id, again[0].id, "a request that is sent again");

    assert!(assign("by-company", context, "r3").await.is_empty(), "not in");
    assert!(assign("over", context, "r4").await.is_empty(), "concluded");
    let delivered = assign("delivered", r#"{"a":{"b":1.50}}"#, "r5").await;
    assert_eq!(delivered[0].context.as_deref(), Some(r#"{"a.b":1.50}"#));
}

#[sqlx::test(migrations = "../migrations")]
async fn an_exposure_can_be_decided_again_on_its_document(pool: PgPool) {
    use lotwise_core::{Context, Evaluation, Scratch, Snapshot, Sticky, Subject};

    let server = Server::new(pool.clone());
    varied(&server).await;
    let sink = Arc::new(RecordingSink::default());
    let assigner = Assigner::with_sink(Store::from_pool(pool.clone()), Arc::clone(&sink));
    for number in 0..10 {
        for experiment in EXPERIMENTS {
            let which = assigner.experiment(&format!("prod:{experiment}")).unwrap();
            let context = r#"{"plan":"pro","company":7,"a":{"b":4}}"#;
            for request in ["r1", "r2"] {
                let question = question(&format!("user-{number}"), context, request);
                assigner.assign(&which, question).await.unwrap();
            }
        }
    }
    let exposures = sink.take();
    assert!(exposures.len() > 80, "{}", exposures.len());
    for it in exposures {
        let sql = "select document from assign_documents where sha256 = $1";
        let document: Vec<u8> =
            sqlx::query_scalar(sql).bind(&it.document_sha256[..]).fetch_one(&pool).await.unwrap();
        let snapshot = Snapshot::load(&document).unwrap();
        let context = Context::from_json(it.context.as_deref().unwrap_or("{}")).unwrap();
        let sticky: Sticky = serde_json::from_str(it.sticky.as_deref().unwrap_or("{}")).unwrap();
        let subject = Subject::new(&it.user_key, &context).unwrap().with_sticky(&sticky);
        let mut scratch = Scratch::new();
        let experiment = snapshot.experiment(&it.experiment_key).unwrap();
        let decision = Evaluation::new(&snapshot, &subject, &mut scratch).decide(experiment);
        assert_eq!(decision.reason, it.reason, "{it:?}");
        assert_eq!(snapshot.variant(decision).unwrap().id, it.variant_id);
    }
}

#[derive(Debug)]
struct Broken;

impl ExposureSink for Broken {
    fn record(&self, _exposures: Vec<lotwise_control::assign::Exposure>) -> Recorded<'_> {
        Box::pin(async { Err(SinkError("on purpose".into())) })
    }
}

#[sqlx::test(migrations = "../migrations")]
async fn a_sink_that_fails_fails_the_call_and_the_user_stays_in(pool: PgPool) {
    let server = Server::new(pool.clone());
    let id = server.running("a").await;
    let assigner = Assigner::with_sink(Store::from_pool(pool), Broken);
    assert!(matches!(ask(&assigner, &id, "user-1").await, Err(Error::Sink(_))));
    assert_eq!(server.assign(&id, "user-1").await["reason"], "STICKY");
}

#[sqlx::test(migrations = "../migrations")]
async fn a_user_who_is_asked_about_twice_is_in_once(pool: PgPool) {
    let server = Server::new(pool.clone());
    server.running("x").await;
    let body = json!({"key": "a", "environment": "prod", "variants": halves(), "bucketBy": "device"});
    server.post("/api/experiments", &body).await.expect(201);
    server.post("/api/experiments/prod:a/start", &json!({})).await.expect(200);
    let assigner = Assigner::new(Store::from_pool(pool)).in_environment("prod");
    let which = assigner.experiment("a").unwrap();
    let twice: Vec<Question> =
        (0..20).map(|it| question("user-1", &format!(r#"{{"device":"{it}"}}"#), "request")).collect();
    let given = assigner.assign_all(&which, &twice).await.unwrap();
    assert!(given.iter().all(|it| seen(it).0 == seen(&given[0]).0));
    let reasons: Vec<_> = given.iter().map(|it| seen(it).1).collect();
    assert_eq!((reasons[0], reasons[19]), ("SPLIT", "STICKY"));
}

#[sqlx::test(migrations = "../migrations")]
async fn a_cache_answers_who_is_in_and_hears_of_changes(pool: PgPool) {
    let server = Server::new(pool.clone());
    let id = server.running("a").await;
    let cached = Arc::new(CachedStore::start(Store::from_pool(pool.clone())));
    let assigner = Assigner::with_sink(Arc::clone(&cached), NoSink);
    let is_live = async || cached.is_live();
    eventually("a cache that listens", is_live).await;
    let given = ask(&assigner, &id, "user-1").await.unwrap();
    assert_eq!(seen(&given).1, "SPLIT");
    // Behind everyone's back: only who remembers the user still says so.
    sqlx::query("delete from assignments").execute(&pool).await.unwrap();
    let again = ask(&assigner, &id, "user-1").await.unwrap();
    assert_eq!(seen(&again), (seen(&given).0, "STICKY"));

    server.post(&format!("/api/experiments/{id}/pause"), &json!({})).await.expect(200);
    let is_closed = async || matches!(ask(&assigner, &id, "user-1").await, Err(Error::Closed { .. }));
    eventually("the pause in the cache", is_closed).await;
}

#[sqlx::test(migrations = "../migrations")]
async fn a_cache_that_hears_nothing_is_not_used(pool: PgPool) {
    let server = Server::new(pool.clone());
    let id = server.running("a").await;
    let cached = Arc::new(CachedStore::start(Store::from_pool(pool.clone())));
    let assigner = Assigner::with_sink(Arc::clone(&cached), NoSink);
    eventually("a cache that listens", async || cached.is_live()).await;
    ask(&assigner, &id, "user-1").await.unwrap();

    let sql = "select count(pg_terminate_backend(pid)) from pg_stat_activity \
               where datname = current_database() and query ilike 'listen%'";
    assert_eq!(sqlx::query_scalar::<_, i64>(sql).fetch_one(&pool).await.unwrap(), 1);
    eventually("a connection that is lost", async || !cached.is_live()).await;
    // Nobody hears of this, and it shows all the same.
    server.post(&format!("/api/experiments/{id}/pause"), &json!({})).await.expect(200);
    assert!(matches!(ask(&assigner, &id, "user-1").await, Err(Error::Closed { code: "not_running", .. })));
    eventually("a cache that listens again", async || cached.is_live()).await;
    assert!(matches!(ask(&assigner, &id, "user-1").await, Err(Error::Closed { .. })));
}
