//! Explanations with the questions beside the answers.

use alloc::boxed::Box;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::{Explanation, GateTrace, RuleTrace, explain};
use crate::bucketing::BucketRange;
use crate::decide::{Evaluation, Scratch};
use crate::diff::{Published, last, members};
use crate::document::RangeDocument;
use crate::snapshot::{ExperimentId, Layer, Tables};
use crate::subject::Subject;
use crate::targeting::Attribute;
use crate::value::Value;

/// Why one experiment came out as it did, with everything that was asked and what the subject had to
/// say to it. What was not asked, since the decision had been made before, says so.
#[derive(Clone, Debug, Serialize)]
pub struct FullExplanation {
    /// The experiment.
    pub experiment_key: String,
    /// `RUNNING` or `CONCLUDED`, as published.
    pub status: Option<String>,
    /// What it gave.
    pub variant_key: Option<String>,
    /// Why, e.g. `SPLIT`.
    pub reason: &'static str,
    /// The subject's bucket in the experiment, whatever the reason.
    pub bucket: Option<u16>,
    /// `murmur3` or `fnv1a64`, as published.
    pub hash: Option<String>,
    /// What is hashed together with the salt.
    pub bucket_by: String,
    /// Mixed into the hash.
    pub salt: Option<String>,
    /// The subject's value of `bucket_by`.
    pub bucketing_key: Option<Value<'static>>,
    /// Who gets which buckets, as published.
    pub allocations: Option<Box<RawValue>>,
    /// The variant that the experiment's overrides name for this subject, whether or not it exists.
    pub overridden_to: Option<String>,
    /// The variant that the subject was given before.
    pub sticky: Option<String>,
    /// The delivery rules.
    pub rules: Vec<RuleExplained>,
    /// The targeting rules; none of them: everyone.
    pub targeting_rules: Vec<RuleExplained>,
    /// Every segment that was asked, at the end of its asking.
    pub segments: Vec<SegmentExplained>,
    /// Prerequisites, holdouts and the group, in the order in which they are asked.
    pub gates: Vec<GateExplained>,
}

/// A rule with its conditions.
#[derive(Clone, Debug, Serialize)]
pub struct RuleExplained {
    /// Whether the decision came as far.
    pub asked: bool,
    /// Whether all conditions hold; none when it was not asked.
    pub matches: Option<bool>,
    /// In order.
    pub conditions: Vec<ConditionExplained>,
    /// The variant that it delivers, if it delivers one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub variant: Option<String>,
    /// The roll-out that it delivers, if it delivers one, as published.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub allocations: Option<Box<RawValue>>,
}

/// A condition, what it was compared with, and what came of it.
#[derive(Clone, Debug, Serialize)]
pub struct ConditionExplained {
    /// The attribute; none for segment operators.
    pub attribute: Option<String>,
    /// The operator.
    pub operator: String,
    /// The operand, as published.
    pub value: Option<Box<RawValue>>,
    /// Whether case is ignored.
    #[serde(skip_serializing_if = "core::ops::Not::not")]
    pub ignore_case: bool,
    /// The subject's own value; none when it is missing or null.
    pub actual: Option<Value<'static>>,
    /// Whether it holds; none when it was not asked.
    pub outcome: Option<bool>,
}

/// A segment with its rules.
#[derive(Clone, Debug, Serialize)]
pub struct SegmentExplained {
    /// Its name.
    pub segment: String,
    /// Whether the subject is in it.
    pub is_in: bool,
    /// Its rules.
    pub rules: Vec<RuleExplained>,
}

/// A gate, where it draws the line, and where the subject stands.
#[derive(Clone, Debug, Serialize)]
pub struct GateExplained {
    /// `prerequisite`, `holdout`, `group`, or `sibling`: the group entered through another experiment.
    pub gate: &'static str,
    /// The name of the experiment, holdout or group.
    pub key: String,
    /// Whether the decision came as far.
    pub asked: bool,
    /// Whether it lets the subject pass; none when it was not asked.
    pub passes: Option<bool>,
    /// The subject's bucket in the holdout or group, asked or not.
    pub bucket: Option<u16>,
    /// The salt of the holdout or group.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub salt: Option<String>,
    /// The buckets that a holdout withholds or a group admits.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ranges: Option<Vec<RangeDocument>>,
    /// The variants of which a prerequisite asks for one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub variants: Option<Vec<String>>,
    /// What the prerequisite gave, or the sibling's key.
    pub detail: Option<String>,
}

