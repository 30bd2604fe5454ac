//! Origins, keys and entity tags.

use anyhow::Result;
use lotwise_dev::Method;

use super::{DECIDE, FLAGS, with_hosts};

const ALLOWED: &str = "https://shop.example";

#[tokio::test]
async fn origins_keys_and_entity_tags_are_treated_alike() -> Result<()> {
    let settings = [
        ("CORS_ORIGINS", ALLOWED),
        ("REQUIRE_KEY", "true"),
        ("PUBLISHABLE_KEYS", "pk_page"),
        ("SECRET_KEYS", "sk_server"),
        ("STICKY_KEYS", "a secret of at least thirty-two bytes"),
    ];
    with_hosts(&settings, async |hosts| {
        let key = ("x-api-key", "pk_page");
        for origin in [ALLOWED, "https://evil.example", "null", "https://shop.example.evil.example"] {
            let origin = ("origin", origin);
            let decided = hosts.ask(Method::GET, DECIDE, &[key, origin], None).await?.expect(200)?;
            let allowed = decided.header("access-control-allow-origin");
            assert_eq!(allowed == ALLOWED, origin.1 == ALLOWED, "{decided:?}");
            hosts.ask(Method::GET, DECIDE, &[origin], None).await?.expect(401)?;
            hosts.ask(Method::GET, "/nothing", &[origin], None).await?.expect(404)?;
            hosts.ask(Method::OPTIONS, "/decide", &[origin], None).await?.expect(204)?;
            hosts.ask(Method::OPTIONS, FLAGS, &[origin], None).await?.expect(204)?;
        }
        for key in [("authorization", "Bearer sk_server"), ("authorization", "bearer  pk_page")] {
            hosts.ask(Method::GET, DECIDE, &[key], None).await?.expect(200)?;
        }
        for key in [("authorization", "Basic sk_server"), ("authorization", "sk_server"), ("x-api-key", "no")]
        {
            hosts.ask(Method::GET, DECIDE, &[key], None).await?.expect(401)?;
        }
        let subject = r#"{"context":{"targetingKey":"user-123"}}"#;
        hosts.ask(Method::POST, FLAGS, &[], Some(subject)).await?.expect(401)?;

        let decided = hosts.ask(Method::GET, DECIDE, &[key], None).await?.expect(200)?;
        let tag = decided.header("etag").to_owned();
        assert!(tag.starts_with('"'), "{decided:?}");
        for (known, status) in [
            (tag.clone(), 304),
            (format!("W/{tag}"), 304),
            (format!("\"other\", {tag}"), 304),
            ("*".to_owned(), 304),
            ("\"other\"".to_owned(), 200),
            (tag.replace('"', ""), 200),
        ] {
            let headers = [key, ("if-none-match", known.as_str())];
            hosts.ask(Method::GET, DECIDE, &headers, None).await?.expect(status)?;
            let bulk = hosts.ask(Method::POST, FLAGS, &headers[..1], Some(subject)).await?.expect(200)?;
            let headers = [key, ("if-none-match", bulk.header("etag"))];
            hosts.ask(Method::POST, FLAGS, &headers, Some(subject)).await?.expect(304)?;
        }
        Ok(())
    })
    .await
}
