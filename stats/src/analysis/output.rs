//! What an analysis says.

use serde::Serialize;

use super::input::Role;
use crate::bayes::Posterior;
use crate::decision::{Decision, Reason, Ruling};
use crate::guardrail::{AnytimeGuardrail, Direction};
use crate::interval::Interval;
use crate::sequential::RunningMinimum;
use crate::srm::FixedSrm;
use crate::status::Status;
use crate::winsor::Winsorised;

/// Everything that can be said of an experiment. Null is what is not known; infinite ends of intervals are the
/// strings `"inf"` and `"-inf"`.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Analysis {
    /// `ok`, or `invalid_input` where the experiment itself makes no sense.
    pub status: Status,
    /// The sample ratio.
    pub srm: SrmResult,
    /// Units seen in two or more arms, in none of the figures.
    pub excluded: u64,
    /// The same as a share of all exposed units.
    pub excluded_share: f64,
    /// How far it is.
    pub progress: Progress,
    /// Per metric, in the order given.
    pub metrics: Vec<MetricResult>,
    /// What the rule says of each treatment.
    pub arms: Vec<ArmVerdict>,
    /// What to do.
    pub verdict: Option<Verdict>,
}

/// The sample ratio.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct SrmResult {
    /// `ok`, or why there is no test.
    pub status: Status,
    /// Units per arm that were tested.
    pub counts: Vec<u64>,
    /// The logarithm of the e-value, over all phases.
    pub ln_e: Option<f64>,
    /// The sequential p-value now.
    pub p: Option<f64>,
    /// The smallest so far: keep it for the next look.
    pub p_running: Option<f64>,
    /// Whether it is below 0.001.
    pub alarm: bool,
    /// The χ² test of the same counts, for one look only.
    pub fixed: Option<FixedSrm>,
}

/// How far an experiment is.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Progress {
    /// Units so far, over all arms.
    pub exposed: u64,
    /// Units planned.
    pub target: Option<u64>,
    /// Their ratio; above 1 when there are more.
    pub share: Option<f64>,
    /// Days so far.
    pub days: f64,
    /// Days at least.
    pub min_days: f64,
    /// Days until target and minimum are reached at the rate so far; none where there is no rate.
    pub days_left: Option<f64>,
}

/// One metric.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct MetricResult {
    /// Its name.
    pub key: String,
    /// What it is for.
    pub role: Role,
    /// Which way is better.
    pub direction: Direction,
    /// What winsorisation did.
    pub winsor: Option<Winsorised>,
    /// Per arm.
    pub arms: Vec<ArmResult>,
    /// Per treatment.
    pub comparisons: Vec<ComparisonResult>,
}

/// One arm's figures.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ArmResult {
    /// The arm.
    pub arm: String,
    /// Units (of a quantile: observations).
    pub n: u64,
    /// Its rate, mean, ratio or quantile, unadjusted.
    pub value: Option<f64>,
    /// Its standard error.
    pub se: Option<f64>,
    /// Its interval at 1 − alpha, for one look: Wilson's of a rate, Student's of all else.
    pub ci: Option<Interval>,
    /// The probability that it is the best of all arms; in the Bayesian view only.
    pub prob_best: Option<f64>,
}

/// What CUPED did.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct CupedNote {
    /// Whether the covariate varies.
    pub applied: bool,
    /// The slope.
    pub theta: f64,
    /// The control's adjusted mean.
    pub adjusted_control: f64,
    /// The treatment's.
    pub adjusted_treatment: f64,
    /// The share of the variance that is gone.
    pub variance_reduction: f64,
}

/// A treatment compared with the control.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ComparisonResult {
    /// The treatment.
    pub arm: String,
    /// Whether there are figures.
    pub status: Status,
    /// Units of both arms.
    pub n: u64,
    /// Units planned for both.
    pub n_star: u64,
    /// Treatment minus control.
    pub diff: Option<f64>,
    /// Its standard error.
    pub se: Option<f64>,
    /// Its interval at 1 − alpha, by the method asked for.
    pub ci: Option<Interval>,
    /// The relative lift.
    pub rel: Option<f64>,
    /// Its interval at 1 − alpha.
    pub rel_ci: Option<Interval>,
    /// The relative interval has no bounds.
    pub rel_unbounded: bool,
    /// The p-value of this look, by the method asked for.
    pub p: Option<f64>,
    /// Its logarithm.
    pub ln_p: Option<f64>,
    /// The smallest p-value of all looks; sequential only.
    pub p_running: Option<f64>,
    /// Adjusted within its family; what significance is judged by. None of a guardrail and of planned looks.
    pub p_adjusted: Option<f64>,
    /// The level that adjusted intervals have: 1 − this.
    pub alpha_adjusted: f64,
    /// The interval of the difference at the adjusted level.
    pub ci_adjusted: Option<Interval>,
    /// The interval of the relative lift at the adjusted level.
    pub rel_ci_adjusted: Option<Interval>,
    /// The bound on |z| at this look; at planned looks only.
    pub bound: Option<f64>,
    /// Significant, after adjustment.
    pub significant: bool,
    /// Whether the method allows to conclude from it now.
    pub conclusive: bool,
    /// Of a significant difference: whether it is in the favourable direction.
    pub better: Option<bool>,
    /// Of a guardrail: where it is beside its margin.
    pub guardrail: Option<AnytimeGuardrail>,
    /// The Bayesian view, favourable direction up, of the relative lift.
    pub bayes: Option<Posterior>,
    /// What CUPED did.
    pub cuped: Option<CupedNote>,
    /// Keep it for the next look; sequential only.
    pub running: Option<RunningMinimum>,
}

/// What the rule says of one treatment.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ArmVerdict {
    /// The treatment.
    pub arm: String,
    /// What, and why.
    #[serde(flatten)]
    pub ruling: Ruling,
}

/// What to do with the experiment.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Verdict {
    /// What.
    pub decision: Decision,
    /// Why.
    pub reason: Reason,
    /// The arm to ship, of several the one with the largest lower bound.
    pub recommended_arm: Option<String>,
    /// The reasons, in sentences.
    pub sentences: Vec<String>,
}
