//! Group-sequential designs: a few planned looks that share alpha (Lan & DeMets 1983).
//!
//! Opt-in, for who plans looks. Bounds by the recursion of Armitage, McPherson & Rowe 1969 over the score
//! process W(t), one side at a time: an upper bound only, two-sided is mirrored.

use serde::{Deserialize, Serialize};

use crate::normal;
use crate::numeric::bisect;
use crate::quadrature::Rule;
use crate::status::{Status, require_level};

/// How alpha is spent over information time t.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Spending {
    /// After O'Brien and Fleming, late: 2(1 − Φ(z(1−a/2)/√t)).
    #[default]
    Obf,
    /// After Pocock, evenly: a·ln(1 + (e−1)t).
    Pocock,
    /// a·t².
    Power2,
}

/// The bounds of a design.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Bounds {
    /// Per look the z beyond which the null hypothesis is rejected.
    pub z: Vec<f64>,
    /// Per look what has been spent until then, on each side.
    pub alpha_spent_per_side: Vec<f64>,
}

/// Where a look gives nothing to spend.
const NEVER: f64 = 8.0;

/// The score process is followed from −9√t.
const LOWEST: f64 = 9.0;

/// Looks beyond this many are refused.
const MOST_LOOKS: usize = 100;

impl Spending {
    /// What has been spent on one side at information t in (0, 1], of `a` in all.
    pub fn spent(self, a: f64, t: f64) -> f64 {
        match self {
            Self::Obf => 2.0 * normal::tail(normal::upper_quantile(a / 2.0) / t.sqrt()),
            Self::Pocock => a * ((std::f64::consts::E - 1.0) * t).ln_1p(),
            Self::Power2 => a * t * t,
        }
    }
}

/// The bounds for looks at `info` = N/n*, rising, the present look last. Information past 1 counts as 1.
///
/// `sides` is 1 or 2; each side spends alpha/sides. Anything else, looks that do not rise, and more than 100 looks
/// are `invalid_input`; no looks `no_data`.
pub fn bounds(info: &[f64], alpha: f64, sides: u32, spending: Spending) -> Result<Bounds, Status> {
    require_level(alpha)?;
    let rising = info.windows(2).all(|pair| matches!(pair, [a, b] if a <= b));
    let sound = info.iter().all(|t| t.is_finite() && *t > 0.0);
    if !(1..=2).contains(&sides) || !rising || !sound || info.len() > MOST_LOOKS {
        return Err(Status::InvalidInput);
    }
    if info.is_empty() {
        return Err(Status::NoData);
    }
    let a = alpha / f64::from(sides);
    let mut bounds = Bounds { z: Vec::new(), alpha_spent_per_side: Vec::new() };
    let mut process = Process::start();
    let mut before = 0.0;
    for time in info {
        let t = time.min(1.0);
        let spent = spending.spent(a, t);
        let z = process.bound(t, spent - before);
        process.advance(t, z);
        before = spent;
        bounds.z.push(z);
        bounds.alpha_spent_per_side.push(spent);
    }
    Ok(bounds)
}

/// The score process among paths that have not crossed: nodes w with density times weight.
struct Process {
    time: f64,
    points: Vec<(f64, f64)>,
}

impl Process {
    fn start() -> Self {
        Self { time: 0.0, points: vec![(0.0, 1.0)] }
    }

    /// The z with P(no earlier crossing, W(t) > z√t) = increment.
    fn bound(&self, t: f64, increment: f64) -> f64 {
        let sd = (t - self.time).max(0.0).sqrt();
        if increment < 1e-14 || sd == 0.0 {
            return NEVER;
        }
        let root = t.sqrt();
        let crossing = |z: f64| -> f64 {
            self.points.iter().map(|(w, weight)| weight * normal::tail((z * root - w) / sd)).sum()
        };
        bisect(-LOWEST, NEVER, |z| crossing(z) > increment)
    }

    /// Follows the process to time t, where what is above z√t leaves.
    fn advance(&mut self, t: f64, z: f64) {
        let sd = (t - self.time).max(0.0).sqrt();
        let (low, high) = (-LOWEST * t.sqrt(), z * t.sqrt());
        if sd == 0.0 {
            return;
        }
        // At least 200 nodes, and more where the steps are short beside the range.
        let wanted = ((high - low) / sd * 6.0).clamp(200.0, 2_000.0);
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "from 200 to 2000")]
        let rule = Rule::new(wanted as u32);
        let density = |w: f64| -> f64 {
            self.points.iter().map(|(from, weight)| weight * normal::density((w - from) / sd) / sd).sum()
        };
        let points = rule.on(low, high).map(|(w, weight)| (w, weight * density(w))).collect();
        *self = Self { time: t, points };
    }
}

#[cfg(test)]
mod tests {
    use super::{Spending, bounds};
    use crate::status::Status;

    /// `SeqBounds.jl`, README: one-sided O'Brien–Fleming at 0.05, quarters.
    #[test]
    fn the_published_table_comes_out() {
        let found = bounds(&[0.25, 0.5, 0.75, 1.0], 0.05, 1, Spending::Obf).unwrap();
        for (z, published) in found.z.iter().zip([3.749_55, 2.539_93, 2.016_04, 1.720_14]) {
            assert!((z - published).abs() < 5e-5, "{z} {published}");
        }
    }

    #[test]
    fn one_look_at_the_end_is_the_fixed_test() {
        for spending in [Spending::Obf, Spending::Pocock, Spending::Power2] {
            let found = bounds(&[1.2], 0.05, 2, spending).unwrap();
            assert!((found.z[0] - 1.959_963_984_540_054).abs() < 1e-9);
        }
    }

    #[test]
    fn what_cannot_be_looked_at_is_refused() {
        assert_eq!(bounds(&[0.5, 0.2], 0.05, 2, Spending::Obf), Err(Status::InvalidInput));
        assert_eq!(bounds(&[0.0], 0.05, 2, Spending::Obf), Err(Status::InvalidInput));
        assert_eq!(bounds(&[0.5], 0.05, 3, Spending::Obf), Err(Status::InvalidInput));
        assert_eq!(bounds(&[], 0.05, 2, Spending::Obf), Err(Status::NoData));
    }

    #[test]
    fn a_look_that_has_nothing_to_spend_never_rejects() {
        let found = bounds(&[0.5, 1.0, 1.3], 0.05, 2, Spending::Pocock).unwrap();
        assert_eq!(found.z[2].to_bits(), 8.0_f64.to_bits());
    }
}
