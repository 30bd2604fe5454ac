//! What an admin publishes, or goes back to, is at the edge one poll later.

use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use lotwise_dev::Api;
use lotwise_e2e::{Prod, edge};

const POLL_INTERVAL: Duration = Duration::from_secs(3);
/// For looking at the store and loading, on a busy machine.
const ALLOWANCE: Duration = Duration::from_millis(1500);

type Decided = (i64, String);

async fn decide(root: &Api) -> Result<Decided> {
    let answer = root.get("/decide?user_key=user-123&env=prod").await?.expect(200)?.json();
    let variant = answer["assignments"][0]["variant_key"].as_str().context("no variant")?;
    Ok((answer["config_version"].as_i64().context("no version")?, variant.to_owned()))
}

/// Asks until the new answer comes; nothing but the old one may come before.
async fn until_changed(root: &Api, old: &Decided, new: &Decided) -> Result<()> {
    let deadline = Instant::now() + POLL_INTERVAL + ALLOWANCE;
    loop {
        let decided = decide(root).await?;
        if decided == *new {
            return Ok(());
        }
        assert_eq!(decided, *old);
        assert!(Instant::now() < deadline, "still {old:?} after a poll interval");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

#[tokio::test]
async fn a_publish_shows_within_one_poll_interval_and_all_at_once() -> Result<()> {
    let prod = Prod::new().await?;
    let first = (prod.give_everyone("control").await?, "control".to_owned());
    let mut worker = edge(&prod.stack, &[("POLL_INTERVAL", "3s")]).await?;
    let root = worker.root();
    assert_eq!(decide(&root).await?, first);

    let second = (prod.give_everyone("treatment").await?, "treatment".to_owned());
    until_changed(&root, &first, &second).await?;

    // The Worker has just looked, so for now it cannot know.
    let third = (prod.give_everyone("control").await?, "control".to_owned());
    assert_eq!(decide(&root).await?, second);
    until_changed(&root, &second, &third).await?;

    worker.stop().await?;
    prod.stack.stop().await
}

#[tokio::test]
async fn a_rollback_reaches_the_edge_as_a_publish_does() -> Result<()> {
    let prod = Prod::new().await?;
    let good = prod.give_everyone("control").await?;
    let bad = (prod.give_everyone("treatment").await?, "treatment".to_owned());
    let mut worker = edge(&prod.stack, &[("POLL_INTERVAL", "3s")]).await?;
    let root = worker.root();
    assert_eq!(decide(&root).await?, bad);

    let restored = (prod.admin.roll_back("prod", good).await?, "control".to_owned());
    assert!(restored.0 > bad.0, "a version of its own: {restored:?}");
    until_changed(&root, &bad, &restored).await?;

    worker.stop().await?;
    prod.stack.stop().await
}
