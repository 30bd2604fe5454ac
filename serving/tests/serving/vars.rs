//! Settings from named texts.

use core::time::Duration;

use lotwise_serving::settings_from_vars;

fn settings(
    vars: &[(&str, &str)],
) -> Result<(lotwise_serving::Settings, lotwise_serving::ReaderSettings), String> {
    settings_from_vars(|name| {
        vars.iter().find(|(known, _)| *known == name).map(|(_, text)| (*text).to_owned())
    })
}

#[test]
fn what_is_not_said_has_a_default() {
    let (settings, reader) =
        settings(&[("DEFAULT_ENVIRONMENT", " "), ("CORS_ORIGINS", "")]).expect("settings");
    assert_eq!(reader.environments, ["dev", "staging", "prod"]);
    assert_eq!(reader.poll_interval, Duration::from_secs(5));
    assert_eq!(reader.fetch_timeout, Duration::from_secs(2));
    assert_eq!(settings.default_environment, None);
    assert!(settings.cors_origins.is_empty() && !settings.keys.is_required);
}

#[test]
fn what_is_said_counts() {
    let (settings, reader) = settings(&[
        ("ENVIRONMENTS", "eu, us"),
        ("DEFAULT_ENVIRONMENT", " eu "),
        ("POLL_INTERVAL", "500ms"),
        ("CORS_ORIGINS", "https://shop.example,http://localhost:5173"),
        ("REQUIRE_KEY", "true"),
        ("SECRET_KEYS", "sk_1"),
    ])
    .expect("settings");
    assert_eq!(reader.environments, ["eu", "us"]);
    assert_eq!(reader.poll_interval, Duration::from_millis(500));
    assert_eq!(settings.default_environment.as_deref(), Some("eu"));
    assert_eq!(settings.cors_origins, ["https://shop.example", "http://localhost:5173"]);
    assert!(settings.keys.is_required);
}

#[test]
fn what_cannot_be_used_is_named() {
    for (name, text) in [
        ("ENVIRONMENTS", "prod,Dev"),
        ("DEFAULT_ENVIRONMENT", "decide"),
        ("POLL_INTERVAL", "soon"),
        ("FETCH_TIMEOUT", "0s"),
        ("CORS_ORIGINS", "https://shop.example/"),
        ("CORS_ORIGINS", "https://shop.example:443"),
        ("CORS_ORIGINS", "*"),
        ("REQUIRE_KEY", "true"),
        ("STICKY_KEYS", "short"),
    ] {
        let fault = settings(&[(name, text)]).expect_err(text);
        assert!(fault.contains(name), "{name}={text}: {fault}");
    }
}
