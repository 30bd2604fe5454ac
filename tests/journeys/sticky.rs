//! A browser keeps its variant while weights move, on whichever server it meets.

use anyhow::{Context, Result, ensure};
use http::Method;
use lotwise_dev::{Api, Role};
use lotwise_e2e::{Admin, two_variants};
use serde_json::json;

const DECIDE: &str = "/decide?user_key=user-123&env=prod";
const OLD: &str = "a secret of at least thirty-two bytes";
const NEW: &str = "another secret of at least as many bytes";

/// The variant and the cookie that is set, for a request with a `Cookie` header for each of these.
async fn decide(root: &Api, cookies: &[&str]) -> Result<(String, String)> {
    let headers: Vec<_> = cookies.iter().map(|cookie| ("cookie", *cookie)).collect();
    let answer = root.send(Method::GET, DECIDE, &headers, None).await?.expect(200)?;
    let variant = answer.json()["assignments"][0]["variant_key"].as_str().context("no variant")?.to_owned();
    Ok((variant, answer.header("set-cookie").to_owned()))
}

#[tokio::test]
async fn a_cookie_keeps_who_is_in_where_they_are() -> Result<()> {
    let stack = lotwise_e2e::stack().await?;
    let admin = Admin::new(stack.server.api());
    let environment = admin.environment("prod").await?;
    let id = admin.running(&environment, "button", two_variants()).await?;
    admin.edit(&id, &json!({"sticky": true})).await?;
    let everyone = async |variant: &str| -> Result<i64> {
        let all = json!({"allocations": [{"variant": variant, "rangeStart": 0, "rangeEnd": 9999}]});
        admin.api.put(&format!("/experiments/{id}/allocations"), &all).await?.success()?;
        admin.publish(&environment).await
    };
    everyone("control").await?;
    let both = format!("{NEW},{OLD}");
    let mut before = stack.another_server(Role::Decide, &[("STICKY_KEYS", OLD)]).await?;
    let mut after = stack.another_server(Role::Decide, &[("STICKY_KEYS", &both)]).await?;

    let (variant, set_cookie) = decide(&before.root(), &["theme=dark"]).await?;
    assert_eq!(variant, "control");
    ensure!(set_cookie.contains("HttpOnly") && set_cookie.contains("Secure"), "{set_cookie}");
    let cookie = set_cookie.split(';').next().context("no cookie")?;

    let version = everyone("treatment").await?;
    for server in [&before, &after] {
        Admin::new(server.root()).until_decided("prod", version).await?;
        assert_eq!(decide(&server.root(), &["theme=dark"]).await?.0, "treatment");
    }
    assert_eq!(decide(&before.root(), &[cookie]).await?, ("control".to_owned(), String::new()));
    let (variant, renewed) = decide(&after.root(), &["theme=dark", cookie]).await?;
    assert_eq!(variant, "control");
    ensure!(!renewed.is_empty() && renewed != set_cookie, "signed with the new key: {renewed}");

    before.stop().await?;
    after.stop().await?;
    stack.stop().await
}
