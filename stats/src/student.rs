//! Student's t distribution, for any number of degrees of freedom from 1 to 1e15 and beyond.
//!
//! Below 5,000 degrees of freedom by the incomplete beta function: its continued fraction with the factor in
//! front kept as a logarithm, so that tails of 1e-1000 have a logarithm; around zero by statrs's
//! regularised beta. From 5,000 on by Hill's expansion (1970, CACM Algorithm 395) for tails and that of Cornish
//! and Fisher for quantiles, whose errors are below 1e-12 there.

use std::f64::consts::{LN_2, PI};

use statrs::function::beta::checked_beta_reg;

use crate::gamma::ln_gamma_half_step;
use crate::normal;
use crate::p_value::PValue;

/// From so many degrees of freedom on the expansions are used.
const MANY: f64 = 5_000.0;

/// P(|T| > |t|) with `df` degrees of freedom, with its logarithm. NaN in, NaN out; NaN without any freedom.
pub fn two_sided(t: f64, df: f64) -> PValue {
    if df <= 0.0 {
        return PValue { p: f64::NAN, ln_p: f64::NAN };
    }
    let t = t.abs();
    if let Some(z) = hill(t, df) {
        return normal::two_sided(z);
    }
    if t * t > 3.0 {
        return PValue::from_ln(ln_two_tails(t, df));
    }
    // The middle, which is the smaller part: P(|T| ≤ t) = I_y(½, df/2) with y = t²/(df + t²).
    let middle = checked_beta_reg(0.5, df / 2.0, t * t / (df + t * t)).unwrap_or(f64::NAN);
    PValue { p: 1.0 - middle, ln_p: (-middle).ln_1p() + 0.0 }
}

/// P(T > t) with `df` degrees of freedom, with its logarithm.
pub fn one_sided(t: f64, df: f64) -> PValue {
    let both = two_sided(t, df);
    if t > 0.0 {
        PValue { p: both.p / 2.0, ln_p: both.ln_p - LN_2 }
    } else {
        let other = both.p / 2.0;
        PValue { p: 1.0 - other, ln_p: (-other).ln_1p() + 0.0 }
    }
}

/// The t whose upper tail is `tail`, for tails from 0 (infinity) to 1; NaN outside, and without any freedom.
pub fn upper_quantile(tail: f64, df: f64) -> f64 {
    // The search would go through all of its steps and find nothing.
    if df <= 0.0 || df.is_nan() {
        return f64::NAN;
    }
    if tail > 0.5 {
        return -upper_quantile(1.0 - tail, df);
    }
    let z = normal::upper_quantile(tail);
    if !(z > 0.0 && z.is_finite()) {
        return z;
    }
    // Far out the expansion would need more terms.
    if df >= MANY && z < 8.0 { cornish_fisher(z, df) } else { search(tail, df, z) }
}

/// Newton's method on the logarithm of the tail over ln t, kept between bounds.
fn search(tail: f64, df: f64, z: f64) -> f64 {
    let goal = tail.ln();
    let ln_tail = |t: f64| one_sided(t, df).ln_p;
    // The normal quantile is below Student's.
    let (mut low, mut high) = (z, 2.0 * z + 1.0);
    while ln_tail(high) > goal && high < 1e300 {
        low = high;
        high *= 4.0;
    }
    let mut t = low.midpoint(high).min(2.0 * low + 1.0);
    for _ in 0..200 {
        let ln = ln_tail(t);
        if ln > goal {
            low = t;
        } else {
            high = t;
        }
        let slope = (ln_density(t, df) - ln).exp() * t;
        let next = t * ((ln - goal) / slope).exp();
        let next = if next > low && next < high { next } else { low.midpoint(high) };
        if (next - t).abs() <= 2.0 * f64::EPSILON * t {
            return next;
        }
        t = next;
    }
    t
}

/// z + (z³+z)/4ν + … + (79z⁹+776z⁷+1482z⁵−1920z³−945z)/92160ν⁴.
fn cornish_fisher(z: f64, df: f64) -> f64 {
    let s = z * z;
    let one = z * (s + 1.0) / 4.0;
    let two = z * ((5.0 * s + 16.0) * s + 3.0) / 96.0;
    let three = z * (((3.0 * s + 19.0) * s + 17.0) * s - 15.0) / 384.0;
    let four = z * ((((79.0 * s + 776.0) * s + 1_482.0) * s - 1_920.0) * s - 945.0) / 92_160.0;
    z + (one + (two + (three + four / df) / df) / df) / df
}

/// Hill's normal deviate for t, where it is exact enough: from 5,000 degrees of freedom on, except far out.
fn hill(t: f64, df: f64) -> Option<f64> {
    let square = t * t / df;
    if df < MANY || (t > 30.0 && square > 0.01) {
        return None;
    }
    let a = df - 0.5;
    let b = 48.0 * a * a;
    let y = a * square.ln_1p();
    let third = ((4.0 * y + 33.0) * y + 240.0) * y + 855.0;
    let bracket = 1.0 + (y + 3.0) / b - third / (10.0 * b * (b + 0.8 * y * y + 100.0));
    Some(y.sqrt() * bracket)
}

