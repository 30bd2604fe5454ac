//! `lotwise serve` dies at each step of a publish; the next process finishes or fails it.

use std::process::{Child, Command, Stdio};
use std::time::Duration;

use lotwise_core::Snapshot;
use lotwise_dev::free_port;
use serde_json::{Value, json};
use sqlx::PgPool;

use crate::objects::Objects;

const STEPS: [&str; 9] = [
    "after_row",
    "after_snapshot_object",
    "after_client_snapshot_object",
    "after_binary_object",
    "after_client_binary_object",
    "after_client_pointer",
    "after_pointer",
    "before_done",
    "after_published",
];

struct Process {
    child: Child,
    api: String,
    client: reqwest::Client,
}

impl Process {
    async fn start(database: &str, store: &Objects, failpoint: Option<&str>) -> Self {
        let port = free_port().unwrap().to_string();
        let mut command = Command::new(env!("CARGO_BIN_EXE_lotwise"));
        command.args(["serve", "--role", "control", "--allow-anonymous-admin"]);
        command.env("DATABASE_URL", database).env("EXPERIMENT_SERVICE_PORT", &port);
        command.envs(store.variables());
        command.env("LOTWISE_FAILPOINT", failpoint.unwrap_or_default());
        let child = command.stderr(Stdio::null()).spawn().unwrap();
        let process = Self { child, api: format!("http://127.0.0.1:{port}"), client: reqwest::Client::new() };
        for _ in 0..200 {
            if process.client.get(format!("{}/ready", process.api)).send().await.is_ok() {
                return process;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        panic!("the server does not come up");
    }

    async fn send(&self, method: reqwest::Method, path: &str, body: &Value) -> Option<(u16, Value)> {
        let request = self.client.request(method, format!("{}/api{path}", self.api));
        let request = request.header("content-type", "application/json").body(body.to_string());
        let answer = request.send().await.ok()?;
        let status = answer.status().as_u16();
        Some((status, serde_json::from_slice(&answer.bytes().await.ok()?).unwrap_or(Value::Null)))
    }

    async fn post(&self, path: &str, body: &Value) -> Value {
        let (status, answer) = self.send(reqwest::Method::POST, path, body).await.unwrap();
        assert!((200..300).contains(&status), "{path}: {status} {answer}");
        answer
    }

    async fn versions(&self) -> Vec<Value> {
        let path = "/environments/prod/versions?limit=200";
        let (_, list) = self.send(reqwest::Method::GET, path, &Value::Null).await.unwrap();
        list["items"].as_array().unwrap().clone()
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[sqlx::test(migrations = "../migrations")]
async fn a_killed_publish_is_finished_by_the_next_process(pool: PgPool) {
    let store = Objects::start().await;
    let name = pool.connect_options().get_database().unwrap().to_owned();
    let base = std::env::var("DATABASE_URL").unwrap();
    let database = format!("{}/{name}", base.rsplit_once('/').unwrap().0);

    let first = Process::start(&database, &store, None).await;
    first.post("/environments", &json!({"name": "prod"})).await;
    let body = json!({"key": "a", "clientSide": true, "variants": [{"key": "on", "weight": 1}]});
    first.post("/experiments", &body).await;
    first.post("/experiments/prod:a/start", &json!({})).await;
    assert_eq!(first.post("/environments/prod/publish", &json!({})).await["version"], 1);
    drop(first);

    for (step, version) in STEPS.into_iter().zip(2..) {
        let mut dying = Process::start(&database, &store, Some(step)).await;
        let change = json!({"rules": [{"variant": "on", "conditions": [
            {"attribute": "step", "operator": "eq", "value": step},
        ]}]});
        dying.send(reqwest::Method::PATCH, "/experiments/prod:a", &change).await.unwrap();
        let answer = dying.send(reqwest::Method::POST, "/environments/prod/publish", &json!({})).await;
        assert!(!dying.child.wait().unwrap().success(), "{step}: {answer:?}");

        let next = Process::start(&database, &store, None).await;
        let mut settled = false;
        for _ in 0..200 {
            settled = next.versions().await.iter().all(|it| it["state"] == "published");
            if settled {
                break;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        assert!(settled, "{step}: {:?}", next.versions().await);
        for folder in ["prod", "prod/client"] {
            let pointer = store.read(&format!("{folder}/version.json")).await;
            assert_eq!(pointer["version"], version, "{step} {folder}");
            let snapshot = pointer["snapshot"].as_str().unwrap();
            let snapshot = store.read(&format!("{folder}/{snapshot}")).await;
            let value = &snapshot["experiments"][0]["rules"][0]["conditions"][0]["value"];
            assert_eq!(value, step, "{folder}");
            let binary = pointer["binary"]["path"].as_str().unwrap();
            let binary = Snapshot::from_binary(&store.bytes(&format!("{folder}/{binary}")).await).unwrap();
            assert_eq!(json!(binary.version()), pointer["version"], "{step} {folder}");
        }
        let again = next.post("/environments/prod/publish", &json!({})).await;
        assert_eq!(again["version"], version, "{step}: the same content is the same version");
    }
}

#[sqlx::test(migrations = "../migrations")]
async fn a_kill_that_is_killed_is_finished_by_the_next_process(pool: PgPool) {
    let store = Objects::start().await;
    let name = pool.connect_options().get_database().unwrap().to_owned();
    let base = std::env::var("DATABASE_URL").unwrap();
    let database = format!("{}/{name}", base.rsplit_once('/').unwrap().0);

    let first = Process::start(&database, &store, None).await;
    first.post("/environments", &json!({"name": "prod"})).await;
    for key in ["a", "b"] {
        let body = json!({"key": key, "environment": "prod", "variants": [{"key": "on", "weight": 1}]});
        first.post("/experiments", &body).await;
    }
    first.post("/experiments/prod:b/start", &json!({})).await;
    let mut next = first;
    for step in STEPS {
        next.post("/experiments/prod:a/start", &json!({})).await;
        let before = next.post("/environments/prod/publish", &json!({})).await["version"].as_i64().unwrap();
        drop(next);
        let mut dying = Process::start(&database, &store, Some(step)).await;
        let answer = dying.send(reqwest::Method::POST, "/experiments/prod:a/kill", &json!({})).await;
        assert!(!dying.child.wait().unwrap().success(), "{step}: {answer:?}");

        next = Process::start(&database, &store, None).await;
        let (_, experiment) =
            next.send(reqwest::Method::GET, "/experiments/prod:a", &Value::Null).await.unwrap();
        assert_eq!(experiment["status"], "PAUSED", "{step}");
        let mut published = Value::Null;
        for _ in 0..200 {
            published = store.read("prod/version.json").await;
            if published["version"] == before + 1 {
                break;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        assert_eq!(published["version"], before + 1, "{step}");
        let snapshot = store.read(&format!("prod/{}", published["snapshot"].as_str().unwrap())).await;
        let keys: Vec<_> =
            snapshot["experiments"].as_array().unwrap().iter().map(|it| it["key"].clone()).collect();
        assert_eq!(keys, ["b"], "{step}");
        let again = next.post("/experiments/prod:a/kill", &json!({})).await;
        assert_eq!(again["version"]["version"], before + 1, "{step}");
    }
}
