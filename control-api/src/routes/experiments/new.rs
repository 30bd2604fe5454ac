//! The body of a new experiment, read and turned into one.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use lotwise_core::bucketing::WeightsError;
use serde_json::value::RawValue;
use uuid::Uuid;

use super::input;
use super::metrics::{SentMetrics, read_metrics};
use crate::domain::allocation::Allocation;
use crate::domain::check;
use crate::domain::environment::{Environment, EnvironmentRef};
use crate::domain::experiment::{
    DEFAULT_BUCKET_BY, DEFAULT_MINIMUM_DAYS, DEFAULT_SIGNIFICANCE_LEVEL, Experiment, Hash,
};
use crate::domain::prerequisite::Prerequisite;
use crate::domain::refusal::Refusal;
use crate::domain::rules::{DeliveryRule, TargetingRule};
use crate::domain::scope::Scope;
use crate::domain::status::Status;
use crate::domain::surroundings::Surroundings;
use crate::domain::variant::Variant;
use crate::domain::weights::{WEIGHT_OF_ONE, allocate, traffic_units, weights_from_shares};
use crate::extract::limits::{MAX_NAME_CHARS, MAX_PROSE_CHARS, MAX_VARIANTS};
use crate::extract::rules::{delivery_rules, targeting_rules};
use crate::extract::{Faults, Fields, Found};
use crate::store::experiments::{EnvironmentChoice, EnvironmentPlace, Mentions};

/// What was sent for a new experiment.
pub(super) struct NewExperiment {
    key: String,
    name: String,
    description: Option<String>,
    hypothesis: Option<String>,
    variants: Vec<NewVariant>,
    weights: Option<Vec<u32>>,
    traffic: u16,
    targeting_rules: Vec<TargetingRule>,
    rules: Vec<DeliveryRule>,
    prerequisites: Vec<Prerequisite>,
    group_key: Option<String>,
    metrics: SentMetrics,
    minimum_days: i32,
    target_sample_size: Option<i64>,
    significance_level: f64,
    hash: Hash,
    salt: String,
    bucket_by: String,
    sticky: bool,
    client_side: Option<bool>,
}

struct NewVariant {
    key: String,
    name: String,
    payload: Box<RawValue>,
    share: Option<Share>,
    at: String,
}

/// How much of the admitted users a variant gets, and where that was said.
enum Share {
    Weight(u32),
    Fraction(f64),
    /// Something else was sent, which is a fault already.
    Unreadable,
}

impl NewExperiment {
    /// Reads all fields but those that name the environment. `salt` is for those who bring none.
    pub(super) fn read(fields: &mut Fields<'_>, salt: String, faults: &mut Faults) -> Self {
        let (key, name) = input::slug_key(fields, faults);
        let variants = fields.take("variants", faults);
        let variants = variants.map(|found| read_variants(&found, faults)).unwrap_or_default();
        let metrics = read_metrics(fields, faults);
        let mut take = Taker { fields, faults };
        Self {
            key,
            name,
            description: take.read("description", |it, faults| it.text(MAX_PROSE_CHARS, faults)),
            hypothesis: take.read("hypothesis", |it, faults| it.text(MAX_PROSE_CHARS, faults)),
            targeting_rules: take.read("targetingRules", targeting_rules).unwrap_or_default(),
            rules: take.read("rules", delivery_rules).unwrap_or_default(),
            prerequisites: take.read("prerequisites", input::prerequisites).unwrap_or_default(),
            group_key: take.read("groupKey", input::group_key),
            metrics,
            minimum_days: take.read("minimumDays", input::minimum_days).unwrap_or(DEFAULT_MINIMUM_DAYS),
            target_sample_size: take.read("targetSampleSize", input::sample_size),
            significance_level: take
                .read("significanceLevel", input::significance_level)
                .unwrap_or(DEFAULT_SIGNIFICANCE_LEVEL),
            hash: take.read("hash", input::hash).unwrap_or_default(),
            salt: take.read("salt", input::read_salt).unwrap_or(salt),
            bucket_by: take
                .read("bucketBy", input::read_bucket_by)
                .unwrap_or_else(|| DEFAULT_BUCKET_BY.to_owned()),
            sticky: take.read("sticky", Found::boolean).unwrap_or(false),
            client_side: take.read("clientSide", Found::boolean),
            traffic: take.read("trafficAllocation", read_traffic).unwrap_or(10_000),
            weights: read_weights(&variants, faults),
            variants,
        }
    }

