//! The experiment: an aggregate with its variants and allocations.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use lotwise_core::Fault;
use lotwise_core::document::is_environment_name;
use serde::{Serialize, Serializer};
use utoipa::ToSchema;
use uuid::Uuid;

use super::allocation::Allocation;
use super::check;
use super::group::GroupMode;
use super::key::is_key;
use super::layer::{GroupMembership, Layer};
use super::prerequisite::Prerequisite;
use super::refusal::{Refusal, require_unused};
use super::rules::{DeliveryRule, TargetingRule};
use super::status::Status;
use super::surroundings::Surroundings;
use super::variant::Variant;

/// A feature flag or an A/B/n test. Serialised, it is what the history keeps: the resource as the API
/// shows it.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Experiment {
    /// Stable identifier.
    pub id: Uuid,
    /// The environment it belongs to.
    pub environment_id: Uuid,
    /// That environment's name.
    pub environment: String,
    /// Unique within the environment.
    pub key: String,
    /// For people.
    pub name: String,
    /// For people.
    pub description: Option<String>,
    /// What it is to find out.
    pub hypothesis: Option<String>,
    /// Where it stands in its life.
    pub status: Status,
    /// The key of the variant a concluded experiment gives.
    pub winner: Option<String>,
    /// Mixed into the bucket hash.
    pub salt: String,
    /// The bucket hash.
    pub hash: Hash,
    /// The attribute that is hashed.
    pub bucket_by: String,
    /// Whether hosts remember what they assign.
    pub sticky: bool,
    /// Whether pages get it too.
    pub client_side: bool,
    /// The share of traffic, in units of 0.0001, that weights are turned into ranges with.
    #[serde(serialize_with = "as_fraction")]
    pub traffic_allocation: u16,
    /// Who is eligible; none: everyone.
    pub targeting_rules: Vec<TargetingRule>,
    /// Deliveries ahead of the split.
    pub rules: Vec<DeliveryRule>,
    /// Keys of the metrics it is judged by.
    pub metrics: Vec<String>,
    /// The one of them that decides, if that was said; see [`Self::primary`].
    pub primary_metric: Option<String>,
    /// Those of them that must not be harmed.
    pub guardrail_metrics: Vec<String>,
    /// Days that have to pass before there is a verdict.
    pub minimum_days: i32,
    /// Subjects that the analysis waits for.
    pub target_sample_size: Option<i64>,
    /// The error of the first kind that the analysis allows.
    pub significance_level: f64,
    /// In their author's order.
    pub variants: Vec<Variant>,
    /// Which buckets belong to which variant.
    pub allocations: Vec<Allocation>,
    /// What other experiments must have given first.
    pub prerequisites: Vec<Prerequisite>,
    /// Its place in a mutual-exclusion group.
    pub group: Option<GroupMembership>,
    /// The holdouts that cover it, by key; changed with the holdouts.
    #[serde(serialize_with = "as_keys")]
    pub holdouts: Vec<Layer>,
    /// Users pinned to a variant: variant keys by user key. Each has history of its own.
    #[serde(skip)]
    pub overrides: BTreeMap<String, String>,
    /// What it is checked against.
    #[serde(skip)]
    pub surroundings: Surroundings,
    /// Grows with each change to any of the above.
    pub version: i64,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// When it last changed.
    pub updated_at: DateTime<Utc>,
    /// When it first ran.
    pub started_at: Option<DateTime<Utc>>,
    /// When it was last concluded.
    pub concluded_at: Option<DateTime<Utc>>,
    /// When it was archived.
    pub archived_at: Option<DateTime<Utc>>,
}

/// The significance level of experiments that name none.
pub const DEFAULT_SIGNIFICANCE_LEVEL: f64 = 0.05;

/// Overrides are for staff; more than this are a targeting rule or a sticky state.
pub const MAX_OVERRIDES: usize = 10_000;

/// The minimum days of experiments that name none.
pub const DEFAULT_MINIMUM_DAYS: i32 = 7;

