//! The remainder of Stirling's formula, and the tail of χ².

use std::f64::consts::TAU;

use statrs::function::gamma::ln_gamma;

use crate::normal;
use crate::p_value::PValue;

/// R(x) in `lnΓ(x) = (x − ½)ln x − x + ½ln2π + R(x)`, for x > 0.
pub(crate) fn stirling_remainder(x: f64) -> f64 {
    if x < 10.0 {
        // Upwards by Γ(x+1) = xΓ(x) would lose nothing either; this is short and good to 1e-15.
        return ln_gamma(x) - ((x - 0.5) * x.ln() - x + 0.5 * TAU.ln());
    }
    let square = 1.0 / (x * x);
    let terms = [1.0 / 156.0, -691.0 / 360_360.0, 1.0 / 1_188.0, -1.0 / 1_680.0, 1.0 / 1_260.0, -1.0 / 360.0];
    let series = terms.iter().fold(0.0, |sum, term| (sum + term) * square);
    (1.0 / 12.0 + series) / x
}

/// lnΓ(a + ½) − lnΓ(a), for a > 0, without subtracting two large numbers.
pub(crate) fn ln_gamma_half_step(a: f64) -> f64 {
    a * (0.5 / a).ln_1p() + 0.5 * a.ln() - 0.5 + stirling_remainder(a + 0.5) - stirling_remainder(a)
}

/// P(χ² > x) with `df` degrees of freedom, x ≥ 0.
///
/// The finite sums for half-integer shapes, all of whose terms are positive: with y = x/2, for even df
/// `e^(−y)·Σ_{j<df/2} y^j/j!`, for odd df `erfc(√y) + e^(−y)·Σ y^(j+½)/Γ(j+3/2)` over j < (df−1)/2. The common
/// e^(−y) stays outside, so that the logarithm does not underflow.
pub fn chi_square(x: f64, df: u32) -> PValue {
    if df == 0 || x <= 0.0 {
        return PValue::ONE;
    }
    if df == 1 {
        return normal::two_sided(x.sqrt());
    }
    let y = x / 2.0;
    let (offset, mut ln_term) =
        if df.is_multiple_of(2) { (0.0, 0.0) } else { (0.5, 0.5 * y.ln() - ln_gamma(1.5)) };
    // Gathered as logarithms relative to the largest, e^(−y) left out.
    let mut ln_terms: Vec<f64> = (0..df / 2)
        .map(|j| {
            let term = ln_term;
            ln_term += (y / (f64::from(j) + 1.0 + offset)).ln();
            term
        })
        .collect();
    if !df.is_multiple_of(2) {
        ln_terms.push(normal::two_sided(x.sqrt()).ln_p + y);
    }
    let largest = ln_terms.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let sum: f64 = ln_terms.iter().map(|ln| (ln - largest).exp()).sum();
    PValue::from_ln(largest + sum.ln() - y)
}

#[cfg(test)]
mod tests {
    use super::{chi_square, stirling_remainder};

    #[test]
    fn known_tails() {
        let check = |x, df, ln_p: f64| {
            let got = chi_square(x, df).ln_p;
            assert!((got - ln_p).abs() < 1e-13 * ln_p.abs().max(1.0), "{x}, {df}: {got}");
        };
        check(40.0, 1, -22.093_833_084_219_643);
        check(2.6, 2, -1.3);
        check(4_000.0, 1, -2_004.373_066_016_638_2);
        // By hand: df = 3 is erfc(√y) + 2√(y/π)e^(−y), df = 4 is e^(−y)(1 + y).
        check(5.0, 3, 0.171_797_144_296_733_f64.ln());
        check(1e5, 4, -5e4 + 50_001.0_f64.ln());
        check(0.0, 5, 0.0);
    }

    #[test]
    fn both_ways_to_the_remainder_agree() {
        let ends = [stirling_remainder(10.0_f64.next_down()), stirling_remainder(10.0)];
        assert!((ends[0] - ends[1]).abs() < 1e-13);
    }
}
