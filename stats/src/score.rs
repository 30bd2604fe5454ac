//! Score intervals of two proportions: of their difference (Mee 1984) and of their ratio (Koopman 1984).
//!
//! Both invert a test whose variance is that of the rates closest to the data under the difference or ratio
//! tried. At "no difference" that is the pooled z test, so the intervals and its p-value never disagree.

use crate::interval::Interval;
use crate::numeric::bisect;
use crate::sums::ProportionSums;

/// The bounds δ where |T(δ)| = z, T(δ) = (p_t − p_c − δ)/√(p̃_t(1−p̃_t)/n_t + p̃_c(1−p̃_c)/n_c), by bisection to
/// the last bit: T falls with δ. A difference of ±1 is its own end.
pub(crate) fn difference(control: ProportionSums, treatment: ProportionSums, z: f64) -> Interval {
    // Of high rates the failures are counted: numbers near 0 are finer than those near 1.
    if control.rate() + treatment.rate() > 1.0 {
        return rare_difference(failures(control), failures(treatment), z).negated();
    }
    rare_difference(control, treatment, z)
}

fn rare_difference(control: ProportionSums, treatment: ProportionSums, z: f64) -> Interval {
    let d = treatment.rate() - control.rate();
    let lo = if d <= -1.0 { -1.0 } else { bisect(-1.0, d, |delta| statistic(control, treatment, delta) > z) };
    let hi = if d >= 1.0 { 1.0 } else { bisect(d, 1.0, |delta| statistic(control, treatment, delta) > -z) };
    Interval { lo, hi }
}

fn failures(arm: ProportionSums) -> ProportionSums {
    ProportionSums { n: arm.n, x: arm.n.saturating_sub(arm.x) }
}

/// T(δ). For δ < 0 the arms change places, so that the smaller of both rates is what is solved for.
fn statistic(control: ProportionSums, treatment: ProportionSums, delta: f64) -> f64 {
    if delta < 0.0 {
        return -statistic(treatment, control, -delta);
    }
    let (n_c, n_t) = (control.n as f64, treatment.n as f64);
    let p_c = restricted(control, treatment, delta);
    let p_t = (p_c + delta).min(1.0);
    let variance = p_t * (1.0 - p_t) / n_t + p_c * (1.0 - p_c) / n_c;
    let distance = treatment.rate() - control.rate() - delta;
    if variance > 0.0 { distance / variance.sqrt() } else { distance * f64::INFINITY }
}

/// The control's rate in [0, 1−δ] that, together with p+δ in the other arm, makes the data likeliest: the zero of
/// the falling slope `x_c/p − (n_c−x_c)/(1−p) + x_t/(p+δ) − (n_t−x_t)/(1−p−δ)`, or the end it points to.
fn restricted(control: ProportionSums, treatment: ProportionSums, delta: f64) -> f64 {
    let term = |count: u64, rate: f64| if count == 0 { 0.0 } else { count as f64 / rate };
    let (no_c, no_t) = (failures(control).x, failures(treatment).x);
    let top = 1.0 - delta;
    bisect(0.0, top, |p| {
        term(control.x, p) + term(treatment.x, p + delta) > term(no_c, 1.0 - p) + term(no_t, top - p)
    })
}

/// The interval of φ − 1, φ = p_t/p_c: where `(p_t − φp_c)/√(p̃_t(1−p̃_t)/n_t + φ²p̃_c(1−p̃_c)/n_c) = ±z`, by
/// bisection over ln φ from −80 to 80. Without treatment successes it begins at −1, without control successes it
/// ends at infinity; without any there is none.
pub(crate) fn ratio(control: ProportionSums, treatment: ProportionSums, z: f64) -> Option<Interval> {
    if control.x == 0 && treatment.x == 0 {
        return None;
    }
    let bound = |z: f64| bisect(-80.0, 80.0, |ln| ratio_statistic(control, treatment, ln.exp()) > z).exp_m1();
    let lo = if treatment.x == 0 { -1.0 } else { bound(z) };
    let hi = if control.x == 0 { f64::INFINITY } else { bound(-z) };
    Interval::new(lo, hi)
}

fn ratio_statistic(control: ProportionSums, treatment: ProportionSums, phi: f64) -> f64 {
    let (n_c, n_t) = (control.n as f64, treatment.n as f64);
    let (x_c, x_t) = (control.x as f64, treatment.x as f64);
    // Of `Aφ·p² + B·p + C` the smaller root, without subtracting: 2C/(−B + √(B²−4AC)).
    let a = (n_c + n_t) * phi;
    let minus_b = n_t * phi + x_t + n_c + x_c * phi;
    let c = x_c + x_t;
    let root = (minus_b * minus_b - 4.0 * a * c).max(0.0).sqrt();
    let p_c = (2.0 * c / (minus_b + root)).min(1.0);
    let p_t = (phi * p_c).min(1.0);
    let variance = p_t * (1.0 - p_t) / n_t + phi * phi * p_c * (1.0 - p_c) / n_c;
    let distance = treatment.rate() - phi * control.rate();
    if variance > 0.0 { distance / variance.sqrt() } else { distance * f64::INFINITY }
}

#[cfg(test)]
mod tests {
    use super::difference;
    use crate::sums::ProportionSums;

    /// Garner 2016 (WUSS 127): 84/101 − 89/105.
    #[test]
    fn the_published_score_interval_comes_out() {
        let (control, treatment) = (ProportionSums { n: 105, x: 89 }, ProportionSums { n: 101, x: 84 });
        let interval = difference(control, treatment, crate::normal::upper_quantile(0.025));
        assert!((interval.lo + 0.118_804).abs() < 5e-7 && (interval.hi - 0.085_741).abs() < 5e-7);
    }
}
