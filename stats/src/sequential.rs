//! Anytime-valid inference: a confidence sequence that may be looked at whenever one likes.
//!
//! Robbins' normal mixture, asymptotically (Waudby-Smith, Arbour, Sinha, Kennedy & Ramdas, arXiv 2103.06476), the
//! same object as the mSPRT of Johari, Koomen, Pekelis & Walsh 2022. It needs an estimate, its standard error and
//! the number of units, so it covers every kind of metric. At the planned size its interval is 1.55 times as wide
//! as that of a fixed horizon at 0.05: the price of looking.

use serde::{Deserialize, Serialize};

use crate::engine::Alternative;
use crate::interval::Interval;
use crate::p_value::PValue;
use crate::status::{Status, require_finite, require_level};

/// The planned number of units of a pair where nobody planned one.
pub const DEFAULT_TARGET: u64 = 5_000;

/// An arm is still warming up below so many units …
pub const BURN_IN_UNITS: u64 = 100;

/// … or below so many whose value is not zero.
pub const BURN_IN_NON_ZERO: u64 = 50;

/// The mixture for one alpha, target, and number of units.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Mixture {
    /// ρ, with `ρ² = (−2lnα + ln(1 − 2lnα))/n*`; one-sided with 2α.
    pub rho: f64,
    /// k = Nρ².
    k: f64,
    alpha: f64,
    one_sided: bool,
}

/// What may be concluded at this look.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Look {
    /// The mixture's scale.
    pub rho: f64,
    /// f·se.
    pub halfwidth: f64,
    /// The interval, valid at every look at once; open to one side where the test is.
    pub ci: Interval,
    /// The logarithm of the e-value; two-sided only.
    pub ln_e: Option<f64>,
    /// The p-value, valid at every look at once.
    #[serde(flatten)]
    pub p: PValue,
}

impl Mixture {
    /// `n` units in both arms together so far, `n_star` planned (0: [`DEFAULT_TARGET`]).
    ///
    /// `no_data` without units, `invalid_input` where alpha is not between 0 and 1 (one-sided: and below ½).
    pub fn new(n: u64, n_star: u64, alpha: f64, alternative: Alternative) -> Result<Self, Status> {
        require_level(alpha)?;
        if n == 0 {
            return Err(Status::NoData);
        }
        let one_sided = alternative != Alternative::TwoSided;
        let level = if one_sided { 2.0 * alpha } else { alpha };
        require_level(level)?;
        let n_star = if n_star == 0 { DEFAULT_TARGET } else { n_star };
        let term = -2.0 * level.ln();
        let squared = (term + term.ln_1p()) / n_star as f64;
        Ok(Self { rho: squared.sqrt(), k: n as f64 * squared, alpha, one_sided })
    }

    /// The half-width in standard errors: `√(2(k+1)/k·ln(√(k+1)/α))`, one-sided
    /// `√(2(k+1)/k·ln(1 + √(k+1)/(2α)))`.
    pub fn factor(&self) -> f64 {
        let k = self.k;
        let inner = if self.one_sided {
            (1.0 + (k + 1.0).sqrt() / (2.0 * self.alpha)).ln()
        } else {
            0.5 * k.ln_1p() - self.alpha.ln()
        };
        (2.0 * (k + 1.0) / k * inner).sqrt()
    }

    /// `ln_e = k·z²/(2(k+1)) − ½ln(k+1)`, two-sided.
    pub fn ln_e(&self, z: f64) -> f64 {
        self.weight(z) - 0.5 * self.k.ln_1p()
    }

    /// The p-value of z = (d − null)/se, for z in the direction tested: two-sided `min(1, e^(−ln_e))`, one-sided
    /// `min(1, √(k+1)/(2·expm1(kz²/(2(k+1)))))`, and 1 where z points the other way.
    pub fn p_value(&self, z: f64) -> PValue {
        if !self.one_sided {
            return PValue::from_ln(-self.ln_e(z));
        }
        if z <= 0.0 {
            return PValue::ONE;
        }
        let weight = self.weight(z);
        // ln expm1(w) = w + ln(1 − e^(−w)), which does not overflow.
        let ln_expm1 = weight + (-(-weight).exp_m1()).ln();
        PValue::from_ln(0.5 * self.k.ln_1p() - std::f64::consts::LN_2 - ln_expm1)
    }

    fn weight(&self, z: f64) -> f64 {
        self.k / (self.k + 1.0) * z * z / 2.0
    }
}

