//! Guardrails: metrics that must not get worse by more than a margin (non-inferiority).
//!
//! The margin is tested on a contrast whose variance holds the control's noise as well: for a metric where higher
//! is better and a relative margin M, `b − k·a` with k = 1 − M·sign(a); where lower is better `k·a − b` with
//! k = 1 + M·sign(a). An absolute margin M makes it `d + M`, or `−d + M`. Above zero means: not worse than the
//! margin.

use serde::{Deserialize, Serialize};

use crate::engine::{Alternative, Estimates};
use crate::numeric::{exact_sum, two_product};
use crate::p_value::PValue;
use crate::sequential::Mixture;
use crate::status::{Refusal, Status, require_finite, require_level, worst};
use crate::student;

/// How much worse is still good enough.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Margin {
    /// As a share of the control's mean: 0.02 is two per cent.
    Relative(f64),
    /// In the metric's unit.
    Absolute(f64),
}

/// Which way a metric is better.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Direction {
    /// More is better: conversions, revenue.
    #[default]
    HigherIsBetter,
    /// Less is better: latency, errors.
    LowerIsBetter,
}

impl Direction {
    /// 1 where higher is better, −1 where lower is.
    pub fn sign(self) -> f64 {
        match self {
            Self::HigherIsBetter => 1.0,
            Self::LowerIsBetter => -1.0,
        }
    }
}

/// The contrast with the margin, and its variance.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Contrast {
    /// Above zero: better than the margin.
    pub value: f64,
    /// Its variance.
    pub variance: f64,
    /// Welch's degrees of freedom, with the control's variance times k².
    pub df: f64,
}

/// A non-inferiority test at a fixed horizon.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct NonInferiority {
    /// The contrast, in the metric's unit.
    pub contrast: f64,
    /// Its standard error.
    pub se: f64,
    /// contrast/se.
    pub t: f64,
    /// Degrees of freedom.
    pub df: f64,
    /// P(T > t).
    #[serde(flatten)]
    pub p: PValue,
    /// p ≤ alpha.
    pub noninferior: bool,
}

/// The same while data arrive.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct AnytimeGuardrail {
    /// The contrast, in the metric's unit.
    pub contrast: f64,
    /// Its standard error.
    pub se: f64,
    /// The one-sided anytime p-value of "worse than the margin".
    #[serde(flatten)]
    pub p: PValue,
    /// p ≤ alpha.
    pub noninferior: bool,
    /// Even the favourable edge of the two-sided anytime interval is worse than the margin.
    pub harmed: bool,
}

/// The contrast of two estimates with a margin.
///
/// Computed exactly to the last digits: where the difference equals the margin, what is left is rounding of the
/// inputs and nothing else. `invalid_input` for a negative or infinite margin, `zero_variance` where neither varies.
pub fn contrast(estimates: &Estimates, margin: Margin, direction: Direction) -> Result<Contrast, Refusal> {
    let (a, b) = (estimates.control, estimates.treatment);
    let sign = direction.sign();
    let sign_of_a = if a == 0.0 { 0.0 } else { a.signum() };
    let (k, room, room_error) = match margin {
        Margin::Relative(share) => {
            let (room, error) = two_product(share, a.abs());
            (1.0 - sign * share * sign_of_a, room, error)
        }
        Margin::Absolute(size) => (1.0, size, 0.0),
    };
    let (Margin::Relative(size) | Margin::Absolute(size)) = margin;
    require_finite(&[a, b, k, room, estimates.control_variance, estimates.treatment_variance])?;
    if size < 0.0 {
        return Err(Status::InvalidInput.into());
    }
    worst([Status::of_count(estimates.n_control), Status::of_count(estimates.n_treatment)])?;
    let value = exact_sum(&[sign * b, -sign * a, room, room_error]);
    let scaled = Estimates {
        control_variance: k * k * estimates.control_variance,
        df_variances: [k * k * estimates.df_variances[0], estimates.df_variances[1]],
        ..*estimates
    };
    // Only CUPED's arms have a covariance; elsewhere this is Vb + k²Va.
    let variance = if estimates.covariance == 0.0 {
        scaled.control_variance + estimates.treatment_variance
    } else {
        // b − k·a = (b − a) + (1−k)·a, whose first part has a variance of its own.
        let rest = 1.0 - k;
        estimates.difference_variance
            + rest * rest * estimates.control_variance
            + 2.0 * rest * (estimates.covariance - estimates.control_variance)
    };
    require_finite(&[value, variance])?;
    if variance <= 0.0 {
        return Err(Refusal { status: Status::ZeroVariance, diff: Some(estimates.difference()) });
    }
    Ok(Contrast { value, variance, df: scaled.degrees_of_freedom() })
}

