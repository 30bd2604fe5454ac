//! What came out, and why.

use crate::snapshot::{ExperimentId, Snapshot};

/// The outcome of one experiment for one subject.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Decision {
    /// The experiment, in the snapshot that decided.
    pub experiment: ExperimentId,
    /// Index of the variant among the experiment's variants; `None`: the subject is not in.
    pub variant: Option<u16>,
    /// Why.
    pub reason: Reason,
}

impl Decision {
    /// Whether the variant comes from an override by QA or staff.
    pub fn is_override(self) -> bool {
        self.reason == Reason::Override
    }
}

/// A variant as callers get it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct VariantView<'s> {
    /// Unique within the experiment.
    pub key: &'s str,
    /// Stable identifier.
    pub id: &'s str,
    /// JSON text, as its author sent it.
    pub payload: &'s str,
}

impl Snapshot {
    /// The variant of a decision of this snapshot.
    pub fn variant(&self, decision: Decision) -> Option<VariantView<'_>> {
        let row = self.tables.experiment(decision.experiment.0)?;
        let variant = self.tables.variant(row, decision.variant?)?;
        Some(VariantView {
            key: self.tables.text(variant.key),
            id: self.tables.text(variant.id),
            payload: self.tables.payload(variant),
        })
    }

    /// Whether an experiment has a variant of this key.
    pub fn has_variant(&self, experiment: ExperimentId, key: &str) -> bool {
        let row = self.tables.experiment(experiment.0);
        row.is_some_and(|row| self.tables.variant_index(row.variants, key).is_some())
    }
}

/// Why a decision is what it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Reason {
    /// The experiment holds something that this reader does not know.
    Unsupported,
    /// It is over; the subject gets the winner.
    Concluded,
    /// The subject is pinned to the variant.
    Override,
    /// A delivery rule matched.
    Rule,
    /// The subject was given the variant before.
    Sticky,
    /// The subject is not eligible.
    TargetingMismatch,
    /// Another experiment did not give what this one needs.
    PrerequisiteFailed,
    /// A holdout withholds the experiment.
    Holdout,
    /// The experiment's group gives the subject to another one, or to none.
    ExcludedByGroup,
    /// There is nothing to hash.
    NoBucketingKey,
    /// The bucket lies in an allocation.
    Split,
    /// The bucket lies in none.
    NotInTraffic,
}

impl Reason {
    /// The published name, e.g. `TARGETING_MISMATCH`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Unsupported => "UNSUPPORTED",
            Self::Concluded => "CONCLUDED",
            Self::Override => "OVERRIDE",
            Self::Rule => "RULE",
            Self::Sticky => "STICKY",
            Self::TargetingMismatch => "TARGETING_MISMATCH",
            Self::PrerequisiteFailed => "PREREQUISITE_FAILED",
            Self::Holdout => "HOLDOUT",
            Self::ExcludedByGroup => "EXCLUDED_BY_GROUP",
            Self::NoBucketingKey => "NO_BUCKETING_KEY",
            Self::Split => "SPLIT",
            Self::NotInTraffic => "NOT_IN_TRAFFIC",
        }
    }
}
