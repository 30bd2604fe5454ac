//! Wilson's interval of one proportion, and Newcombe's of a difference, which is made of two of them.

use crate::interval::Interval;
use crate::sums::ProportionSums;

/// `(x + z²/2 ± z√(n·p(1−p) + z²/4))/(n + z²)`, with exact ends at x = 0 and x = n.
///
/// The limits are the roots of `(n+z²)p² − (2x+z²)p + x²/n`: the smaller comes from the product of both, the larger
/// one of a high rate from the failures, so that nothing cancels.
pub(crate) fn wilson(arm: ProportionSums, z: f64) -> Interval {
    let failures = ProportionSums { n: arm.n, x: arm.n.saturating_sub(arm.x) };
    Interval { lo: lower(arm, z), hi: 1.0 - lower(failures, z) }
}

fn lower(arm: ProportionSums, z: f64) -> f64 {
    if arm.x == 0 {
        return 0.0;
    }
    let (n, x) = (arm.n as f64, arm.x as f64);
    let failures = arm.n.saturating_sub(arm.x) as f64;
    let half = z * z / 2.0;
    let larger = x + half + z * (x * failures / n + half / 2.0).sqrt();
    x * x / n / larger
}

/// Newcombe 1998, method 10: `d − √((p_t−l_t)² + (u_c−p_c)²)` to `d + √((u_t−p_t)² + (p_c−l_c)²)`.
pub(crate) fn newcombe(control: ProportionSums, treatment: ProportionSums, z: f64) -> Interval {
    let (c, t) = (wilson(control, z), wilson(treatment, z));
    let (p_c, p_t) = (control.rate(), treatment.rate());
    let d = p_t - p_c;
    Interval { lo: d - (p_t - t.lo).hypot(c.hi - p_c), hi: d + (t.hi - p_t).hypot(p_c - c.lo) }
}
