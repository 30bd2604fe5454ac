//! Many comparisons, and the sample ratio.

use lotwise_stats::{multiplicity, normal, srm};

use super::chance::Chance;

/// Batches of 128 units, half and half, looked at after each.
pub(super) fn sample_ratio(chance: &mut Chance) -> f64 {
    let mut counts = [0_u64; 2];
    let alarm = (0..250).any(|_| {
        let first = u64::from((chance.bits().count_ones()) + chance.bits().count_ones());
        counts[0] += first;
        counts[1] += 128 - first;
        let test = srm::sequential(&counts, &[0.5, 0.5], srm::CONCENTRATION).expect("sound counts");
        test.p.p < srm::ALARM
    });
    f64::from(u8::from(alarm))
}

fn p_value(z: f64) -> Option<f64> {
    Some(normal::two_sided(z).p)
}

pub(super) fn holm(chance: &mut Chance) -> f64 {
    let shared = chance.normal();
    let p: Vec<Option<f64>> =
        (0..6).map(|_| p_value((shared + chance.normal()) * std::f64::consts::FRAC_1_SQRT_2)).collect();
    let any = multiplicity::rejected(&multiplicity::holm(&p), 0.05).contains(&true);
    f64::from(u8::from(any))
}

/// The first 15 are null, the others three standard errors away.
pub(super) fn benjamini_hochberg(chance: &mut Chance) -> f64 {
    let p: Vec<Option<f64>> =
        (0..20).map(|metric| p_value(chance.normal() + if metric < 15 { 0.0 } else { 3.0 })).collect();
    let rejected = multiplicity::rejected(&multiplicity::benjamini_hochberg(&p), 0.05);
    let all = rejected.iter().filter(|rejected| **rejected).count();
    let wrong = rejected.iter().take(15).filter(|rejected| **rejected).count();
    wrong as f64 / all.max(1) as f64
}
