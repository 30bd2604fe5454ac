//! Settings from named texts, as a Worker's variables and secrets are.

use core::time::Duration;

use crate::access::Keys;
use crate::duration::parse_duration;
use crate::reader::ReaderSettings;
use crate::settings::{Settings, is_servable_environment};
use crate::sticky::StickyKeys;

/// The settings of a decide service and of its reader, from a function that looks texts up.
///
/// The names are those of the native server's environment: `ENVIRONMENTS`, `DEFAULT_ENVIRONMENT`,
/// `POLL_INTERVAL`, `FETCH_TIMEOUT`, `CORS_ORIGINS`, `REQUIRE_KEY`, `PUBLISHABLE_KEYS`,
/// `SECRET_KEYS`, `EXPLAIN_TOKEN`, `STICKY_KEYS`. An empty text is as good as none.
///
/// # Errors
///
/// Which one cannot be used, and why.
pub fn settings_from_vars(
    var: impl Fn(&str) -> Option<String>,
) -> Result<(Settings, ReaderSettings), String> {
    let text = |name: &str| var(name).map(|text| text.trim().to_owned()).filter(|text| !text.is_empty());
    let list = |name: &str| text(name).map(|text| split(&text)).unwrap_or_default();
    let time = |name: &str, default| match text(name) {
        Some(text) => parse_duration(&text).map_err(|fault| format!("{name}: {fault}")),
        None => Ok(default),
    };
    let environments = text("ENVIRONMENTS").unwrap_or_else(|| "dev,staging,prod".into());
    let reader = ReaderSettings {
        environments: split(&environments),
        poll_interval: time("POLL_INTERVAL", Duration::from_secs(5))?,
        fetch_timeout: time("FETCH_TIMEOUT", Duration::from_secs(2))?,
    };
    let default_environment = text("DEFAULT_ENVIRONMENT");
    for name in reader.environments.iter().chain(&default_environment) {
        if !is_servable_environment(name) {
            return Err(format!("ENVIRONMENTS or DEFAULT_ENVIRONMENT: {name:?} is no environment's name"));
        }
    }
    let cors_origins = list("CORS_ORIGINS");
    if let Some(origin) = cors_origins.iter().find(|origin| !is_origin(origin)) {
        return Err(format!("CORS_ORIGINS: {origin:?} is not written as browsers do: https://shop.example"));
    }
    let is_required = text("REQUIRE_KEY")
        .is_some_and(|text| !["0", "false", "no", "off", "n", "f"].contains(&text.to_lowercase().as_str()));
    let (publishable, secret) = (list("PUBLISHABLE_KEYS"), list("SECRET_KEYS"));
    if is_required && publishable.is_empty() && secret.is_empty() {
        return Err("REQUIRE_KEY is set, but neither PUBLISHABLE_KEYS nor SECRET_KEYS holds a key".into());
    }
    let keys = Keys::new(is_required, &publishable, &secret, text("EXPLAIN_TOKEN").as_deref());
    let sticky_keys =
        StickyKeys::new(&list("STICKY_KEYS")).map_err(|fault| format!("STICKY_KEYS: {fault}"))?;
    Ok((Settings { default_environment, cors_origins, keys, sticky_keys }, reader))
}

fn split(list: &str) -> Vec<String> {
    list.split(',').map(str::trim).filter(|item| !item.is_empty()).map(str::to_owned).collect()
}

/// Scheme, host, maybe a port, nothing more, in lower case.
fn is_origin(text: &str) -> bool {
    let host = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"));
    host.is_some_and(|host| {
        let is_host =
            |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"-.:[]".contains(&byte);
        // Browsers leave the usual port out.
        let has_usual_port = text.starts_with("https:") && host.ends_with(":443")
            || text.starts_with("http:") && host.ends_with(":80");
        !host.is_empty() && host.bytes().all(is_host) && !has_usual_port
    })
}
