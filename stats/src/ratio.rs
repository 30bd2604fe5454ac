//! Ratios of two totals, such as revenue per order, with units as what varies (Deng, Knoblich & Lu 2018).

use serde::Serialize;

use crate::engine::{self, Alternative, Comparison, Estimates};
use crate::moments::centred_squares;
use crate::numeric::centred;
use crate::status::{Refusal, Status, require_finite, worst};
use crate::sums::RatioSums;

/// Two ratios compared.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct RatioComparison {
    /// The control's ratio ΣN/ΣD.
    pub ratio_c: f64,
    /// The treatment's.
    pub ratio_t: f64,
    /// The control's variance per unit, by the delta method.
    pub var_c: f64,
    /// The treatment's.
    pub var_t: f64,
    /// What the engine makes of them.
    #[serde(flatten)]
    pub comparison: Comparison,
}

/// One arm's ratio R = ΣN/ΣD and its variance per unit,
/// `(s_N² − 2R·s_ND + R²·s_D²)/m_D²`, with sample (co)variances over units; the ratio's own variance is that over n.
///
/// `zero_denominator` where ΣD = 0, else as of means.
pub fn ratio(arm: &RatioSums) -> Result<(f64, f64), Status> {
    require_finite(&[arm.num_sum, arm.num_sum_sq, arm.den_sum, arm.den_sum_sq, arm.num_den_sum])?;
    if arm.num_sum_sq < 0.0 || arm.den_sum_sq < 0.0 {
        return Err(Status::InvalidInput);
    }
    if arm.n == 0 {
        return Err(Status::NoData);
    }
    let n = arm.n as f64;
    let num = centred_squares(arm.num_sum_sq, arm.num_sum, n)?;
    let den = centred_squares(arm.den_sum_sq, arm.den_sum, n)?;
    worst([Status::of_count(arm.n)])?;
    if arm.den_sum == 0.0 {
        return Err(Status::ZeroDenominator);
    }
    let both = centred(arm.num_den_sum, arm.num_sum, arm.den_sum, n);
    let r = arm.num_sum / arm.den_sum;
    let spread = num - 2.0 * r * both + r * r * den;
    let size = num + r * r * den;
    let spread = if spread <= 1e-14 * size { 0.0 } else { spread };
    let mean = arm.den_sum / n;
    let variance = spread / (n - 1.0) / mean / mean;
    require_finite(&[r, variance])?;
    Ok((r, variance))
}

/// What the engine compares.
pub fn estimates(control: &RatioSums, treatment: &RatioSums) -> Result<Estimates, Status> {
    let (c, t) = (ratio(control), ratio(treatment));
    worst([c, t].map(|arm| arm.err().unwrap_or(Status::Ok)))?;
    let (c, t) = (c?, t?);
    Ok(Estimates::independent(
        (c.0, c.1 / control.n as f64, control.n),
        (t.0, t.1 / treatment.n as f64, treatment.n),
    ))
}

/// Compares two ratios by the engine.
pub fn compare(
    control: &RatioSums,
    treatment: &RatioSums,
    alpha: f64,
    alternative: Alternative,
) -> Result<RatioComparison, Refusal> {
    let estimates = estimates(control, treatment)?;
    let comparison = engine::compare(estimates, alpha, alternative, 0.0)?;
    Ok(RatioComparison {
        ratio_c: estimates.control,
        ratio_t: estimates.treatment,
        var_c: ratio(control)?.1,
        var_t: ratio(treatment)?.1,
        comparison,
    })
}

#[cfg(test)]
mod tests {
    use super::{compare, ratio};
    use crate::engine::Alternative;
    use crate::status::Status;
    use crate::sums::RatioSums;

    #[test]
    fn nothing_below_the_line_is_told() {
        let arm = RatioSums { n: 9, num_sum: 3.0, num_sum_sq: 3.0, ..RatioSums::default() };
        let refusal = compare(&arm, &arm, 0.05, Alternative::TwoSided).unwrap_err();
        assert_eq!(refusal.status, Status::ZeroDenominator);
    }

    #[test]
    fn with_one_of_each_a_ratio_is_a_mean() {
        let mut sums = RatioSums::default();
        for value in [3.0, 5.0, 10.0] {
            sums.push(value, 1.0);
        }
        assert_eq!(ratio(&sums).unwrap(), (6.0, 13.0));
    }
}
