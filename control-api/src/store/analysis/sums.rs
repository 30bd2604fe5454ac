//! Sums per variant and metric, as they are added up and stored.

use uuid::Uuid;

use super::reading::Subject;

/// Sums per metric, in this order: Σy, Σy², Σd, Σd², Σyd, Σx, Σx², Σxy over users, then how many users
/// have y ≠ 0, and how many there are; y above the line, d below it, x before exposure.
pub(super) const SUMS: usize = 10;

/// One variant's sums.
#[derive(Clone, Debug, PartialEq)]
pub struct ArmSums {
    /// The variant.
    pub variant_id: Uuid,
    /// The value of the attribute that a breakdown is by; none also where users have none.
    pub segment: Option<String>,
    /// Users exposed to this variant and no other.
    pub exposed: u64,
    /// The metrics' sums, one after the other.
    numbers: Vec<f64>,
}

/// The sums of one metric of one variant.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Sums {
    /// Σy over users.
    pub y: f64,
    /// Σy².
    pub y_sq: f64,
    /// Σd, of ratios.
    pub d: f64,
    /// Σd².
    pub d_sq: f64,
    /// Σyd.
    pub yd: f64,
    /// Σx, with a pre-period.
    pub x: f64,
    /// Σx².
    pub x_sq: f64,
    /// Σxy.
    pub xy: f64,
    /// Users with y ≠ 0.
    pub non_zero: u64,
    /// Users: all exposed ones, or those whose window has closed.
    pub n: u64,
}

impl ArmSums {
    /// Sums as they were read; missing ones are 0.
    pub(super) fn new(
        variant_id: Uuid,
        segment: Option<String>,
        exposed: i64,
        numbers: Option<Vec<f64>>,
        metrics: usize,
    ) -> Self {
        let mut numbers = numbers.unwrap_or_default();
        numbers.resize(metrics * SUMS, 0.0);
        Self { variant_id, segment, exposed: u64::try_from(exposed).unwrap_or_default(), numbers }
    }

    /// Nobody's.
    pub fn empty(subject: &Subject, variant_id: Uuid, segment: Option<&str>) -> Self {
        Self::new(variant_id, segment.map(str::to_owned), 0, None, subject.metrics.len())
    }

    /// Those of the metric at `index`.
    pub fn of(&self, index: usize) -> Sums {
        let at = |which: usize| self.numbers.get(index * SUMS + which).copied().unwrap_or_default();
        Sums {
            y: at(0),
            y_sq: at(1),
            d: at(2),
            d_sq: at(3),
            yd: at(4),
            x: at(5),
            x_sq: at(6),
            xy: at(7),
            non_zero: count(at(8)),
            n: count(at(9)),
        }
    }

    /// All numbers, for comparing.
    pub fn numbers(&self) -> &[f64] {
        &self.numbers
    }
}

/// A count that came as a double.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a count, and below 2^53")]
pub(super) fn count(number: f64) -> u64 {
    number.max(0.0).round() as u64
}
