//! Figures of one metric, before anything is adjusted.

use super::input::{Experiment, Method, Metric, MetricSums, Role};
use super::output::{ArmResult, ComparisonResult, CupedNote, MetricResult};
use super::pair::Pair;
use crate::bayes::{self, Prior};
use crate::guardrail;
use crate::interval::Interval;
use crate::moments::Moments;
use crate::sequential::RunningMinimum;
use crate::status::{Refusal, Status};
use crate::{proportion, quantile, ratio, student};

/// One metric's figures.
pub(super) fn metric(experiment: &Experiment, metric: &Metric) -> MetricResult {
    let mut arms: Vec<ArmResult> =
        (0..experiment.arms.len()).map(|arm| arm_result(experiment, &metric.sums, arm)).collect();
    if matches!(experiment.method, Method::Bayes { .. }) {
        add_chances(metric.direction.sign(), &mut arms);
    }
    MetricResult {
        key: metric.key.clone(),
        role: metric.role,
        direction: metric.direction,
        winsor: metric.winsor.clone(),
        arms,
        comparisons: experiment.treatments().map(|arm| comparison(experiment, metric, arm)).collect(),
    }
}

fn arm_result(experiment: &Experiment, sums: &MetricSums, arm: usize) -> ArmResult {
    let alpha = experiment.alpha;
    let (n, figures, wilson) = match sums {
        MetricSums::Proportion { arms } => arms.get(arm).map_or((0, None, None), |arm| {
            let sound = arm.n > 0 && arm.x <= arm.n;
            let variance = proportion::estimates(*arm, *arm).control_variance;
            (arm.n, sound.then(|| (arm.rate(), variance)), proportion::interval(*arm, alpha))
        }),
        MetricSums::Mean { arms } => {
            arms.get(arm).map_or((0, None, None), |arm| (arm.n, mean(Moments::from_sums(arm)), None))
        }
        MetricSums::Cuped { arms } => arms
            .get(arm)
            .map_or((0, None, None), |arm| (arm.n, mean(Moments::from_sums(&arm.outcome())), None)),
        MetricSums::Ratio { arms } => arms.get(arm).map_or((0, None, None), |arm| {
            (arm.n, ratio::ratio(arm).ok().map(|(ratio, variance)| (ratio, variance / arm.n as f64)), None)
        }),
        MetricSums::Quantile { arms } => arms.get(arm).map_or((0, None, None), |arm| {
            (arm.n, quantile::variance(arm).ok().map(|variance| (arm.q_hat, variance)), None)
        }),
    };
    let se = figures.map(|(_, variance)| variance.max(0.0).sqrt()).filter(|se| n > 1 && se.is_finite());
    let ci = wilson.or_else(|| {
        let half = se? * student::upper_quantile(alpha / 2.0, n as f64 - 1.0);
        (half > 0.0 && half.is_finite()).then(|| Interval::around(figures.map_or(0.0, |f| f.0), half))
    });
    let value = figures.map(|figures| figures.0).filter(|value| value.is_finite());
    ArmResult { arm: experiment.arm_key(arm).to_owned(), n, value, se, ci, prob_best: None }
}

fn mean(moments: Result<Moments, Status>) -> Option<(f64, f64)> {
    let moments = moments.ok().filter(|moments| moments.n > 0)?;
    Some((moments.mean, moments.variance_of_mean()))
}

/// The probability of each arm to be the best, where all of them can be told.
fn add_chances(sign: f64, arms: &mut [ArmResult]) {
    let means: Option<Vec<f64>> = arms.iter().map(|arm| Some(sign * arm.value?)).collect();
    let ses: Option<Vec<f64>> = arms.iter().map(|arm| arm.se).collect();
    let (Some(means), Some(ses)) = (means, ses) else { return };
    if let Ok(chances) = bayes::probability_best(&means, &ses) {
        arms.iter_mut().zip(chances).for_each(|(arm, chance)| arm.prob_best = Some(chance));
    }
}

