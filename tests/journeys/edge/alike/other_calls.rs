//! OFREP, events and client documents.

use anyhow::Result;
use lotwise_dev::Method;

use super::{FLAGS, with_hosts};

#[tokio::test]
async fn ofrep_events_and_client_documents_answer_alike() -> Result<()> {
    with_hosts(&[("DEFAULT_ENVIRONMENT", "prod")], async |hosts| {
        let subject = r#"{"context":{"targetingKey":"user-123","country":"日本"}}"#;
        for (path, body, status) in [
            (FLAGS, subject, 200),
            ("/ofrep/v1/evaluate/flags", subject, 200),
            ("/prod/ofrep/v1/evaluate/flags/button", subject, 200),
            ("/prod/ofrep/v1/evaluate/flags/ghost", subject, 404),
            ("/prod/ofrep/v1/evaluate/flags/%ff", subject, 400),
            ("/prod/ofrep/v1/evaluate/flags/a/b", subject, 404),
            ("/nowhere/ofrep/v1/evaluate/flags", subject, 400),
            ("/NOWHERE/ofrep/v1/evaluate/flags", subject, 400),
            (FLAGS, "", 400),
            (FLAGS, "{}", 400),
            (FLAGS, r#"{"context":{}}"#, 400),
            (FLAGS, r#"{"context":{"targetingKey":7}}"#, 400),
            (FLAGS, r#"{"context":[]}"#, 400),
            ("/events", "", 400),
            ("/events", r#"{"events":[{}]}"#, 422),
            ("/events", r#"{"events":[]}"#, 404),
            ("/events", r#"{"events":{}}"#, 400),
        ] {
            let answer = hosts.ask(Method::POST, path, &[], Some(body)).await?;
            assert_eq!(answer.status, status, "{path}: {}", answer.text);
        }
        let as_html = [("content-type", "text/html")];
        assert_eq!(hosts.ask(Method::POST, "/events", &as_html, Some("x")).await?.status, 415);
        let pointer = hosts.ask(Method::GET, "/prod/client/version.json", &[], None).await?.expect(200)?;
        let document = format!("/prod/client/{}", pointer.string("snapshot")?);
        hosts.ask(Method::GET, &document, &[], None).await?.expect(200)?;
        let tag = [("if-none-match", pointer.header("etag"))];
        hosts.ask(Method::GET, "/prod/client/version.json", &tag, None).await?.expect(304)?;
        for path in [
            "/prod/version.json",
            "/nowhere/client/version.json",
            "/prod/client/snapshots/1-0123456789abcdef.json",
            "/prod/client/other.json",
            "/prod/client/..%2fversion.json",
        ] {
            hosts.ask(Method::GET, path, &[], None).await?.expect(404)?;
        }
        Ok(())
    })
    .await
}
