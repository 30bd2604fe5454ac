//! One experiment, from sums to a verdict.
//!
//! [`analyse`] takes everything that is known of an experiment as sums ([`Experiment`]) and gives everything that can
//! be said of it ([`Analysis`]): figures per arm and per comparison with the control, the sample ratio, adjusted
//! p-values and intervals, guardrails, a ruling per arm, and the verdict with its reasons in words. It never fails:
//! what has no number has a status.

mod compare;
mod families;
mod input;
mod output;
mod pair;
mod verdict;
mod words;

pub use input::{Arm, Experiment, Method, Metric, MetricSums, Role};
pub use output::{
    Analysis, ArmResult, ArmVerdict, ComparisonResult, CupedNote, MetricResult, Progress, SrmResult, Verdict,
};

use crate::srm;
use crate::status::{Status, require_level};

/// Analyses an experiment.
///
/// `invalid_input` as a whole where there is no arm, the control is none of them, a metric has sums of another
/// number of arms, or alpha, weights, days or targets are impossible; its verdict is then absent.
pub fn analyse(experiment: &Experiment) -> Analysis {
    let status = check(experiment).err().unwrap_or(Status::Ok);
    let exposed: u64 = experiment.arms.iter().fold(0, |sum, arm| sum.saturating_add(arm.exposed));
    let everyone = exposed.saturating_add(experiment.excluded);
    let excluded_share = if everyone == 0 { 0.0 } else { experiment.excluded as f64 / everyone as f64 };
    let mut analysis = Analysis {
        status,
        srm: sample_ratio(experiment),
        excluded: experiment.excluded,
        excluded_share,
        progress: progress(experiment, exposed),
        metrics: Vec::new(),
        arms: Vec::new(),
        verdict: None,
    };
    if status != Status::Ok {
        return analysis;
    }
    analysis.metrics = experiment.metrics.iter().map(|metric| compare::metric(experiment, metric)).collect();
    families::adjust(experiment, &mut analysis.metrics);
    verdict::rule(experiment, &mut analysis);
    analysis
}

fn check(experiment: &Experiment) -> Result<(), Status> {
    require_level(experiment.alpha)?;
    let arms = experiment.arms.len();
    let weights = experiment.arms.iter().all(|arm| arm.weight.is_finite() && arm.weight >= 0.0);
    let metrics = experiment.metrics.iter().all(|metric| metric.sums.arms() == arms);
    let days = experiment.days >= 0.0 && experiment.min_days >= 0.0;
    if arms > experiment.control && weights && metrics && days { Ok(()) } else { Err(Status::InvalidInput) }
}

/// Both tests; the sequential one, over all phases, is what may raise the alarm.
fn sample_ratio(experiment: &Experiment) -> SrmResult {
    let exposed: Vec<u64> = experiment.arms.iter().map(|arm| arm.exposed).collect();
    let weights: Vec<f64> = experiment.arms.iter().map(|arm| arm.weight).collect();
    let history = &experiment.srm;
    let counts = history.phase.as_ref().unwrap_or(&exposed);
    let fixed = srm::fixed(counts, &weights);
    let sequential = srm::sequential(counts, &weights, srm::CONCENTRATION);
    let ln_e = sequential.map_or(f64::NAN, |test| test.ln_bf + history.ln_e_before);
    let p = (!ln_e.is_nan()).then(|| (-ln_e).min(0.0).exp());
    let p_running = match (p, history.min_p) {
        (Some(p), Some(before)) => Some(p.min(before)),
        (p, before) => p.or(before),
    };
    SrmResult {
        status: sequential.err().unwrap_or(Status::Ok),
        counts: counts.clone(),
        ln_e: (!ln_e.is_nan()).then_some(ln_e),
        p,
        p_running,
        alarm: p_running.is_some_and(|p| p < srm::ALARM),
        fixed: fixed.ok(),
    }
}

fn progress(experiment: &Experiment, exposed: u64) -> Progress {
    let per_day =
        (experiment.days > 0.0).then(|| exposed as f64 / experiment.days).filter(|rate| *rate > 0.0);
    let missing = experiment.target_sample_size.map(|target| target.saturating_sub(exposed) as f64);
    let for_target = match (missing, per_day) {
        (Some(missing), Some(rate)) => Some(missing / rate),
        (Some(missing), None) => (missing == 0.0).then_some(0.0),
        (None, _) => Some(0.0),
    };
    let for_days = (experiment.min_days - experiment.days).max(0.0);
    Progress {
        exposed,
        target: experiment.target_sample_size,
        share: experiment.target_sample_size.map(|target| exposed as f64 / target.max(1) as f64),
        days: experiment.days,
        min_days: experiment.min_days,
        days_left: for_target.map(|days| days.max(for_days)),
    }
}
