//! Where WebAssembly is forbidden the edge decides.

use anyhow::Result;
use lotwise_e2e::{PageSite, Prod};
use serde_json::json;

#[tokio::test]
async fn without_webassembly_the_page_asks_the_edge() -> Result<()> {
    let prod = Prod::new().await?;
    let version = prod.give_everyone("control").await?;
    let mut site = PageSite::new(&prod.stack).await?;
    let publish = async |_: &mut _, _: &str| prod.give_everyone("treatment").await.map(drop);
    site.run("remote", json!({"version": version}), publish).await?;
    site.worker.stop().await?;
    prod.stack.stop().await
}
