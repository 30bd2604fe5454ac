//! A page decides as the edge does, from either form of the snapshot.

use anyhow::{Context, Result, ensure};
use lotwise_dev::Method;
use lotwise_e2e::{Admin, PageSite, Subjects, put_client_document, put_document, varied_document};
use serde_json::{Value, json};

const SUBJECTS: u64 = 300;

/// What an admin can make of the document's experiments, published as `prod`.
async fn publish(admin: &Admin, document: &Value) -> Result<usize> {
    let environment = admin.environment("prod").await?;
    let mut made = 0;
    for experiment in document["experiments"].as_array().context("no experiments")? {
        let variants = experiment["variants"].as_array().context("no variants")?;
        let variants: Vec<Value> =
            variants.iter().map(|it| json!({"key": it["key"], "payload": it["payload"]})).collect();
        let mut body = json!({"environment": "prod", "variants": variants, "clientSide": true});
        for (theirs, ours) in [
            ("key", "key"),
            ("hash", "hash"),
            ("bucket_by", "bucketBy"),
            ("rules", "rules"),
            ("targeting_rules", "targetingRules"),
            ("salt", "salt"),
        ] {
            if let Some(value) = experiment.get(theirs) {
                body[ours] = value.clone();
            }
        }
        // Segments are for later, and regular expressions for the other environment.
        if ["inSegment", "notInSegment", "matches", "notMatches"]
            .iter()
            .any(|it| body.to_string().contains(&format!("\"{it}\"")))
        {
            continue;
        }
        let answer = admin.api.post("/experiments", &body).await?;
        if answer.status == 422 || answer.status == 409 {
            continue;
        }
        let id = answer.expect(201)?.string("id")?;
        let allocations = json!({"allocations": experiment["allocations"]});
        let path = format!("/experiments/{id}/allocations");
        admin.api.send(Method::PUT, &path, &[], Some(allocations.to_string())).await?;
        made +=
            usize::from(admin.api.post(&format!("/experiments/{id}/start"), &json!({})).await?.status == 200);
    }
    admin.publish(&environment).await?;
    Ok(made)
}

#[tokio::test]
async fn a_page_decides_as_the_edge_does() -> Result<()> {
    let stack = lotwise_e2e::stack().await?;
    let mut document = varied_document()?;
    // The one difference that there is to be.
    for experiment in document["experiments"].as_array_mut().context("no experiments")? {
        experiment.as_object_mut().context("no experiment")?.remove("overrides");
    }
    put_document(&stack.store, &document)?;
    put_client_document(&stack.store, &document)?;
    let made = publish(&Admin::new(stack.server.api()), &document).await?;
    ensure!(made >= 20, "only {made} experiments");

    let subjects = Subjects::new()?;
    let subjects: Vec<Value> = (0..SUBJECTS)
        .map(|number| subjects.subject(number))
        .map(|subject| json!({"userKey": subject.user_key, "context": subject.context}))
        .collect();
    let cases = json!([
        {"environment": "prod", "subjects": subjects, "takesFull": false},
        {"environment": "varied", "subjects": subjects, "takesFull": true},
    ]);
    let mut site = PageSite::new(&stack).await?;
    site.run("alike", json!({"cases": cases}), async |_, _| Ok(())).await?;
    site.worker.stop().await?;
    stack.stop().await
}
