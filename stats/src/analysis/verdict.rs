//! The rule, per treatment and for the experiment.

use super::compare::conclusive;
use super::families::sign;
use super::input::{Experiment, Method, Role};
use super::output::{Analysis, ArmVerdict, ComparisonResult, MetricResult, Verdict};
use super::words;
use crate::decision::{Decision, GuardrailReading, Mode, PrimaryReading, Reading, Reason, Ruling, decide};
use crate::guardrail::Direction;

/// Rules on every treatment and then on the experiment.
pub(super) fn rule(experiment: &Experiment, analysis: &mut Analysis) {
    let rulings: Vec<(usize, usize, Ruling)> = experiment
        .treatments()
        .enumerate()
        .map(|(place, arm)| (place, arm, decide(&reading(experiment, analysis, place, arm))))
        .collect();
    analysis.arms = rulings
        .iter()
        .map(|(_, arm, ruling)| ArmVerdict { arm: experiment.arm_key(*arm).to_owned(), ruling: *ruling })
        .collect();
    let recommended = rulings
        .iter()
        .filter(|(_, _, ruling)| ruling.decision == Decision::Ship)
        .map(|(place, arm, ruling)| (lower_bound(&analysis.metrics, *place), *arm, *ruling))
        .max_by(|one, other| one.0.total_cmp(&other.0).then(other.1.cmp(&one.1)));
    let ruling = recommended.map(|found| found.2).or_else(|| overall(&rulings));
    analysis.verdict = ruling.map(|ruling| Verdict {
        decision: ruling.decision,
        reason: ruling.reason,
        recommended_arm: recommended.map(|(_, arm, _)| experiment.arm_key(arm).to_owned()),
        sentences: words::sentences(experiment, analysis, ruling),
    });
}

fn reading(experiment: &Experiment, analysis: &Analysis, place: usize, arm: usize) -> Reading {
    let of = |role: Role| {
        let metrics = experiment.metrics.iter().zip(&analysis.metrics);
        let metrics = metrics.filter(move |(metric, _)| metric.role == role);
        metrics.filter_map(move |(metric, result)| Some((metric, result.comparisons.get(place)?)))
    };
    let primary = of(Role::Primary).map(|(metric, found)| PrimaryReading {
        rel_lo: found.rel_ci_adjusted.map(|interval| interval.lo),
        rel_hi: found.rel_ci_adjusted.map(|interval| interval.hi),
        significant: found.significant,
        sign: sign(found),
        direction: metric.direction,
        mde_rel: metric.mde_rel,
    });
    // A guardrail that cannot be told yet has neither passed nor failed.
    let guardrails = of(Role::Guardrail).map(|(_, found)| {
        found.guardrail.map_or(GuardrailReading { noninferior: false, harmed: false }, |guardrail| {
            GuardrailReading { noninferior: guardrail.noninferior, harmed: guardrail.harmed }
        })
    });
    let fixed = matches!(experiment.method, Method::Fixed | Method::GroupSequential { .. });
    Reading {
        // A planned look is one that is allowed.
        mode: if fixed && !conclusive(experiment, arm) { Mode::Fixed } else { Mode::Sequential },
        srm_p: analysis.srm.p_running,
        excluded_share: analysis.excluded_share,
        n_total: experiment.pair_units(arm),
        n_target: experiment.pair_target(arm),
        days: experiment.days,
        min_days: experiment.min_days,
        primary: primary.collect(),
        guardrails: guardrails.collect(),
    }
}

/// The favourable lower bound of the first primary metric, for choosing among arms to ship.
fn lower_bound(metrics: &[MetricResult], place: usize) -> f64 {
    let first = metrics.iter().find(|metric| metric.role == Role::Primary);
    let edge = |metric: &MetricResult, found: &ComparisonResult| {
        let interval = found.rel_ci_adjusted.or(found.ci_adjusted)?;
        Some(match metric.direction {
            Direction::HigherIsBetter => interval.lo,
            Direction::LowerIsBetter => -interval.hi,
        })
    };
    first.and_then(|metric| edge(metric, metric.comparisons.get(place)?)).unwrap_or(f64::NEG_INFINITY)
}

/// Of several treatments none of which is to be shipped: what holds for all of them, else that it goes on for some.
fn overall(rulings: &[(usize, usize, Ruling)]) -> Option<Ruling> {
    let order = [
        Decision::Invalid,
        Decision::KeepRunning,
        Decision::Inconclusive,
        Decision::NoDetectableEffect,
        Decision::Rollback,
    ];
    let of =
        |decision| rulings.iter().map(|(_, _, ruling)| *ruling).find(|ruling| ruling.decision == decision);
    order.into_iter().find_map(of)
}

/// Whether a ruling is about how the figures came about rather than about them.
pub(super) fn about_data(ruling: Ruling) -> bool {
    matches!(ruling.reason, Reason::Srm | Reason::MultipleExposure)
}
