//! The optional rate limiter.

use anyhow::Result;
use http::Method;
use lotwise_dev::{Answer, Api, EdgeBindings, EdgeOptions, EdgeRateLimit};
use lotwise_e2e::{Prod, edge_with};

const DECIDE: &str = "/decide?user_key=user-123&env=prod";
const LIMIT: u32 = 5;

async fn ask(root: &Api, address: &str, key: &str) -> Result<Answer> {
    let headers = [("cf-connecting-ip", address), ("x-api-key", key)];
    root.send(Method::GET, DECIDE, &headers, None).await
}

#[tokio::test]
async fn a_client_over_its_limit_waits_and_the_others_do_not() -> Result<()> {
    let prod = Prod::new().await?;
    let rate_limiter = Some(EdgeRateLimit { limit: LIMIT, period: 60 });
    let bindings = EdgeBindings { rate_limiter, ..EdgeBindings::default() };
    let options = EdgeOptions { bindings, ..prod.stack.edge_options()? };
    let mut worker = edge_with(options, &[("PUBLISHABLE_KEYS", "pk_page")]).await?;
    let root = worker.root();

    for _ in 0..LIMIT {
        ask(&root, "192.0.2.1", "").await?.expect(200)?;
    }
    let refused = ask(&root, "192.0.2.1", "").await?.expect(429)?;
    assert_eq!(refused.header("retry-after"), "60");
    assert_eq!(refused.header("content-type"), "application/problem+json");
    assert_eq!(refused.json()["code"], "rate_limited");

    // A key that nobody gave out makes no other client of somebody; a known one does.
    ask(&root, "192.0.2.1", "pk_guess").await?.expect(429)?;
    ask(&root, "192.0.2.1", "pk_page").await?.expect(200)?;
    ask(&root, "192.0.2.2", "").await?.expect(200)?;
    // Whoever has one IPv6 address has 2^64 of them.
    for number in 0..LIMIT {
        ask(&root, &format!("2001:db8::{number}"), "").await?.expect(200)?;
    }
    ask(&root, "2001:db8::ffff", "").await?.expect(429)?;
    ask(&root, "2001:db8:0:1::1", "").await?.expect(200)?;
    root.get("/health").await?.expect(200)?;

    worker.stop().await?;
    prod.stack.stop().await
}
