//! QA forces variants by an address.

use anyhow::Result;
use lotwise_e2e::{PageSite, Prod};
use serde_json::json;

#[tokio::test]
async fn a_forced_variant_is_marked_and_needs_permission() -> Result<()> {
    let prod = Prod::new().await?;
    let mut site = PageSite::new(&prod.stack).await?;
    site.run("forced", json!({}), async |_, _| Ok(())).await?;
    site.worker.stop().await?;
    prod.stack.stop().await
}
