//! Partial changes. Absent is not null: a field that was not sent stays as it is.

use chrono::{DateTime, Utc};
use serde_json::value::RawValue;

use super::check;
use super::experiment::{Experiment, Hash, require_version};
use super::prerequisite::Prerequisite;
use super::refusal::{Refusal, require_unused};
use super::rules::{DeliveryRule, TargetingRule};
use super::status::Status;
use super::variant::Variant;

/// A change to an experiment's own fields. The inner option of a field is its new value, null
/// where the field can be empty.
#[derive(Clone, Debug, Default)]
pub struct ExperimentPatch {
    /// A new name.
    pub name: Option<String>,
    /// A new description.
    pub description: Option<Option<String>>,
    /// A new hypothesis.
    pub hypothesis: Option<Option<String>>,
    /// New targeting, as a whole.
    pub targeting_rules: Option<Vec<TargetingRule>>,
    /// New deliveries, as a whole.
    pub rules: Option<Vec<DeliveryRule>>,
    /// New prerequisites, as a whole.
    pub prerequisites: Option<Vec<Prerequisite>>,
    /// The group to join, or none to leave.
    pub group_key: Option<Option<String>>,
    /// New metric keys, as a whole. Roles of metrics that stay, stay.
    pub metrics: Option<Vec<String>>,
    /// Another primary metric.
    pub primary_metric: Option<Option<String>>,
    /// Other guardrails, as a whole.
    pub guardrail_metrics: Option<Vec<String>>,
    /// Other minimum days.
    pub minimum_days: Option<i32>,
    /// A new target.
    pub target_sample_size: Option<Option<i64>>,
    /// A new level.
    pub significance_level: Option<f64>,
    /// Whether hosts remember.
    pub sticky: Option<bool>,
    /// Whether pages get it.
    pub client_side: Option<bool>,
    /// Another attribute to hash; drafts only.
    pub bucket_by: Option<String>,
    /// Another hash; drafts only.
    pub hash: Option<Hash>,
    /// Another salt; drafts only.
    pub salt: Option<String>,
}

/// A change to a variant.
#[derive(Clone, Debug, Default)]
pub struct VariantPatch {
    /// A new name.
    pub name: Option<String>,
    /// A new payload.
    pub payload: Option<Box<RawValue>>,
}

impl ExperimentPatch {
    /// Makes the change, all of it or nothing.
    pub fn apply(self, experiment: &mut Experiment) -> Result<(), Refusal> {
        experiment.require_not_archived()?;
        self.require_same_buckets(experiment)?;
        let mut faults = Vec::new();
        if self.client_side == Some(false) {
            require_not_needed_in_pages(experiment)?;
        }
        if let Some(key) = &self.group_key {
            match experiment.change_group(key.as_deref()) {
                Err(Refusal::Invalid(found)) => faults.extend(found),
                done => done?,
            }
        }
        let Self { name, description, hypothesis, targeting_rules, rules, metrics, .. } = self;
        set(&mut experiment.name, name);
        set(&mut experiment.description, description);
        set(&mut experiment.hypothesis, hypothesis);
        set(&mut experiment.targeting_rules, targeting_rules);
        set(&mut experiment.rules, rules);
        set(&mut experiment.prerequisites, self.prerequisites);
        if let Some(metrics) = metrics {
            experiment.primary_metric.take_if(|key| !metrics.contains(key));
            experiment.guardrail_metrics.retain(|key| metrics.contains(key));
            experiment.metrics = metrics;
        }
        set(&mut experiment.primary_metric, self.primary_metric);
        set(&mut experiment.guardrail_metrics, self.guardrail_metrics);
        set(&mut experiment.minimum_days, self.minimum_days);
        experiment.require_sound_metrics()?;
        set(&mut experiment.target_sample_size, self.target_sample_size);
        set(&mut experiment.significance_level, self.significance_level);
        set(&mut experiment.sticky, self.sticky);
        set(&mut experiment.client_side, self.client_side);
        set(&mut experiment.bucket_by, self.bucket_by);
        set(&mut experiment.hash, self.hash);
        set(&mut experiment.salt, self.salt);
        faults.extend(check::faults(experiment));
        if faults.is_empty() { Ok(()) } else { Err(Refusal::Invalid(faults)) }
    }

    /// Salt, hash and bucketing attribute decide every user's bucket: once an experiment has left
    /// DRAFT, an edit must not re-randomise it by the way.
    fn require_same_buckets(&self, experiment: &Experiment) -> Result<(), Refusal> {
        let differs = self.salt.as_ref().is_some_and(|salt| *salt != experiment.salt)
            || self.hash.is_some_and(|hash| hash != experiment.hash)
            || self.bucket_by.as_ref().is_some_and(|by| *by != experiment.bucket_by);
        if differs && experiment.status != Status::Draft {
            return Err(Refusal::conflict(
                "rebuckets",
                "salt, hash and bucketBy can only change while the experiment is a DRAFT: \
                 every user would get another bucket.",
            ));
        }
        Ok(())
    }
}

impl VariantPatch {
    /// Makes the change and gives the changed variant.
    pub fn apply(
        self,
        experiment: &mut Experiment,
        key: &str,
        expected: Option<i64>,
        now: DateTime<Utc>,
    ) -> Result<Variant, Refusal> {
        experiment.require_not_archived()?;
        let variant = experiment.variants.iter_mut().find(|variant| variant.key == key);
        let Some(variant) = variant else { return Err(Refusal::NotFound("variant")) };
        require_version(variant.version, expected)?;
        set(&mut variant.name, self.name);
        set(&mut variant.payload, self.payload);
        variant.version += 1;
        variant.updated_at = now;
        let changed = variant.clone();
        experiment.require_publishable()?;
        Ok(changed)
    }
}

/// Pages cannot know what an experiment gave that they do not have.
fn require_not_needed_in_pages(experiment: &Experiment) -> Result<(), Refusal> {
    let others = &experiment.surroundings.others;
    let in_pages = others.that_need(&experiment.key).filter(|(_, other)| other.client_side);
    let users: Vec<&str> = in_pages.map(|(key, _)| key).collect();
    require_unused("needed_in_pages", "experiment, as one that pages get,", &[("experiment", &users)])
}

fn set<T>(field: &mut T, value: Option<T>) {
    if let Some(value) = value {
        *field = value;
    }
}
