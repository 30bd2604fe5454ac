//! Bodies of `/decide` that are wrong, or only look like it.

use anyhow::Result;
use lotwise_dev::Method;
use serde_json::json;

use super::with_hosts;

#[tokio::test]
async fn bad_bodies_are_refused_alike() -> Result<()> {
    with_hosts(&[], async |hosts| {
        let context = |context: &str| format!(r#"{{"user_key":"a","env":"prod","context":{context}}}"#);
        let nested = |levels: usize| format!("{}1{}", r#"{"a":"#.repeat(levels), "}".repeat(levels));
        let with_bytes = |bytes: usize| context(&json!({"a": "x".repeat(bytes)}).to_string());
        for (body, status) in [
            ("", 400),
            ("{", 400),
            ("[]", 400),
            ("null", 400),
            ("\"text\"", 400),
            ("{}", 400),
            ("{} {}", 400),
            (r#"{"user_key":1,"env":"prod"}"#, 400),
            (r#"{"user_key":"a","env":["prod"]}"#, 400),
            (r#"{"user_key":"a","user_key":"b","env":"prod"}"#, 400),
            (r#"{"user_key":"a","env":"prod","surprise":1}"#, 400),
            (r#"{"user_key":"a","env":"prod","explain":"yes"}"#, 400),
            (r#"{"user_key":"a","env":"prod","sticky":{}}"#, 403),
            (r#"{"user_key":"a","env":"nowhere"}"#, 404),
            (r#"{"user_key":"\ud800","env":"prod"}"#, 400),
            (r#"{"user_key":"a\u0000b","env":"prod"}"#, 200),
            (&context("[]"), 400),
            (&context("1"), 400),
            (&context(&nested(70)), 400),
            (&context(&nested(20_000)), 400),
            (&with_bytes(60 << 10), 200),
            (&with_bytes(64 << 10), 400),
            (&with_bytes(255 << 10), 400),
        ] {
            let answer = hosts.ask(Method::POST, "/decide", &[], Some(body)).await?;
            assert_eq!(answer.status, status, "{body:.100}: {}", answer.text);
        }
        // A server need not read the rest of it, and then the connection is of no more use.
        let closing = [("connection", "close")];
        for bytes in [256 << 10, 2 << 20] {
            hosts.ask(Method::POST, "/decide", &closing, Some(&with_bytes(bytes))).await?.expect(413)?;
        }
        let as_text = [("content-type", "text/plain")];
        let body = context("{}");
        assert_eq!(hosts.ask(Method::POST, "/decide", &as_text, Some(&body)).await?.status, 200);
        Ok(())
    })
    .await
}
