//! The decide role's doors, natively: OFREP, the client document, origins, keys and rate limits.

use anyhow::{Context, Result, ensure};
use http::Method;
use lotwise_dev::{Api, Role, Server, Stack};
use lotwise_e2e::{Prod, eventually};
use serde_json::{Value, json};

const DECIDE: &str = "/decide?user_key=user-123&env=prod";
const FLAGS: &str = "/prod/ofrep/v1/evaluate/flags";

/// A published experiment, and a decide-only server with settings of its own.
async fn published(settings: &[(&str, &str)]) -> Result<(Stack, Server, Api)> {
    let Prod { stack, .. } = Prod::new().await?;
    let server = stack.another_server(Role::Decide, settings).await?;
    let root = server.root();
    // On a busy machine the first look at the store may time out; the server is not ready then.
    eventually("the server is ready", async || Ok((root.get("/ready").await?.status == 200).then_some(())))
        .await?;
    Ok((stack, server, root))
}

async fn stop(stack: Stack, mut server: Server) -> Result<()> {
    server.stop().await?;
    stack.stop().await
}

fn context(key: &str) -> String {
    json!({"context": {"targetingKey": key}}).to_string()
}

#[tokio::test]
async fn ofrep_answers_as_decide_does() -> Result<()> {
    let (stack, server, root) = published(&[]).await?;
    let decided = root.get(DECIDE).await?.expect(200)?.json();
    let post = async |path: &str, headers: &[(&str, &str)]| {
        root.send(Method::POST, path, headers, Some(context("user-123"))).await
    };
    let one = post(&format!("{FLAGS}/button"), &[]).await?.expect(200)?.json();
    assert_eq!(one["variant"], decided["assignments"][0]["variant_key"]);
    assert_eq!(one["value"], decided["assignments"][0]["payload"]);
    assert_eq!(
        post(&format!("{FLAGS}/ghost"), &[]).await?.expect(404)?.json()["errorCode"],
        "FLAG_NOT_FOUND"
    );

    let all = post(FLAGS, &[]).await?.expect(200)?;
    assert_eq!(all.json()["flags"][0], one);
    let tag = all.header("etag").to_owned();
    ensure!(!tag.is_empty(), "a bulk answer has an ETag");
    post(FLAGS, &[("if-none-match", &tag)]).await?.expect(304)?;
    post("/nowhere/ofrep/v1/evaluate/flags", &[]).await?.expect(400)?;
    stop(stack, server).await
}

#[tokio::test]
async fn pages_get_the_client_document_and_never_the_full_one() -> Result<()> {
    let (stack, server, root) = published(&[("CORS_ORIGINS", "https://shop.example")]).await?;
    let pointer = root.get("/prod/client/version.json").await?.expect(200)?;
    let tag = pointer.header("etag").to_owned();
    let unchanged = [("if-none-match", tag.as_str())];
    root.send(Method::GET, "/prod/client/version.json", &unchanged, None).await?.expect(304)?;

    let path = format!("/prod/client/{}", pointer.string("snapshot")?);
    let document = root.get(&path).await?.expect(200)?;
    ensure!(document.header("cache-control").contains("immutable"), "{:?}", document.headers);
    let document: Value = document.json();
    ensure!(document["experiments"][0]["key"] == "button", "{document}");
    for full in ["/prod/version.json", "/prod/client/../version.json", &path.replace("/client", "")] {
        root.get(full).await?.expect(404)?;
    }
    root.get("/nowhere/client/version.json").await?.expect(404)?;

    let allowed = async |origin: &str| -> Result<String> {
        let answer = root.send(Method::GET, DECIDE, &[("origin", origin)], None).await?.expect(200)?;
        ensure!(answer.header("vary").contains("Origin"), "{:?}", answer.headers);
        Ok(answer.header("access-control-allow-origin").to_owned())
    };
    assert_eq!(allowed("https://shop.example").await?, "https://shop.example");
    assert_eq!(allowed("https://evil.example").await?, "");
    let preflight =
        root.send(Method::OPTIONS, "/decide", &[("origin", "https://shop.example")], None).await?;
    assert_eq!(
        (preflight.status, preflight.header("access-control-allow-origin")),
        (204, "https://shop.example")
    );
    stop(stack, server).await
}

#[tokio::test]
async fn keys_open_what_they_are_for() -> Result<()> {
    let settings = [("REQUIRE_KEY", "true"), ("PUBLISHABLE_KEYS", "pk_page"), ("SECRET_KEYS", "sk_server")];
    let (stack, server, root) = published(&settings).await?;
    let with = async |key: &str, query: &str| -> Result<u16> {
        let path = format!("{DECIDE}{query}");
        Ok(root.send(Method::GET, &path, &[("x-api-key", key)], None).await?.status)
    };
    assert_eq!(root.get(DECIDE).await?.status, 401);
    assert_eq!(with("pk_guess", "").await?, 401);
    assert_eq!(with("pk_page", "").await?, 200);
    assert_eq!(with("pk_page", "&explain=true").await?, 403);
    assert_eq!(with("sk_server", "&explain=true").await?, 200);
    stop(stack, server).await
}

#[tokio::test]
async fn clients_over_their_rate_are_told_when_to_come_back() -> Result<()> {
    let limits = [("RATE_LIMIT_PER_SECOND", "1"), ("RATE_LIMIT_BURST", "5"), ("TRUSTED_PROXY_HOPS", "1")];
    let (stack, server, root) = published(&limits).await?;
    let from =
        async |address: &str| root.send(Method::GET, DECIDE, &[("x-forwarded-for", address)], None).await;
    let mut refused = None;
    for _ in 0..20 {
        let answer = from("192.0.2.1").await?;
        match answer.status {
            200 => {}
            429 => refused = Some(answer),
            status => anyhow::bail!("{status}: {}", answer.text),
        }
    }
    let refused = refused.context("twenty at once are over a burst of five")?;
    ensure!(refused.header("retry-after").parse::<u64>()? >= 1, "{:?}", refused.headers);
    assert_eq!(refused.json()["code"], "rate_limited");
    from("192.0.2.2").await?.expect(200)?;
    root.get("/health").await?.expect(200)?;
    stop(stack, server).await
}
