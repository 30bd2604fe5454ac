//! A control role in this process, and requests to it.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{HeaderMap, Method, Request, StatusCode};
use lotwise_control::auth::{AdminAccess, MetricsAccess};
use lotwise_control::ingest::{Ingest, IngestSettings};
use lotwise_control::jobs::Worker;
use lotwise_control::publish::ObjectStore;
use lotwise_control::router::control_router;
use lotwise_control::state::AppState;
use lotwise_control::store::Store;
use serde_json::{Value, json};
use sqlx::PgPool;
use tokio::sync::{Notify, watch};
use tower::ServiceExt;

use crate::objects::Objects;

/// The token that [`Server`] asks for.
pub(crate) const TOKEN: &str = "a-token-for-these-tests";

/// The token that `/metrics` takes too.
pub(crate) const METRICS_TOKEN: &str = "a-token-for-scrapes";

/// A control role with its database, and a store if one was asked for.
pub(crate) struct Server {
    pub(crate) router: Router,
    pub(crate) state: AppState,
    pub(crate) objects: Option<Arc<Objects>>,
    stop: watch::Sender<bool>,
}

/// An answer, read to its end.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) text: String,
}

impl Server {
    /// Without a store: nothing can be published.
    pub(crate) fn new(pool: PgPool) -> Self {
        Self::start(pool, None)
    }

    /// With a store, or a place of its own in one.
    pub(crate) async fn with_store(pool: PgPool) -> Self {
        let objects = Objects::start().await;
        Self::start(pool, Some(Arc::new(objects)))
    }

    /// Another replica on the same database and store.
    pub(crate) fn replica(&self, pool: PgPool) -> Self {
        Self::start(pool, self.objects.clone())
    }

    fn start(pool: PgPool, objects: Option<Arc<Objects>>) -> Self {
        let settings = objects.as_ref().map_or_else(Objects::nowhere, |objects| objects.settings());
        let store = Store::from_pool(pool);
        let state = AppState {
            store: store.clone(),
            objects: Arc::new(ObjectStore::new(settings)),
            access: AdminAccess::new(Some(TOKEN), false),
            metrics: MetricsAccess::new(Some(METRICS_TOKEN)),
            client_side_default: false,
            knock: Arc::new(Notify::new()),
            ingest: Ingest::new(store, IngestSettings::default()),
            serving: Arc::default(),
            decide: None,
        };
        let (stop, stopped) = watch::channel(false);
        let knock = Arc::clone(&state.knock);
        Worker::new(state.store.clone(), Arc::clone(&state.objects), knock).spawn(stopped);
        Self { router: control_router(state.clone()), state, objects, stop }
    }

    /// The same without a token, for who reaches this machine's own address.
    pub(crate) fn anonymous(&self) -> Router {
        let access = AdminAccess::new(None, true);
        control_router(AppState { access, ..self.state.clone() })
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.send(Method::GET, path, None, &[]).await
    }

    pub(crate) async fn post(&self, path: &str, body: &Value) -> Answer {
        self.send(Method::POST, path, Some(body.to_string()), &[]).await
    }

    pub(crate) async fn patch(&self, path: &str, body: &Value) -> Answer {
        self.send(Method::PATCH, path, Some(body.to_string()), &[]).await
    }

    pub(crate) async fn put(&self, path: &str, body: &Value) -> Answer {
        self.send(Method::PUT, path, Some(body.to_string()), &[]).await
    }

    pub(crate) async fn delete(&self, path: &str) -> Answer {
        self.send(Method::DELETE, path, None, &[]).await
    }

    /// A request with the token and these headers.
    pub(crate) async fn send(
        &self,
        method: Method,
        path: &str,
        body: Option<String>,
        headers: &[(&str, &str)],
    ) -> Answer {
        let json = [("content-type", "application/json")];
        let all: Vec<_> = headers.iter().chain(json.iter().filter(|_| body.is_some())).copied().collect();
        self.send_raw(method, path, body, &all).await
    }

    /// The same with no other headers than the token and these.
    pub(crate) async fn send_raw(
        &self,
        method: Method,
        path: &str,
        body: Option<String>,
        headers: &[(&str, &str)],
    ) -> Answer {
        let mut request = Request::builder().method(method).uri(path);
        request = request.header("authorization", format!("Bearer {TOKEN}"));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let body = body.map_or_else(Body::empty, Body::from);
        ask(&self.router, request.body(body).unwrap()).await
    }