/// Explains one experiment of a published document; none for an id of another snapshot. The decision is
/// made by the evaluation that always decides, the document says what was asked.
pub fn explain_fully(
    published: &Published<'_>,
    subject: &Subject<'_>,
    experiment: ExperimentId,
) -> Option<FullExplanation> {
    let snapshot = published.snapshot();
    let explanation = explain(snapshot, subject, core::iter::once(experiment)).into_iter().next()?;
    let tables = &snapshot.tables;
    tables.experiment(experiment.0)?;
    let fields = members(published.experiment_text(snapshot.experiment_position(experiment)));
    let text = |name| last(&fields, name);
    let string = |name| text(name).and_then(|text| serde_json::from_str::<String>(text).ok());
    let bucket_by = string("bucket_by").unwrap_or_else(|| crate::targeting::USER_KEY.to_string());
    let overrides = text("overrides").map(members).unwrap_or_default();
    let overridden_to = last(&overrides, subject.user_key());
    let sticky =
        subject.sticky().and_then(|it| it.iter().find(|(key, _)| *key == explanation.experiment_key));
    let segments = explanation.segments.iter().map(|trace| {
        let list = published.segments();
        let found = list.binary_search_by(|(name, _)| (**name).cmp(&trace.segment)).ok();
        let rules = found.and_then(|at| list.get(at)).map(|(_, text)| *text);
        SegmentExplained {
            segment: trace.segment.clone(),
            is_in: trace.is_in,
            rules: rules_explained(rules, &trace.rules, subject),
        }
    });
    Some(FullExplanation {
        status: string("status"),
        hash: string("hash"),
        salt: string("salt"),
        bucketing_key: Attribute::new(&bucket_by).resolve(subject).map(|it| it.clone().into_owned()),
        bucket_by,
        allocations: text("allocations").and_then(raw),
        overridden_to: overridden_to.and_then(|text| serde_json::from_str(text).ok()),
        sticky: sticky.map(|(_, variant)| variant.to_string()),
        rules: rules_explained(text("rules"), &explanation.rules, subject),
        targeting_rules: rules_explained(text("targeting_rules"), &explanation.targeting_rules, subject),
        segments: segments.collect(),
        gates: gates(published, subject, experiment, text("prerequisites"), &explanation),
        variant_key: explanation.variant_key,
        reason: explanation.reason,
        bucket: explanation.bucket,
        experiment_key: explanation.experiment_key,
    })
}

fn raw(text: &str) -> Option<Box<RawValue>> {
    RawValue::from_string(text.to_string()).ok()
}

/// A rule as published. What cannot be read makes the experiment unsupported, and was not asked.
#[derive(Default, Deserialize)]
#[serde(default)]
struct RuleText {
    conditions: Vec<ConditionText>,
    variant: Option<String>,
    allocations: Option<Box<RawValue>>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct ConditionText {
    attribute: Option<String>,
    operator: String,
    value: Option<Box<RawValue>>,
    ignore_case: bool,
}

/// The rules of a list beside what came of them: every rule that was asked stands at its position.
fn rules_explained(text: Option<&str>, traces: &[RuleTrace], subject: &Subject<'_>) -> Vec<RuleExplained> {
    let texts = text.and_then(|text| serde_json::from_str::<Vec<&RawValue>>(text).ok()).unwrap_or_default();
    let rule = |(position, text): (usize, &RawValue)| {
        let trace = traces.get(position);
        let rule: RuleText = serde_json::from_str(text.get()).unwrap_or_default();
        let conditions = rule.conditions.into_iter().enumerate().map(|(position, condition)| {
            let asks_segment = matches!(condition.operator.as_str(), "inSegment" | "notInSegment");
            let attribute = condition.attribute.filter(|_| !asks_segment);
            let actual =
                attribute.as_ref().and_then(|name| Some(Attribute::new(name).resolve(subject)?.clone()));
            ConditionExplained {
                actual: actual.map(Value::into_owned),
                attribute,
                operator: condition.operator,
                value: condition.value,
                ignore_case: condition.ignore_case,
                outcome: trace.and_then(|trace| trace.conditions.get(position).copied()),
            }
        });
        RuleExplained {
            asked: trace.is_some(),
            matches: trace.map(|trace| trace.matches),
            conditions: conditions.collect(),
            variant: rule.variant,
            allocations: rule.allocations,
        }
    };
    texts.into_iter().enumerate().map(rule).collect()
}

#[derive(Deserialize)]
struct PrerequisiteText {
    experiment: String,
    variants: Vec<String>,
}

/// All gates of an experiment in the order of asking; those that were asked are the first ones.
fn gates(
    published: &Published<'_>,
    subject: &Subject<'_>,
    experiment: ExperimentId,
    prerequisites: Option<&str>,
    explanation: &Explanation,
) -> Vec<GateExplained> {
    let tables = &published.snapshot().tables;
    let Some(row) = tables.experiment(experiment.0) else { return Vec::new() };
    let mut gates = Vec::new();
    let prerequisites =
        prerequisites.and_then(|text| serde_json::from_str::<Vec<PrerequisiteText>>(text).ok());
    for prerequisite in prerequisites.unwrap_or_default() {
        let gate = gate("prerequisite", &prerequisite.experiment);
        gates.push(GateExplained { variants: Some(prerequisite.variants), ..gate });
    }
    let mut scratch = Scratch::new();
    let mut evaluation = Evaluation::new(published.snapshot(), subject, &mut scratch);
    let extras = tables.extras(row);
    let mut layer = |name, layer: &Layer| GateExplained {
        bucket: evaluation.layer_bucket(*layer),
        salt: Some(tables.text(layer.salt).to_string()),
        ranges: Some(ranges(tables, layer)),
        ..gate(name, tables.text(layer.key))
    };
    for holdout in extras.holdouts.of(&tables.layers) {
        gates.push(layer("holdout", holdout));
    }
    if let Some(group) = extras.group.and_then(|group| tables.layers.get(group as usize)) {
        gates.push(layer("group", group));
    }
    for (gate, trace) in gates.iter_mut().zip(&explanation.gates) {
        let GateTrace { gate: name, passes, detail, .. } = trace;
        gate.gate = name;
        gate.asked = true;
        gate.passes = Some(*passes);
        gate.detail.clone_from(detail);
    }
    gates
}

fn gate(gate: &'static str, key: &str) -> GateExplained {
    GateExplained {
        gate,
        key: key.to_string(),
        asked: false,
        passes: None,
        bucket: None,
        salt: None,
        ranges: None,
        variants: None,
        detail: None,
    }
}

fn ranges(tables: &Tables, layer: &Layer) -> Vec<RangeDocument> {
    let ranges = layer.ranges.of(&tables.layer_ranges).iter();
    ranges.map(|BucketRange { start, end }| RangeDocument { range_start: *start, range_end: *end }).collect()
}
