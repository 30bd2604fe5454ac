//! CUPED: the same metric before the exposure explains part of what varies (Deng, Xu, Kohavi & Walker 2013).
//!
//! The slope is estimated within arms, over all arms, so that the treatment's effect does not touch it (it is
//! the ANCOVA slope). Covariates must be measured before the first exposure; units without a history have 0.

use serde::Serialize;

use crate::engine::{self, Alternative, Comparison, Estimates};
use crate::moments::centred_squares;
use crate::numeric::centred;
use crate::status::{Refusal, Status, require_finite, worst};
use crate::sums::CovariateSums;

/// Two adjusted means compared.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct CupedComparison {
    /// The slope of y on x.
    pub theta: f64,
    /// Whether anything was adjusted: false where the covariate does not vary.
    pub cuped_applied: bool,
    /// The control's mean as observed.
    pub mean_c: f64,
    /// The treatment's.
    pub mean_t: f64,
    /// The control's adjusted mean.
    pub adj_mean_c: f64,
    /// The treatment's.
    pub adj_mean_t: f64,
    /// The share of the difference's variance that the adjustment removed.
    pub variance_reduction: f64,
    /// What the engine makes of the adjusted means.
    #[serde(flatten)]
    pub comparison: Comparison,
}

/// Adjusted estimates, and what they come from.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Adjusted {
    /// What the engine compares.
    pub estimates: Estimates,
    /// The means as observed, control first.
    pub means: [f64; 2],
    /// The slope.
    pub theta: f64,
    /// Whether the covariate varies.
    pub applied: bool,
    /// 1 − Vd/Vd unadjusted.
    pub variance_reduction: f64,
}

/// One arm's centred sums.
struct Arm {
    n: f64,
    mean_y: f64,
    mean_x: f64,
    yy: f64,
    xx: f64,
    xy: f64,
}

impl Arm {
    fn of(sums: &CovariateSums) -> Result<Self, Status> {
        require_finite(&[sums.y_sum, sums.y_sum_sq, sums.x_sum, sums.x_sum_sq, sums.xy_sum])?;
        if sums.y_sum_sq < 0.0 || sums.x_sum_sq < 0.0 {
            return Err(Status::InvalidInput);
        }
        if sums.n == 0 {
            return Ok(Self { n: 0.0, mean_y: 0.0, mean_x: 0.0, yy: 0.0, xx: 0.0, xy: 0.0 });
        }
        let n = sums.n as f64;
        Ok(Self {
            n,
            mean_y: sums.y_sum / n,
            mean_x: sums.x_sum / n,
            yy: centred_squares(sums.y_sum_sq, sums.y_sum, n)?,
            xx: centred_squares(sums.x_sum_sq, sums.x_sum, n)?,
            xy: centred(sums.xy_sum, sums.x_sum, sums.y_sum, n),
        })
    }

    /// The residuals' variance v and their covariance with the covariate c.
    fn residual(&self, theta: f64) -> (f64, f64) {
        let spread = self.yy - 2.0 * theta * self.xy + theta * theta * self.xx;
        let spread = if spread <= 1e-14 * self.yy { 0.0 } else { spread };
        (spread / (self.n - 1.0), (self.xy - theta * self.xx) / (self.n - 1.0))
    }
}

