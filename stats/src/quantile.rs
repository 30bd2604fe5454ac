//! Quantiles, such as the 95th percentile of a latency, from a sketch that holds three of them.

use serde::{Deserialize, Serialize};

use crate::engine::{self, Alternative, Comparison, Estimates};
use crate::moments::centred_squares;
use crate::numeric::centred;
use crate::status::{Refusal, Status, require_finite, worst};

/// Twice this many standard errors lie between the outer levels.
const Z: f64 = 1.959_963_984_540_054;

/// nν(1−ν) below this is too little around the quantile to know its spread.
const LEAST: f64 = 10.0;

/// One arm's quantile.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct QuantileSketch {
    /// Observations.
    pub n: u64,
    /// Those that the sketch holds; n where it is complete.
    pub n_star: u64,
    /// The level ν, such as 0.95.
    pub nu: f64,
    /// Q(ν), in the metric's unit.
    pub q_hat: f64,
    /// Q at the lower of [`levels`].
    pub q_lo: f64,
    /// Q at the upper.
    pub q_hi: f64,
    /// Where users are randomised and events observed: sums over users.
    #[serde(default)]
    pub cluster: Option<ClusterSums>,
}

/// Over users, with S a user's events of at most Q(ν) and L all of the user's events.
#[derive(Clone, Copy, Debug, Default, Deserialize, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct ClusterSums {
    /// Users.
    pub n_users: u64,
    /// ΣS.
    pub s_sum: f64,
    /// ΣS².
    pub s_sum_sq: f64,
    /// ΣL.
    pub l_sum: f64,
    /// ΣL².
    pub l_sum_sq: f64,
    /// ΣSL.
    pub sl_sum: f64,
}

/// Two quantiles compared.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct QuantileComparison {
    /// The control's quantile.
    pub q_c: f64,
    /// The treatment's.
    pub q_t: f64,
    /// What the engine makes of them.
    #[serde(flatten)]
    pub comparison: Comparison,
}

/// The levels of `q_lo` and `q_hi`: ν ∓ 1.96·√(ν(1−ν)/n*), within [1/n, 1−1/n].
pub fn levels(nu: f64, n: u64, n_star: u64) -> (f64, f64) {
    let half = Z * (nu * (1.0 - nu) / (n_star.max(1) as f64)).sqrt();
    let first = 1.0 / n.max(2) as f64;
    ((nu - half).clamp(first, 1.0 - first), (nu + half).clamp(first, 1.0 - first))
}

/// One arm's quantile and the variance of it:
/// `se² = ((q_hi − q_lo)/3.92)²·(n*/n)·(n−1)/n`, for events of users times
/// `[(s_S² − 2(μ_S/μ_L)s_SL + (μ_S/μ_L)²s_L²)/(n_users·μ_L²)] / [ν(1−ν)/n]`.
///
/// `insufficient_data` where nν(1−ν) < 10 or both outer quantiles are equal: a floor below the variance would
/// make results depend on the unit of measurement.
pub fn variance(arm: &QuantileSketch) -> Result<f64, Status> {
    require_finite(&[arm.nu, arm.q_hat, arm.q_lo, arm.q_hi])?;
    let (n, n_star) = (arm.n as f64, arm.n_star as f64);
    if arm.nu <= 0.0 || arm.nu >= 1.0 || arm.q_hi < arm.q_lo || arm.n_star > arm.n {
        return Err(Status::InvalidInput);
    }
    worst([Status::of_count(arm.n)])?;
    let spread = arm.nu * (1.0 - arm.nu);
    if n * spread < LEAST || arm.q_hi <= arm.q_lo || arm.n_star == 0 {
        return Err(Status::InsufficientData);
    }
    let width = (arm.q_hi - arm.q_lo) / (2.0 * Z);
    let independent = width * width * (n_star / n) * ((n - 1.0) / n);
    let variance = match &arm.cluster {
        None => independent,
        Some(users) => independent * (cluster_variance(users)? / (spread / n)),
    };
    require_finite(&[variance])?;
    Ok(variance)
}

