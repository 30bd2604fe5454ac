//! Documents of W(n) for `GrowthBook`'s SDK.

use anyhow::{Context, Result, bail};
use serde_json::{Map, Value, json};

/// A document as the payload of the SDK.
pub(crate) fn payload(document: &[u8]) -> Result<Vec<u8>> {
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