    /// What has to be read before it can be built.
    pub(super) fn mentions(&self) -> Mentions {
        let experiments = self.prerequisites.iter().map(|it| it.experiment.clone()).collect();
        Mentions { experiments, group: self.group_key.clone() }
    }

    /// The experiment, a draft in `environment`; or what keeps it from ever being published.
    pub(super) fn build(
        self,
        environment: &Environment,
        surroundings: Surroundings,
        now: DateTime<Utc>,
    ) -> Result<Experiment, Refusal> {
        let places: Vec<String> = self.variants.iter().map(|variant| variant.at.clone()).collect();
        let variants: Vec<Variant> =
            self.variants.into_iter().map(|it| Variant::new(it.key, it.name, it.payload, now)).collect();
        let allocations = match &self.weights {
            Some(weights) => ranges(&variants, weights, self.traffic, &places)?,
            None => Vec::new(),
        };
        let mut experiment = Experiment {
            id: Uuid::now_v7(),
            environment_id: environment.id,
            environment: environment.name.clone(),
            key: self.key,
            name: self.name,
            description: self.description,
            hypothesis: self.hypothesis,
            status: Status::Draft,
            winner: None,
            salt: self.salt,
            hash: self.hash,
            bucket_by: self.bucket_by,
            sticky: self.sticky,
            client_side: self.client_side.unwrap_or(environment.client_side_default),
            traffic_allocation: self.traffic,
            targeting_rules: self.targeting_rules,
            rules: self.rules,
            metrics: self.metrics.keys.unwrap_or_default(),
            primary_metric: self.metrics.primary.flatten(),
            guardrail_metrics: self.metrics.guardrails.unwrap_or_default(),
            minimum_days: self.minimum_days,
            target_sample_size: self.target_sample_size,
            significance_level: self.significance_level,
            variants,
            allocations,
            prerequisites: self.prerequisites,
            group: None,
            holdouts: Vec::new(),
            overrides: BTreeMap::new(),
            surroundings,
            version: 1,
            created_at: now,
            updated_at: now,
            started_at: None,
            concluded_at: None,
            archived_at: None,
        };
        let mut faults = check::faults(&experiment);
        if let Err(Refusal::Invalid(more)) = experiment.change_group(self.group_key.as_deref()) {
            faults.extend(more);
        }
        if let Err(Refusal::Invalid(more)) = experiment.require_sound_metrics() {
            faults.extend(more);
        }
        if faults.is_empty() { Ok(experiment) } else { Err(Refusal::Invalid(faults)) }
    }
}

/// Takes optional fields.
struct Taker<'f, 'a> {
    fields: &'f mut Fields<'a>,
    faults: &'f mut Faults,
}

impl<'a> Taker<'_, 'a> {
    fn read<T>(
        &mut self,
        name: &'static str,
        read: impl FnOnce(&Found<'a>, &mut Faults) -> Option<T>,
    ) -> Option<T> {
        let found = self.fields.take(name, self.faults)?;
        read(&found, self.faults)
    }
}

/// `environmentId` or `environment`; with neither, the only one.
pub(in crate::routes) fn read_environment(
    fields: &mut Fields<'_>,
    scope: &Scope,
    client_side_default: bool,
    faults: &mut Faults,
) -> EnvironmentChoice {
    let id = fields.take("environmentId", faults);
    let name = fields.take("environment", faults);
    if let (Some(_), Some(name)) = (&id, &name) {
        let detail = "Send `environmentId` or `environment`, not both.";
        faults.push(&name.at, "duplicate_field", detail);
    }
    let only = EnvironmentPlace::Only(client_side_default);
    let choice = |place| EnvironmentChoice { place, scope: scope.clone() };
    let Some(found) = id.or(name) else { return choice(only) };
    let text = found.text(MAX_NAME_CHARS, faults);
    match text.as_deref().map(EnvironmentRef::parse) {
        Some(Some(which)) => choice(EnvironmentPlace::Named(which, found.at)),
        Some(None) => {
            faults.push(&found.at, "unknown_environment", "There is no such environment.");
            choice(only)
        }
        None => choice(only),
    }
}

fn read_traffic(found: &Found<'_>, faults: &mut Faults) -> Option<u16> {
    let fraction = found.number(0.0, 1.0, faults)?;
    let units = traffic_units(fraction);
    if units.is_none() {
        faults.push(&found.at, "too_precise", "This takes steps of 0.0001: there are 10,000 buckets.");
    }
    units
}

