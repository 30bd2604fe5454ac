//! The edge is away when a page starts.

use anyhow::{Result, bail};
use lotwise_dev::EdgeWorker;
use lotwise_e2e::{PageSite, Prod};
use serde_json::json;

#[tokio::test]
async fn a_page_starts_from_its_last_snapshot() -> Result<()> {
    let prod = Prod::new().await?;
    let mut site = PageSite::new(&prod.stack).await?;
    let act = async |worker: &mut EdgeWorker, asked: &str| match asked {
        "stop" => worker.kill().await,
        "start" => worker.restart(&[]).await,
        _ => bail!("asked for {asked}"),
    };
    site.run("offline", json!({"version": 1}), act).await?;
    site.worker.stop().await?;
    prod.stack.stop().await
}
