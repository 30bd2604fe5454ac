//! Winsorisation: extreme values per unit are drawn in to thresholds before they are summed.
//!
//! Thresholds are nearest-rank quantiles of all arms together, one pair for all arms, and the variance
//! treats them as fixed. Sums cannot be clamped afterwards, so data are read twice: [`thresholds`] from the
//! first pass (or a database's discrete percentile, which is the same rank), [`clamped_sums`] in the second.
//! Revenue and counts default to an upper share of 0.99; a lower share is for metrics that may be negative.

use serde::{Deserialize, Serialize};

use crate::status::{Status, require_finite};
use crate::sums::MeanSums;

/// Where values are drawn in to, in the metric's unit.
#[derive(Clone, Copy, Debug, Default, Deserialize, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Thresholds {
    /// Values below count as this.
    pub lower: Option<f64>,
    /// Values above count as this.
    pub upper: Option<f64>,
}

/// What winsorisation did, for the report.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Winsorised {
    /// The lower threshold.
    pub cap_lo: Option<f64>,
    /// The upper threshold.
    pub cap_hi: Option<f64>,
    /// Units whose value changed, per arm.
    pub capped: Vec<u64>,
}

impl Thresholds {
    /// The value drawn in.
    pub fn clamp(&self, value: f64) -> f64 {
        let value = self.upper.map_or(value, |upper| value.min(upper));
        self.lower.map_or(value, |lower| value.max(lower))
    }
}

/// The value of rank ⌈p·N⌉ among N sorted values, for p in (0, 1]; the first for p = 0. None without values.
pub fn nearest_rank(sorted: &[f64], p: f64) -> Option<f64> {
    sorted.get(rank(sorted.len() as u64, p)?.try_into().unwrap_or(usize::MAX)).copied()
}

/// The index of that value, from 0.
fn rank(count: u64, p: f64) -> Option<u64> {
    if count == 0 || !(0.0..=1.0).contains(&p) {
        return None;
    }
    let (product, error) = crate::numeric::two_product(p, count as f64);
    // p·N as written in decimal: 0.95·20 is 19, though the double 0.95 times 20 is a little less.
    let nearest = product.round();
    let place =
        if (product - nearest + error).abs() <= 1e-9 * nearest.max(1.0) { nearest } else { product.ceil() };
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "between 0 and count")]
    let place = place.max(1.0) as u64;
    Some(place.min(count) - 1)
}

/// Thresholds from the values of all arms, which are sorted on the way.
///
/// `no_data` without values, `invalid_input` where one is not finite or a share is not from 0 to 1.
pub fn thresholds(
    pooled: &mut [f64],
    lower_pct: Option<f64>,
    upper_pct: Option<f64>,
) -> Result<Thresholds, Status> {
    require_finite(pooled)?;
    pooled.sort_by(f64::total_cmp);
    let groups: Vec<(f64, u64)> = pooled.iter().map(|value| (*value, 1)).collect();
    thresholds_of_groups(&groups, lower_pct, upper_pct)
}

/// The same from distinct values in rising order with how many units have each, as a database groups them.
pub fn thresholds_of_groups(
    groups: &[(f64, u64)],
    lower_pct: Option<f64>,
    upper_pct: Option<f64>,
) -> Result<Thresholds, Status> {
    let count = groups.iter().fold(0_u64, |sum, group| sum.saturating_add(group.1));
    if count == 0 {
        return Err(Status::NoData);
    }
    let at = |p: f64| -> Result<f64, Status> {
        let place = rank(count, p).ok_or(Status::InvalidInput)?;
        let mut before = 0_u64;
        let found = groups.iter().find(|group| {
            before = before.saturating_add(group.1);
            before > place
        });
        found.map(|group| group.0).ok_or(Status::InvalidInput)
    };
    Ok(Thresholds { lower: lower_pct.map(at).transpose()?, upper: upper_pct.map(at).transpose()? })
}

/// One arm's sums of values drawn in, and how many units that changed.
pub fn clamped_sums(values: &[f64], thresholds: &Thresholds) -> (MeanSums, u64) {
    let mut sums = MeanSums::default();
    let mut changed = 0;
    for value in values {
        let clamped = thresholds.clamp(*value);
        changed += u64::from(clamped.to_bits() != value.to_bits() && (clamped - value).abs() > 0.0);
        sums.push(clamped);
    }
    (sums, changed)
}

#[cfg(test)]
mod tests {
    use super::{nearest_rank, thresholds, thresholds_of_groups};

    #[test]
    fn ranks_are_counted_in_decimal() {
        let values: Vec<f64> = (1..=20).map(f64::from).collect();
        assert_eq!(nearest_rank(&values, 0.95), Some(19.0));
        assert_eq!(nearest_rank(&values, 0.951), Some(20.0));
        assert_eq!(nearest_rank(&values, 0.05), Some(1.0));
        assert_eq!(nearest_rank(&values, 1.0), Some(20.0));
        assert_eq!(nearest_rank(&[], 0.5), None);
    }

    #[test]
    fn groups_give_the_same_thresholds() {
        let mut values = vec![3.0, 1.0, 1.0, 2.0, 3.0, 3.0, 9.0, -4.0];
        let grouped = [(-4.0, 1), (1.0, 2), (2.0, 1), (3.0, 3), (9.0, 1)];
        for p in [0.0, 0.1, 0.25, 0.5, 0.875, 0.9, 1.0] {
            let found = thresholds(&mut values, Some(p), Some(p)).unwrap();
            assert_eq!(found, thresholds_of_groups(&grouped, Some(p), Some(p)).unwrap());
        }
    }
}
