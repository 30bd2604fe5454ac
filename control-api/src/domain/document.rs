//! An experiment as it is published.

use lotwise_core::document::{AllocationDocument, ExperimentDocument, VariantDocument};

use super::allocation::Allocation;
use super::experiment::Experiment;
use super::rules::{Condition, DeliveryRule, TargetingRule};
use super::status::Status;

/// What a document must announce when it uses regular expressions.
pub const REGEX: &str = "regex";

impl Experiment {
    /// The document of this experiment. A draft gets the one it would have when running.
    pub fn to_document(&self) -> ExperimentDocument {
        let concluded = self.status == Status::Concluded;
        let status = if concluded { Status::Concluded } else { Status::Running };
        ExperimentDocument {
            id: self.id.to_string(),
            key: self.key.clone(),
            status: status.as_str().to_owned(),
            salt: self.salt.clone(),
            hash: self.hash.as_str().to_owned(),
            bucket_by: self.bucket_by.clone(),
            sticky: self.sticky,
            variants: self.variant_documents(),
            allocations: self.allocation_documents(),
            targeting_rules: self.targeting_rules.iter().map(TargetingRule::to_document).collect(),
            rules: self.rules.iter().map(DeliveryRule::to_document).collect(),
            overrides: std::collections::BTreeMap::new(),
            prerequisites: Vec::new(),
            group: None,
            holdouts: Vec::new(),
            winner: self.winner.clone().filter(|_| concluded),
            requires: if self.needs_regex() { vec![REGEX.to_owned()] } else { Vec::new() },
        }
    }

    /// The positions of the allocations in the order of their buckets, as the document has them.
    pub(super) fn allocation_order(&self) -> Vec<usize> {
        let mut order: Vec<usize> = (0..self.allocations.len()).collect();
        order.sort_by_key(|&index| self.allocations[index].range_start);
        order
    }

    fn variant_documents(&self) -> Vec<VariantDocument> {
        let document = |variant: &super::variant::Variant| VariantDocument {
            id: variant.id.to_string(),
            key: variant.key.clone(),
            payload: variant.payload.clone(),
        };
        self.variants.iter().map(document).collect()
    }

    fn allocation_documents(&self) -> Vec<AllocationDocument> {
        let document = |allocation: Allocation| AllocationDocument {
            variant: self.variant_key(allocation.variant_id).unwrap_or_default().to_owned(),
            range_start: allocation.range_start,
            range_end: allocation.range_end,
        };
        self.allocation_order().into_iter().map(|index| document(self.allocations[index])).collect()
    }

    fn needs_regex(&self) -> bool {
        let targeting = self.targeting_rules.iter().flat_map(|rule| &rule.conditions);
        let delivery = self.rules.iter().flat_map(|rule| &rule.conditions);
        targeting.chain(delivery).any(is_regex)
    }
}

fn is_regex(condition: &Condition) -> bool {
    matches!(condition.operator.as_str(), "matches" | "notMatches")
}
