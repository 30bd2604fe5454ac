//! What an admin publishes shows in a page that stays open.

use anyhow::Result;
use lotwise_e2e::{PageSite, Prod};
use serde_json::json;

#[tokio::test]
async fn a_publish_changes_the_page_without_a_reload() -> Result<()> {
    let prod = Prod::new().await?;
    let version = prod.give_everyone("control").await?;
    let mut site = PageSite::new(&prod.stack).await?;
    let publish = async |_: &mut _, _: &str| prod.give_everyone("treatment").await.map(drop);
    site.run("publish", json!({"version": version}), publish).await?;
    site.worker.stop().await?;
    prod.stack.stop().await
}
