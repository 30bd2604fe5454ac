//! Documents of W(n) for `ConfigCat`'s SDK.

use anyhow::{Context, Result, bail};
use serde_json::{Map, Value, json};

/// Settings of this type hold text.
const TEXT: u8 = 1;

/// Comparisons of its format.
const IS_ONE_OF: u8 = 0;
const GREATER: u8 = 14;
const EQUALS: u8 = 28;

/// A document as a config of format 6. A setting's value is the JSON text of an assignment, or empty: the
/// SDK knows no other values than text, numbers and booleans.
pub(crate) fn config(document: &[u8]) -> Result<Vec<u8>> {
    let document: Value = serde_json::from_slice(document)?;
    let experiments = document["experiments"].as_array().context("a document without experiments")?;
    let settings: Result<Map<String, Value>> = experiments
        .iter()
        .map(|it| Ok((it["key"].as_str().context("a key")?.to_owned(), setting(it)?)))
        .collect();
    let preferences = json!({"u": "https://cdn-global.configcat.com", "r": 0, "s": "unused"});
    Ok(json!({"p": preferences, "f": settings?}).to_string().into_bytes())
}

fn setting(experiment: &Value) -> Result<Value> {
    let variants = experiment["variants"].as_array().context("an experiment without variants")?;
    let halves: Vec<_> = variants
        .iter()
        .map(|variant| {
            let value = json!({"experiment_id": experiment["id"], "variant_key": variant["key"],
                "variant_id": variant["id"], "payload": variant["payload"]});
            json!({"p": 50, "v": {"s": value.to_string()}, "i": variant["key"]})
        })
        .collect();
    let nothing = json!({"s": ""});
    let targeting = experiment["targeting_rules"].as_array().map_or(&[][..], Vec::as_slice);
    if targeting.is_empty() {
        return Ok(json!({"t": TEXT, "p": halves, "v": nothing}));
    }
    let rule = |it: &Value| Ok(json!({"c": all_of(it)?, "p": halves}));
    let rules = targeting.iter().map(rule).collect::<Result<Vec<_>>>()?;
    Ok(json!({"t": TEXT, "r": rules, "v": nothing}))
}

fn all_of(targeting: &Value) -> Result<Vec<Value>> {
    let conditions = targeting["conditions"].as_array().context("a rule without conditions")?;
    let condition = |it: &Value| {
        let (attribute, value) = (&it["attribute"], &it["value"]);
        Ok(json!({"u": match it["operator"].as_str() {
            Some("eq") => json!({"a": attribute, "c": EQUALS, "s": value}),
            Some("in") => json!({"a": attribute, "c": IS_ONE_OF, "l": value}),
            Some("gt") => json!({"a": attribute, "c": GREATER, "d": value}),
            other => bail!("the workload has another operator, {other:?}"),
        }}))
    };
    conditions.iter().map(condition).collect()
}
