//! An experiment as it is published.

use lotwise_core::document::{AllocationDocument, ExperimentDocument, PrerequisiteDocument, VariantDocument};

use super::allocation::Allocation;
use super::experiment::Experiment;
use super::layer::{GroupMembership, Layer};
use super::rules::{Condition, DeliveryRule, TargetingRule};
use super::segment::{Segments, conditions_of, led_to};
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
            overrides: self.overrides.clone(),
            prerequisites: self.prerequisite_documents(),
            group: self.group.as_ref().map(GroupMembership::to_document),
            holdouts: self.holdouts.iter().map(Layer::to_document).collect(),
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

    fn prerequisite_documents(&self) -> Vec<PrerequisiteDocument> {
        let document = |it: &super::prerequisite::Prerequisite| PrerequisiteDocument {
            experiment: it.experiment.clone(),
            variants: it.variants.clone(),
        };
        self.prerequisites.iter().map(document).collect()
    }

    /// The segments that its rules lead to.
    pub fn segments(&self) -> Segments {
        led_to(self.conditions(), &self.surroundings.segments)
    }

    /// All conditions of its own rules.
    pub fn conditions(&self) -> impl Iterator<Item = &Condition> {
        let delivery = self.rules.iter().flat_map(|rule| &rule.conditions);
        conditions_of(&self.targeting_rules).chain(delivery)
    }

    fn needs_regex(&self) -> bool {
        let of_segments =
            || self.segments().values().flat_map(|rules| conditions_of(rules)).any(Condition::is_regex);
        self.conditions().any(Condition::is_regex) || of_segments()
    }
}
