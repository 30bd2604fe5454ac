//! Results and metrics.

use std::net::SocketAddr;
use std::time::Duration;

use anyhow::bail;
use clap::Args;
use lotwise_serving::parse_duration;

use super::given;
use crate::auth::MetricsAccess;

/// Settings of results and of what Prometheus reads.
#[derive(Args, Clone)]
#[command(next_help_heading = "Results and metrics")]
pub struct AnalysisArgs {
    /// Time between two looks at running experiments.
    #[arg(long, env = "ANALYSIS_INTERVAL", default_value = "1m", value_parser = parse_duration)]
    pub analysis_interval: Duration,

    /// Serve /metrics on this address too, without a token: keep it from the public.
    #[arg(long, env = "METRICS_ADDRESS", value_name = "ADDRESS:PORT")]
    pub metrics_address: Option<SocketAddr>,

    /// Lets whoever sends it as `Authorization: Bearer` read /metrics. At least 16 characters.
    #[arg(long, env = "METRICS_TOKEN", hide_env_values = true, value_name = "TOKEN")]
    metrics_token: Option<String>,
}

const MIN_TOKEN_BYTES: usize = 16;

impl AnalysisArgs {
    /// Who may read the metrics, or what to do about the token.
    pub fn metrics_access(&self) -> anyhow::Result<MetricsAccess> {
        let token = given(self.metrics_token.as_ref());
        if token.is_some_and(|token| token.len() < MIN_TOKEN_BYTES) {
            bail!(
                "METRICS_TOKEN is shorter than {MIN_TOKEN_BYTES} characters; `openssl rand -hex 32` makes a good one"
            );
        }
        Ok(MetricsAccess::new(token))
    }
}
