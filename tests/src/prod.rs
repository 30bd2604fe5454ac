//! The least that there is to decide.

use anyhow::Result;
use lotwise_dev::Stack;
use serde_json::json;

use crate::{Admin, stack, two_variants};

/// A stack with the experiment `button`, of two variants, published in `prod`.
pub struct Prod {
    /// Everything running.
    pub stack: Stack,
    /// An admin of it.
    pub admin: Admin,
    /// The id of `prod`.
    pub environment: String,
    /// The id of `button`.
    pub experiment: String,
}

impl Prod {
    /// Version 1.
    pub async fn new() -> Result<Self> {
        let stack = stack().await?;
        let admin = Admin::new(stack.server.api());
        let environment = admin.environment("prod").await?;
        let experiment = admin.running(&environment, "button", two_variants()).await?;
        admin.publish(&environment).await?;
        Ok(Self { stack, admin, environment, experiment })
    }

    /// Publishes that everybody gets this variant, and returns the version.
    pub async fn give_everyone(&self, variant: &str) -> Result<i64> {
        let all = json!({"allocations": [{"variant": variant, "rangeStart": 0, "rangeEnd": 9999}]});
        let path = format!("/experiments/{}/allocations", self.experiment);
        self.admin.api.put(&path, &all).await?.success()?;
        self.admin.publish(&self.environment).await
    }
}
