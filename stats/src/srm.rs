//! Sample-ratio mismatch: whether the arms have the shares that they were given.
//!
//! [`fixed`] is the χ² test, for one look. [`sequential`] may be looked at after every unit (Lindon & Malek 2022)
//! and is what raises the alarm, at p < 0.001: the χ² test, looked at 200 times, fired in 1.6 % of balanced runs.

use serde::{Deserialize, Serialize};

use crate::gamma::{chi_square, stirling_remainder};
use crate::numeric::two_product;
use crate::p_value::PValue;
use crate::status::{Status, require_finite};

/// An alarm below this p-value.
pub const ALARM: f64 = 0.001;

/// The prior's weight A in the sequential test, in units.
pub const CONCENTRATION: f64 = 10_000.0;

/// The χ² test.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct FixedSrm {
    /// Σ(o−e)²/e.
    pub chi2: f64,
    /// Arms with weight, less one.
    pub df: u32,
    /// Its p-value.
    #[serde(flatten)]
    pub p: PValue,
}

/// The sequential test after some units.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct SequentialSrm {
    /// The logarithm of the Bayes factor against the given shares: an e-value.
    pub ln_bf: f64,
    /// min(1, e^(−ln_bf)), valid whenever one looks.
    #[serde(flatten)]
    pub p: PValue,
}

/// What earlier looks found.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct SrmHistory {
    /// The smallest p-value so far.
    pub min_p: Option<f64>,
    /// The sum of `ln_bf` over phases that a change of weights has ended: their e-values multiply.
    pub ln_e_before: f64,
    /// Units per arm in the present phase; all, where weights never changed.
    pub phase: Option<Vec<u64>>,
}

/// Counts and weights of the arms that have weight.
///
/// `invalid_input` for lists of different length, weights that are negative, not finite or all zero, and units
/// in an arm without weight; `no_data` without units.
fn arms(counts: &[u64], weights: &[f64]) -> Result<Vec<(f64, f64)>, Status> {
    require_finite(weights)?;
    let sound = counts.len() == weights.len() && weights.iter().all(|weight| *weight >= 0.0);
    let pairs = counts.iter().zip(weights);
    let stray = pairs.clone().any(|(count, weight)| *weight == 0.0 && *count > 0);
    let arms: Vec<(f64, f64)> =
        pairs.filter(|(_, weight)| **weight > 0.0).map(|(count, weight)| (*count as f64, *weight)).collect();
    if !sound || stray || arms.is_empty() || !arms.iter().map(|arm| arm.1).sum::<f64>().is_finite() {
        return Err(Status::InvalidInput);
    }
    if arms.iter().all(|arm| arm.0 == 0.0) { Err(Status::NoData) } else { Ok(arms) }
}

/// The excess of each arm over its share, o − Nw/W, without rounding away what is small beside N.
fn excess(count: f64, weight: f64, all: f64, weights: f64) -> f64 {
    let (given, given_error) = two_product(count, weights);
    let (due, due_error) = two_product(all, weight);
    ((given - due) + (given_error - due_error)) / weights
}

/// χ² = Σ(o−e)²/e over arms with weight, df = their number − 1. Weights are on any scale.
///
/// Errors: units in an arm without weight and impossible weights are `invalid_input`, no units `no_data`.
pub fn fixed(counts: &[u64], weights: &[f64]) -> Result<FixedSrm, Status> {
    let arms = arms(counts, weights)?;
    let (n, w) = totals(&arms);
    let chi2 =
        arms.iter().map(|(count, weight)| excess(*count, *weight, n, w).powi(2) / (n * (weight / w))).sum();
    let df = u32::try_from(arms.len() - 1).map_err(|_| Status::InvalidInput)?;
    require_finite(&[chi2])?;
    Ok(FixedSrm { chi2, df, p: chi_square(chi2, df) })
}

