//! What pages get of a full environment, wherever they get it: nothing that is not for them.

use std::collections::BTreeSet;

use anyhow::{Context, Result, ensure};
use lotwise_dev::Api;
use lotwise_e2e::{Admin, edge};
use serde_json::{Value, json};

/// In every text that pages must not see.
const SECRET: &str = "s3cr3t";

fn condition(attribute: &str, operator: &str, value: &Value) -> Value {
    json!({"attribute": attribute, "operator": operator, "value": value})
}

/// An experiment with something in every field that there is; each text of it begins with `word`.
fn full_experiment(key: &str, word: &str, client_side: bool) -> Value {
    let text = |what: &str| json!(format!("{word}-{what}"));
    let variant = |key: &str, weight: u32| {
        let payload = json!({"color": text(key), format!("{word}-member"): {"inner": [text("deep"), 1.5]}});
        json!({"key": format!("{word}-{key}"), "name": format!("{SECRET}-name-of-{key}"), "payload": payload,
               "weight": weight})
    };
    let delivery = json!([
        {"conditions": [condition(&format!("{word}.email"), "endsWith", &text("@staff.example"))],
         "variant": format!("{word}-treatment")},
        {"conditions": [condition("country", "in", &json!([text("NZ"), text("AU")]))],
         "allocations": [{"variant": format!("{word}-control"), "rangeStart": 0, "rangeEnd": 999}]},
    ]);
    json!({
        "key": key, "name": format!("{SECRET} name"), "description": format!("{SECRET} description"),
        "hypothesis": format!("{SECRET} hypothesis"), "metrics": [format!("{SECRET}-metric")],
        "environment": "prod", "clientSide": client_side, "salt": text("salt"),
        "bucketBy": format!("{word}.account"),
        "variants": [variant("control", 1), variant("treatment", 2), variant("third", 0)],
        "targetingRules": [{"conditions": [condition(&format!("{word}-plan"), "eq", &text("pro"))]}],
        "rules": delivery,
    })
}

/// Every text in a document, member names too.
fn texts<'v>(value: &'v Value, found: &mut BTreeSet<&'v str>) {
    match value {
        Value::String(text) => drop(found.insert(text)),
        Value::Array(elements) => elements.iter().for_each(|element| texts(element, found)),
        Value::Object(members) => members.iter().for_each(|(name, member)| {
            found.insert(name);
            texts(member, found);
        }),
        _ => {}
    }
}

fn keys<'v>(experiments: &[&'v Value]) -> Vec<&'v str> {
    experiments.iter().filter_map(|it| it["key"].as_str()).collect()
}

/// The pointer and both forms of the document in a folder of somebody's.
struct Published {
    paths: [String; 3],
    bodies: [String; 3],
}

impl Published {
    async fn get(root: &Api, folder: &str) -> Result<Self> {
        let pointer = root.get(&format!("{folder}/version.json")).await?.expect(200)?;
        let names = pointer.json();
        let path =
            |name: &Value| Ok::<_, anyhow::Error>(format!("{folder}/{}", name.as_str().context("no path")?));
        let (document, binary) = (path(&names["snapshot"])?, path(&names["binary"]["path"])?);
        // Not all of the binary form is text, but what is text in it stands there as it is.
        let texts =
            [root.get(&document).await?.expect(200)?.text, root.get(&binary).await?.expect(200)?.text];
        let [of_document, of_binary] = texts;
        Ok(Self {
            paths: [format!("{folder}/version.json"), document, binary],
            bodies: [pointer.text, of_document, of_binary],
        })
    }

    fn document(&self) -> Result<Value> {
        Ok(serde_json::from_str(&self.bodies[1])?)
    }
}

/// The environment `prod` with every kind of experiment.
async fn fill(admin: &Admin) -> Result<()> {
    admin.environment("prod").await?;
    let make = async |key: &str, word: &str, client_side: bool| -> Result<String> {
        let body = full_experiment(key, word, client_side);
        admin.api.post("/experiments", &body).await?.expect(201)?.string("id")
    };
    let start =
        async |id: &str| admin.api.post(&format!("/experiments/{id}/start"), &json!({})).await?.success();
    let conclude = async |id: &str, winner: &str| {
        let winner = json!({"winner": winner});
        admin.api.post(&format!("/experiments/{id}/conclude"), &winner).await?.success()
    };
    start(&make("page-running", "page1", true).await?).await?;
    conclude(&make("page-over", "page2", true).await?, "page2-treatment").await?;

    let word = |number: u32| format!("{SECRET}{number}");
    start(&make(&format!("{SECRET}-running"), &word(1), false).await?).await?;
    conclude(&make(&format!("{SECRET}-over"), &word(2), false).await?, &format!("{SECRET}2-control")).await?;
    let regex = make(&format!("{SECRET}-regex"), &word(3), false).await?;
    let expression =
        condition(&format!("{SECRET}3.email"), "matches", &json!(format!("^{SECRET}.*@example\\.com$")));
    admin.edit(&regex, &json!({"targetingRules": [{"conditions": [expression]}]})).await?;
    start(&regex).await?;
    // Such have been for pages, and are not now.
    let withdrawn = make(&format!("{SECRET}-withdrawn"), &word(4), true).await?;
    admin.edit(&withdrawn, &json!({"clientSide": false})).await?;
    start(&withdrawn).await?;
    // Nobody gets these.
    make(&format!("{SECRET}-draft"), &word(5), true).await?;
    let paused = make(&format!("{SECRET}-paused"), &word(6), true).await?;
    start(&paused).await?;
    admin.api.post(&format!("/experiments/{paused}/pause"), &json!({})).await?.success().map(drop)
}

