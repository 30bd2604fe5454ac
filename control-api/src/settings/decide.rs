//! How decisions are served.

use std::time::Duration;

use anyhow::{Context, bail};
use clap::Args;
use clap::builder::FalseyValueParser;
use lotwise_serving::{StickyKeys, is_servable_environment, parse_duration};

use super::given;
use crate::decide::{DecideSettings, RateLimit};

/// Settings of the decide role.
#[derive(Args, Clone)]
#[command(next_help_heading = "Decide")]
pub struct DecideArgs {
    /// Environments to load at start; others are loaded when they are asked for.
    #[arg(long, env = "ENVIRONMENTS", value_delimiter = ',', default_value = "dev,staging,prod")]
    environments: Vec<String>,

    /// The environment of OFREP requests that name none.
    #[arg(long, env = "DEFAULT_ENVIRONMENT", value_name = "NAME")]
    default_environment: Option<String>,

    /// Time between two looks at version.json.
    #[arg(long, env = "POLL_INTERVAL", default_value = "5s", value_parser = parse_duration)]
    poll_interval: Duration,

    /// Time that one fetch may take.
    #[arg(long, env = "FETCH_TIMEOUT", default_value = "2s", value_parser = parse_duration)]
    fetch_timeout: Duration,

    /// Origins whose pages may ask, such as https://shop.example.
    #[arg(long, env = "CORS_ORIGINS", value_delimiter = ',', value_name = "ORIGINS")]
    cors_origins: Vec<String>,

    /// Requests per second and client that are answered in the long run; 0: no limit.
    #[arg(long, env = "RATE_LIMIT_PER_SECOND", default_value_t = 0, value_name = "N")]
    rate_limit_per_second: u32,

    /// Requests that a client may make at once; 0: as many as per second.
    #[arg(long, env = "RATE_LIMIT_BURST", default_value_t = 0, value_name = "N")]
    rate_limit_burst: u32,

    /// Proxies of yours in front: the client is the entry of X-Forwarded-For that the outermost of
    /// them wrote. 0: the peer of the connection.
    #[arg(long, env = "TRUSTED_PROXY_HOPS", default_value_t = 0, value_name = "N")]
    trusted_proxy_hops: usize,

    /// Decide for holders of a key only.
    #[arg(long, env = "REQUIRE_KEY", value_parser = FalseyValueParser::new())]
    require_key: bool,

    /// Keys for pages.
    #[arg(long, env = "PUBLISHABLE_KEYS", hide_env_values = true, value_delimiter = ',')]
    publishable_keys: Vec<String>,

    /// Keys for servers.
    #[arg(long, env = "SECRET_KEYS", hide_env_values = true, value_delimiter = ',')]
    secret_keys: Vec<String>,

    /// Gives whoever brings it explanations of decisions.
    #[arg(long, env = "EXPLAIN_TOKEN", hide_env_values = true, value_name = "TOKEN")]
    explain_token: Option<String>,

    /// Secrets that sign sticky cookies: the first signs, all are accepted. At least 32 bytes each.
    #[arg(long, env = "STICKY_KEYS", hide_env_values = true, value_delimiter = ',')]
    sticky_keys: Vec<String>,
}

impl DecideArgs {
    /// The settings of the decide role, or what to do about them. With a database there are keys beside
    /// those of the settings.
    pub fn settings(&self, base_url: &str, has_database: bool) -> anyhow::Result<DecideSettings> {
        let environments = tidy(&self.environments);
        let default_environment = given(self.default_environment.as_ref()).map(str::to_owned);
        for name in environments.iter().chain(&default_environment) {
            if !is_servable_environment(name) {
                bail!("ENVIRONMENTS or DEFAULT_ENVIRONMENT: {name:?} is no environment's name");
            }
        }
        let cors_origins = tidy(&self.cors_origins);
        for origin in &cors_origins {
            check_origin(origin).with_context(|| format!("CORS_ORIGINS: {origin:?}"))?;
        }
        let has_keys = has_database || !self.publishable_keys.is_empty() || !self.secret_keys.is_empty();
        if self.require_key && !has_keys {
            bail!("REQUIRE_KEY is set, but neither PUBLISHABLE_KEYS nor SECRET_KEYS holds a key");
        }
        Ok(DecideSettings {
            base_url: base_url.to_owned(),
            environments,
            default_environment,
            poll_interval: self.poll_interval,
            fetch_timeout: self.fetch_timeout,
            cors_origins,
            rate_limit: self.rate_limit(),
            trusted_proxy_hops: self.trusted_proxy_hops,
            require_key: self.require_key,
            publishable_keys: tidy(&self.publishable_keys),
            secret_keys: tidy(&self.secret_keys),
            explain_token: given(self.explain_token.as_ref()).map(str::to_owned),
            sticky_keys: StickyKeys::new(&tidy(&self.sticky_keys)).context("STICKY_KEYS")?,
        })
    }

    fn rate_limit(&self) -> Option<RateLimit> {
        let per_second = self.rate_limit_per_second;
        let burst = if self.rate_limit_burst == 0 { per_second } else { self.rate_limit_burst };
        (per_second > 0).then_some(RateLimit { per_second, burst })
    }
}

fn tidy(list: &[String]) -> Vec<String> {
    list.iter().map(|it| it.trim()).filter(|it| !it.is_empty()).map(str::to_owned).collect()
}

/// An origin as browsers send it: scheme, host, maybe a port, nothing more.
fn check_origin(origin: &str) -> anyhow::Result<()> {
    let url = reqwest::Url::parse(origin).context("this is no URL")?;
    if url.origin().ascii_serialization() != origin {
        bail!("write it as browsers do: {}", url.origin().ascii_serialization());
    }
    Ok(())
}
