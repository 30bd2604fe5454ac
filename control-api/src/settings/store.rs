//! Where snapshots are read and published.

use anyhow::{Context, bail};
use clap::Args;
use clap::builder::FalseyValueParser;
use reqwest::Url;

use super::given;
use crate::publish::object_store::ObjectStoreSettings;

/// Settings of the store.
#[derive(Args, Clone)]
#[command(next_help_heading = "Store")]
pub struct StoreArgs {
    /// Where readers GET snapshots: the store itself or a CDN in front of it.
    #[arg(
        long,
        env = "CONFIG_BASE_URL",
        default_value = "http://localhost:9000/experiment-configs",
        value_name = "URL"
    )]
    config_base_url: String,

    /// The S3-compatible store to publish to; taken from CONFIG_BASE_URL when absent.
    #[arg(long, env = "S3_ENDPOINT", value_name = "URL")]
    s3_endpoint: Option<String>,

    /// The bucket; the first path segment of CONFIG_BASE_URL when absent.
    #[arg(long, env = "S3_BUCKET", value_name = "NAME")]
    s3_bucket: Option<String>,

    /// The region that requests are signed for.
    #[arg(long, env = "S3_REGION", default_value = "us-east-1", value_name = "NAME")]
    s3_region: String,

    /// A folder in the bucket; the rest of CONFIG_BASE_URL's path when the bucket comes from there.
    #[arg(long, env = "S3_PREFIX", value_name = "PATH")]
    s3_prefix: Option<String>,

    /// Access key id for publishing. It has to get, put and delete objects and to list the bucket:
    /// without that, stores answer 403 for what does not exist.
    #[arg(long, env = "AWS_ACCESS_KEY_ID", hide_env_values = true, value_name = "ID")]
    aws_access_key_id: Option<String>,

    /// Secret access key for publishing.
    #[arg(long, env = "AWS_SECRET_ACCESS_KEY", hide_env_values = true, value_name = "KEY")]
    aws_secret_access_key: Option<String>,

    /// Session token, with temporary credentials.
    #[arg(long, env = "AWS_SESSION_TOKEN", hide_env_values = true, value_name = "TOKEN")]
    aws_session_token: Option<String>,

    /// Publish to a store whose conditional writes do not work. Two publishers that do not share a
    /// database can then overwrite each other.
    #[arg(long, env = "ALLOW_UNCONDITIONAL_STORE", value_parser = FalseyValueParser::new())]
    allow_unconditional_store: bool,
}

impl StoreArgs {
    /// Where readers read, without a slash at the end.
    pub fn base_url(&self) -> anyhow::Result<String> {
        let text = self.config_base_url.trim();
        let url = parse_http(text).context("CONFIG_BASE_URL")?;
        if url.query().is_some() || url.fragment().is_some() {
            bail!("CONFIG_BASE_URL must have no query: paths are appended to it");
        }
        Ok(text.trim_end_matches('/').to_owned())
    }

    /// Where to publish, or what to do about the settings.
    pub fn object_store(&self) -> anyhow::Result<ObjectStoreSettings> {
        let base = parse_http(&self.base_url()?)?;
        let mut path = base.path().trim_matches('/').splitn(2, '/');
        let (first, rest) = (path.next().unwrap_or_default(), path.next().unwrap_or_default());
        let endpoint = match given(self.s3_endpoint.as_ref()) {
            Some(endpoint) => parse_http(endpoint).context("S3_ENDPOINT")?,
            None => base.clone(),
        };
        let (bucket, prefix) = match given(self.s3_bucket.as_ref()) {
            Some(bucket) => (bucket, ""),
            None => (first, rest),
        };
        if bucket.is_empty() {
            bail!("S3_BUCKET is not set and CONFIG_BASE_URL has no path to take it from");
        }
        let prefix = given(self.s3_prefix.as_ref()).unwrap_or(prefix);
        let credential = |value: Option<&String>, name: &str| {
            given(value).map(str::to_owned).with_context(|| {
                format!("{name} is not set: publishing needs a key that may write to {bucket:?}")
            })
        };
        Ok(ObjectStoreSettings {
            endpoint: endpoint.origin().ascii_serialization(),
            bucket: bucket.to_owned(),
            region: self.s3_region.clone(),
            prefix: prefix.trim_matches('/').to_owned(),
            access_key_id: credential(self.aws_access_key_id.as_ref(), "AWS_ACCESS_KEY_ID")?,
            secret_access_key: credential(self.aws_secret_access_key.as_ref(), "AWS_SECRET_ACCESS_KEY")?,
            session_token: given(self.aws_session_token.as_ref()).map(str::to_owned),
            allow_unconditional: self.allow_unconditional_store,
        })
    }
}

fn parse_http(text: &str) -> anyhow::Result<Url> {
    let url = Url::parse(text.trim()).context("this is no URL")?;
    if !matches!(url.scheme(), "http" | "https") || url.host().is_none() {
        bail!("this must begin with http:// or https:// and a host");
    }
    Ok(url)
}
