//! Looking after every batch of units.

use lotwise_stats::engine::{Alternative, Estimates};
use lotwise_stats::sums::{MeanSums, ProportionSums};
use lotwise_stats::winsor::Thresholds;
use lotwise_stats::{Moments, mean, proportion as rates, sequential, student};

use super::chance::Chance;

const LOOKS: u32 = 250;

/// Units of both arms that come between two looks.
const BATCH: u64 = 80;

/// Half of the units that come in all: most looks are before it, the last ones beyond.
const PLANNED: u64 = 10_000;

const ALPHA: f64 = 0.05;

/// Whether any look of a confidence sequence rejects; arms that are still warming up are not looked at.
fn any_look(mut look: impl FnMut() -> Option<Estimates>) -> f64 {
    let rejects = (0..LOOKS).any(|_| {
        let Some(estimates) = look() else { return false };
        let n = estimates.n_control + estimates.n_treatment;
        let (diff, se) = (estimates.difference(), estimates.se());
        sequential::look(diff, se, n, PLANNED, ALPHA, Alternative::TwoSided)
            .is_ok_and(|look| look.p.p <= ALPHA)
    });
    f64::from(u8::from(rejects))
}

/// Adds a batch to both arms, of which a share is the treatment's, and estimates.
fn batch(arms: &mut [MeanSums; 2], treatment: f64, mut draw: impl FnMut() -> f64) {
    let second = (BATCH as f64 * treatment).round();
    for unit in 0..BATCH {
        arms[usize::from((unit as f64) < second)].push(draw());
    }
}

fn estimates(arms: &[MeanSums; 2]) -> Option<Estimates> {
    if !arms.iter().all(|arm| sequential::warmed_up(arm.n, arm.non_zero)) {
        return None;
    }
    let [control, treatment] = arms.map(|arm| Moments::from_sums(&arm).expect("the sums of real values"));
    mean::estimates(control, treatment).ok()
}

fn means(treatment: f64, mut draw: impl FnMut() -> f64) -> f64 {
    let mut arms = [MeanSums::default(); 2];
    any_look(|| {
        batch(&mut arms, treatment, &mut draw);
        estimates(&arms)
    })
}

pub(super) fn normal(chance: &mut Chance) -> f64 {
    means(0.5, || 1.0 + chance.normal())
}

pub(super) fn proportion(chance: &mut Chance) -> f64 {
    let mut arms = [ProportionSums::default(); 2];
    any_look(|| {
        for arm in &mut arms {
            *arm += ProportionSums { n: BATCH / 2, x: chance.count(BATCH / 2, 0.05) };
        }
        let warm = arms.iter().all(|arm| sequential::warmed_up(arm.n, arm.x));
        warm.then(|| rates::estimates(arms[0], arms[1]))
    })
}

/// The heaviest tail that winsorisation has to cope with.
pub(super) fn lognormal(chance: &mut Chance) -> f64 {
    let cap = Thresholds { lower: None, upper: Some((2.0 * 2.326_347_874_040_841_f64).exp()) };
    means(0.5, || cap.clamp(chance.lognormal(2.0)))
}

/// Five units in a hundred buy, for lognormal amounts; one in ten is in the treatment.
pub(super) fn sparse(chance: &mut Chance) -> f64 {
    // p99.9 of all units is p98 of the buyers.
    let cap = Thresholds { lower: None, upper: Some((1.5 * 2.053_748_910_631_823_f64).exp()) };
    means(0.1, || if chance.happens(0.05) { cap.clamp(chance.lognormal(1.5)) } else { 0.0 })
}

/// The same looks with the test that is made for one of them.
pub(super) fn naive(chance: &mut Chance) -> f64 {
    let mut arms = [MeanSums::default(); 2];
    let rejects = (0..LOOKS).any(|_| {
        batch(&mut arms, 0.5, || chance.normal());
        let Some(found) = estimates(&arms) else { return false };
        student::two_sided(found.difference() / found.se(), found.degrees_of_freedom()).p <= ALPHA
    });
    f64::from(u8::from(rejects))
}
