//! The reasons of a verdict, in sentences that name metrics and numbers.

use super::input::{Experiment, Metric, MetricSums, Role};
use super::output::{Analysis, ComparisonResult, MetricResult};
use super::verdict::about_data;
use crate::decision::{Decision, Reason, Ruling};
use crate::guardrail::Margin;
use crate::interval::Interval;
use crate::status::Status;

/// The verdict first, then what it rests on.
pub(super) fn sentences(experiment: &Experiment, analysis: &Analysis, ruling: Ruling) -> Vec<String> {
    let mut sentences = vec![headline(experiment, analysis, ruling)];
    if about_data(ruling) {
        return sentences;
    }
    let several = analysis.arms.len() > 1;
    if several {
        for arm in &analysis.arms {
            sentences.push(format!("“{}”: {}.", arm.arm, summary(arm.ruling)));
        }
    }
    for role in [Role::Primary, Role::Guardrail] {
        for (metric, result) in experiment.metrics.iter().zip(&analysis.metrics) {
            if metric.role == role {
                sentences.extend(result.comparisons.iter().map(|found| match role {
                    Role::Guardrail => guardrail(metric, found),
                    _ => comparison(experiment, metric, result, found),
                }));
            }
        }
    }
    sentences.push(progress(analysis));
    sentences
}

fn summary(ruling: Ruling) -> &'static str {
    match ruling.reason {
        Reason::Srm => "the arms' sizes do not fit their weights",
        Reason::MultipleExposure => "too many units were in two or more arms",
        Reason::GuardrailHarmed => "roll back, a guardrail is worse than its margin",
        Reason::PrimaryHarmed => "roll back, a primary metric is significantly worse",
        Reason::BelowMinDays => "keep running, it has not run for the planned days",
        Reason::PrimaryImproved => {
            "ship, a primary metric is significantly better and no guardrail is in doubt"
        }
        Reason::GuardrailUnresolved => {
            "a primary metric is significantly better, but a guardrail is in doubt"
        }
        Reason::BelowTarget => "keep running, nothing is certain yet",
        Reason::CiWithinMde => "an effect as large as the minimum of interest is ruled out",
        Reason::CiReachesMde => "the planned size is reached and nothing is certain",
    }
}

fn headline(experiment: &Experiment, analysis: &Analysis, ruling: Ruling) -> String {
    match ruling.reason {
        Reason::Srm => {
            let units = |arm: usize| analysis.srm.counts.get(arm).copied().unwrap_or_default();
            let weights: f64 = experiment.arms.iter().map(|arm| arm.weight).sum();
            let all: u64 = analysis.srm.counts.iter().fold(0, |sum, count| sum.saturating_add(*count));
            let arms = experiment.arms.iter().enumerate().map(|(index, arm)| {
                let due = (all as f64 * (arm.weight / weights)).round();
                format!("“{}” has {} units where {} are due", arm.key, whole(units(index) as f64), whole(due))
            });
            let arms: Vec<String> = arms.collect();
            format!(
                "Do not read these figures: the arms' sizes do not fit their weights ({}). {}",
                analysis.srm.p_running.map_or_else(String::new, p_value),
                arms.join(", ") + "."
            )
        }
        Reason::MultipleExposure => format!(
            "Do not read these figures: {} units ({}) were seen in two or more arms, more than 1 % of all.",
            whole(analysis.excluded as f64),
            percent(analysis.excluded_share)
        ),
        _ => {
            let what = match ruling.decision {
                Decision::Ship => "Ship",
                Decision::Rollback => "Roll back",
                Decision::KeepRunning => "Keep running",
                Decision::NoDetectableEffect => "No effect worth having",
                Decision::Inconclusive => "Inconclusive",
                Decision::Invalid => "Do not read these figures",
            };
            let why = summary(ruling);
            let why =
                why.strip_prefix("roll back, ").or_else(|| why.strip_prefix("keep running, ")).unwrap_or(why);
            format!("{what}: {}.", why.strip_prefix("ship, ").unwrap_or(why))
        }
    }
}

/// One comparison of a primary metric.
fn comparison(
    experiment: &Experiment,
    metric: &Metric,
    result: &MetricResult,
    found: &ComparisonResult,
) -> String {
    let name = format!("“{}” of “{}”", metric.key, found.arm);
    if let Some(why) = silent(found.status) {
        return format!("{name} cannot be judged: {why}.");
    }
    let value = |key: &str| {
        let arm = result.arms.iter().find(|arm| arm.arm == key);
        arm.and_then(|arm| arm.value).map_or_else(|| "unknown".to_owned(), |value| shown(metric, value))
    };
    let control = experiment.arm_key(experiment.control);
    let lift = match found.rel {
        Some(rel) => format!("{}{}", signed_percent(rel), interval(found.rel_ci_adjusted, found)),
        None => "a lift that cannot be told, as the control's value is zero".to_owned(),
    };
    let judged = match (found.status, found.significant, found.better) {
        (Status::WarmingUp, ..) => "too little data to judge".to_owned(),
        (_, true, Some(true)) => "significantly better".to_owned(),
        (_, true, Some(false)) => "significantly worse".to_owned(),
        (_, true, None) => "significant earlier, and no longer in that direction".to_owned(),
        (_, false, _) => "not significant".to_owned(),
    };
    let p = found.p_adjusted.or(found.p).map_or_else(String::new, |p| format!(", {}", p_value(p)));
    let early =
        if found.conclusive { "" } else { "; a fixed horizon allows no conclusion before the target" };
    format!(
        "{name} is {} against {} of “{control}”: {lift}{p}, {judged}{early}.",
        value(&found.arm),
        value(control)
    )
}