/// One look at an estimate with its standard error, of `n` units in both arms together where `n_star` are planned.
///
/// `zero_variance` where se = 0, `invalid_input` where a number is not finite or negative where it cannot be.
pub fn look(
    estimate: f64,
    se: f64,
    n: u64,
    n_star: u64,
    alpha: f64,
    alternative: Alternative,
) -> Result<Look, Status> {
    require_finite(&[estimate, se])?;
    if se < 0.0 {
        return Err(Status::InvalidInput);
    }
    let mixture = Mixture::new(n, n_star, alpha, alternative)?;
    if se == 0.0 {
        return Err(Status::ZeroVariance);
    }
    let halfwidth = mixture.factor() * se;
    let z = estimate / se;
    require_finite(&[halfwidth, z, z * z])?;
    let (ci, ln_e, p) = match alternative {
        Alternative::TwoSided => {
            (Interval::around(estimate, halfwidth), Some(mixture.ln_e(z)), mixture.p_value(z))
        }
        Alternative::Greater => {
            (Interval { lo: estimate - halfwidth, hi: f64::INFINITY }, None, mixture.p_value(z))
        }
        Alternative::Less => {
            (Interval { lo: f64::NEG_INFINITY, hi: estimate + halfwidth }, None, mixture.p_value(-z))
        }
    };
    Ok(Look { rho: mixture.rho, halfwidth, ci, ln_e, p })
}

/// Whether an arm has enough for asymptotics: 100 units, 50 of them with a value other than zero. Until every
/// arm has, the estimate is shown with p = 1 and no interval: with a 90/10 split and sparse revenue, looking
/// from the first unit on gave 19 % false positives.
pub fn warmed_up(n: u64, non_zero: u64) -> bool {
    n >= BURN_IN_UNITS && non_zero >= BURN_IN_NON_ZERO
}

/// What one comparison remembers from look to look: the smallest p-value so far, and when it first was below
/// alpha. Significance is sticky; the interval reported is the present one.
#[derive(Clone, Copy, Debug, Default, Deserialize, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct RunningMinimum {
    /// The logarithm of the smallest p-value.
    pub ln_p: f64,
    /// The alpha it was gathered under.
    pub alpha: f64,
    /// The planned size it was gathered under.
    pub n_star: u64,
    /// The caller's time of the first look with p ≤ alpha.
    pub crossed_at: Option<i64>,
    /// Whether the difference was above zero then.
    pub crossed_up: Option<bool>,
    /// How often it began anew because alpha or the planned size changed.
    pub restarts: u32,
}

impl RunningMinimum {
    /// Nothing seen yet.
    pub fn new(alpha: f64, n_star: u64) -> Self {
        Self { alpha, n_star, ..Self::default() }
    }

    /// After one more look. Where alpha or the planned size is another than before, the minimum begins anew and
    /// the restart is counted: the earlier p-values were valid for another sequence.
    pub fn after(self, ln_p: f64, diff: f64, alpha: f64, n_star: u64, at: Option<i64>) -> Self {
        let same = self.alpha.to_bits() == alpha.to_bits() && self.n_star == n_star;
        let mut next = if same {
            self
        } else {
            Self { restarts: self.restarts.saturating_add(1), ..Self::new(alpha, n_star) }
        };
        if ln_p < next.ln_p {
            next.ln_p = ln_p;
        }
        if next.crossed_up.is_none() && ln_p <= alpha.ln() {
            next.crossed_up = Some(diff > 0.0);
            next.crossed_at = at;
        }
        next
    }

    /// The smallest p-value so far.
    pub fn p(&self) -> PValue {
        PValue::from_ln(self.ln_p)
    }
}

#[cfg(test)]
mod tests {
    use super::{Mixture, RunningMinimum};
    use crate::engine::Alternative;

    #[test]
    fn at_the_planned_size_the_factor_is_as_published() {
        let mixture = Mixture::new(777, 777, 0.05, Alternative::TwoSided).unwrap();
        assert!((mixture.factor() - 3.035).abs() < 5e-4);
    }

    #[test]
    fn the_interval_excludes_zero_exactly_when_p_is_below_alpha() {
        for alternative in [Alternative::TwoSided, Alternative::Greater] {
            for alpha in [1e-9, 0.01, 0.05, 0.4] {
                let mixture = Mixture::new(1_234, 5_000, alpha, alternative).unwrap();
                let at = |z: f64| mixture.p_value(z).p / alpha;
                assert!((at(mixture.factor()) - 1.0).abs() < 1e-9);
                assert!(at(mixture.factor() * 1.001) < 1.0 && at(mixture.factor() * 0.999) > 1.0);
            }
        }
    }

    #[test]
    fn significance_is_sticky_until_the_plan_changes() {
        let first = RunningMinimum::new(0.05, 1_000).after(-5.0, 1.0, 0.05, 1_000, Some(7));
        let second = first.after(-0.1, -0.2, 0.05, 1_000, Some(8));
        assert_eq!((second.ln_p.to_bits(), second.crossed_at), ((-5.0_f64).to_bits(), Some(7)));
        assert_eq!(second.crossed_up, Some(true));
        let third = second.after(-0.1, -0.2, 0.05, 2_000, Some(9));
        assert_eq!((third.crossed_at, third.restarts), (None, 1));
    }
}