/// The most minimum days.
pub const MAX_MINIMUM_DAYS: i32 = 365;

/// The attribute that is hashed unless another is named.
pub const DEFAULT_BUCKET_BY: &str = "user_key";

/// A bucket hash.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Hash {
    /// For new experiments.
    #[default]
    Murmur3,
    /// For experiments brought over from systems that hash `"<experiment>:<actor>"`.
    Fnv1a64,
}

impl Hash {
    /// The name on the wire and in the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Murmur3 => "murmur3",
            Self::Fnv1a64 => "fnv1a64",
        }
    }

    /// The hash of that name.
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Murmur3, Self::Fnv1a64].into_iter().find(|hash| hash.as_str() == text)
    }
}

/// How a caller points at an experiment.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum ExperimentRef {
    /// By id.
    Id(Uuid),
    /// As `environment:key`.
    Key {
        /// The environment's name.
        environment: String,
        /// The experiment's key.
        key: String,
    },
}

impl ExperimentRef {
    /// An id or a well-formed `environment:key`, else none.
    pub fn parse(text: &str) -> Option<Self> {
        if let Ok(id) = text.parse() {
            return Some(Self::Id(id));
        }
        let (environment, key) = text.split_once(':')?;
        (is_environment_name(environment) && is_key(key))
            .then(|| Self::Key { environment: environment.to_owned(), key: key.to_owned() })
    }
}

impl Experiment {
    /// The key of one of its variants.
    pub fn variant_key(&self, id: Uuid) -> Option<&str> {
        self.variants.iter().find(|variant| variant.id == id).map(|variant| variant.key.as_str())
    }

    /// The metric that decides: the one that was named so, else the one with the key `conversion`, else the
    /// first that is no guardrail.
    pub fn primary(&self) -> Option<&str> {
        let is_candidate = |key: &&String| !self.guardrail_metrics.contains(key);
        let mut candidates = self.metrics.iter().filter(is_candidate);
        let named = self.primary_metric.as_ref();
        let found =
            named.or_else(|| self.metrics.iter().filter(is_candidate).find(|key| *key == "conversion"));
        found.or_else(|| candidates.next()).map(String::as_str)
    }

    /// Refuses a primary metric or a guardrail that is not among the metrics.
    pub fn require_sound_metrics(&self) -> Result<(), Refusal> {
        let mut faults = Vec::new();
        let mut fault = |pointer: String, detail: &str| {
            faults.push(Fault { pointer, code: "unknown_metric", detail: detail.to_owned() });
        };
        if self.primary_metric.as_ref().is_some_and(|key| !self.metrics.contains(key)) {
            fault("/primaryMetric".to_owned(), "This is none of the experiment's metrics.");
        }
        for (index, key) in self.guardrail_metrics.iter().enumerate() {
            let pointer = format!("/guardrailMetrics/{index}");
            if !self.metrics.contains(key) {
                fault(pointer, "This is none of the experiment's metrics.");
            } else if self.primary_metric.as_ref() == Some(key) {
                fault(pointer, "The primary metric cannot be a guardrail too.");
            }
        }
        if faults.is_empty() { Ok(()) } else { Err(Refusal::Invalid(faults)) }
    }

    /// One of its variants.
    pub fn variant(&self, key: &str) -> Option<&Variant> {
        self.variants.iter().find(|variant| variant.key == key)
    }

    /// Moves to another status. `winner` is the key of the variant to conclude with.
    pub fn transition(
        &mut self,
        to: Status,
        winner: Option<String>,
        now: DateTime<Utc>,
    ) -> Result<(), Refusal> {
        if !self.status.open_transitions().contains(&to) {
            return Err(Refusal::Transition { from: self.status, to });
        }
        match to {
            Status::Running => self.require_startable()?,
            Status::Concluded => self.require_winner(winner.as_deref())?,
            Status::Archived => self.require_not_needed()?,
            Status::Draft | Status::Paused => {}
        }
        // An archived experiment keeps its winner: it is part of what was found out.
        if to == Status::Archived {
            // Its buckets are free for others.
            self.group = None;
        } else {
            self.winner = winner;
        }
        self.status = to;
        match to {
            Status::Running => self.started_at = self.started_at.or(Some(now)),
            Status::Concluded => self.concluded_at = Some(now),
            Status::Archived => self.archived_at = Some(now),
            Status::Draft | Status::Paused => {}
        }
        self.require_publishable()
    }