    /// A request with these headers and nothing else: without the token.
    pub(crate) async fn ask_as(
        &self,
        method: Method,
        path: &str,
        body: String,
        headers: &[(&str, &str)],
    ) -> Answer {
        let request = Request::builder().method(method).uri(path).header("content-type", "application/json");
        let named = headers.iter().filter(|header| !header.1.is_empty());
        let request = named.fold(request, |request, (name, value)| request.header(*name, *value));
        ask(&self.router, request.body(Body::from(body)).unwrap()).await
    }

    /// An experiment with two halves, in the environment `prod`, running; its id.
    pub(crate) async fn running(&self, key: &str) -> String {
        self.post("/api/environments", &json!({"name": "prod"})).await;
        let body = json!({"key": key, "environment": "prod", "variants": halves()});
        let id = self.post("/api/experiments", &body).await.expect(201)["id"].as_str().unwrap().to_owned();
        self.post(&format!("/api/experiments/{id}/start"), &json!({})).await.expect(200);
        id
    }

    /// The version record of a publish of `prod` that was looked at first, whoever it moves.
    pub(crate) async fn publish_knowingly(&self) -> Value {
        self.post_knowingly("/api/environments/prod/publish").await
    }

    /// The version record of a publish or rollback that was looked at first, whoever it moves.
    pub(crate) async fn post_knowingly(&self, path: &str) -> Value {
        let seen = self.post(&format!("{path}?dryRun=true"), &json!({})).await.expect(200);
        self.post(path, &json!({"confirm": seen["confirm"]})).await.expect(200)
    }

    /// The store, which was asked for.
    pub(crate) fn objects(&self) -> &Objects {
        self.objects.as_ref().unwrap()
    }

    /// What the store holds under a key.
    pub(crate) async fn object(&self, key: &str) -> Value {
        self.objects().read(key).await
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.stop.send(true);
    }
}

impl Answer {
    /// The body, which has to come with this status.
    #[track_caller]
    pub(crate) fn expect(&self, status: u16) -> Value {
        assert_eq!(self.status, status, "{}", self.text);
        if self.text.is_empty() { Value::Null } else { serde_json::from_str(&self.text).unwrap() }
    }

    /// The pointers and codes of a problem's faults, which has to come with this status.
    #[track_caller]
    pub(crate) fn faults(&self, status: u16) -> Vec<(String, String)> {
        let problem = self.expect(status);
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        let errors = problem["errors"].as_array().cloned().unwrap_or_default();
        errors.iter().map(|fault| (text(&fault["pointer"]), text(&fault["code"]))).collect()
    }

    /// The code of a problem, which has to come with this status.
    #[track_caller]
    pub(crate) fn code(&self, status: u16) -> String {
        let problem = self.expect(status);
        assert_eq!(self.headers["content-type"], "application/problem+json");
        assert_eq!(problem["instance"], self.headers["x-request-id"].to_str().unwrap());
        problem["code"].as_str().unwrap().to_owned()
    }
}

/// Sends a request and reads the answer.
pub(crate) async fn ask(router: &Router, request: Request<Body>) -> Answer {
    let response = router.clone().oneshot(request).await.unwrap();
    let (parts, body) = response.into_parts();
    let bytes = to_bytes(body, usize::MAX).await.unwrap();
    Answer { status: parts.status, headers: parts.headers, text: String::from_utf8(bytes.to_vec()).unwrap() }
}

/// Half and half.
pub(crate) fn halves() -> Value {
    json!([{"key": "control", "weight": 1}, {"key": "treatment", "weight": 1}])
}

/// Times, ids and salts replaced, so that whole answers can be compared.
pub(crate) fn redact(mut value: Value) -> Value {
    redact_in_place(&mut value);
    value
}

fn redact_in_place(value: &mut Value) {
    match value {
        Value::Array(elements) => elements.iter_mut().for_each(redact_in_place),
        Value::Object(fields) => {
            for (name, field) in fields {
                let is_id = name == "id" || name.ends_with("Id");
                if field.is_string() && (is_id || name.ends_with("At") || name == "salt") {
                    *field = Value::String(format!("[{name}]"));
                } else {
                    redact_in_place(field);
                }
            }
        }
        _ => {}
    }
}

/// Tries until it is so, for ten seconds.
pub(crate) async fn eventually(what: &str, mut is_so: impl AsyncFnMut() -> bool) {
    for _ in 0..200 {
        if is_so().await {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("{what} did not come about");
}
