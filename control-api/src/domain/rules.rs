//! Targeting rules and delivery rules as they are edited and stored.
//!
//! On the wire they are camelCase; stored and published they have the document's form, which
//! [`TargetingRule::to_document`] and [`DeliveryRule::to_document`] give.

use lotwise_core::document::{
    AllocationDocument, ConditionDocument, DeliveryRule as DeliveryRuleDocument,
    TargetingRule as TargetingRuleDocument,
};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use utoipa::ToSchema;

/// Who is eligible: all of the conditions hold. No conditions: everyone.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
pub struct TargetingRule {
    /// All of them must hold.
    pub conditions: Vec<Condition>,
}

/// Gives a variant, or a percentage roll-out, to whoever matches, ahead of the experiment's split.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
pub struct DeliveryRule {
    /// All of them must hold.
    pub conditions: Vec<Condition>,
    /// The key of the variant to give; or `allocations`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub variant: Option<String>,
    /// The buckets to give variants to; or `variant`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub allocations: Option<Vec<RuleAllocation>>,
}

/// A question about one attribute of the subject.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Condition {
    /// An attribute's name or dotted path; `user_key` is the subject's key. Not used by the segment
    /// operators.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub attribute: Option<String>,
    /// `eq`, `neq`, `in`, `notIn`, `contains`, `startsWith`, `endsWith`, `matches`, `notMatches`,
    /// `gt`, `gte`, `lt`, `lte`, `before`, `after`, `semverEq`, `semverGt`, `semverGte`,
    /// `semverLt`, `semverLte`, `exists`, `notExists`, `inSegment` or `notInSegment`.
    pub operator: String,
    /// What the attribute is compared with: any JSON that suits the operator.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<serde_json::Value>)]
    pub value: Option<Box<RawValue>>,
    /// Compare lowercased.
    #[serde(alias = "ignore_case", skip_serializing_if = "Option::is_none")]
    pub ignore_case: Option<bool>,
}

/// Buckets of a percentage roll-out.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct RuleAllocation {
    /// A variant key of the same experiment.
    pub variant: String,
    /// First bucket, 0 to 9999.
    #[serde(alias = "range_start")]
    #[schema(minimum = 0, maximum = 9999)]
    pub range_start: u16,
    /// Last bucket, inclusive.
    #[serde(alias = "range_end")]
    #[schema(minimum = 0, maximum = 9999)]
    pub range_end: u16,
}

impl TargetingRule {
    /// The rule as it is published.
    pub fn to_document(&self) -> TargetingRuleDocument {
        TargetingRuleDocument { conditions: to_documents(&self.conditions) }
    }
}

impl DeliveryRule {
    /// The rule as it is published.
    pub fn to_document(&self) -> DeliveryRuleDocument {
        let allocation = |allocation: &RuleAllocation| AllocationDocument {
            variant: allocation.variant.clone(),
            range_start: allocation.range_start,
            range_end: allocation.range_end,
        };
        DeliveryRuleDocument {
            conditions: to_documents(&self.conditions),
            variant: self.variant.clone(),
            allocations: self.allocations.as_ref().map(|all| all.iter().map(allocation).collect()),
        }
    }

    /// Whether the rule can give that variant.
    pub fn names_variant(&self, key: &str) -> bool {
        self.variant.as_deref() == Some(key)
            || self.allocations.iter().flatten().any(|allocation| allocation.variant == key)
    }
}

impl Condition {
    /// The key of the segment that it asks for.
    pub fn segment(&self) -> Option<String> {
        let asks = matches!(self.operator.as_str(), "inSegment" | "notInSegment");
        let value = self.value.as_ref().filter(|_| asks)?;
        serde_json::from_str(value.get()).ok()
    }

    /// Whether it asks for a regular expression.
    pub fn is_regex(&self) -> bool {
        matches!(self.operator.as_str(), "matches" | "notMatches")
    }
}

fn to_documents(conditions: &[Condition]) -> Vec<ConditionDocument> {
    let document = |condition: &Condition| ConditionDocument {
        attribute: condition.attribute.clone(),
        operator: condition.operator.clone(),
        value: condition.value.clone(),
        ignore_case: condition.ignore_case,
    };
    conditions.iter().map(document).collect()
}
