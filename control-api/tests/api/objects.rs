//! The store of a test: one of its own in this process or, where `S3_ENDPOINT` names another
//! implementation of S3, a folder of its own there.

use aws_sdk_s3::Client;
use aws_sdk_s3::config::{BehaviorVersion, Credentials, Region};
use aws_sdk_s3::operation::get_object::GetObjectOutput;
use lotwise_control::publish::object_store::ObjectStoreSettings;
use lotwise_dev::{Faults, Home, ObjectStore, Port};
use serde_json::Value;
use tokio::sync::Mutex;
use uuid::Uuid;

pub(crate) const BUCKET: &str = "experiment-configs";

pub(crate) struct Objects {
    endpoint: String,
    prefix: String,
    own: Option<(Mutex<ObjectStore>, Faults)>,
    _home: Home,
}

impl Objects {
    pub(crate) async fn start() -> Self {
        let home = Home::temporary().unwrap();
        if let Ok(endpoint) = std::env::var("S3_ENDPOINT") {
            return Self { endpoint, prefix: Uuid::now_v7().to_string(), own: None, _home: home };
        }
        let store = ObjectStore::start(home.path(), Port::Free).await.unwrap();
        let (endpoint, faults) = (store.url(), store.faults().clone());
        let own = Some((Mutex::new(store), faults));
        Self { endpoint, prefix: String::new(), own, _home: home }
    }

    /// How to get in.
    pub(crate) fn settings(&self) -> ObjectStoreSettings {
        settings(self.endpoint.clone(), self.prefix.clone())
    }

    /// The settings of a store that is not there: nothing listens on the discard port.
    pub(crate) fn nowhere() -> ObjectStoreSettings {
        settings("http://127.0.0.1:9".to_owned(), String::new())
    }

    /// The same for a process.
    pub(crate) fn variables(&self) -> Vec<(&'static str, String)> {
        let settings = self.settings();
        vec![
            ("S3_ENDPOINT", settings.endpoint),
            ("S3_BUCKET", settings.bucket),
            ("S3_PREFIX", settings.prefix),
            ("AWS_ACCESS_KEY_ID", settings.access_key_id),
            ("AWS_SECRET_ACCESS_KEY", settings.secret_access_key),
        ]
    }

    /// The switches that make the store misbehave; only one of our own has them.
    pub(crate) fn faults(&self) -> Option<&Faults> {
        if self.own.is_none() {
            eprintln!("skipped: this store cannot be made to misbehave");
        }
        self.own.as_ref().map(|(_, faults)| faults)
    }

    /// Stops answering.
    pub(crate) async fn stop(&self) {
        let (store, _) = self.own.as_ref().unwrap();
        store.lock().await.stop().await;
    }

    /// Answers again.
    pub(crate) async fn restart(&self) {
        let (store, _) = self.own.as_ref().unwrap();
        store.lock().await.restart().await.unwrap();
    }

    /// An object as the store has it.
    pub(crate) async fn get(&self, key: &str) -> GetObjectOutput {
        let settings = self.settings();
        let credentials =
            Credentials::new(settings.access_key_id, settings.secret_access_key, None, None, "test");
        let config = aws_sdk_s3::Config::builder()
            .behavior_version(BehaviorVersion::latest())
            .endpoint_url(settings.endpoint)
            .region(Region::new(settings.region))
            .credentials_provider(credentials)
            .force_path_style(true)
            .build();
        let folder = if self.prefix.is_empty() { String::new() } else { format!("{}/", self.prefix) };
        let client = Client::from_conf(config);
        client.get_object().bucket(BUCKET).key(folder + key).send().await.unwrap()
    }

    /// An object's bytes.
    pub(crate) async fn bytes(&self, key: &str) -> Vec<u8> {
        self.get(key).await.body.collect().await.unwrap().to_vec()
    }

    /// An object's JSON.
    pub(crate) async fn read(&self, key: &str) -> Value {
        serde_json::from_slice(&self.bytes(key).await).unwrap()
    }
}

fn settings(endpoint: String, prefix: String) -> ObjectStoreSettings {
    ObjectStoreSettings {
        endpoint,
        bucket: BUCKET.to_owned(),
        region: "us-east-1".to_owned(),
        prefix,
        access_key_id: "lotwise-dev".to_owned(),
        secret_access_key: "lotwise-dev-secret".to_owned(),
        session_token: None,
        allow_unconditional: false,
    }
}
