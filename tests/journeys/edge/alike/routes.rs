//! Paths that lead to nothing, and methods that a path does not take.

use anyhow::Result;
use lotwise_dev::Method;

use super::{DECIDE, FLAGS, with_hosts};

#[tokio::test]
async fn unknown_routes_and_methods_are_refused_alike() -> Result<()> {
    with_hosts(&[], async |hosts| {
        for path in ["/", "/nothing", "/decide/", "/DECIDE", "/api/experiments", "/golden", "//decide"] {
            assert_eq!(hosts.ask(Method::GET, path, &[], None).await?.status, 404, "{path}");
        }
        for path in ["/decide", "/api/decide", "/api/v1/decide", "/events", "/health", "/ready", FLAGS] {
            for method in [Method::PUT, Method::PATCH, Method::DELETE] {
                let answer = hosts.ask(method, path, &[], None).await?;
                assert!(answer.status == 405 && !answer.header("allow").is_empty(), "{path}: {answer:?}");
            }
            assert_eq!(hosts.ask(Method::OPTIONS, path, &[], None).await?.status, 204, "{path}");
        }
        for path in ["/events", FLAGS] {
            assert_eq!(hosts.ask(Method::GET, path, &[], None).await?.status, 405, "{path}");
        }
        for path in [DECIDE, "/decide?env=prod", "/nothing", "/ready", "/prod/client/version.json"] {
            let head = hosts.ask(Method::HEAD, path, &[], None).await?;
            assert!(head.text.is_empty(), "{head:?}");
        }
        Ok(())
    })
    .await
}
