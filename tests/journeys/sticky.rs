//! A browser keeps its variant while weights move, on whichever host it meets.

use anyhow::{Context, Result, ensure};
use http::Method;
use lotwise_dev::{Api, Role};
use lotwise_e2e::{Admin, Prod, edge};
use serde_json::json;

const DECIDE: &str = "/decide?user_key=user-123&env=prod";
const OLD: &str = "a secret of at least thirty-two bytes";
const NEW: &str = "another secret of at least as many bytes";
/// For hosts whose keys are on their way from the old one to the new one.
const BOTH: &str = "another secret of at least as many bytes,a secret of at least thirty-two bytes";

/// The variant and the cookie that is set, for a request with a `Cookie` header for each of these.
async fn decide(root: &Api, cookies: &[&str]) -> Result<(String, String)> {
    let headers: Vec<_> = cookies.iter().map(|cookie| ("cookie", *cookie)).collect();
    let answer = root.send(Method::GET, DECIDE, &headers, None).await?.expect(200)?;
    let variant = answer.json()["assignments"][0]["variant_key"].as_str().context("no variant")?.to_owned();
    Ok((variant, answer.header("set-cookie").to_owned()))
}

/// `before` signs with the old key, `after` with the new one and takes both, `later` knows only the new.
async fn a_cookie_keeps(prod: &Prod, [before, after, later]: [Api; 3]) -> Result<()> {
    prod.admin.edit(&prod.experiment, &json!({"sticky": true})).await?;
    let version = prod.give_everyone("control").await?;
    for root in [&before, &after, &later] {
        Admin::new(root.clone()).until_decided("prod", version).await?;
    }
    let (variant, set_cookie) = decide(&before, &["theme=dark"]).await?;
    assert_eq!(variant, "control");
    for attribute in ["__Host-lotwise-prod=", "; HttpOnly", "; Secure", "; SameSite=Lax", "; Path=/"] {
        ensure!(set_cookie.contains(attribute), "no {attribute} in {set_cookie}");
    }
    let cookie = set_cookie.split(';').next().context("no cookie")?;

    let version = prod.give_everyone("treatment").await?;
    for root in [&before, &after, &later] {
        Admin::new(root.clone()).until_decided("prod", version).await?;
        assert_eq!(decide(root, &["theme=dark"]).await?.0, "treatment");
    }
    let kept = || ("control".to_owned(), String::new());
    assert_eq!(decide(&before, &[cookie]).await?, kept());
    assert_eq!(decide(&before, &["theme=dark", cookie]).await?, kept());
    let (variant, renewed) = decide(&after, &["theme=dark", cookie]).await?;
    assert_eq!(variant, "control");
    ensure!(!renewed.is_empty() && renewed != set_cookie, "signed with the new key: {renewed}");
    let renewed = renewed.split(';').next().context("no cookie")?;
    assert_eq!(decide(&later, &[renewed]).await?, kept());

    assert_eq!(decide(&later, &[cookie]).await?.0, "treatment", "a key that is gone counts no more");
    let (name, value) = cookie.split_once('=').context("no value")?;
    let changed_at = |place: usize| {
        let other = if &value[place..=place] == "A" { "B" } else { "A" };
        format!("{name}={}{other}{}", &value[..place], &value[place + 1..])
    };
    for tampered in [
        changed_at(0),
        changed_at(8),
        changed_at(value.len() - 2),
        format!("{name}={}", &value[..value.len() - 2]),
        format!("{name}="),
        cookie.replace("prod", "dev"),
    ] {
        assert_eq!(decide(&before, &[&tampered]).await?.0, "treatment", "{tampered}");
    }
    let path = DECIDE.replace("user-123", "user-124");
    let other = before.send(Method::GET, &path, &[("cookie", cookie)], None).await?.expect(200)?.json();
    assert_eq!(other["assignments"][0]["variant_key"], "treatment", "a cookie is of one user: {other}");
    Ok(())
}

#[tokio::test]
async fn a_cookie_keeps_who_is_in_where_they_are_natively() -> Result<()> {
    let prod = Prod::new().await?;
    let with = async |keys| prod.stack.another_server(Role::Decide, &[("STICKY_KEYS", keys)]).await;
    let mut servers = [with(OLD).await?, with(BOTH).await?, with(NEW).await?];
    a_cookie_keeps(&prod, servers.each_ref().map(lotwise_dev::Server::root)).await?;
    for server in &mut servers {
        server.stop().await?;
    }
    prod.stack.stop().await
}

#[tokio::test]
async fn a_cookie_keeps_who_is_in_where_they_are_at_the_edge() -> Result<()> {
    let prod = Prod::new().await?;
    let with = async |keys| edge(&prod.stack, &[("STICKY_KEYS", keys)]).await;
    let mut workers = [with(OLD).await?, with(BOTH).await?, with(NEW).await?];
    a_cookie_keeps(&prod, workers.each_ref().map(lotwise_dev::EdgeWorker::root)).await?;
    for worker in &mut workers {
        worker.stop().await?;
    }
    prod.stack.stop().await
}