/// ln P(|T| > t) = ln I_x(df/2, ½) with x = df/(df + t²), for t² > 3, where the fraction converges fast.
fn ln_two_tails(t: f64, df: f64) -> f64 {
    let a = df / 2.0;
    // t²/df in a way that neither overflows nor loses: ln x = −ln1p(t²/df).
    let ratio = (t / df.sqrt()).powi(2);
    let (ln_x, ln_rest) = if ratio.is_finite() {
        (-ratio.ln_1p(), -(1.0 / ratio).ln_1p())
    } else {
        (df.ln() - 2.0 * t.ln(), 0.0)
    };
    // ln B(a, ½) = ln Γ(½) − (lnΓ(a + ½) − lnΓ(a)).
    let ln_beta = 0.5 * PI.ln() - ln_gamma_half_step(a);
    a * ln_x + 0.5 * ln_rest - a.ln() - ln_beta + beta_fraction(a, 0.5, ln_x.exp()).ln()
}

fn ln_density(t: f64, df: f64) -> f64 {
    let ratio = (t / df.sqrt()).powi(2);
    ln_gamma_half_step(df / 2.0) - 0.5 * (df * PI).ln() - 0.5 * (df + 1.0) * ratio.ln_1p()
}

/// The continued fraction of the incomplete beta function, by Lentz's method; for x < (a+1)/(a+b+2).
fn beta_fraction(a: f64, b: f64, x: f64) -> f64 {
    const TINY: f64 = 1e-300;
    let guard = |value: f64| if value.abs() < TINY { TINY } else { value };
    let mut c = 1.0;
    let mut d = 1.0 / guard(1.0 - (a + b) * x / (a + 1.0));
    let mut fraction = d;
    for step in 1..=10_000 {
        let m = f64::from(step);
        let even = m * (b - m) * x / ((a + 2.0 * m - 1.0) * (a + 2.0 * m));
        d = 1.0 / guard(1.0 + even * d);
        c = guard(1.0 + even / c);
        fraction *= d * c;
        let odd = -(a + m) * (a + b + m) * x / ((a + 2.0 * m) * (a + 2.0 * m + 1.0));
        d = 1.0 / guard(1.0 + odd * d);
        c = guard(1.0 + odd / c);
        let change = d * c;
        fraction *= change;
        if (change - 1.0).abs() <= f64::EPSILON {
            break;
        }
    }
    fraction
}

#[cfg(test)]
mod tests {
    use super::{PI, hill, ln_two_tails, one_sided, two_sided, upper_quantile};

    fn close(got: f64, expected: f64, relative: f64) {
        assert!((got - expected).abs() <= relative * expected.abs(), "{got} is not {expected}");
    }

    #[test]
    fn one_and_two_degrees_have_closed_forms() {
        for t in [1e-9, 0.1, 1.0, 1.7, 1.8, 5.0, 300.0, 1e8] {
            close(one_sided(t, 1.0).p, (1.0_f64 / t).atan() / PI, 2e-14);
            let root = (2.0 + t * t).sqrt();
            close(one_sided(t, 2.0).p, 1.0 / (root * (root + t)), 2e-14);
        }
        close(upper_quantile(0.025, 1.0), 12.706_204_736_174_7, 1e-13);
        close(upper_quantile(0.025, 2.0), 4.302_652_729_749_464, 1e-13);
    }

    #[test]
    fn without_any_freedom_there_is_no_number_and_no_search_for_one() {
        let start = std::time::Instant::now();
        for df in [0.0, -1.0, f64::NAN] {
            assert!(upper_quantile(0.025, df).is_nan() && one_sided(3.0, df).p.is_nan(), "{df}");
        }
        assert!(start.elapsed().as_millis() < 100, "{:?}", start.elapsed());
    }

    #[test]
    fn quantiles_invert_tails() {
        for df in [1.0, 1.5, 3.0, 17.7, 398.0, 4_999.0, 5_001.0, 1e7, 1e12] {
            for tail in [1e-250, 1e-30, 1e-9, 0.0005, 0.025, 0.2, 0.4999] {
                if df < 2.0 && tail < 1e-200 {
                    continue;
                }
                close(one_sided(upper_quantile(tail, df), df).ln_p, f64::ln(tail), 1e-12);
            }
        }
    }

    #[test]
    fn both_methods_agree_where_they_meet() {
        for t in [2.0, 5.0, 10.0, 30.0] {
            let z = hill(t, 5_000.0).unwrap();
            close(ln_two_tails(t, 5_000.0), crate::normal::two_sided(z).ln_p, 1e-12);
        }
        close(ln_two_tails(31.0, 1e6), crate::normal::two_sided(hill(31.0, 1e6).unwrap()).ln_p, 1e-11);
    }

    #[test]
    fn tails_that_underflow_keep_their_logarithm() {
        let far = two_sided(1e5, 300.0);
        assert!(far.p.abs() < f64::MIN_POSITIVE && far.ln_p < -1_000.0 && far.ln_p.is_finite());
        assert!(two_sided(1e200, 3.0).ln_p.is_finite());
    }
}
