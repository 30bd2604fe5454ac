//! The same workload for the JavaScript peer.

use anyhow::{Context, Result, bail, ensure};
use serde_json::{Map, Value, json};

use crate::load::child::Child;
use crate::load::connection::Connection;
use crate::load::questions::Question;

/// A document of W(n) as the payload of its SDK.
pub(super) fn payload(document: &[u8]) -> Result<Vec<u8>> {
    let document: Value = serde_json::from_slice(document)?;
    let experiments = document["experiments"].as_array().context("a document without experiments")?;
    let features: Result<Map<String, Value>> = experiments
        .iter()
        .map(|it| Ok((it["key"].as_str().context("a key")?.to_owned(), feature(it)?)))
        .collect();
    Ok(json!({"features": features?}).to_string().into_bytes())
}

fn feature(experiment: &Value) -> Result<Value> {
    let variants = experiment["variants"].as_array().context("an experiment without variants")?;
    let variations = variants.iter().map(|variant| {
        json!({"experiment_id": experiment["id"], "variant_key": variant["key"],
            "variant_id": variant["id"], "payload": variant["payload"]})
    });
    let mut rule = json!({"key": experiment["key"], "seed": experiment["salt"], "hashAttribute": "id",
        "hashVersion": 2, "weights": [0.5, 0.5], "variations": variations.collect::<Vec<_>>()});
    let targeting = experiment["targeting_rules"].as_array().map_or(&[][..], Vec::as_slice);
    if !targeting.is_empty() {
        let any = targeting.iter().map(all_of).collect::<Result<Vec<_>>>()?;
        rule["condition"] = json!({"$or": any});
    }
    Ok(json!({"defaultValue": null, "rules": [rule]}))
}

fn all_of(targeting: &Value) -> Result<Value> {
    let conditions = targeting["conditions"].as_array().context("a rule without conditions")?;
    let condition = |it: &Value| {
        let value = &it["value"];
        let test = match it["operator"].as_str() {
            Some("eq") => value.clone(),
            Some("in") => json!({"$in": value}),
            Some("gt") => json!({"$gt": value}),
            other => bail!("the workload has another operator, {other:?}"),
        };
        Ok((it["attribute"].as_str().context("an attribute")?.to_owned(), test))
    };
    conditions.iter().map(condition).collect::<Result<Map<_, _>>>().map(Value::Object)
}

/// Its hash is another, so that users get other variants, but of the same experiments. Fails unless it
/// assigns as many to each user as we do.
pub(super) async fn verify(server: &Child, ours: &[Question]) -> Result<()> {
    let mut connection = Connection::open(server.address()).await?;
    for question in ours {
        let answer = connection.ask(&question.request).await?;
        let body: Value = serde_json::from_slice(answer.body).context("the peer's answer")?;
        let assigned = body["assignments"].as_array().map(Vec::len);
        ensure!(assigned == Some(question.assignments), "the peer assigns {assigned:?}: {body}");
    }
    Ok(())
}
