//! Weights, shares, and the ranges they become.

use lotwise_core::bucketing::{WeightsError, ranges_from_weights};
use uuid::Uuid;

use super::allocation::Allocation;

/// The weight of a share of 1, so that six decimals are exact.
pub const WEIGHT_OF_ONE: u32 = 1_000_000;

/// Shares of one experiment that add up to one within this are taken as adding up to one: a third
/// written with ten digits.
const SUM_TOLERANCE: f64 = 1e-9;

/// Shares between 0 and 1 as integer weights. None when they do not add up to 1.
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // 0 to 1,000,000.
pub fn weights_from_shares(shares: &[f64]) -> Option<Vec<u32>> {
    if (shares.iter().sum::<f64>() - 1.0).abs() > SUM_TOLERANCE {
        return None;
    }
    let weight = |share: &f64| (share.clamp(0.0, 1.0) * f64::from(WEIGHT_OF_ONE)).round() as u32;
    Some(shares.iter().map(weight).collect())
}

/// A fraction of 0 to 1 in units of 0.0001. None when it is not a whole number of them.
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // 0 to 10,000.
pub fn traffic_units(fraction: f64) -> Option<u16> {
    let units = fraction * 10_000.0;
    let whole = units.round();
    ((0.0..=10_000.0).contains(&whole) && (units - whole).abs() < 1e-6).then_some(whole as u16)
}

/// The buckets of each variant, in the order of `variants`.
pub fn allocate(
    variants: &[Uuid],
    weights: &[u32],
    traffic_units: u16,
) -> Result<Vec<Allocation>, WeightsError> {
    let ranges = ranges_from_weights(weights, traffic_units)?;
    let owned = variants.iter().zip(ranges).filter_map(|(&variant_id, range)| {
        range.map(|range| Allocation { variant_id, range_start: range.start, range_end: range.end })
    });
    Ok(owned.collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_become_exact_weights() {
        assert_eq!(weights_from_shares(&[0.5, 0.5]), Some(vec![500_000, 500_000]));
        assert_eq!(weights_from_shares(&[0.1, 0.2, 0.7]), Some(vec![100_000, 200_000, 700_000]));
        let thirds = weights_from_shares(&[0.333_333_333_3, 0.333_333_333_3, 0.333_333_333_4]);
        assert_eq!(thirds, Some(vec![333_333; 3]));
        assert_eq!(weights_from_shares(&[0.5, 0.4]), None);
        assert_eq!(weights_from_shares(&[]), None);
    }

    #[test]
    fn traffic_has_four_decimals() {
        assert_eq!(traffic_units(1.0), Some(10_000));
        assert_eq!(traffic_units(0.1234), Some(1_234));
        assert_eq!(traffic_units(0.0), Some(0));
        assert_eq!(traffic_units(0.123_45), None);
        assert_eq!(traffic_units(1.1), None);
        assert_eq!(traffic_units(f64::NAN), None);
    }
}
