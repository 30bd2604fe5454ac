//! The decision rule: from figures to "ship", "roll back", "keep running" and their like.

use serde::{Deserialize, Serialize};

use crate::guardrail::Direction;
use crate::srm;

/// A larger share of units in two or more arms makes an experiment invalid.
pub const MOST_EXCLUDED: f64 = 0.01;

/// What to do.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Decision {
    /// Do not read the figures: something is wrong with how they came about.
    Invalid,
    /// Take the treatment back.
    Rollback,
    /// It is too early.
    KeepRunning,
    /// Give the treatment to everybody.
    Ship,
    /// An effect as large as asked for is ruled out.
    NoDetectableEffect,
    /// The planned size is reached and nothing is certain.
    Inconclusive,
}

/// Why.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// The arms' sizes do not fit their weights.
    Srm,
    /// Too many units were in two or more arms.
    MultipleExposure,
    /// A guardrail is worse than its margin.
    GuardrailHarmed,
    /// A primary metric is significantly worse.
    PrimaryHarmed,
    /// It has not run for as many days as planned.
    BelowMinDays,
    /// A primary metric is significantly better, and no guardrail is in doubt.
    PrimaryImproved,
    /// A guardrail might still be worse than its margin.
    GuardrailUnresolved,
    /// There are fewer units than planned.
    BelowTarget,
    /// Every primary interval ends below the minimum effect of interest.
    CiWithinMde,
    /// A primary interval still reaches the minimum effect of interest.
    CiReachesMde,
}

/// How often one may look.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Mode {
    /// Whenever one likes.
    #[default]
    Sequential,
    /// Once, at the planned size.
    Fixed,
}

/// A primary metric, as the rule reads it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PrimaryReading {
    /// The lower end of the relative interval, if there is one.
    pub rel_lo: Option<f64>,
    /// The upper end.
    pub rel_hi: Option<f64>,
    /// Whether the difference is significant, after adjustment.
    pub significant: bool,
    /// The difference's sign, where the relative interval does not tell it: it has no bounds, or it holds zero
    /// again after significance was reached.
    pub sign: Option<f64>,
    /// Which way is better.
    pub direction: Direction,
    /// The minimum effect of interest, relative.
    pub mde_rel: Option<f64>,
}

/// A guardrail, as the rule reads it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct GuardrailReading {
    /// Shown to be within its margin.
    pub noninferior: bool,
    /// Shown to be beyond it.
    pub harmed: bool,
}

/// What the rule reads.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Reading {
    /// Whether one may look before the planned size.
    pub mode: Mode,
    /// The sample-ratio p-value, if there is one.
    pub srm_p: Option<f64>,
    /// Units in two or more arms, as a share of all exposed.
    pub excluded_share: f64,
    /// Units so far.
    pub n_total: u64,
    /// Units planned.
    pub n_target: u64,
    /// Days so far.
    pub days: f64,
    /// Days planned at least.
    pub min_days: f64,
    /// Primary metrics.
    pub primary: Vec<PrimaryReading>,
    /// Guardrails.
    pub guardrails: Vec<GuardrailReading>,
}

/// What to do, and why.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Ruling {
    /// What.
    pub decision: Decision,
    /// Why.
    pub reason: Reason,
}

impl PrimaryReading {
    /// The favourable side: +1 better, −1 worse, 0 neither.
    fn side(&self) -> f64 {
        if !self.significant {
            return 0.0;
        }
        let sign = if self.rel_lo.is_some_and(|lo| lo > 0.0) {
            1.0
        } else if self.rel_hi.is_some_and(|hi| hi < 0.0) {
            -1.0
        } else {
            self.sign.filter(|sign| *sign != 0.0).map_or(0.0, f64::signum)
        };
        sign * self.direction.sign()
    }

    /// Whether even the favourable edge is below the minimum effect of interest. An edge that is not known, and an
    /// effect that nobody named, are reached.
    fn below_mde(&self) -> bool {
        let edge = match self.direction {
            Direction::HigherIsBetter => self.rel_hi,
            Direction::LowerIsBetter => self.rel_lo.map(|lo| -lo),
        };
        matches!((edge, self.mde_rel), (Some(edge), Some(mde)) if edge < mde)
    }
}

/// The first rule that applies:
///
/// 1. `srm_p` < 0.001: invalid.
/// 2. More than 1 % in two or more arms: invalid.
/// 3. A guardrail harmed: roll back.
/// 4. A primary significantly worse, where looking is allowed: roll back.
/// 5. Too few days: keep running.
/// 6. A primary significantly better, where looking is allowed: ship if all guardrails are non-inferior, else keep
///    running below the target and inconclusive beyond.
/// 7. Below the target: keep running.
/// 8. Every primary's favourable edge below the minimum effect of interest: no detectable effect; else
///    inconclusive.
pub fn decide(reading: &Reading) -> Ruling {
    let ruling = |decision, reason| Ruling { decision, reason };
    let at_target = reading.n_total >= reading.n_target;
    let may_look = reading.mode == Mode::Sequential || at_target;
    let primary = &reading.primary;
    let guardrails = &reading.guardrails;
    if reading.srm_p.is_some_and(|p| p < srm::ALARM) {
        ruling(Decision::Invalid, Reason::Srm)
    } else if reading.excluded_share > MOST_EXCLUDED {
        ruling(Decision::Invalid, Reason::MultipleExposure)
    } else if guardrails.iter().any(|guardrail| guardrail.harmed) {
        ruling(Decision::Rollback, Reason::GuardrailHarmed)
    } else if may_look && primary.iter().any(|metric| metric.side() < 0.0) {
        ruling(Decision::Rollback, Reason::PrimaryHarmed)
    } else if reading.days < reading.min_days {
        ruling(Decision::KeepRunning, Reason::BelowMinDays)
    } else if may_look && primary.iter().any(|metric| metric.side() > 0.0) {
        match guardrails.iter().all(|guardrail| guardrail.noninferior) {
            true => ruling(Decision::Ship, Reason::PrimaryImproved),
            false if at_target => ruling(Decision::Inconclusive, Reason::GuardrailUnresolved),
            false => ruling(Decision::KeepRunning, Reason::GuardrailUnresolved),
        }
    } else if !at_target {
        ruling(Decision::KeepRunning, Reason::BelowTarget)
    } else if primary.iter().all(PrimaryReading::below_mde) {
        ruling(Decision::NoDetectableEffect, Reason::CiWithinMde)
    } else {
        ruling(Decision::Inconclusive, Reason::CiReachesMde)
    }
}
