//! Snapshots out of an R2 bucket instead of over HTTP.

use anyhow::{Result, ensure};
use lotwise_dev::{EdgeBindings, EdgeOptions};
use lotwise_e2e::{Admin, Prod, edge_with, eventually};

/// Nobody listens there.
const NOWHERE: &str = "http://127.0.0.1:9/nothing";

#[tokio::test]
async fn a_worker_with_a_bucket_needs_no_other_origin() -> Result<()> {
    let prod = Prod::new().await?;
    let snapshots = Some(prod.stack.store.bucket_folder());
    let bindings = EdgeBindings { snapshots, ..EdgeBindings::default() };
    let options = EdgeOptions { bindings, ..prod.stack.edge_options()? };
    let mut worker = edge_with(options, &[("CONFIG_BASE_URL", NOWHERE)]).await?;
    let root = worker.root();
    let at_edge = Admin::new(root.clone());
    let same = async || -> Result<()> {
        let native = prod.admin.decide("prod", "user-123").await?.expect(200)?;
        let decided = at_edge.decide("prod", "user-123").await?.expect(200)?;
        assert_eq!((&decided.text, decided.header("etag")), (&native.text, native.header("etag")));
        Ok(())
    };
    same().await?;
    root.get("/decide?user_key=a&env=nowhere").await?.expect(404)?;
    root.get("/prod/client/version.json").await?.expect(200)?;

    // The bucket says "not modified", which confirms what is held, poll after poll.
    let age = async || -> Result<u64> {
        let health = root.get("/health").await?.json();
        ensure!(health["status"] == "ok", "{health}");
        Ok(health["environments"]["prod"]["age_seconds"].as_u64().unwrap_or(u64::MAX))
    };
    for _ in 0..2 {
        tokio::time::sleep(std::time::Duration::from_millis(1200)).await;
        assert_eq!(age().await?, 0);
    }

    let version = prod.give_everyone("treatment").await?;
    eventually("the new version out of the bucket", async || {
        let answer = at_edge.decide("prod", "user-123").await?.expect(200)?.json();
        Ok((answer["config_version"].as_i64() == Some(version)).then_some(()))
    })
    .await?;
    same().await?;
    age().await?;

    worker.stop().await?;
    prod.stack.stop().await
}
