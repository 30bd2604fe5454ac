//! The store is a real one where it matters, and fails as told.

use std::time::{Duration, Instant};

use aws_sdk_s3::Client;
use aws_sdk_s3::config::{
    BehaviorVersion, Credentials, Region, RequestChecksumCalculation, retry::RetryConfig,
};
use lotwise_dev::{BUCKET, ConditionalWrites, Home, ObjectStore, Port, ReadFault};

struct Fixture {
    store: ObjectStore,
    client: Client,
    _home: Home,
}

impl Fixture {
    async fn new() -> Self {
        let home = Home::temporary().expect("a folder");
        let store = ObjectStore::start(home.path(), Port::Free).await.expect("a store");
        let client = client(&store, None);
        Self { store, client, _home: home }
    }

    async fn get(&self, key: &str, etag: Option<&str>) -> reqwest::Result<reqwest::Response> {
        let mut request = reqwest::Client::new().get(format!("{}/{key}", self.store.bucket_url()));
        if let Some(etag) = etag {
            request = request.header("if-none-match", etag);
        }
        request.send().await
    }

    /// Whether the write went through.
    async fn put(&self, key: &str, body: &str, condition: Condition<'_>) -> bool {
        let request = self
            .client
            .put_object()
            .bucket(BUCKET)
            .key(key)
            .content_type("application/json")
            .cache_control("max-age=5")
            .body(body.as_bytes().to_vec().into());
        let request = match condition {
            Condition::None => request,
            Condition::New => request.if_none_match("*"),
            Condition::Replaces(etag) => request.if_match(etag),
        };
        request.send().await.is_ok()
    }
}

#[derive(Clone, Copy)]
enum Condition<'a> {
    None,
    New,
    Replaces(&'a str),
}

fn client(store: &ObjectStore, secret: Option<&str>) -> Client {
    let settings = store.client_settings();
    let setting = |wanted: &str| {
        let found = settings.iter().find(|(name, _)| *name == wanted);
        found.map(|(_, value)| value.clone()).expect("a setting")
    };
    let secret = secret.map_or_else(|| setting("AWS_SECRET_ACCESS_KEY"), str::to_owned);
    let config = aws_sdk_s3::Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new(setting("S3_REGION")))
        .endpoint_url(setting("S3_ENDPOINT"))
        .force_path_style(true)
        .request_checksum_calculation(RequestChecksumCalculation::WhenRequired)
        .retry_config(RetryConfig::disabled())
        .credentials_provider(Credentials::new(setting("AWS_ACCESS_KEY_ID"), secret, None, None, "test"))
        .build();
    Client::from_conf(config)
}

#[tokio::test]
async fn anybody_reads_and_only_the_key_holder_writes() {
    let fixture = Fixture::new().await;
    assert!(fixture.put("prod/version.json", "{}", Condition::None).await);
    let answer = fixture.get("prod/version.json", None).await.expect("an answer");
    assert_eq!(answer.status(), 200);
    let header = |name: &str| answer.headers()[name].to_str().expect("text").to_owned();
    assert_eq!(header("content-type"), "application/json");
    assert_eq!(header("cache-control"), "max-age=5");
    assert_eq!(header("access-control-allow-origin"), "*");
    let etag = header("etag");
    assert_eq!(answer.text().await.expect("a body"), "{}");

    let again = fixture.get("prod/version.json", Some(&etag)).await.expect("an answer");
    assert_eq!(again.status(), 304);
    assert_eq!(again.headers()["cache-control"], "max-age=5");
    assert_eq!(fixture.get("prod/none.json", None).await.expect("an answer").status(), 404);

    let stranger = client(&fixture.store, Some("guessed"));
    let write = stranger.put_object().bucket(BUCKET).key("a").body(vec![1].into());
    assert!(write.send().await.is_err());
    let unsigned = reqwest::Client::new().put(format!("{}/a", fixture.store.bucket_url()));
    assert_eq!(unsigned.body("x").send().await.expect("an answer").status(), 403);
    let listing = reqwest::get(fixture.store.bucket_url()).await.expect("an answer");
    assert_eq!(listing.status(), 403);
}

#[tokio::test]
async fn one_of_many_conditional_writers_wins() {
    let fixture = Fixture::new().await;
    let body = "x".repeat(2 << 20);
    let (new, body) = (Condition::New, &body);
    let first: [bool; 4] = tokio::join!(
        fixture.put("pointer", body, new),
        fixture.put("pointer", body, new),
        fixture.put("pointer", body, new),
        fixture.put("pointer", body, new),
    )
    .into();
    assert_eq!(first.iter().filter(|won| **won).count(), 1);

    let etag = fixture.get("pointer", None).await.expect("an answer").headers()["etag"].clone();
    let replaces = Condition::Replaces(etag.to_str().expect("text"));
    let second: [bool; 4] = tokio::join!(
        fixture.put("pointer", "a", replaces),
        fixture.put("pointer", "b", replaces),
        fixture.put("pointer", "c", replaces),
        fixture.put("pointer", "d", replaces),
    )
    .into();
    assert_eq!(second.iter().filter(|won| **won).count(), 1);
}

#[tokio::test]
async fn faults_do_what_they_say() {
    let fixture = Fixture::new().await;
    let faults = fixture.store.faults();
    assert!(fixture.put("a", "0123456789", Condition::None).await);

    faults.on_reads(ReadFault::Delay(Duration::from_millis(300)));
    let before = Instant::now();
    fixture.get("a", None).await.expect("an answer");
    assert!(before.elapsed() >= Duration::from_millis(300));

    faults.on_reads(ReadFault::Status(500));
    assert_eq!(fixture.get("a", None).await.expect("an answer").status(), 500);

    faults.on_reads(ReadFault::Truncate);
    let answer = fixture.get("a", None).await;
    let body = match answer {
        Ok(answer) => answer.text().await,
        Err(error) => Err(error),
    };
    assert!(body.is_err());

    assert_eq!(faults.reads_by_key()["a"], 3);
    faults.clear();
    assert_eq!(faults.read_count(), 3);
    faults.replace("a", "old");
    assert_eq!(fixture.get("a", None).await.expect("an answer").text().await.expect("text"), "old");

    faults.clear();
    faults.on_conditional_writes(ConditionalWrites::Ignored);
    assert!(fixture.put("a", "b", Condition::New).await);
    faults.on_conditional_writes(ConditionalWrites::Refused);
    assert!(!fixture.put("c", "d", Condition::New).await);
    faults.clear();
    faults.fail_writes(Some(503));
    assert!(!fixture.put("c", "d", Condition::None).await);
}

#[tokio::test]
async fn what_is_put_in_from_behind_is_there() {
    let fixture = Fixture::new().await;
    for body in ["first", "second"] {
        fixture.store.write("folder/a", body.as_bytes()).expect("written");
        let answer = fixture.get("folder/a", None).await.expect("an answer");
        assert_eq!(answer.text().await.expect("text"), body);
    }
}

#[tokio::test]
async fn it_comes_back_where_it_was() {
    let mut fixture = Fixture::new().await;
    assert!(fixture.put("a", "kept", Condition::None).await);
    fixture.store.stop().await;
    assert!(fixture.get("a", None).await.is_err());
    fixture.store.restart().await.expect("back");
    let answer = fixture.get("a", None).await.expect("an answer");
    assert_eq!(answer.text().await.expect("text"), "kept");
}
