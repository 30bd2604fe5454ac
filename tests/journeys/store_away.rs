//! The store stops, is slow, lies or goes back in time: decisions stay what they were.

use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use lotwise_dev::{ReadFault, Stack};
use lotwise_e2e::{Admin, two_variants};
use serde_json::{Value, json};

const POINTER: &str = "prod/version.json";

struct Published {
    stack: Stack,
    admin: Admin,
    version: i64,
    answer: String,
}

impl Published {
    async fn new() -> Result<Self> {
        let stack = lotwise_e2e::stack().await?;
        let admin = Admin::new(stack.server.api());
        let environment = admin.environment("prod").await?;
        let id = admin.running(&environment, "kept", two_variants()).await?;
        admin.publish(&environment).await?;
        let rules = json!({"targetingRules": [{"conditions": [
            {"attribute": "user_key", "operator": "exists"},
        ]}]});
        admin.edit(&id, &rules).await?;
        let version = admin.publish(&environment).await?;
        admin.until_decided("prod", version).await?;
        let answer = admin.decide("prod", "user-123").await?.expect(200)?.text;
        Ok(Self { stack, admin, version, answer })
    }

    /// Degraded and still deciding from the last good snapshot, at once; then well again.
    async fn survives(&mut self, fault: &str) -> Result<()> {
        let root = self.stack.server.root();
        let health = self.admin.until_health(&root, "degraded").await;
        let health = health.with_context(|| fault.to_owned())?;
        assert_eq!(health["config_versions"]["prod"].as_i64(), Some(self.version), "{fault}");
        self.decides_as_before(fault).await?;
        self.stack.store.faults().clear();
        self.stack.store.restart().await?;
        self.admin.until_health(&root, "ok").await.with_context(|| format!("after {fault}"))?;
        self.decides_as_before(fault).await
    }

    async fn decides_as_before(&self, fault: &str) -> Result<()> {
        let start = Instant::now();
        let answer = self.admin.decide("prod", "user-123").await?.expect(200)?;
        assert!(start.elapsed() < Duration::from_millis(500), "{fault} slows decisions");
        assert_eq!(answer.text, self.answer, "{fault}");
        // A load balancer has no reason to send anybody elsewhere.
        self.stack.server.root().get("/ready").await?.expect(200)?;
        Ok(())
    }

    /// Claims a newer version whose snapshot is `bytes`.
    fn pretend_newer(&self, bytes: Vec<u8>) -> Result<()> {
        let mut pointer: Value = serde_json::from_slice(&self.stack.store.read(POINTER)?)?;
        let name = format!("snapshots/{}-0123456789abcdef.json", self.version + 7);
        pointer["version"] = (self.version + 7).into();
        pointer["snapshot"] = name.as_str().into();
        pointer["bytes"] = bytes.len().into();
        let digest = format!("0123456789abcdef{}", "0".repeat(48));
        pointer["sha256"] = digest.into();
        let faults = self.stack.store.faults();
        faults.replace(&format!("prod/{name}"), bytes);
        faults.replace(POINTER, pointer.to_string());
        Ok(())
    }
}

#[tokio::test]
async fn a_store_that_fails_changes_no_decision() -> Result<()> {
    let mut published = Published::new().await?;
    published.stack.store.stop().await;
    published.survives("a stopped store").await?;

    let faults = published.stack.store.faults().clone();
    faults.on_reads(ReadFault::Status(500));
    published.survives("a store that answers 500").await?;
    faults.on_reads(ReadFault::Truncate);
    published.survives("truncated objects").await?;
    faults.on_reads(ReadFault::Delay(Duration::from_mins(1)));
    published.survives("a slow store").await?;
    published.stack.stop().await
}

#[tokio::test]
async fn a_store_that_lies_changes_no_decision() -> Result<()> {
    let mut published = Published::new().await?;
    let faults = published.stack.store.faults().clone();
    faults.replace(POINTER, "<html>rubbish</html>");
    published.survives("a corrupt pointer").await?;
    published.pretend_newer(b"{\"schema_version\":1}".to_vec())?;
    published.survives("a snapshot of another digest").await?;
    published.pretend_newer(vec![b' '; (32 << 20) + 1])?;
    published.survives("an oversized snapshot").await?;
    published.stack.stop().await
}

#[tokio::test]
async fn a_store_that_goes_back_in_time_changes_no_decision() -> Result<()> {
    let published = Published::new().await?;
    let mut pointer: Value = serde_json::from_slice(&published.stack.store.read(POINTER)?)?;
    pointer["version"] = 1.into();
    let faults = published.stack.store.faults().clone();
    faults.replace(POINTER, pointer.to_string());
    let seen = faults.read_count();
    lotwise_e2e::eventually("a few polls", async || Ok((faults.read_count() > seen + 3).then_some(())))
        .await?;
    published.decides_as_before("an old version").await?;
    published.stack.stop().await
}