fn read_variants(found: &Found<'_>, faults: &mut Faults) -> Vec<NewVariant> {
    let elements = found.list(MAX_VARIANTS, faults).unwrap_or_default();
    elements.iter().filter_map(|element| read_variant(element, faults)).collect()
}

fn read_variant(found: &Found<'_>, faults: &mut Faults) -> Option<NewVariant> {
    let mut fields = found.fields(faults)?;
    let (key, name) = input::slug_key(&mut fields, faults);
    let payload = input::read_payload(&mut fields, faults);
    let share = read_share(&mut fields, faults);
    fields.close(faults);
    let payload = payload.unwrap_or_else(|| RawValue::NULL.to_owned());
    Some(NewVariant { key, name, payload, share, at: found.at.clone() })
}

fn read_share(fields: &mut Fields<'_>, faults: &mut Faults) -> Option<Share> {
    let weight = fields.take("weight", faults);
    let fraction = fields.take("allocation", faults);
    if let (Some(_), Some(fraction)) = (&weight, &fraction) {
        let detail = "Send `weight` or `allocation`, not both.";
        faults.push(&fraction.at, "duplicate_field", detail);
    }
    let weight = weight.map(|found| {
        let weight = found.integer(0, i64::from(WEIGHT_OF_ONE), faults);
        weight.and_then(|weight| u32::try_from(weight).ok()).map_or(Share::Unreadable, Share::Weight)
    });
    weight.or_else(|| {
        let fraction = fraction?.number(0.0, 1.0, faults);
        Some(fraction.map_or(Share::Unreadable, Share::Fraction))
    })
}

/// The weights of all variants, if any has one. Fractions are shares of the admitted users and add
/// up to 1; `trafficAllocation` says how many users are admitted.
fn read_weights(variants: &[NewVariant], faults: &mut Faults) -> Option<Vec<u32>> {
    let weight = |it: &NewVariant| match it.share {
        Some(Share::Weight(weight)) => Some(weight),
        _ => None,
    };
    let fraction = |it: &NewVariant| match it.share {
        Some(Share::Fraction(fraction)) => Some(fraction),
        _ => None,
    };
    let is_unreadable = |it: &NewVariant| matches!(it.share, Some(Share::Unreadable));
    if variants.iter().all(|it| it.share.is_none()) || variants.iter().any(is_unreadable) {
        return None;
    }
    if let Some(weights) = variants.iter().map(weight).collect() {
        return Some(weights);
    }
    let Some(fractions) = variants.iter().map(fraction).collect::<Option<Vec<f64>>>() else {
        for variant in variants.iter().filter(|it| it.share.is_none()) {
            let detail = "Give every variant a `weight`, or every one an `allocation`, or none.";
            faults.push(format!("{}/weight", variant.at), "required", detail);
        }
        if variants.iter().all(|it| it.share.is_some()) {
            faults.push("/variants", "mixed_shares", "Use `weight` or `allocation` for all of them.");
        }
        return None;
    };
    let weights = weights_from_shares(&fractions);
    if weights.is_none() {
        let detail = "The allocations of all variants must add up to 1; to admit only some of the \
                      users set trafficAllocation.";
        faults.push("/variants", "allocation_sum", detail);
    }
    weights
}

fn ranges(
    variants: &[Variant],
    weights: &[u32],
    traffic: u16,
    places: &[String],
) -> Result<Vec<Allocation>, Refusal> {
    let ids: Vec<Uuid> = variants.iter().map(|variant| variant.id).collect();
    let at = |index: usize| format!("{}/weight", places.get(index).map_or("", String::as_str));
    allocate(&ids, weights, traffic).map_err(|error| {
        Refusal::Invalid(match error {
            WeightsError::AllZero => {
                input::one_fault("/variants".to_owned(), "all_zero", "All weights are zero.")
            }
            WeightsError::TooLarge(index) => {
                input::one_fault(at(index), "out_of_range", "Weights go up to 1,000,000.")
            }
            WeightsError::OwnsNoBucket(index) => input::one_fault(
                at(index),
                "owns_no_bucket",
                "So small a share of the total would own none of the 10,000 buckets.",
            ),
            WeightsError::TrafficShare => {
                input::one_fault("/trafficAllocation".to_owned(), "out_of_range", "This must lie in 0 to 1.")
            }
        })
    })
}