/// The sequential test of cumulative counts, with a Dirichlet(Aθ) prior, A = `concentration`:
/// `ln_bf = lnΓ(A) − lnΓ(A+N) + Σ[lnΓ(Aθ+n) − lnΓ(Aθ) − n·lnθ]`.
///
/// In the form that stays exact for 1e12 units: X = A+N, x = Aθ+n, e = (n−Nθ)/(Xθ), g(e) = (1+e)ln1p(e) − e, R the
/// remainder of Stirling's formula,
/// `Σ[Xθ·g(e) − ½ln(x/Aθ) + R(x) − R(Aθ)] + ½ln(X/A) − R(X) + R(A)`. Depends on cumulative counts only.
///
/// Errors as of [`fixed`]; without units there is no evidence, p = 1.
pub fn sequential(counts: &[u64], weights: &[f64], concentration: f64) -> Result<SequentialSrm, Status> {
    let arms = match arms(counts, weights) {
        Err(Status::NoData) => return Ok(SequentialSrm { ln_bf: 0.0, p: PValue::ONE }),
        arms => arms?,
    };
    if !(concentration > 0.0 && concentration.is_finite()) {
        return Err(Status::InvalidInput);
    }
    let (n, w) = totals(&arms);
    let whole = concentration + n;
    let part = |(count, weight): &(f64, f64)| {
        let share = weight / w;
        let prior = concentration * share;
        let posterior = prior + count;
        let surprise = excess(*count, *weight, n, w) / (whole * share);
        whole * share * relative_entropy(surprise) - 0.5 * (count / prior).ln_1p()
            + stirling_remainder(posterior)
            - stirling_remainder(prior)
    };
    let ln_bf = arms.iter().map(part).sum::<f64>() + 0.5 * (n / concentration).ln_1p()
        - stirling_remainder(whole)
        + stirling_remainder(concentration);
    require_finite(&[ln_bf])?;
    Ok(SequentialSrm { ln_bf, p: PValue::from_ln(-ln_bf) })
}

/// g(e) = (1+e)·ln(1+e) − e, by its series near zero.
fn relative_entropy(e: f64) -> f64 {
    if e.abs() < 1e-4 {
        return e * e * (0.5 - e * (1.0 / 6.0 - e * (1.0 / 12.0 - e / 20.0)));
    }
    if e <= -1.0 { 1.0 } else { (1.0 + e) * e.ln_1p() - e }
}

fn totals(arms: &[(f64, f64)]) -> (f64, f64) {
    (arms.iter().map(|arm| arm.0).sum(), arms.iter().map(|arm| arm.1).sum())
}

#[cfg(test)]
mod tests {
    use super::{CONCENTRATION, fixed, sequential};
    use crate::status::Status;

    /// Kohavi, Tang & Xu 2020: 821,588 against 815,482 (the book: 1.8E-6). Wikipedia: 600 against 400.
    #[test]
    fn published_examples_come_out() {
        let book = fixed(&[821_588, 815_482], &[0.5, 0.5]).unwrap();
        assert!((book.p.p / 1.821_79e-6 - 1.0).abs() < 1e-5);
        let wikipedia = fixed(&[600, 400], &[1.0, 1.0]).unwrap();
        assert!((wikipedia.p.p / 2.539_629e-10 - 1.0).abs() < 1e-6);
    }

    #[test]
    fn units_without_weight_are_a_fault() {
        assert_eq!(fixed(&[5, 5, 1], &[1.0, 1.0, 0.0]), Err(Status::InvalidInput));
        assert_eq!(fixed(&[0, 0], &[1.0, 1.0]), Err(Status::NoData));
        assert_eq!(fixed(&[1], &[1.0, 1.0]), Err(Status::InvalidInput));
        assert_eq!(fixed(&[1, 1], &[1.0, -1.0]), Err(Status::InvalidInput));
    }

    #[test]
    fn one_unit_is_its_bayes_factor() {
        // Of the first unit the prior predicts exactly its share.
        let first = sequential(&[1, 0], &[0.3, 0.7], CONCENTRATION).unwrap();
        assert!(first.ln_bf.abs() < 1e-12);
        // Two in the same arm of two: (A/2+1)/(A+1) against ½.
        let second = sequential(&[2, 0], &[0.5, 0.5], CONCENTRATION).unwrap();
        assert!((second.ln_bf - (5_001.0 / 10_001.0 * 2.0_f64).ln()).abs() < 1e-12);
    }
}
