//! Exposures on their way from pages to a server that counts.

use anyhow::Result;
use lotwise_e2e::{PageSite, Prod, two_variants};
use serde_json::json;

#[tokio::test]
async fn every_exposure_arrives_once() -> Result<()> {
    let prod = Prod::new().await?;
    prod.admin.running(&prod.environment, "headline", two_variants()).await?;
    let version = prod.admin.publish(&prod.environment).await?;
    let mut site = PageSite::new(&prod.stack).await?;
    site.run("exposures", json!({"version": version}), async |_, _| Ok(())).await?;
    site.worker.stop().await?;
    prod.stack.stop().await
}
