//! Environments do not mix, and names that lead to nothing cost the origin next to nothing.

use anyhow::{Result, ensure};
use futures_util::future::try_join_all;
use lotwise_e2e::{Admin, edge};
use serde_json::json;

#[tokio::test]
async fn the_same_key_gives_each_environment_its_own_variant() -> Result<()> {
    let stack = lotwise_e2e::stack().await?;
    let admin = Admin::new(stack.server.api());
    for name in ["shop", "blog"] {
        let id = admin.environment(name).await?;
        let variant =
            json!([{"key": format!("of-{name}"), "name": name, "payload": {"of": name}, "weight": 100}]);
        admin.running(&id, "button", variant).await?;
        admin.publish(&id).await?;
    }
    let mut worker = edge(&stack, &[]).await?;
    let root = worker.root();
    try_join_all((0..200).map(async |number| {
        let name = if number % 2 == 0 { "shop" } else { "blog" };
        let path = format!("/decide?user_key=user-{}&env={name}", number / 2);
        let answer = root.get(&path).await?.expect(200)?.json();
        ensure!(answer["environment"] == name, "{answer}");
        ensure!(answer["assignments"][0]["variant_key"] == format!("of-{name}"), "{answer}");
        ensure!(answer["assignments"][0]["payload"]["of"] == name, "{answer}");
        Ok(())
    }))
    .await?;
    worker.stop().await?;
    stack.stop().await
}

#[tokio::test]
async fn a_flood_of_names_reaches_the_origin_once_per_name_and_impossible_ones_never() -> Result<()> {
    let stack = lotwise_e2e::stack().await?;
    // It exists, and has nothing published.
    Admin::new(stack.server.api()).environment("unpublished").await?;
    let mut worker = edge(&stack, &[("POLL_INTERVAL", "10m"), ("ENVIRONMENTS", "prod")]).await?;
    let root = worker.root();

    let names: Vec<String> =
        (0..200).map(|number| format!("nowhere-{number}")).chain(["unpublished".into()]).collect();
    for _ in 0..5 {
        try_join_all(names.iter().map(async |name| {
            root.get(&format!("/decide?user_key=a&env={name}")).await?.expect(404).map(drop)
        }))
        .await?;
    }
    for name in ["", "UPPER", "a b", "..", "a/b", "a%2Fb", "%C3%A9", "health", "a.json", "prod%00", "-", "_x"]
    {
        root.get(&format!("/decide?user_key=a&env={name}")).await?.expect(400)?;
        let context = json!({"user_key": "a", "env": name});
        root.post("/decide", &context).await?.expect(400)?;
    }
    for path in
        ["/a.b/client/version.json", "/..%2Fprod/client/version.json", "/prod/client/..%2Fversion.json"]
    {
        root.get(path).await?.expect(404)?;
    }

    let mut reads = stack.store.faults().reads_by_key();
    for name in &names {
        assert_eq!(reads.remove(&format!("{name}/version.json")), Some(1), "{name}");
    }
    // The native server looks at its own.
    reads.retain(|key, _| !["dev/", "staging/", "prod/"].iter().any(|name| key.starts_with(name)));
    assert!(reads.is_empty(), "{reads:?}");
    worker.stop().await?;
    stack.stop().await
}