/// The experiments of a document, those for pages apart from the others.
fn parted(document: &Value) -> (Vec<&Value>, Vec<&Value>) {
    let experiments = document["experiments"].as_array().into_iter().flatten();
    experiments.partition(|it| it["key"].as_str().is_some_and(|key| key.starts_with("page-")))
}

/// Every text that only the others hold. The format itself and operators stand in all of them.
fn forbidden<'v>(pages: &[&'v Value], others: &[&'v Value]) -> BTreeSet<&'v str> {
    let (mut allowed, mut found) = (BTreeSet::from(["matches"]), BTreeSet::new());
    for page in pages {
        texts(page, &mut allowed);
    }
    for other in others {
        texts(other, &mut found);
    }
    found.difference(&allowed).copied().collect()
}

/// The full document holds what will be looked for in the other, in either form: there is something
/// to miss.
fn require_secrets(full: &Published) -> Result<()> {
    for number in 1..=4 {
        for what in ["-salt", "-deep", "-member", "-control"] {
            let text = format!("{SECRET}{number}{what}");
            ensure!(full.bodies[1..].iter().all(|body| body.contains(&text)), "{text} is not there");
        }
    }
    for text in ["1-@staff.example", "1.email", "1.account", "1-NZ", "1-plan", "3.email"] {
        let text = format!("{SECRET}{text}");
        ensure!(full.bodies[1..].iter().all(|body| body.contains(&text)), "{text} is not there");
    }
    Ok(())
}

#[tokio::test]
async fn pages_see_only_what_is_theirs() -> Result<()> {
    let stack = lotwise_e2e::stack().await?;
    let admin = Admin::new(stack.server.api());
    fill(&admin).await?;
    admin.publish("prod").await?;
    let mut worker = edge(&stack, &[]).await?;
    let (store, native, at_edge) = (Api::new(&stack.store.bucket_url()), stack.server.root(), worker.root());

    let full = Published::get(&store, "/prod").await?;
    require_secrets(&full)?;
    let document = full.document()?;
    let (pages, others) = parted(&document);
    let expected = ["over", "regex", "running", "withdrawn"].map(|what| format!("{SECRET}-{what}"));
    assert_eq!(keys(&others), expected);
    assert_eq!(document["features"], json!(["regex"]));
    let forbidden = forbidden(&pages, &others);

    let stored = Published::get(&store, "/prod/client").await?;
    for (path, body) in stored.paths.iter().zip(&stored.bodies) {
        ensure!(!body.contains(SECRET), "{path} holds a secret: {body}");
        for text in &forbidden {
            ensure!(!body.contains(text), "{path} holds {text}: {body}");
        }
    }
    // What is for pages is whole, and nothing is beside it: no segments, no features, no overrides.
    let client = stored.document()?;
    assert_eq!(keys(&pages), ["page-over", "page-running"]);
    assert_eq!(client["experiments"], json!(pages));
    let members: Vec<&String> = client.as_object().context("no document")?.keys().collect();
    assert_eq!(members, ["environment", "experiments", "published_at", "schema_version", "version"]);

    for (place, root) in [("native", &native), ("edge", &at_edge)] {
        let passed_on = Published::get(root, "/prod/client").await.context(place)?;
        assert_eq!(passed_on.bodies, stored.bodies, "{place}");
        // The full document's names open no door.
        for path in &full.paths {
            let name = path.trim_start_matches("/prod/");
            for folder in ["/prod/", "/prod/client/%2e%2e/", "/prod/client/..%2f", "/prod/client//"] {
                root.get(&format!("{folder}{name}")).await?.expect(404).context(place)?;
            }
        }
        for path in &full.paths[1..] {
            root.get(&path.replace("/prod/", "/prod/client/")).await?.expect(404).context(place)?;
        }
    }

    worker.stop().await?;
    stack.stop().await
}
