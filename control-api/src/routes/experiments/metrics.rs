//! The metrics of an experiment's body, with the roles they play.

use super::input::metric_key;
use crate::extract::limits::{MAX_METRICS, MAX_NAME_CHARS};
use crate::extract::{Faults, Fields, Found};

/// What a body says about metrics. A field that says nothing is none.
#[derive(Debug, Default)]
pub(super) struct SentMetrics {
    /// All keys, each once.
    pub(super) keys: Option<Vec<String>>,
    /// The one with the role `primary`, or what `primaryMetric` says.
    #[allow(clippy::option_option, reason = "absent is not null")]
    pub(super) primary: Option<Option<String>>,
    /// Those with the role `guardrail`, or what `guardrailMetrics` says.
    pub(super) guardrails: Option<Vec<String>>,
}

enum Role {
    Primary,
    Secondary,
    Guardrail,
}

/// Reads `metrics`, whose elements are keys or `{"key", "role"}`, and the fields that give roles.
pub(super) fn read_metrics(fields: &mut Fields<'_>, faults: &mut Faults) -> SentMetrics {
    let mut sent = SentMetrics::default();
    let list = fields.take_nullable("metrics", faults);
    if let Some(elements) = list.as_ref().and_then(|found| found.list(MAX_METRICS, faults)) {
        read_elements(&elements, &mut sent, faults);
    }
    if let Some(found) = fields.take_nullable("primaryMetric", faults) {
        let key = if found.is_null() { None } else { metric_key(&found, faults) };
        if sent.primary.is_some() {
            let detail = "A metric has the role `primary` already.";
            faults.push(&found.at, "duplicate_field", detail);
        }
        sent.primary = Some(key);
    }
    if let Some(found) = fields.take("guardrailMetrics", faults) {
        let keys = super::input::metric_keys(&found, faults).unwrap_or_default();
        if sent.guardrails.is_some() {
            let detail = "Metrics have the role `guardrail` already.";
            faults.push(&found.at, "duplicate_field", detail);
        }
        sent.guardrails = Some(keys);
    }
    sent
}

#[allow(clippy::collapsible_match, reason = "a guard should change nothing")]
fn read_elements(elements: &[Found<'_>], sent: &mut SentMetrics, faults: &mut Faults) {
    let mut keys = Vec::with_capacity(elements.len());
    for element in elements {
        let Some((key, role)) = read_element(element, faults) else { continue };
        if keys.contains(&key) {
            faults.push(&element.at, "duplicate", "This metric is listed already.");
        }
        match role {
            None => {}
            Some(Role::Secondary) => drop(sent.guardrails.get_or_insert_default()),
            Some(Role::Guardrail) => sent.guardrails.get_or_insert_default().push(key.clone()),
            Some(Role::Primary) => {
                if sent.primary.replace(Some(key.clone())).is_some() {
                    let detail = "One metric decides: another one is primary already.";
                    faults.push(&element.at, "second_primary", detail);
                }
            }
        }
        keys.push(key);
    }
    sent.keys = Some(keys);
}

fn read_element(found: &Found<'_>, faults: &mut Faults) -> Option<(String, Option<Role>)> {
    if !found.raw.get().starts_with('{') {
        return metric_key(found, faults).map(|key| (key, None));
    }
    let mut fields = found.fields(faults)?;
    let key = fields.take("key", faults);
    if key.is_none() {
        fields.require("key", "Name the metric.", faults);
    }
    let role = fields.take("role", faults);
    fields.close(faults);
    let role = role.and_then(|found| {
        let text = found.text(MAX_NAME_CHARS, faults)?;
        let role = match text.as_str() {
            "primary" => Role::Primary,
            "secondary" => Role::Secondary,
            "guardrail" => Role::Guardrail,
            _ => {
                faults.push(&found.at, "unknown_role", "Roles are primary, secondary and guardrail.");
                return None;
            }
        };
        Some(role)
    });
    Some((metric_key(&key?, faults)?, role))
}
