//! Other weights for an experiment that has allocations.

use std::collections::BTreeMap;

use lotwise_core::Fault;
use lotwise_core::bucketing::{BucketRange, WeightsError};
use lotwise_core::plan::{Plan, PlanError, plan};

use super::allocation::Allocation;
use super::experiment::Experiment;
use super::refusal::Refusal;

impl Experiment {
    /// Gives every variant the buckets that its weight is worth, moving the fewest. `traffic` is in units
    /// of 0.0001; none: as it was. Indexes of the plan count the variants.
    pub fn reweigh(
        &mut self,
        weights: &BTreeMap<String, u32>,
        traffic: Option<u16>,
    ) -> Result<Plan, Refusal> {
        self.require_not_archived()?;
        let ordered = self.ordered(weights)?;
        let traffic = traffic.unwrap_or(self.traffic_allocation);
        let today: Vec<Vec<BucketRange>> = self.variants.iter().map(|it| self.ranges_of(it.id)).collect();
        let plan = plan(&today, &ordered, traffic).map_err(|error| self.refuse_plan(&error))?;
        let owned = self.variants.iter().zip(&plan.ranges).flat_map(|(variant, ranges)| {
            let allocation = |range: &BucketRange| Allocation {
                variant_id: variant.id,
                range_start: range.start,
                range_end: range.end,
            };
            ranges.iter().map(allocation)
        });
        let allocations = owned.collect();
        self.traffic_allocation = traffic;
        self.replace_allocations(allocations)?;
        Ok(plan)
    }

    /// The weights in the order of variants: each variant has one, and nothing else has.
    fn ordered(&self, weights: &BTreeMap<String, u32>) -> Result<Vec<u32>, Refusal> {
        let unknown = weights
            .keys()
            .filter(|key| self.variant(key).is_none())
            .map(|key| fault(weight_of(key), "unknown_variant", "The experiment has no such variant."));
        let missing = self.variants.iter().filter(|it| !weights.contains_key(&it.key)).map(|it| {
            let detail = "Every variant needs a weight; 0 takes all of its buckets away.";
            fault(weight_of(&it.key), "required", detail)
        });
        let faults: Vec<Fault> = unknown.chain(missing).collect();
        if !faults.is_empty() {
            return Err(Refusal::Invalid(faults));
        }
        Ok(self.variants.iter().filter_map(|it| weights.get(&it.key).copied()).collect())
    }

    fn ranges_of(&self, variant: uuid::Uuid) -> Vec<BucketRange> {
        let own = self.allocations.iter().filter(|it| it.variant_id == variant);
        own.map(|it| BucketRange { start: it.range_start, end: it.range_end }).collect()
    }

    fn refuse_plan(&self, error: &PlanError) -> Refusal {
        let at = |index: usize| {
            self.variants.get(index).map_or_else(|| "/weights".to_owned(), |it| weight_of(&it.key))
        };
        let (pointer, code, detail) = match error {
            PlanError::Weights(WeightsError::AllZero) => {
                ("/weights".to_owned(), "all_zero", "All weights are zero.")
            }
            PlanError::Weights(WeightsError::TooLarge(index)) => {
                (at(*index), "out_of_range", "Weights go up to 1,000,000.")
            }
            PlanError::Weights(WeightsError::OwnsNoBucket(index)) => {
                let detail = "So small a share of the total would own none of the 10,000 buckets.";
                (at(*index), "owns_no_bucket", detail)
            }
            PlanError::Weights(WeightsError::TrafficShare) => {
                ("/trafficAllocation".to_owned(), "out_of_range", "This must lie in 0 to 1.")
            }
            // What is stored was checked when it was written.
            _ => return Refusal::conflict("allocations_unusable", "Replace the allocations first."),
        };
        Refusal::fault(pointer, code, detail)
    }
}

/// Where a variant's weight stands, or would.
fn weight_of(key: &str) -> String {
    format!("/weights/{}", key.replace('~', "~0").replace('/', "~1"))
}

fn fault(pointer: String, code: &'static str, detail: &str) -> Fault {
    Fault { pointer, code, detail: detail.to_owned() }
}
