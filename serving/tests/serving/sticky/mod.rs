//! Sticky state in a signed cookie, without a host.

mod refused;
mod remembered;
mod written;

use lotwise_serving::{Keys, Published, Request, Response, Settings, StickyKeys};
use serde_json::{Value, json};

use crate::support::{EXPLAIN, SECRET, answer_from, body, load, request};

const KEY: &str = "a key for these tests: 32 bytes..";
const NEXT_KEY: &str = "another key for these tests: 32 b";

/// Settings with these keys for cookies.
fn settings(keys: &[&str]) -> Settings {
    let keys: Vec<String> = keys.iter().map(|&key| key.to_owned()).collect();
    Settings {
        default_environment: Some("prod".into()),
        cors_origins: vec!["https://shop.example".into()],
        keys: Keys::new(false, &[], &[SECRET.into()], Some(EXPLAIN)),
        sticky_keys: StickyKeys::new(&keys).expect("keys that are long enough"),
    }
}

/// A sticky experiment that gives everyone this one of its variants `a` and `b`.
fn giving(key: &str, variant: &str) -> Value {
    json!({"id": format!("id-{key}"), "key": key, "status": "RUNNING", "salt": key, "hash": "murmur3",
        "sticky": true, "variants": [{"id": "a", "key": "a", "payload": 1}, {"id": "b", "key": "b", "payload": 2}],
        "allocations": [{"variant": variant, "range_start": 0, "range_end": 9999}]})
}

/// The same with other members.
fn with(mut experiment: Value, members: &Value) -> Value {
    for (name, value) in members.as_object().expect("an object") {
        experiment[name] = value.clone();
    }
    experiment
}

fn snapshot(experiments: &[Value]) -> Published {
    snapshot_of("prod", experiments)
}

fn snapshot_of(environment: &str, experiments: &[Value]) -> Published {
    let document = json!({"schema_version": 1, "environment": environment, "version": 7,
        "published_at": "2026-11-21T10:00:00Z", "experiments": experiments});
    load(environment, document.to_string().as_bytes())
}

/// A browser of one user: it keeps a cookie.
struct Browser {
    settings: Settings,
    environment: &'static str,
    user_key: &'static str,
    cookies: String,
}

impl Browser {
    fn new() -> Self {
        Self {
            settings: settings(&[KEY]),
            environment: "prod",
            user_key: "u",
            cookies: "theme=dark; a=b=c".to_owned(),
        }
    }

    /// One that has met an experiment `e` when it gave everyone `a`.
    fn with_a() -> Self {
        let mut browser = Self::new();
        browser.meet(&snapshot(&[giving("e", "a")]));
        browser
    }

    fn ask(&self, published: &Published, parameters: &str) -> Response {
        let Self { environment, user_key, .. } = self;
        let url = format!("/decide?user_key={user_key}&env={environment}&explain=true{parameters}");
        let asked = Request { api_key: Some(EXPLAIN), cookie: Some(&self.cookies), ..request("GET", &url) };
        answer_from(published, &self.settings, &asked)
    }

    /// Asks for everything and keeps the cookie of the answer. The answer.
    fn meet(&mut self, published: &Published) -> Response {
        let response = self.ask(published, "");
        self.keep(&response);
        response
    }

    fn keep(&mut self, response: &Response) {
        if let Some(cookie) = response.header("set-cookie") {
            let pair = cookie.split(';').next().unwrap_or_default();
            let (name, _) = pair.split_once('=').expect("a name and a value");
            let others = self.cookies.split("; ").filter(|other| !other.starts_with(&format!("{name}=")));
            self.cookies = others.chain([pair]).collect::<Vec<_>>().join("; ");
        }
    }

    /// The value of the kept cookie.
    fn value(&self) -> &str {
        self.cookies.rsplit_once('=').expect("a cookie").1
    }
}

/// Variant and reason of an experiment; the answer is explained.
fn decision(response: &Response, experiment: &str) -> (String, String) {
    let body = body(response);
    let decisions = body["decisions"].as_array().expect("explained");
    let found = decisions.iter().find(|it| it["experiment_key"] == experiment).expect("decided");
    let text = |member: &str| found[member].as_str().unwrap_or("none").to_owned();
    (text("variant_key"), text("reason"))
}

fn is(variant: &str, reason: &str) -> (String, String) {
    (variant.to_owned(), reason.to_owned())
}
