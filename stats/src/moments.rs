//! Mean and variance of one arm, held so that nothing cancels.

use serde::{Deserialize, Serialize};

use crate::numeric::centred;
use crate::status::{Status, require_finite, worst};
use crate::sums::MeanSums;

/// From sums, an m2 of at most this share of Σy² is rounding, that is zero.
const ROUNDING: f64 = 1e-14;

/// An m2 below minus this share of Σy² is a contradiction.
const CONTRADICTION: f64 = 1e-9;

/// n, the mean, and m2 = Σ(y − mean)², as Chan, Golub & LeVeque merge them.
#[derive(Clone, Copy, Debug, Default, Deserialize, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Moments {
    /// Units.
    pub n: u64,
    /// Their mean, in the metric's unit.
    pub mean: f64,
    /// Σ(y − mean)², in its square. At most zero means that nothing varies.
    pub m2: f64,
}

impl Moments {
    /// From sums: `m2 = Σy² − (Σy)²/n`, in twice the usual precision.
    ///
    /// m2 up to 1e-14·Σy² counts as zero. `invalid_input` where a sum is not finite, Σy² is negative, or m2 is
    /// below −1e-9·Σy²: such sums are a fault upstream and are not clamped.
    pub fn from_sums(sums: &MeanSums) -> Result<Self, Status> {
        require_finite(&[sums.sum, sums.sum_sq])?;
        if sums.sum_sq < 0.0 {
            return Err(Status::InvalidInput);
        }
        if sums.n == 0 {
            return Ok(Self::default());
        }
        let n = sums.n as f64;
        let m2 = centred_squares(sums.sum_sq, sums.sum, n)?;
        Ok(Self { n: sums.n, mean: sums.sum / n, m2 })
    }

    /// Of values, one by one (Welford).
    pub fn from_values(values: &[f64]) -> Self {
        values.iter().fold(Self::default(), |all, value| all.merge(Self { n: 1, mean: *value, m2: 0.0 }))
    }

    /// Both parts as one: δ = m_B − m_A, mean = m_A + δ·n_B/n, m2 = m2_A + m2_B + δ²·n_A·n_B/n.
    pub fn merge(self, other: Self) -> Self {
        if self.n == 0 {
            return other;
        }
        if other.n == 0 {
            return self;
        }
        let n = self.n.saturating_add(other.n);
        let (first, second, all) = (self.n as f64, other.n as f64, n as f64);
        let delta = other.mean - self.mean;
        Self {
            n,
            mean: self.mean + delta * (second / all),
            m2: self.m2 + other.m2 + delta * delta * (first / all) * second,
        }
    }

    /// The sample variance m2/(n − 1), in the square of the metric's unit; zero where nothing varies or n < 2.
    pub fn variance(self) -> f64 {
        if self.n < 2 { 0.0 } else { self.m2.max(0.0) / (self.n as f64 - 1.0) }
    }

    /// The variance of the mean: variance/n.
    pub fn variance_of_mean(self) -> f64 {
        if self.n == 0 { 0.0 } else { self.variance() / self.n as f64 }
    }

    /// Why this arm alone forbids a comparison, if it does.
    pub(crate) fn status(self) -> Status {
        match require_finite(&[self.mean, self.m2]) {
            Err(status) => status,
            Ok(()) => Status::of_count(self.n),
        }
    }
}

/// Σ(y − ȳ)² from sums, with the rules above.
pub(crate) fn centred_squares(sum_sq: f64, sum: f64, n: f64) -> Result<f64, Status> {
    let m2 = centred(sum_sq, sum, sum, n);
    if !m2.is_finite() || m2 < -CONTRADICTION * sum_sq {
        return Err(Status::InvalidInput);
    }
    Ok(if m2 <= ROUNDING * sum_sq { 0.0 } else { m2 })
}

/// Both arms can be compared as far as each alone tells.
pub(crate) fn require_both(control: Moments, treatment: Moments) -> Result<(), Status> {
    worst([control.status(), treatment.status()])
}

#[cfg(test)]
mod tests {
    use super::Moments;
    use crate::status::Status;
    use crate::sums::MeanSums;

    #[test]
    fn merging_parts_gives_the_whole() {
        let values: Vec<f64> = (0..100_u32).map(|i| f64::from(i * i % 37) - 9.5).collect();
        let whole = Moments::from_values(&values);
        let parts = Moments::from_values(&values[..33]).merge(Moments::from_values(&values[33..]));
        assert_eq!(whole.n, parts.n);
        assert!((whole.m2 - parts.m2).abs() < 1e-10 * whole.m2);
    }

    #[test]
    fn contradicting_sums_are_refused_and_rounding_is_zero() {
        let sums = |n, sum, sum_sq| Moments::from_sums(&MeanSums { n, sum, sum_sq, non_zero: 0 });
        assert_eq!(sums(10, 100.0, 10.0), Err(Status::InvalidInput));
        assert_eq!(sums(10, f64::NAN, 10.0), Err(Status::InvalidInput));
        let constant = sums(3, 0.3, 0.03).unwrap();
        assert!(constant.m2.abs() < f64::MIN_POSITIVE);
    }
}