    /// Pauses it whatever it does, for the kill switch. A concluded experiment goes by way of RUNNING,
    /// and has no winner any more. False: it gives nothing to anybody already.
    pub fn kill(&mut self) -> Result<bool, Refusal> {
        match self.status {
            Status::Draft => Err(Refusal::Transition { from: Status::Draft, to: Status::Paused }),
            Status::Paused | Status::Archived => Ok(false),
            Status::Running | Status::Concluded => {
                self.status = Status::Paused;
                self.winner = None;
                Ok(true)
            }
        }
    }

    fn require_startable(&self) -> Result<(), Refusal> {
        let missing = if self.variants.is_empty() {
            "at least one variant"
        } else if self.allocations.is_empty() {
            "at least one allocation that is not empty"
        } else if self.group.as_ref().is_some_and(|group| group.ranges.is_empty()) {
            "a slice of its group"
        } else {
            return Ok(());
        };
        Err(Refusal::conflict("not_startable", format!("An experiment needs {missing} to start.")))
    }

    fn require_winner(&self, winner: Option<&str>) -> Result<(), Refusal> {
        match winner {
            None => Err(Refusal::fault(
                "/winner",
                "required",
                "Concluding needs the key of the variant that everyone gets from now on.",
            )),
            Some(key) if self.variant(key).is_none() => {
                Err(Refusal::fault("/winner", "unknown_variant", "No variant has this key."))
            }
            Some(_) => Ok(()),
        }
    }

    /// Refuses while other experiments need it.
    pub fn require_not_needed(&self) -> Result<(), Refusal> {
        let users: Vec<&str> = self.surroundings.others.that_need(&self.key).map(|(key, _)| key).collect();
        require_unused("experiment_in_use", "experiment", &[("experiment", &users)])
    }

    /// Refuses changes to what has been put away.
    pub fn require_not_archived(&self) -> Result<(), Refusal> {
        if self.status == Status::Archived {
            return Err(Refusal::conflict("archived", "An archived experiment cannot change."));
        }
        Ok(())
    }

    /// Refuses what the core's check refuses.
    pub fn require_publishable(&self) -> Result<(), Refusal> {
        let faults = check::faults(self);
        if faults.is_empty() { Ok(()) } else { Err(Refusal::Invalid(faults)) }
    }

    /// Whether it may be deleted.
    pub fn require_deletable(&self) -> Result<(), Refusal> {
        match self.status {
            Status::Draft | Status::Archived => self.require_not_needed(),
            _ => Err(Refusal::conflict(
                "not_deletable",
                "Only a DRAFT or an ARCHIVED experiment can be deleted.",
            )),
        }
    }

    /// Adds a variant.
    pub fn add_variant(&mut self, variant: Variant) -> Result<(), Refusal> {
        self.require_not_archived()?;
        if self.variant(&variant.key).is_some() {
            return Err(Refusal::conflict("duplicate_key", "A variant of this key exists already."));
        }
        self.variants.push(variant);
        self.require_publishable()
    }

