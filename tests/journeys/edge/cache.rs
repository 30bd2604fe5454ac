//! What one instance of the Worker kept, the next one starts from.

use anyhow::{Result, ensure};
use lotwise_dev::{EdgeBuild, EdgeOptions};
use lotwise_e2e::{Admin, Prod, edge_with};

const DECIDE: &str = "/decide?user_key=user-123&env=prod";

#[tokio::test]
async fn a_fresh_instance_decides_from_the_cache_while_the_origin_is_away() -> Result<()> {
    let mut prod = Prod::new().await?;
    let options = EdgeOptions { build: EdgeBuild::Golden, ..prod.stack.edge_options()? };
    let mut worker = edge_with(options, &[("ENVIRONMENTS", "prod")]).await?;
    let root = worker.root();
    let expected = root.get(DECIDE).await?.expect(200)?.text;
    prod.stack.store.stop().await;

    // A panic loses an instance's memory and leaves the Cache API alone.
    root.get("/golden/panic").await?.expect(500)?;
    assert_eq!(root.get(DECIDE).await?.expect(200)?.text, expected);
    let log = std::fs::read_to_string(worker.process().log())?;
    ensure!(log.matches("prod: version 1 loaded").count() == 2, "not loaded twice: {log}");

    let admin = Admin::new(root.clone());
    let health = admin.until_health(&root, "degraded").await?;
    assert_eq!(health["config_versions"]["prod"], 1, "{health}");
    // The same when what is kept is older than a poll.
    root.get("/golden/panic").await?.expect(500)?;
    assert_eq!(root.get(DECIDE).await?.expect(200)?.text, expected);
    let health = root.get("/health").await?.json();
    assert_eq!(health["status"], "degraded", "{health}");
    ensure!(health["environments"]["prod"]["age_seconds"].as_u64() >= Some(1), "{health}");

    // What nobody kept, nobody has.
    root.get("/decide?user_key=user-123&env=elsewhere").await?.expect(503)?;

    prod.stack.store.restart().await?;
    let version = prod.give_everyone("treatment").await?;
    admin.until_decided("prod", version).await?;
    worker.stop().await?;
    prod.stack.stop().await
}
