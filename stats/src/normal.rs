//! The standard normal distribution: density, tails, quantiles.
//!
//! Upper tails are computed as tails, never as one minus the rest: the tail of 10 is 7.6e-24 here, not zero.

use std::f64::consts::{FRAC_1_SQRT_2, SQRT_2, TAU};

use crate::p_value::PValue;

/// From here on the tail's own series is used; the tail itself would soon underflow.
const FAR: f64 = 37.0;

/// The density φ(x).
pub fn density(x: f64) -> f64 {
    (-0.5 * x * x).exp() / TAU.sqrt()
}

/// ln φ(x).
pub fn ln_density(x: f64) -> f64 {
    -0.5 * x * x - 0.5 * TAU.ln()
}

/// The upper tail Φ̄(x) = P(Z > x), by `erfc`.
pub fn tail(x: f64) -> f64 {
    0.5 * libm::erfc(x * FRAC_1_SQRT_2)
}

/// Φ(x) = P(Z ≤ x), as the tail of −x.
pub fn cumulative(x: f64) -> f64 {
    tail(-x)
}

/// ln Φ̄(x), which does not underflow: beyond 37 by
/// `−x²/2 − ln x − ½ln2π + ln1p(−1/x² + 3/x⁴ − 15/x⁶)`.
pub fn ln_tail(x: f64) -> f64 {
    if x > FAR {
        let square = x * x;
        let series = (-1.0 + (3.0 - 15.0 / square) / square) / square;
        -0.5 * square - x.ln() - 0.5 * TAU.ln() + series.ln_1p()
    } else if x < 0.0 {
        (-tail(-x)).ln_1p()
    } else {
        tail(x).ln()
    }
}

/// P(|Z| > |z|), with its logarithm.
pub fn two_sided(z: f64) -> PValue {
    let z = z.abs();
    if z > FAR {
        return PValue::from_ln(ln_tail(z) + std::f64::consts::LN_2);
    }
    let p = libm::erfc(z * FRAC_1_SQRT_2);
    // Near 1 the logarithm is that of what is missing to 1.
    let ln_p = if p > 0.5 { (-libm::erf(z * FRAC_1_SQRT_2)).ln_1p() } else { p.ln() };
    PValue { p, ln_p: ln_p + 0.0 }
}

/// P(Z > z), with its logarithm.
pub fn one_sided(z: f64) -> PValue {
    PValue { p: tail(z), ln_p: ln_tail(z) + 0.0 }
}

/// The quantile z(p), with Φ(z) = p. For p near 1 prefer [`upper_quantile`], which takes the tail.
pub fn quantile(p: f64) -> f64 {
    if p < 0.5 { -upper_quantile(p) } else { upper_quantile(1.0 - p) }
}

/// The z whose upper tail is `tail`, for tails from 0 (infinity) to 1; NaN outside.
///
/// Newton's method on ln Φ̄, which is nearly a parabola: exact to the last digits even for a tail of 1e-300.
pub fn upper_quantile(tail: f64) -> f64 {
    if tail > 0.5 {
        return -upper_quantile(1.0 - tail);
    }
    if tail.is_nan() || tail < 0.0 {
        return f64::NAN;
    }
    if tail == 0.0 {
        return f64::INFINITY;
    }
    let start = SQRT_2 * statrs::function::erf::erfc_inv(2.0 * tail);
    let goal = tail.ln();
    let mut z = if start.is_finite() { start } else { (-2.0 * goal).sqrt() };
    for _ in 0..8 {
        let ln = ln_tail(z);
        let hazard = (ln_density(z) - ln).exp();
        let step = (ln - goal) / hazard;
        z += step;
        if step.abs() <= 2.0 * f64::EPSILON * z.abs() {
            break;
        }
    }
    z
}

#[cfg(test)]
mod tests {
    use super::{ln_tail, quantile, tail, two_sided, upper_quantile};

    fn close(got: f64, expected: f64) {
        assert!((got - expected).abs() <= 1e-14 * expected.abs(), "{got} is not {expected}");
    }

    #[test]
    fn known_quantiles_and_tails() {
        close(quantile(0.975), 1.959_963_984_540_054);
        close(upper_quantile(0.005), 2.575_829_303_548_901);
        close(tail(10.0), 7.619_853_024_160_527e-24);
        close(tail(upper_quantile(1e-200)).ln() / 1e-200_f64.ln(), 1.0);
    }

    #[test]
    fn the_logarithm_goes_on_where_the_tail_ends() {
        assert!((ln_tail(37.0) - ln_tail(37.000_001)).abs() < 1e-4);
        close(two_sided(2_102.740_605_622_114_3).ln_p, -2_210_766.904_054_43);
        assert_eq!(two_sided(0.0).ln_p.to_bits(), 0);
    }
}
