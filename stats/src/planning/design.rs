//! Sample size, power and detectable effect of one design.

use serde::Serialize;

use crate::engine::Alternative;
use crate::normal;
use crate::numeric::bisect;
use crate::sequential::Mixture;
use crate::status::{Status, require_finite, require_level};

/// What is measured, as far as planning needs it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Metric {
    /// A total per unit, a ratio or a quantile, with its standard deviation over units (for the latter two the root
    /// of the variance per unit of their own sections). CUPED multiplies it by √(1 − ρ²).
    Mean {
        /// In the metric's unit.
        sd: f64,
    },
    /// A conversion, with the control's rate.
    Proportion {
        /// From 0 to 1, without the ends.
        p1: f64,
    },
}

/// A design: the test and what it may get wrong.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Design {
    /// What is measured.
    pub metric: Metric,
    /// The significance level, already divided by the number of comparisons.
    pub alpha: f64,
    /// 1 or 2.
    pub sides: u32,
    /// Whether one looks whenever one likes.
    pub anytime: bool,
}

/// How many units it takes.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct SampleSize {
    /// The control's units, before they are rounded up.
    pub n_control_real: f64,
    /// The control's units.
    pub n_control: u64,
    /// The treatment's units.
    pub n_treatment: u64,
    /// Both.
    pub n_total: u64,
}

/// No plan has more units.
const MOST_UNITS: f64 = 1e18;

impl Design {
    fn check(&self) -> Result<(), Status> {
        require_level(self.alpha)?;
        let metric = match self.metric {
            Metric::Mean { sd } => sd > 0.0 && sd.is_finite(),
            Metric::Proportion { p1 } => p1 > 0.0 && p1 < 1.0,
        };
        if metric && (1..=2).contains(&self.sides) { Ok(()) } else { Err(Status::InvalidInput) }
    }

    /// How far from zero an estimate must be, in standard errors: z(1−α/sides), or the factor of the confidence
    /// sequence for `n` units of `n_star` planned.
    fn critical(&self, n: u64, n_star: u64) -> Result<f64, Status> {
        if !self.anytime {
            return Ok(normal::upper_quantile(self.alpha / f64::from(self.sides)));
        }
        let alternative = if self.sides == 2 { Alternative::TwoSided } else { Alternative::Greater };
        Ok(Mixture::new(n, n_star, self.alpha, alternative)?.factor())
    }