/// The variance of the share of events at most Q(ν), with users as what varies.
fn cluster_variance(users: &ClusterSums) -> Result<f64, Status> {
    require_finite(&[users.s_sum, users.s_sum_sq, users.l_sum, users.l_sum_sq, users.sl_sum])?;
    if users.s_sum_sq < 0.0 || users.l_sum_sq < 0.0 {
        return Err(Status::InvalidInput);
    }
    worst([Status::of_count(users.n_users)])?;
    if users.l_sum == 0.0 {
        return Err(Status::ZeroDenominator);
    }
    let n = users.n_users as f64;
    let s = centred_squares(users.s_sum_sq, users.s_sum, n)?;
    let l = centred_squares(users.l_sum_sq, users.l_sum, n)?;
    let both = centred(users.sl_sum, users.s_sum, users.l_sum, n);
    let share = users.s_sum / users.l_sum;
    let mean = users.l_sum / n;
    let spread = (s - 2.0 * share * both + share * share * l) / (n - 1.0);
    Ok(spread.max(0.0) / n / mean / mean)
}

/// What the engine compares.
pub fn estimates(control: &QuantileSketch, treatment: &QuantileSketch) -> Result<Estimates, Status> {
    let (c, t) = (variance(control), variance(treatment));
    worst([c, t].map(|arm| arm.err().unwrap_or(Status::Ok)))?;
    Ok(Estimates::independent((control.q_hat, c?, control.n), (treatment.q_hat, t?, treatment.n)))
}

/// Compares two quantiles by the engine.
pub fn compare(
    control: &QuantileSketch,
    treatment: &QuantileSketch,
    alpha: f64,
    alternative: Alternative,
) -> Result<QuantileComparison, Refusal> {
    let estimates = estimates(control, treatment)?;
    let comparison = engine::compare(estimates, alpha, alternative, 0.0)?;
    Ok(QuantileComparison { q_c: estimates.control, q_t: estimates.treatment, comparison })
}

#[cfg(test)]
mod tests {
    use super::{ClusterSums, QuantileSketch, levels, variance};
    use crate::status::Status;

    const ARM: QuantileSketch = QuantileSketch {
        n: 1_000,
        n_star: 1_000,
        nu: 0.5,
        q_hat: 10.0,
        q_lo: 9.0,
        q_hi: 11.0,
        cluster: None,
    };

    #[test]
    fn levels_stay_inside() {
        let (low, high) = levels(0.5, 10_000, 10_000);
        assert!((low - 0.490_2).abs() < 1e-4 && (high - 0.509_8).abs() < 1e-4);
        assert_eq!(levels(0.99, 20, 20), (0.99 - super::Z * (0.0099_f64 / 20.0).sqrt(), 0.95));
    }

    #[test]
    fn too_little_around_the_quantile_is_told() {
        assert_eq!(variance(&QuantileSketch { q_lo: 11.0, ..ARM }), Err(Status::InsufficientData));
        assert_eq!(variance(&QuantileSketch { nu: 0.999, ..ARM }), Err(Status::InsufficientData));
        assert_eq!(variance(&QuantileSketch { nu: 1.0, ..ARM }), Err(Status::InvalidInput));
    }

    #[test]
    fn one_event_per_user_is_nearly_no_cluster() {
        let cluster = ClusterSums {
            n_users: 1_000,
            s_sum: 500.0,
            s_sum_sq: 500.0,
            l_sum: 1_000.0,
            l_sum_sq: 1_000.0,
            sl_sum: 500.0,
        };
        let clustered = variance(&QuantileSketch { cluster: Some(cluster), ..ARM }).unwrap();
        assert!((clustered / variance(&ARM).unwrap() - 1_000.0 / 999.0).abs() < 1e-12);
    }
}