    /// Takes a variant away, with its allocations while the experiment is a draft. Afterwards its
    /// buckets would silently fall out of traffic, so they have to be taken from it first.
    pub fn remove_variant(&mut self, key: &str, expected: Option<i64>) -> Result<(), Refusal> {
        self.require_not_archived()?;
        let Some(variant) = self.variant(key) else { return Err(Refusal::NotFound("variant")) };
        let id = variant.id;
        require_version(variant.version, expected)?;
        let allocated = self.allocations.iter().any(|allocation| allocation.variant_id == id);
        let user = if self.winner.as_deref() == Some(key) {
            "is the winner"
        } else if self.rules.iter().any(|rule| rule.names_variant(key)) {
            "is given by a rule"
        } else if self.overrides.values().any(|pinned| pinned == key) {
            "is given by an override"
        } else if self.is_variant_needed(key) {
            "is what another experiment needs"
        } else if allocated && self.status != Status::Draft {
            "owns buckets of an experiment that has started"
        } else {
            self.variants.retain(|variant| variant.id != id);
            self.allocations.retain(|allocation| allocation.variant_id != id);
            return self.require_publishable();
        };
        Err(Refusal::conflict("variant_in_use", format!("The variant {user}.")))
    }

    fn is_variant_needed(&self, variant: &str) -> bool {
        let mut needs =
            self.surroundings.others.that_need(&self.key).flat_map(|(_, other)| &other.prerequisites);
        needs.any(|it| it.experiment == self.key && it.variants.iter().any(|needed| needed == variant))
    }

    /// Joins a group of the surroundings, or leaves its own. Outside DRAFT it can only leave, and not
    /// while it runs: who is excluded today would be let in.
    pub fn change_group(&mut self, key: Option<&str>) -> Result<(), Refusal> {
        if self.group.as_ref().map(|group| group.key.as_str()) == key {
            return Ok(());
        }
        let may = if key.is_some() { self.status == Status::Draft } else { self.status != Status::Running };
        if !may {
            let detail = "An experiment can join a group only while it is a DRAFT, and leave one only while \
                          it is not RUNNING.";
            return Err(Refusal::conflict("group_fixed", detail));
        }
        self.group = match key {
            None => None,
            Some(key) => match self.surroundings.others.groups.get(key) {
                Some(group) => Some(group.membership()),
                None => {
                    return Err(Refusal::fault("/groupKey", "unknown_group", "There is no such group."));
                }
            },
        };
        Ok(())
    }

    /// Pins a user to a variant, or with none lets them go.
    pub fn set_override(&mut self, user_key: &str, variant: Option<&str>) -> Result<(), Refusal> {
        self.require_not_archived()?;
        match variant {
            Some(key) if self.variant(key).is_none() => {
                return Err(Refusal::fault("/variant", "unknown_variant", "No variant has this key."));
            }
            Some(_) if self.overrides.len() >= MAX_OVERRIDES && !self.overrides.contains_key(user_key) => {
                let detail = format!("An experiment has at most {MAX_OVERRIDES} overrides.");
                return Err(Refusal::conflict("too_many_overrides", detail));
            }
            Some(key) => {
                self.overrides.insert(user_key.to_owned(), key.to_owned());
            }
            None => {
                self.overrides.remove(user_key).ok_or(Refusal::NotFound("override"))?;
            }
        }
        self.require_publishable()
    }

    /// Whether its group decides first come, first served.
    pub fn is_first_come(&self) -> bool {
        self.group.as_ref().is_some_and(|group| group.mode == GroupMode::First)
    }

    /// Replaces all allocations.
    pub fn replace_allocations(&mut self, allocations: Vec<Allocation>) -> Result<(), Refusal> {
        self.require_not_archived()?;
        self.allocations = allocations;
        self.require_publishable()?;
        // What `check` was shown is sorted; so is what readers of the resource see.
        self.allocations.sort_by_key(|allocation| allocation.range_start);
        Ok(())
    }
}

/// Units of 0.0001 as the fraction that the API shows.
#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes references")]
fn as_fraction<S: Serializer>(units: &u16, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_f64(f64::from(*units) / 10_000.0)
}

/// Holdouts as their keys.
fn as_keys<S: Serializer>(holdouts: &[Layer], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_seq(holdouts.iter().map(|holdout| &holdout.key))
}

/// Refuses when `expected` is another version than the present one.
pub fn require_version(current: i64, expected: Option<i64>) -> Result<(), Refusal> {
    match expected {
        Some(expected) if expected != current => Err(Refusal::Stale { current }),
        _ => Ok(()),
    }
}
