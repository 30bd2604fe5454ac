//! Means of totals per unit: counts, revenue, anything summed. Welch's test (Welch 1947).

use serde::Serialize;

use crate::engine::{self, Alternative, Comparison, Estimates};
use crate::moments::{Moments, require_both};
use crate::status::{Refusal, Status};

/// Two means compared.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct MeanComparison {
    /// The control's mean, in the metric's unit.
    pub mean_c: f64,
    /// The treatment's mean.
    pub mean_t: f64,
    /// The control's sample variance, over units.
    pub var_c: f64,
    /// The treatment's.
    pub var_t: f64,
    /// What the engine makes of them.
    #[serde(flatten)]
    pub comparison: Comparison,
}

/// What the engine compares: the means, with variances var/n. One arm without variance is allowed.
///
/// `no_data`, `insufficient_data` (n = 1) and `invalid_input`, in either arm, come back as errors.
pub fn estimates(control: Moments, treatment: Moments) -> Result<Estimates, Status> {
    require_both(control, treatment)?;
    let estimate = |arm: Moments| (arm.mean, arm.variance_of_mean(), arm.n);
    Ok(Estimates::independent(estimate(control), estimate(treatment)))
}

/// Compares two means by Welch's t, relative to `null` (0 for "no difference").
pub fn compare(
    control: Moments,
    treatment: Moments,
    alpha: f64,
    alternative: Alternative,
) -> Result<MeanComparison, Refusal> {
    let comparison = engine::compare(estimates(control, treatment)?, alpha, alternative, 0.0)?;
    Ok(MeanComparison {
        mean_c: control.mean,
        mean_t: treatment.mean,
        var_c: control.variance(),
        var_t: treatment.variance(),
        comparison,
    })
}

#[cfg(test)]
mod tests {
    use super::compare;
    use crate::engine::Alternative;
    use crate::moments::Moments;
    use crate::sums::MeanSums;

    /// The NSW job-training trial (`LaLonde` 1986; Dehejia & Wahba 1999), earnings in 1978 of 260 and 185 men.
    #[test]
    fn the_nsw_trial_comes_out_as_published() {
        let arm = |n, sum, sum_sq| Moments::from_sums(&MeanSums { n, sum, sum_sq, non_zero: 0 }).unwrap();
        let control = arm(260, 1_184_248.291_255_951, 13_182_781_881.937_16);
        let treatment = arm(185, 1_174_591.547_882_08, 18_846_517_440.538_666);
        let compared = compare(control, treatment, 0.05, Alternative::TwoSided).unwrap();
        let rounded = |value: f64, digits: i32| (value * 10_f64.powi(digits)).round() / 10_f64.powi(digits);
        let figures = compared.comparison;
        let got = [
            rounded(compared.mean_c, 2),
            rounded(compared.mean_t, 2),
            rounded(figures.diff, 2),
            rounded(figures.se, 3),
            rounded(figures.t, 4),
            rounded(figures.p.p, 7),
            rounded(figures.ci.lo, 2),
            rounded(figures.ci.hi, 2),
        ];
        let published = [4_554.80, 6_349.14, 1_794.34, 670.997, 2.6741, 0.007_893_0, 474.01, 3_114.67];
        assert!(got.iter().zip(published).all(|(got, published)| (got - published).abs() < 1e-9), "{got:?}");
    }
}
