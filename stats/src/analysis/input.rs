//! What an analysis starts from.

use serde::{Deserialize, Serialize};

use crate::bayes::Prior;
use crate::group_sequential::Spending;
use crate::guardrail::{Direction, Margin};
use crate::quantile::QuantileSketch;
use crate::sequential::{DEFAULT_TARGET, RunningMinimum};
use crate::srm::SrmHistory;
use crate::sums::{CovariateSums, MeanSums, ProportionSums, RatioSums};
use crate::winsor::Winsorised;

/// An experiment, as sums.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Experiment {
    /// Its arms.
    pub arms: Vec<Arm>,
    /// Which of them is the control.
    #[serde(default)]
    pub control: usize,
    /// Units seen in two or more arms: they are in none of them.
    #[serde(default)]
    pub excluded: u64,
    /// The significance level.
    pub alpha: f64,
    /// Planned units over all arms. A pair's share of it goes by weight; 5,000 per pair where nobody planned.
    #[serde(default)]
    pub target_sample_size: Option<u64>,
    /// What may be concluded when.
    #[serde(default)]
    pub method: Method,
    /// Days so far.
    #[serde(default)]
    pub days: f64,
    /// Days at least.
    #[serde(default)]
    pub min_days: f64,
    /// What earlier looks at the sample ratio found.
    #[serde(default)]
    pub srm: SrmHistory,
    /// The time of this look, in the caller's unit: noted where significance is first reached.
    #[serde(default)]
    pub at: Option<i64>,
    /// Its metrics.
    #[serde(default)]
    pub metrics: Vec<Metric>,
}

/// An arm.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Arm {
    /// Its name, for results and sentences.
    pub key: String,
    /// Its share of the traffic, on any scale. Zero means that it gets nobody.
    pub weight: f64,
    /// Units exposed to it, and to no other.
    pub exposed: u64,
}

/// What may be concluded when.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Serialize)]
#[serde(rename_all = "snake_case", tag = "kind", deny_unknown_fields)]
pub enum Method {
    /// Anything, whenever one looks.
    #[default]
    Sequential,
    /// Once, at the planned size.
    Fixed,
    /// At planned looks.
    GroupSequential {
        /// How alpha is spent.
        #[serde(default)]
        spending: Spending,
        /// Units over planned units at each look so far, this one last. Without any, as `Fixed`.
        looks: Vec<f64>,
    },
    /// As `Sequential`, with the Bayesian view beside it.
    Bayes {
        /// Of the relative lift; [`Prior::LIFT`] if left out.
        #[serde(default)]
        prior: Option<Prior>,
    },
}

/// What a metric is for.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// It decides.
    Primary,
    /// It explains.
    #[default]
    Secondary,
    /// It must not get worse.
    Guardrail,
}

/// A metric's sums and what they mean.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Metric {
    /// Its name, for results and sentences.
    pub key: String,
    /// What it is for.
    #[serde(default)]
    pub role: Role,
    /// Which way is better.
    #[serde(default)]
    pub direction: Direction,
    /// The minimum effect of interest, as a share of the control's value.
    #[serde(default)]
    pub mde_rel: Option<f64>,
    /// How much worse a guardrail may be.
    #[serde(default)]
    pub margin: Option<Margin>,
    /// An entry per arm, in their order.
    pub sums: MetricSums,
    /// What winsorisation did to the values that were summed.
    #[serde(default)]
    pub winsor: Option<Winsorised>,
    /// Per arm what the look before returned; empty at the first.
    #[serde(default)]
    pub running: Vec<Option<RunningMinimum>>,
}

/// Sums by the kind of metric, an entry per arm.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(rename_all = "snake_case", tag = "kind", deny_unknown_fields)]
pub enum MetricSums {
    /// What a unit did or did not: conversion, retention.
    Proportion {
        /// Per arm.
        arms: Vec<ProportionSums>,
    },
    /// A total per unit: count, revenue.
    Mean {
        /// Per arm.
        arms: Vec<MeanSums>,
    },
    /// The same with the pre-exposure period.
    Cuped {
        /// Per arm.
        arms: Vec<CovariateSums>,
    },
    /// A ratio of two totals per unit.
    Ratio {
        /// Per arm.
        arms: Vec<RatioSums>,
    },
    /// A quantile.
    Quantile {
        /// Per arm.
        arms: Vec<QuantileSketch>,
    },
}

impl MetricSums {
    /// How many arms there are sums of.
    pub(crate) fn arms(&self) -> usize {
        match self {
            Self::Proportion { arms } => arms.len(),
            Self::Mean { arms } => arms.len(),
            Self::Cuped { arms } => arms.len(),
            Self::Ratio { arms } => arms.len(),
            Self::Quantile { arms } => arms.len(),
        }
    }
}

impl Experiment {
    /// The units planned for the control and one other arm: their share of the target, by weight.
    pub fn pair_target(&self, arm: usize) -> u64 {
        let Some(target) = self.target_sample_size.filter(|target| *target > 0) else {
            return DEFAULT_TARGET;
        };
        let weight = |index: usize| self.arms.get(index).map_or(0.0, |arm| arm.weight);
        let all: f64 = self.arms.iter().map(|arm| arm.weight).sum();
        let share = if all > 0.0 { (weight(self.control) + weight(arm)) / all } else { 1.0 };
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "no more than the target")]
        let units = (target as f64 * share.clamp(0.0, 1.0)).round() as u64;
        units.clamp(1, target)
    }

    /// Units exposed to the control and one other arm.
    pub fn pair_units(&self, arm: usize) -> u64 {
        let exposed = |index: usize| self.arms.get(index).map_or(0, |arm| arm.exposed);
        exposed(self.control).saturating_add(exposed(arm))
    }

    /// The arms that are compared with the control.
    pub(crate) fn treatments(&self) -> impl Iterator<Item = usize> + '_ {
        (0..self.arms.len()).filter(|arm| *arm != self.control)
    }

    pub(crate) fn arm_key(&self, arm: usize) -> &str {
        self.arms.get(arm).map_or("", |arm| &arm.key)
    }
}