/// Tests at a fixed horizon: t = contrast/se, p = sf_t(t).
pub fn fixed(
    estimates: &Estimates,
    margin: Margin,
    direction: Direction,
    alpha: f64,
) -> Result<NonInferiority, Refusal> {
    require_level(alpha)?;
    let contrast = contrast(estimates, margin, direction)?;
    let se = contrast.variance.sqrt();
    let t = contrast.value / se;
    require_finite(&[t, contrast.df])?;
    let p = student::one_sided(t, contrast.df);
    let noninferior = p.p <= alpha;
    Ok(NonInferiority { contrast: contrast.value, se, t, df: contrast.df, p, noninferior })
}

/// Tests while data arrive, of as many units as the estimates have where `n_star` are planned for the pair: the
/// one-sided form of [`sequential`](crate::sequential) on the contrast, which guardrails always use.
///
/// Without a margin nothing can be shown to be within it, so `noninferior` is then "not harmed".
pub fn anytime(
    estimates: &Estimates,
    margin: Option<Margin>,
    direction: Direction,
    alpha: f64,
    n_star: u64,
) -> Result<AnytimeGuardrail, Refusal> {
    let contrast = contrast(estimates, margin.unwrap_or(Margin::Absolute(0.0)), direction)?;
    let n = estimates.n_control.saturating_add(estimates.n_treatment);
    let one_sided = Mixture::new(n, n_star, alpha, Alternative::Greater)?;
    let two_sided = Mixture::new(n, n_star, alpha, Alternative::TwoSided)?;
    let se = contrast.variance.sqrt();
    let z = contrast.value / se;
    require_finite(&[z * z])?;
    let p = one_sided.p_value(z);
    let harmed = z < -two_sided.factor();
    let noninferior = if margin.is_some() { p.p <= alpha } else { !harmed };
    Ok(AnytimeGuardrail { contrast: contrast.value, se, p, noninferior, harmed })
}

#[cfg(test)]
mod tests {
    use super::{Direction, Margin, anytime, contrast, fixed};
    use crate::engine::Estimates;

    #[test]
    fn directions_mirror_each_other() {
        let of = |a: f64, b: f64| Estimates::independent((a, 0.01, 500), (b, 0.012, 500));
        let up = fixed(&of(10.0, 9.9), Margin::Relative(0.05), Direction::HigherIsBetter, 0.05).unwrap();
        let down = fixed(&of(-10.0, -9.9), Margin::Relative(0.05), Direction::LowerIsBetter, 0.05).unwrap();
        assert_eq!(up, down);
        assert!(up.noninferior);
    }

    #[test]
    fn the_margin_itself_is_not_passed() {
        let estimates = Estimates::independent((10.0, 1e-4, 500), (9.9, 1e-4, 500));
        let edge = contrast(&estimates, Margin::Relative(0.01), Direction::HigherIsBetter).unwrap();
        assert!(edge.value.abs() < 1e-15);
    }

    #[test]
    fn what_is_beyond_the_margin_harms() {
        let estimates = Estimates::independent((10.0, 1e-4, 5_000), (9.0, 1e-4, 5_000));
        let found =
            anytime(&estimates, Some(Margin::Relative(0.05)), Direction::HigherIsBetter, 0.05, 10_000);
        assert!(found.unwrap().harmed);
        let found =
            anytime(&estimates, Some(Margin::Relative(0.15)), Direction::HigherIsBetter, 0.05, 10_000);
        assert!(found.unwrap().noninferior);
        let found = anytime(&estimates, None, Direction::LowerIsBetter, 0.05, 10_000).unwrap();
        assert!(found.noninferior && !found.harmed);
    }
}