/// Adjusts two arms of an experiment by all of its arms.
///
/// `θ = ΣS_xy/ΣS_xx`; per arm `adj = ȳ − θ(x̄_v − x̄)`, `v = (S_yy − 2θS_xy + θ²S_xx)/(n−1)`,
/// `c = (S_xy − θS_xx)/(n−1)`, `w = n_v/N`; `K = θ²Σw²s²_x/n`;
/// `Vaa = v_c/n_c + 2θw_c·c_c/n_c + K`, Vbb likewise, `Vab = θ(w_c·c_c/n_c + w_t·c_t/n_t) + K`. The difference's
/// variance is then v_c/n_c + v_t/n_t, and degrees of freedom come from those two.
///
/// Errors: an index that there is no arm for and contradicting sums are `invalid_input`, else as of means.
pub fn adjust(arms: &[CovariateSums], control: usize, treatment: usize) -> Result<Adjusted, Status> {
    let sums = (arms.get(control), arms.get(treatment));
    let (Some(sums_c), Some(sums_t)) = sums else { return Err(Status::InvalidInput) };
    let all = arms.iter().map(Arm::of).collect::<Result<Vec<_>, _>>()?;
    worst([Status::of_count(sums_c.n), Status::of_count(sums_t.n)])?;
    let (Some(c), Some(t)) = (all.get(control), all.get(treatment)) else {
        return Err(Status::InvalidInput);
    };
    let xx: f64 = all.iter().map(|arm| arm.xx).sum();
    let applied = xx > 0.0;
    let theta = if applied { all.iter().map(|arm| arm.xy).sum::<f64>() / xx } else { 0.0 };
    let n: f64 = all.iter().map(|arm| arm.n).sum();
    let mean_x = all.iter().map(|arm| arm.mean_x * (arm.n / n)).sum::<f64>();
    let common: f64 = all
        .iter()
        .filter(|arm| arm.n > 1.0)
        .map(|arm| (arm.n / n).powi(2) * (arm.xx / (arm.n - 1.0)) / arm.n)
        .sum::<f64>()
        * theta
        * theta;
    let (v_c, c_c) = c.residual(theta);
    let (v_t, c_t) = t.residual(theta);
    let shared = |arm: &Arm, covariance: f64| theta * (arm.n / n) * covariance / arm.n;
    let plain = c.yy / (c.n - 1.0) / c.n + t.yy / (t.n - 1.0) / t.n;
    let difference_variance = v_c / c.n + v_t / t.n;
    let adjusted = |arm: &Arm| arm.mean_y - theta * (arm.mean_x - mean_x);
    let estimates = Estimates {
        control: adjusted(c),
        treatment: adjusted(t),
        control_variance: v_c / c.n + 2.0 * shared(c, c_c) + common,
        treatment_variance: v_t / t.n + 2.0 * shared(t, c_t) + common,
        covariance: shared(c, c_c) + shared(t, c_t) + common,
        difference_variance,
        df_variances: [v_c / c.n, v_t / t.n],
        n_control: sums_c.n,
        n_treatment: sums_t.n,
    };
    let variance_reduction = if applied && plain > 0.0 { 1.0 - difference_variance / plain } else { 0.0 };
    require_finite(&[estimates.control, estimates.treatment, theta, variance_reduction])?;
    Ok(Adjusted { estimates, means: [c.mean_y, t.mean_y], theta, applied, variance_reduction })
}

/// Compares two adjusted means by the engine.
pub fn compare(
    arms: &[CovariateSums],
    control: usize,
    treatment: usize,
    alpha: f64,
    alternative: Alternative,
) -> Result<CupedComparison, Refusal> {
    let adjusted = adjust(arms, control, treatment)?;
    let comparison = engine::compare(adjusted.estimates, alpha, alternative, 0.0)?;
    let [mean_c, mean_t] = adjusted.means;
    Ok(CupedComparison {
        theta: adjusted.theta,
        cuped_applied: adjusted.applied,
        mean_c,
        mean_t,
        adj_mean_c: adjusted.estimates.control,
        adj_mean_t: adjusted.estimates.treatment,
        variance_reduction: adjusted.variance_reduction,
        comparison,
    })
}

#[cfg(test)]
mod tests {
    use super::compare;
    use crate::engine::Alternative;
    use crate::mean;
    use crate::moments::Moments;
    use crate::sums::CovariateSums;

    #[test]
    fn without_a_history_it_is_welch() {
        let arm = |shift: f64| {
            let mut sums = CovariateSums::default();
            (0..60_u32).for_each(|i| sums.push(f64::from(i % 7) + shift, 0.0));
            sums
        };
        let arms = [arm(0.0), arm(0.5)];
        let plain = arms.map(|arm| Moments::from_sums(&arm.outcome()).unwrap());
        let plain = mean::compare(plain[0], plain[1], 0.05, Alternative::TwoSided).unwrap();
        let adjusted = compare(&arms, 0, 1, 0.05, Alternative::TwoSided).unwrap();
        assert!(!adjusted.cuped_applied && adjusted.variance_reduction.abs() < f64::MIN_POSITIVE);
        assert!((adjusted.comparison.p.p - plain.comparison.p.p).abs() < 1e-14);
    }

    #[test]
    fn a_history_that_explains_narrows_the_interval() {
        let arm = |shift: f64| {
            let mut sums = CovariateSums::default();
            (0..60_u32)
                .for_each(|i| sums.push(f64::from(i % 7) + f64::from(i % 3) / 5.0 + shift, f64::from(i % 7)));
            sums
        };
        let adjusted = compare(&[arm(0.0), arm(0.5)], 0, 1, 0.05, Alternative::TwoSided).unwrap();
        assert!(adjusted.variance_reduction > 0.98);
        assert!(adjusted.comparison.p.p < 1e-9);
    }
}
