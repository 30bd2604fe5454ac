//! A panic costs the requests that are in the isolate at that moment, and none after them.

use anyhow::Result;
use lotwise_dev::{EdgeBuild, EdgeOptions};
use lotwise_e2e::{Prod, edge, edge_with};

const DECIDE: &str = "/decide?user_key=user-123&env=prod";

#[tokio::test]
async fn the_request_after_a_panic_is_answered() -> Result<()> {
    let prod = Prod::new().await?;
    let options = EdgeOptions { build: EdgeBuild::Golden, ..prod.stack.edge_options()? };
    let mut worker = edge_with(options, &[]).await?;
    let root = worker.root();
    let expected = prod.admin.decide("prod", "user-123").await?.expect(200)?.text;
    for _ in 0..3 {
        assert_eq!(root.get(DECIDE).await?.expect(200)?.text, expected);
        root.get("/golden/panic").await?.expect(500)?;
    }
    assert_eq!(root.get(DECIDE).await?.expect(200)?.text, expected);
    worker.stop().await?;
    prod.stack.stop().await
}

#[tokio::test]
async fn what_is_deployed_has_no_routes_for_tests() -> Result<()> {
    let stack = lotwise_e2e::stack().await?;
    let mut worker = edge(&stack, &[]).await?;
    for path in ["/golden", "/golden/panic"] {
        let answer = worker.root().get(path).await?.expect(404)?;
        assert_eq!(answer.json()["code"], "not_found");
    }
    worker.stop().await?;
    stack.stop().await
}
