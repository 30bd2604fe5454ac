//! Who may use the admin API.

use std::net::IpAddr;
use std::time::Duration;

use anyhow::bail;
use clap::Args;
use clap::builder::FalseyValueParser;

use super::given;
use crate::auth::AdminAccess;

/// Settings of the admin API.
#[derive(Args, Clone)]
#[command(next_help_heading = "Admin API")]
pub struct AdminArgs {
    /// Lets whoever sends it as `Authorization: Bearer` do everything. At least 16 characters.
    #[arg(long, env = "ADMIN_TOKEN", hide_env_values = true, value_name = "TOKEN")]
    admin_token: Option<String>,

    /// Answer the admin API without a token. Works on a loopback address only, and answers only to
    /// loopback Host names and same-site pages. For development.
    #[arg(long, env = "ALLOW_ANONYMOUS_ADMIN", value_parser = FalseyValueParser::new())]
    allow_anonymous_admin: bool,

    /// Delete experiments that were archived so long ago, such as 90d, for good. Unset: never.
    #[arg(long, env = "ARCHIVE_RETENTION", value_name = "DAYS", value_parser = parse_days)]
    pub archive_retention: Option<Duration>,

    /// New environments publish their experiments to pages unless told otherwise.
    #[arg(long, env = "CLIENT_SIDE_DEFAULT", value_parser = FalseyValueParser::new())]
    pub client_side_default: bool,
}

const MIN_TOKEN_BYTES: usize = 16;

impl AdminArgs {
    /// The access that these settings give, or what to do about them.
    pub fn access(&self, bind: IpAddr) -> anyhow::Result<AdminAccess> {
        let token = given(self.admin_token.as_ref());
        if self.allow_anonymous_admin && !bind.is_loopback() {
            bail!(
                "--allow-anonymous-admin would open the admin API to {bind}: bind to a loopback \
                 address such as 127.0.0.1, or set ADMIN_TOKEN instead"
            );
        }
        match token {
            None if !self.allow_anonymous_admin => bail!(
                "ADMIN_TOKEN is not set: nobody could use the admin API. Set it to a long random \
                 text, or pass --allow-anonymous-admin for development on this machine"
            ),
            Some(token) if token.len() < MIN_TOKEN_BYTES => bail!(
                "ADMIN_TOKEN is shorter than {MIN_TOKEN_BYTES} characters; `openssl rand -hex 32` \
                 makes a good one"
            ),
            _ => Ok(AdminAccess::new(token, self.allow_anonymous_admin)),
        }
    }
}

/// Whole days, one at least and a century at most.
fn parse_days(text: &str) -> Result<Duration, String> {
    let days: Option<u64> = text.trim().strip_suffix('d').and_then(|days| days.parse().ok());
    match days.filter(|days| (1..=36_500).contains(days)) {
        Some(days) => Ok(Duration::from_hours(24 * days)),
        None => Err("this takes whole days, such as 90d".to_owned()),
    }
}