fn interval(interval: Option<Interval>, found: &ComparisonResult) -> String {
    let level = percent(1.0 - found.alpha_adjusted);
    match interval {
        Some(interval) => {
            format!(" ({level} interval {} to {})", signed_percent(interval.lo), signed_percent(interval.hi))
        }
        None if found.rel_unbounded => format!(" ({level} interval without bounds)"),
        None => String::new(),
    }
}

fn guardrail(metric: &Metric, found: &ComparisonResult) -> String {
    let name = format!("Guardrail “{}” of “{}”", metric.key, found.arm);
    let Some(guardrail) = found.guardrail else {
        let why = silent(found.status).unwrap_or("there is too little data");
        return format!("{name} cannot be judged: {why}.");
    };
    let margin = match metric.margin {
        None => "no margin".to_owned(),
        Some(Margin::Relative(share)) => format!("its margin of {}", percent(share)),
        Some(Margin::Absolute(size)) => format!("its margin of {}", plain(size)),
    };
    let lift = found.rel.map_or_else(String::new, |rel| format!(" ({})", signed_percent(rel)));
    match (guardrail.harmed, guardrail.noninferior, metric.margin.is_some()) {
        (true, _, true) => format!("{name} is worse than {margin}{lift}."),
        (true, _, false) => format!("{name} is worse than the control{lift}."),
        (false, true, true) => format!("{name} is within {margin}{lift}, {}.", p_value(guardrail.p.p)),
        (false, true, false) => format!("{name} shows no harm{lift}."),
        (false, false, _) => {
            format!("{name} may still be worse than {margin}{lift}, {}.", p_value(guardrail.p.p))
        }
    }
}

fn silent(status: Status) -> Option<&'static str> {
    match status {
        Status::Ok | Status::WarmingUp => None,
        Status::NoData => Some("an arm has no units"),
        Status::InsufficientData => Some("an arm has too little data"),
        Status::ZeroVariance => Some("no arm varies"),
        Status::ZeroDenominator => Some("the denominator of an arm is zero"),
        Status::InvalidInput => Some("its sums contradict each other"),
    }
}

fn progress(analysis: &Analysis) -> String {
    let progress = &analysis.progress;
    let units = match (progress.target, progress.share) {
        (Some(target), Some(share)) => {
            format!(
                "{} of {} planned units are in ({})",
                whole(progress.exposed as f64),
                whole(target as f64),
                percent(share)
            )
        }
        _ => format!("{} units are in", whole(progress.exposed as f64)),
    };
    let left = match progress.days_left {
        Some(days) if days > 0.0 => format!(", about {} more days to go", whole(days.ceil())),
        _ => String::new(),
    };
    format!("{units} after {} days{left}.", plain(progress.days))
}

fn shown(metric: &Metric, value: f64) -> String {
    match metric.sums {
        MetricSums::Proportion { .. } => percent(value),
        _ => plain(value),
    }
}

fn p_value(p: f64) -> String {
    if p < 1e-4 { "p < 0.0001".to_owned() } else { format!("p = {}", plain(p)) }
}

fn percent(share: f64) -> String {
    format!("{} %", plain(share * 100.0))
}

fn signed_percent(share: f64) -> String {
    match share {
        f64::INFINITY => "any amount".to_owned(),
        share if share > 0.0 => format!("+{}", percent(share)),
        share => percent(share),
    }
}

/// With three significant digits, or as a whole number where there are more before the point.
fn plain(value: f64) -> String {
    if value == 0.0 || !value.is_finite() {
        return if value.is_finite() { "0".to_owned() } else { value.to_string() };
    }
    let magnitude = value.abs().log10().floor();
    if magnitude >= 2.0 {
        return whole(value.round());
    }
    if magnitude < -6.0 {
        return format!("{value:.2e}");
    }
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "from 0 to 8")]
    let digits = (2.0 - magnitude) as usize;
    let text = format!("{value:.digits$}");
    let text = text.trim_end_matches('0').trim_end_matches('.');
    text.replacen('-', "−", 1)
}

/// A whole number with its thousands apart.
fn whole(value: f64) -> String {
    if value.abs() >= 1e15 {
        return format!("{value:.2e}");
    }
    let digits = format!("{:.0}", value.abs());
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    if value < 0.0 { format!("−{text}") } else { text }
}

#[cfg(test)]
mod tests {
    use super::{p_value, percent, plain, signed_percent, whole};

    #[test]
    fn numbers_read_well() {
        assert_eq!(whole(1_234_567.0), "1,234,567");
        assert_eq!(whole(-1_000.0), "−1,000");
        assert_eq!(plain(0.012_345), "0.0123");
        assert_eq!(plain(12.3), "12.3");
        assert_eq!(plain(99.96), "100");
        assert_eq!(plain(-2.5), "−2.5");
        assert_eq!(percent(0.95), "95 %");
        assert_eq!(signed_percent(0.214_999), "+21.5 %");
        assert_eq!(signed_percent(f64::INFINITY), "any amount");
        assert_eq!(p_value(1e-9), "p < 0.0001");
    }
}
