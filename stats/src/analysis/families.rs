//! Adjusting for many comparisons: families, what is significant in them, and their intervals.

use super::input::{Experiment, Method, Metric, Role};
use super::output::{ComparisonResult, MetricResult};
use super::pair::Pair;
use crate::multiplicity::{
    benjamini_hochberg, bonferroni_alpha, false_coverage_alpha, holm, present, rejected,
};
use crate::status::Status;

/// Adjusts p-values within the primary and the secondary family, and says what is significant. Guardrails are not
/// adjusted: all of them have to pass.
pub(super) fn adjust(experiment: &Experiment, results: &mut [MetricResult]) {
    for role in [Role::Primary, Role::Secondary, Role::Guardrail] {
        adjust_family(experiment, results, role);
    }
}

fn adjust_family(experiment: &Experiment, results: &mut [MetricResult], role: Role) {
    let alpha = experiment.alpha;
    let planned = matches!(&experiment.method, Method::GroupSequential { looks, .. } if !looks.is_empty());
    let mut family: Vec<(usize, &Metric, &mut ComparisonResult)> = experiment
        .metrics
        .iter()
        .zip(results)
        .filter(|(metric, _)| metric.role == role)
        .flat_map(|(metric, result)| {
            experiment.treatments().zip(&mut result.comparisons).map(move |(arm, found)| (arm, metric, found))
        })
        .collect();
    let p: Vec<Option<f64>> = family.iter().map(|(_, _, found)| found.p_running.or(found.p)).collect();
    let m = present(&p);
    let adjusted = match role {
        Role::Primary => holm(&p),
        Role::Secondary => benjamini_hochberg(&p),
        Role::Guardrail => p.clone(),
    };
    let significant = rejected(&adjusted, alpha);
    let level = match role {
        Role::Primary => bonferroni_alpha(alpha, m),
        // At planned looks each comparison has its bound, at a shared alpha.
        Role::Secondary if planned => bonferroni_alpha(alpha, m),
        Role::Secondary => {
            false_coverage_alpha(alpha, m, significant.iter().filter(|significant| **significant).count())
        }
        Role::Guardrail => alpha,
    };
    for ((arm, metric, found), (p, significant)) in
        family.iter_mut().zip(adjusted.into_iter().zip(significant))
    {
        found.alpha_adjusted = level;
        // What has no figures has none at another level.
        let has_figures = matches!(found.status, Status::Ok | Status::WarmingUp);
        let pair = Pair::of(experiment, &metric.sums, *arm).ok().filter(|_| has_figures);
        let figures = pair.and_then(|pair| pair.figures(&experiment.method, level).ok()).unwrap_or_default();
        found.ci_adjusted = figures.ci;
        found.rel_ci_adjusted = figures.rel_ci;
        if planned {
            found.bound = figures.bound;
            found.significant = figures.crossed;
        } else {
            found.p_adjusted = p.filter(|_| role != Role::Guardrail);
            found.significant = significant;
        }
        found.better = sign(found).map(|sign| sign * metric.direction.sign() > 0.0);
    }
}

/// The sign of a significant difference. While data arrive significance is sticky, its direction is not: it is told
/// as long as the estimate points where it pointed when significance was reached.
pub(super) fn sign(found: &ComparisonResult) -> Option<f64> {
    let diff = found.diff.filter(|diff| found.significant && *diff != 0.0)?;
    let then = found.running.and_then(|running| running.crossed_up);
    (then.is_none_or(|up| up == (diff > 0.0))).then(|| diff.signum())
}