fn comparison(experiment: &Experiment, metric: &Metric, arm: usize) -> ComparisonResult {
    let mut result = ComparisonResult {
        arm: experiment.arm_key(arm).to_owned(),
        status: Status::Ok,
        n: experiment.pair_units(arm),
        n_star: experiment.pair_target(arm),
        diff: None,
        se: None,
        ci: None,
        rel: None,
        rel_ci: None,
        rel_unbounded: false,
        p: None,
        ln_p: None,
        p_running: None,
        p_adjusted: None,
        alpha_adjusted: experiment.alpha,
        ci_adjusted: None,
        rel_ci_adjusted: None,
        bound: None,
        significant: false,
        conclusive: conclusive(experiment, arm),
        better: None,
        guardrail: None,
        bayes: None,
        cuped: None,
        running: metric.running.get(arm).copied().flatten(),
    };
    if let Err(refusal) = fill(experiment, metric, arm, &mut result) {
        result.status = refusal.status;
        result.diff = refusal.diff;
        result.se = None;
        result.rel = None;
    }
    result
}

/// Whether the method lets one conclude now.
pub(super) fn conclusive(experiment: &Experiment, arm: usize) -> bool {
    let at_target = experiment.pair_units(arm) >= experiment.pair_target(arm);
    match &experiment.method {
        Method::Sequential | Method::Bayes { .. } => true,
        Method::Fixed => at_target,
        Method::GroupSequential { looks, .. } => at_target || !looks.is_empty(),
    }
}

fn fill(
    experiment: &Experiment,
    metric: &Metric,
    arm: usize,
    result: &mut ComparisonResult,
) -> Result<(), Refusal> {
    let alpha = experiment.alpha;
    let pair = Pair::of(experiment, &metric.sums, arm)?;
    let estimates = pair.estimates.checked()?;
    result.n = pair.n;
    let figures = pair.figures(&experiment.method, alpha)?;
    let (diff, se) = (estimates.difference(), estimates.se());
    result.diff = Some(diff);
    result.se = Some(se);
    // The lift itself needs no quantile; only its interval does.
    let relative = estimates.relative(1.0);
    result.rel = relative.map(|relative| relative.rel);
    result.ci = figures.ci;
    result.rel_ci = figures.rel_ci;
    result.rel_unbounded = figures.ci.is_some() && figures.rel_ci.is_none() && relative.is_some();
    result.p = figures.p.map(|p| p.p);
    result.ln_p = figures.p.map(|p| p.ln_p);
    result.bound = figures.bound;
    result.significant = figures.crossed;
    result.cuped = pair.adjusted.map(|adjusted| CupedNote {
        applied: adjusted.applied,
        theta: adjusted.theta,
        adjusted_control: adjusted.estimates.control,
        adjusted_treatment: adjusted.estimates.treatment,
        variance_reduction: adjusted.variance_reduction,
    });
    let sequential = matches!(experiment.method, Method::Sequential | Method::Bayes { .. });
    if sequential {
        let before = result.running.unwrap_or_else(|| RunningMinimum::new(alpha, pair.n_star));
        let ln_p = result.ln_p.unwrap_or_default();
        let running = before.after(ln_p, diff, alpha, pair.n_star, experiment.at);
        result.p_running = Some(running.p().p);
        result.running = Some(running);
        if !pair.warm {
            result.status = Status::WarmingUp;
        }
    }
    if metric.role == Role::Guardrail && pair.warm {
        let found = guardrail::anytime(&estimates, metric.margin, metric.direction, alpha, pair.n_star)?;
        result.guardrail = Some(found);
    }
    if let (Method::Bayes { prior }, Some(relative)) = (&experiment.method, relative) {
        let prior = prior.unwrap_or(Prior::LIFT);
        let flip = metric.direction.sign() < 0.0;
        let (lift, prior) = if flip { (-relative.rel, prior.flipped()) } else { (relative.rel, prior) };
        result.bayes = bayes::posterior(lift, relative.rel_delta_se, Some(prior), alpha).ok();
    }
    Ok(())
}
