//! Targeting rules and delivery rules of a body.
//!
//! Only their shape is read here; what the operators and operands mean is the core's check.

use serde_json::value::RawValue;

use super::limits::{MAX_ATTRIBUTE_CHARS, MAX_RULES_BYTES};
use super::{Faults, Fields, Found};
use crate::domain::allocation::BUCKETS;
use crate::domain::key::MAX_KEY_BYTES;
use crate::domain::rules::{Condition, DeliveryRule, RuleAllocation, TargetingRule};
use crate::problem::FIELD_TOO_LARGE;

/// More rules or conditions than this never come from people.
const MAX_LIST: usize = 10_000;

/// `targetingRules`.
pub fn targeting_rules(found: &Found<'_>, faults: &mut Faults) -> Option<Vec<TargetingRule>> {
    let rule = |found: &Found<'_>, faults: &mut Faults| {
        let mut fields = found.fields(faults)?;
        let conditions = conditions(&mut fields, faults);
        fields.close(faults);
        Some(TargetingRule { conditions })
    };
    rule_list(found, faults, rule)
}

/// `rules`.
pub fn delivery_rules(found: &Found<'_>, faults: &mut Faults) -> Option<Vec<DeliveryRule>> {
    let rule = |found: &Found<'_>, faults: &mut Faults| {
        let mut fields = found.fields(faults)?;
        let conditions = conditions(&mut fields, faults);
        let variant = fields.take("variant", faults);
        let allocations = fields.take("allocations", faults);
        fields.close(faults);
        Some(DeliveryRule {
            conditions,
            variant: variant.and_then(|found| found.text(MAX_KEY_BYTES, faults)),
            allocations: allocations.and_then(|found| list(&found, faults, allocation)),
        })
    };
    rule_list(found, faults, rule)
}

/// Conditions that stand alone, such as `filters` of a metric.
pub fn condition_list(found: &Found<'_>, faults: &mut Faults) -> Option<Vec<Condition>> {
    rule_list(found, faults, condition)
}

fn rule_list<T>(
    found: &Found<'_>,
    faults: &mut Faults,
    read: impl Fn(&Found<'_>, &mut Faults) -> Option<T>,
) -> Option<Vec<T>> {
    if found.raw.get().len() > MAX_RULES_BYTES {
        faults.push(&found.at, FIELD_TOO_LARGE, format!("This is over {MAX_RULES_BYTES} bytes."));
        return None;
    }
    list(found, faults, read)
}

/// Reads every element, so that the faults of all are found, and then all or none.
fn list<T>(
    found: &Found<'_>,
    faults: &mut Faults,
    read: impl Fn(&Found<'_>, &mut Faults) -> Option<T>,
) -> Option<Vec<T>> {
    let elements = found.list(MAX_LIST, faults)?;
    let read: Vec<Option<T>> = elements.iter().map(|element| read(element, faults)).collect();
    read.into_iter().collect()
}

fn conditions(fields: &mut Fields<'_>, faults: &mut Faults) -> Vec<Condition> {
    let Some(found) = fields.take("conditions", faults) else {
        fields.require("conditions", "A rule needs conditions; [] matches everyone.", faults);
        return Vec::new();
    };
    list(&found, faults, condition).unwrap_or_default()
}

/// A condition. Where a part cannot be read a placeholder stands in, so that positions stay right;
/// the fault that was noted keeps it from being used.
fn condition(found: &Found<'_>, faults: &mut Faults) -> Option<Condition> {
    let mut fields = found.fields(faults)?;
    let attribute = fields.take("attribute", faults);
    let operator = fields.take("operator", faults);
    let value = fields.take("value", faults);
    let ignore_case = fields.take("ignoreCase", faults);
    if operator.is_none() {
        fields.require("operator", "A condition needs an operator.", faults);
    }
    fields.close(faults);
    Some(Condition {
        attribute: attribute.and_then(|found| found.text(MAX_ATTRIBUTE_CHARS, faults)),
        operator: operator.and_then(|found| found.text(64, faults)).unwrap_or_default(),
        value: value.and_then(|found| compact(found.raw)),
        ignore_case: ignore_case.and_then(|found| found.boolean(faults)),
    })
}

fn allocation(found: &Found<'_>, faults: &mut Faults) -> Option<RuleAllocation> {
    let mut fields = found.fields(faults)?;
    let variant = fields.take("variant", faults);
    if variant.is_none() {
        fields.require("variant", "An allocation of a rule names a variant's key.", faults);
    }
    let (range_start, range_end) = range(&mut fields, faults);
    fields.close(faults);
    let variant = variant.and_then(|found| found.text(MAX_KEY_BYTES, faults)).unwrap_or_default();
    Some(RuleAllocation { variant, range_start, range_end })
}

/// `rangeStart` and `rangeEnd`, each a bucket; 0 for one that cannot be read.
pub fn range(fields: &mut Fields<'_>, faults: &mut Faults) -> (u16, u16) {
    let mut bucket = |name| {
        let Some(found) = fields.take(name, faults) else {
            fields.require(name, "A range has a first and a last bucket.", faults);
            return 0;
        };
        let bucket = found.integer(0, i64::from(BUCKETS) - 1, faults);
        bucket.and_then(|bucket| bucket.try_into().ok()).unwrap_or(0)
    };
    (bucket("rangeStart"), bucket("rangeEnd"))
}

/// The same JSON without the white space between its tokens; the tokens byte for byte.
fn compact(raw: &RawValue) -> Option<Box<RawValue>> {
    let mut text = String::with_capacity(raw.get().len());
    let (mut in_string, mut escaped) = (false, false);
    for character in raw.get().chars() {
        if in_string {
            in_string = escaped || character != '"';
            escaped = character == '\\' && !escaped;
        } else if character.is_ascii_whitespace() {
            continue;
        } else {
            in_string = character == '"';
        }
        text.push(character);
    }
    RawValue::from_string(text).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn compacting_keeps_tokens() {
        let raw: &RawValue =
            serde_json::from_str("[ 1.0 ,\n{\"a b\" :\t\"x \\\" y\\\\\" , \"c\": 1e2}]").unwrap();
        let compacted = compact(raw).unwrap();
        assert_eq!(compacted.get(), r#"[1.0,{"a b":"x \" y\\","c":1e2}]"#);
    }
}