    /// Units for an effect `delta` (in the metric's unit) to be found with probability `power`, with `ratio` = n_t/n_c.
    ///
    /// Fixed: means `(z_α+z_β)²σ²(1+1/κ)/δ²`, proportions
    /// `[z_α√(p̄q̄(1+1/κ)) + z_β√(p1q1+p2q2/κ)]²/δ²` with p̄ = (p1+κp2)/(1+κ). Anytime: the size that, planned, is
    /// reached with a crossing at that probability.
    pub fn sample_size(&self, delta: f64, power: f64, ratio: f64) -> Result<SampleSize, Status> {
        self.check()?;
        require_level(power)?;
        require_finite(&[delta, ratio])?;
        if delta == 0.0 || ratio <= 0.0 {
            return Err(Status::InvalidInput);
        }
        let spread = self.spread(delta, 1.0, ratio)?;
        let deviations = if self.anytime {
            // With n* = N the factor does not depend on N.
            let factor = self.critical(1_000_000, 1_000_000)?;
            let reached = |u: f64| self.crossing(factor, u);
            bisect(0.0, factor + 40.0, |u| reached(u) < power) * spread.unpooled
        } else {
            let z = self.critical(0, 0)?;
            z * spread.pooled + normal::quantile(power) * spread.unpooled
        };
        let n_control_real = (deviations / delta).powi(2);
        let (control, treatment) = (n_control_real.ceil(), (ratio * n_control_real).ceil());
        let total = control + treatment;
        if total.is_nan() || total > MOST_UNITS {
            return Err(Status::InvalidInput);
        }
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "from 0 to 1e18")]
        let (n_control, n_treatment) = (control as u64, treatment as u64);
        Ok(SampleSize { n_control_real, n_control, n_treatment, n_total: n_control + n_treatment })
    }

    /// The probability to find an effect `delta`. Fixed: `Φ̄((z_α·s0 − δ)/s1) + [two-sided] Φ((−z_α·s0 − δ)/s1)`, for
    /// means s0 = s1 = σ√(1/n_c+1/n_t), for proportions s0 pooled and s1 not. Anytime, with `n_star` planned for both
    /// arms: with the half-width in place of z_α·s0, a lower bound on having crossed by then. δ counts without its
    /// sign, so that a one-sided test is one in the direction of the effect, as [`Design::sample_size`] has it.
    pub fn power(&self, delta: f64, n_control: u64, n_treatment: u64, n_star: u64) -> Result<f64, Status> {
        self.check()?;
        require_finite(&[delta])?;
        if n_control == 0 || n_treatment == 0 {
            return Err(Status::NoData);
        }
        let critical = self.critical(n_control.saturating_add(n_treatment), n_star)?;
        let spread = self.spread(delta, n_control as f64, n_treatment as f64 / n_control as f64)?;
        let bound = critical * if self.anytime { spread.unpooled } else { spread.pooled };
        let size = delta.abs();
        if spread.unpooled == 0.0 {
            return Ok(if size > bound { 1.0 } else { 0.0 });
        }
        let below = if self.sides == 2 { normal::tail((bound + size) / spread.unpooled) } else { 0.0 };
        Ok((normal::tail((bound - size) / spread.unpooled) + below).min(1.0))
    }

    /// The smallest effect above zero that is found with probability `power`: for means at a fixed horizon
    /// `(z_α+z_β)σ√(1/n_c+1/n_t)`, else the upward root of [`Design::power`].
    ///
    /// `insufficient_data` where no rate up to 1 is far enough.
    pub fn detectable(
        &self,
        power: f64,
        n_control: u64,
        n_treatment: u64,
        n_star: u64,
    ) -> Result<f64, Status> {
        require_level(power)?;
        let at_most = match self.metric {
            Metric::Proportion { p1 } => 1.0 - p1,
            Metric::Mean { sd } => {
                let se = sd * (1.0 / n_control as f64 + 1.0 / n_treatment as f64).sqrt();
                if !self.anytime {
                    self.power(0.0, n_control, n_treatment, n_star)?;
                    return Ok((self.critical(0, 0)? + normal::quantile(power)) * se);
                }
                let critical = self.critical(n_control.saturating_add(n_treatment), n_star)?;
                (critical + 40.0) * se
            }
        };
        if self.power(at_most, n_control, n_treatment, n_star)? < power {
            return Err(Status::InsufficientData);
        }
        let reached = |delta| self.power(delta, n_control, n_treatment, n_star).unwrap_or(1.0);
        Ok(bisect(0.0, at_most, |delta| reached(delta) < power))
    }

    /// P(|Z + u| > critical), or the upper half of it.
    fn crossing(&self, critical: f64, u: f64) -> f64 {
        let below = if self.sides == 2 { normal::tail(critical + u) } else { 0.0 };
        normal::tail(critical - u) + below
    }

    /// The difference's standard errors for `n` control units and `ratio` times as many in the treatment.
    fn spread(&self, delta: f64, n: f64, ratio: f64) -> Result<Spread, Status> {
        match self.metric {
            Metric::Mean { sd } => {
                let se = sd * ((1.0 + 1.0 / ratio) / n).sqrt();
                Ok(Spread { pooled: se, unpooled: se })
            }
            Metric::Proportion { p1 } => {
                let p2 = p1 + delta;
                if !(0.0..=1.0).contains(&p2) {
                    return Err(Status::InvalidInput);
                }
                let mean = (p1 + ratio * p2) / (1.0 + ratio);
                let pooled = (mean * (1.0 - mean) * (1.0 + 1.0 / ratio) / n).max(0.0).sqrt();
                let unpooled = ((p1 * (1.0 - p1) + p2 * (1.0 - p2) / ratio) / n).max(0.0).sqrt();
                Ok(Spread { pooled, unpooled })
            }
        }
    }
}

struct Spread {
    pooled: f64,
    unpooled: f64,
}

#[cfg(test)]
mod tests {
    use super::{Design, Metric};

    const MEAN: Design = Design { metric: Metric::Mean { sd: 10.0 }, alpha: 0.05, sides: 2, anytime: false };

    #[test]
    fn looking_whenever_one_likes_costs_1_9_times_the_units() {
        let fixed = MEAN.sample_size(0.5, 0.8, 1.0).unwrap();
        let anytime = Design { anytime: true, ..MEAN }.sample_size(0.5, 0.8, 1.0).unwrap();
        assert!((anytime.n_control_real / fixed.n_control_real - 1.915).abs() < 5e-4);
    }

    #[test]
    fn a_decrease_is_found_as_its_size_was_planned() {
        for sides in [1, 2] {
            for metric in [Metric::Mean { sd: 10.0 }, Metric::Proportion { p1: 0.3 }] {
                let design = Design { metric, sides, ..MEAN };
                let size = design.sample_size(-0.02, 0.8, 1.0).unwrap();
                let power = design.power(-0.02, size.n_control, size.n_treatment, 0).unwrap();
                assert!((power - 0.8).abs() < 1e-4, "{design:?}: {power}");
            }
        }
    }

    #[test]
    fn size_power_and_effect_are_each_others_inverse() {
        for anytime in [false, true] {
            for metric in [Metric::Mean { sd: 10.0 }, Metric::Proportion { p1: 0.3 }] {
                for sides in [1, 2] {
                    let design = Design { metric, alpha: 0.05, sides, anytime };
                    let size = design.sample_size(0.02, 0.8, 1.5).unwrap();
                    let (c, t) = (size.n_control, size.n_treatment);
                    let power = design.power(0.02, c, t, c + t).unwrap();
                    assert!((power - 0.8).abs() < 1e-4, "{design:?}: {power}");
                    let effect = design.detectable(0.8, c, t, c + t).unwrap();
                    assert!((effect - 0.02).abs() < 1e-5, "{design:?}: {effect}");
                }
            }
        }
    }
}
