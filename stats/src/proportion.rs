//! Two proportions: conversions, retention, anything that a unit did or did not.
//!
//! The test is the pooled z; the intervals are its inversions, Mee's for the difference and Koopman's for the
//! ratio. With 90/10 splits and rates of one per cent they cover what they promise where Wald's does not.

use serde::Serialize;

use crate::engine::Estimates;
use crate::interval::Interval;
use crate::normal;
use crate::p_value::PValue;
use crate::score;
use crate::status::{Refusal, Status, require_level, worst};
use crate::sums::ProportionSums;
use crate::wilson::{newcombe, wilson};

/// Two proportions compared.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct ProportionComparison {
    /// The control's rate.
    pub rate_c: f64,
    /// The treatment's rate.
    pub rate_t: f64,
    /// Treatment minus control.
    pub diff: f64,
    /// The pooled z.
    pub z: f64,
    /// Its two-sided p-value.
    #[serde(flatten)]
    pub p: PValue,
    /// How the interval was made.
    pub ci_method: &'static str,
    /// The score interval of the difference.
    pub ci: Interval,
    /// The relative lift p_t/p_c − 1; none where the control's rate is zero.
    pub rel: Option<f64>,
    /// The score interval of the relative lift.
    pub rel_ci: Option<Interval>,
    /// Newcombe's interval of the difference.
    pub newcombe: Interval,
    /// Wald's figures, for comparison; none where neither rate varies.
    pub wald: Option<Wald>,
    /// The control's Wilson interval.
    pub wilson_c: Interval,
    /// The treatment's Wilson interval.
    pub wilson_t: Interval,
}

/// What is computed from unpooled variances.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Wald {
    /// √Σ p(1−p)/n.
    pub se: f64,
    /// The difference ± z·se.
    pub ci: Interval,
    /// The p-value of diff/se.
    pub p_unpooled: f64,
}

/// Why these two cannot be compared: x > n, no units, or a single one.
pub fn check(control: ProportionSums, treatment: ProportionSums) -> Result<(), Status> {
    worst(
        [control, treatment].map(
            |arm| {
                if arm.x > arm.n { Status::InvalidInput } else { Status::of_count(arm.n) }
            },
        ),
    )
}

/// Compares two proportions: `z = (p_t − p_c)/√(p̂(1−p̂)(1/n_c + 1/n_t))` with p̂ the pooled rate, `p = 2Φ̄(|z|)`;
/// z = 0 and p = 1 where all units or none did it. `alpha` is that of the intervals.
///
/// Errors as of [`check`].
pub fn compare(
    control: ProportionSums,
    treatment: ProportionSums,
    alpha: f64,
) -> Result<ProportionComparison, Refusal> {
    check(control, treatment)?;
    figures(control, treatment, alpha)
}

/// The same for any arms with units: with one unit the formulas have values, which say little.
pub fn figures(
    control: ProportionSums,
    treatment: ProportionSums,
    alpha: f64,
) -> Result<ProportionComparison, Refusal> {
    require_level(alpha)?;
    if let Err(status @ (Status::NoData | Status::InvalidInput)) = check(control, treatment) {
        return Err(status.into());
    }
    let quantile = normal::upper_quantile(alpha / 2.0);
    let (rate_c, rate_t) = (control.rate(), treatment.rate());
    let diff = rate_t - rate_c;
    let z = pooled_z(control, treatment);
    let se = estimates(control, treatment).se();
    let wald = (se > 0.0).then(|| Wald {
        se,
        ci: Interval::around(diff, quantile * se),
        p_unpooled: normal::two_sided(diff / se).p,
    });
    Ok(ProportionComparison {
        rate_c,
        rate_t,
        diff,
        z,
        p: normal::two_sided(z),
        ci_method: "score(Mee)",
        ci: score::difference(control, treatment, quantile),
        rel: (control.x > 0).then(|| diff / rate_c),
        rel_ci: score::ratio(control, treatment, quantile),
        newcombe: newcombe(control, treatment, quantile),
        wald,
        wilson_c: wilson(control, quantile),
        wilson_t: wilson(treatment, quantile),
    })
}

/// The pooled z.
pub fn pooled_z(control: ProportionSums, treatment: ProportionSums) -> f64 {
    let (n_c, n_t) = (control.n as f64, treatment.n as f64);
    let (successes, all) = (control.x as f64 + treatment.x as f64, n_c + n_t);
    let variance = successes / all * ((all - successes) / all) * (1.0 / n_c + 1.0 / n_t);
    if variance > 0.0 { (treatment.rate() - control.rate()) / variance.sqrt() } else { 0.0 }
}

/// What the engine and the anytime methods compare: rates, with variances p(1−p)/n.
pub fn estimates(control: ProportionSums, treatment: ProportionSums) -> Estimates {
    let estimate = |arm: ProportionSums| {
        let (n, failures) = (arm.n as f64, arm.n.saturating_sub(arm.x) as f64);
        (arm.rate(), arm.x as f64 / n * (failures / n) / n, arm.n)
    };
    Estimates::independent(estimate(control), estimate(treatment))
}

/// Wilson's interval of one arm's rate at level 1 − alpha; none without units.
pub fn interval(arm: ProportionSums, alpha: f64) -> Option<Interval> {
    (arm.n > 0 && arm.x <= arm.n).then(|| wilson(arm, normal::upper_quantile(alpha / 2.0)))
}

#[cfg(test)]
mod tests {
    use super::compare;
    use crate::status::Status;
    use crate::sums::ProportionSums;

    /// Newcombe 1998, Table II, 56/70 − 48/80: method 10 and Mee's.
    #[test]
    fn published_intervals_come_out() {
        let (control, treatment) = (ProportionSums { n: 80, x: 48 }, ProportionSums { n: 70, x: 56 });
        let compared = compare(control, treatment, 0.05).unwrap();
        let ends = [compared.newcombe.lo, compared.newcombe.hi, compared.ci.lo, compared.ci.hi];
        let published = [0.0524, 0.3339, 0.0533, 0.3377];
        assert!(
            ends.iter().zip(published).all(|(end, published)| (end - published).abs() < 5e-5),
            "{ends:?}"
        );
    }

    #[test]
    fn counts_that_cannot_be_are_refused() {
        assert_eq!(ProportionSums::from_counts(5, -1), Err(Status::InvalidInput));
        let (more, none) = (ProportionSums { n: 5, x: 6 }, ProportionSums { n: 0, x: 0 });
        assert_eq!(compare(more, none, 0.05).unwrap_err().status, Status::InvalidInput);
        let some = ProportionSums { n: 5, x: 1 };
        assert_eq!(compare(none, some, 0.05).unwrap_err().status, Status::NoData);
    }
}
