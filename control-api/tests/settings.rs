//! What `lotwise` says when its settings cannot work. Nothing is connected to.

use std::process::Command;

/// Runs `lotwise serve` with nothing but these arguments and variables; it has to fail. What it
/// says.
#[track_caller]
fn refused(args: &[&str], variables: &[(&str, &str)]) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_lotwise"))
        .arg("serve")
        .args(args)
        .env_clear()
        .envs(variables.iter().copied())
        .output()
        .unwrap();
    assert!(!output.status.success());
    String::from_utf8(output.stderr).unwrap()
}

const TOKEN: (&str, &str) = ("ADMIN_TOKEN", "0123456789abcdef");
const KEYS: [(&str, &str); 2] = [("AWS_ACCESS_KEY_ID", "id"), ("AWS_SECRET_ACCESS_KEY", "secret")];

#[test]
fn the_admin_api_is_never_open_by_accident() {
    assert!(refused(&[], &[]).contains("ADMIN_TOKEN is not set"));
    assert!(refused(&[], &[("ADMIN_TOKEN", "")]).contains("ADMIN_TOKEN is not set"));
    let short = refused(&[], &[("ADMIN_TOKEN", "hunter2")]);
    assert!(short.contains("shorter than 16") && !short.contains("hunter2"), "{short}");
    for bind in ["0.0.0.0", "192.0.2.1", "::"] {
        let said = refused(&["--allow-anonymous-admin", "--bind", bind], &[TOKEN]);
        assert!(said.contains("loopback"), "{said}");
    }
}

#[test]
fn what_is_missing_is_named() {
    assert!(refused(&[], &[TOKEN]).contains("AWS_ACCESS_KEY_ID is not set"));
    assert!(refused(&[], &[TOKEN, KEYS[0]]).contains("AWS_SECRET_ACCESS_KEY is not set"));
    assert!(refused(&[], &[TOKEN, KEYS[0], KEYS[1]]).contains("DATABASE_URL is not set"));
    let unreadable = [TOKEN, KEYS[0], KEYS[1], ("DATABASE_URL", "mysql://u:pass word@h/d")];
    let said = refused(&[], &unreadable);
    assert!(said.contains("DATABASE_URL is not a postgres:// URL") && !said.contains("pass word"), "{said}");
}

#[test]
fn an_empty_variable_counts_as_unset() {
    let empty = [
        "ARCHIVE_RETENTION",
        "BIND_ADDRESS",
        "CONFIG_BASE_URL",
        "DATABASE_MAX_CONNECTIONS",
        "DECISION_SERVICE_PORT",
        "EXPERIMENT_SERVICE_PORT",
        "FETCH_TIMEOUT",
        "POLL_INTERVAL",
        "PORT",
        "RATE_LIMIT_BURST",
        "RATE_LIMIT_PER_SECOND",
        "ROLE",
        "TRUSTED_PROXY_HOPS",
    ];
    let mut variables: Vec<_> = empty.into_iter().map(|name| (name, "")).collect();
    variables.push(("ENVIRONMENTS", "prod,Staging"));
    let said = refused(&[], &variables);
    assert!(said.contains("Staging"), "{said}");
}

#[test]
fn what_cannot_be_is_named() {
    for (name, value, says) in [
        ("CONFIG_BASE_URL", "ftp://x/y", "http://"),
        ("CONFIG_BASE_URL", "http://localhost:9000/b?x=1", "query"),
        ("ENVIRONMENTS", "prod,Staging", "Staging"),
        ("ENVIRONMENTS", "prod,admin", "admin"),
        ("CORS_ORIGINS", "https://shop.example/", "https://shop.example"),
        ("POLL_INTERVAL", "5h", "500ms"),
        ("ANALYSIS_INTERVAL", "5h", "500ms"),
        ("METRICS_ADDRESS", "here", "here"),
        ("PORT", "99999", "99999"),
        ("REQUIRE_KEY", "true", "PUBLISHABLE_KEYS"),
        ("STICKY_KEYS", "short", "32 bytes"),
        ("ARCHIVE_RETENTION", "90", "whole days"),
        ("ARCHIVE_RETENTION", "0d", "whole days"),
        ("LOG_FORMAT", "xml", "pretty or json"),
    ] {
        let said = refused(&["--role", "decide"], &[(name, value)]);
        assert!(said.contains(says), "{name}={value}: {said}");
    }
}

#[test]
fn keys_can_be_required_where_a_database_holds_them() {
    let said = refused(&[], &[TOKEN, ("REQUIRE_KEY", "true")]);
    assert!(said.contains("AWS_ACCESS_KEY_ID is not set"), "{said}");
}

#[test]
fn no_sticky_key_is_shown() {
    let said = refused(&["--role", "decide"], &[("STICKY_KEYS", "hunter2,hunter3")]);
    assert!(said.contains("STICKY_KEYS") && !said.contains("hunter"), "{said}");
}
