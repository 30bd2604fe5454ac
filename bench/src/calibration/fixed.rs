//! One look at the end.

use lotwise_stats::engine::{Alternative, Comparison};
use lotwise_stats::planning::{Design, Metric};
use lotwise_stats::sums::{CovariateSums, MeanSums, ProportionSums, RatioSums};
use lotwise_stats::{Interval, Moments, cuped as covariate, mean, proportion, ratio as ratios};

use super::chance::Chance;

const ALPHA: f64 = 0.05;

fn share(yes: bool) -> f64 {
    f64::from(u8::from(yes))
}

pub(super) fn moments(units: u64, mut draw: impl FnMut() -> f64) -> Moments {
    let mut sums = MeanSums::default();
    for _ in 0..units {
        sums.push(draw());
    }
    Moments::from_sums(&sums).expect("the sums of real values")
}

fn compared(control: Moments, treatment: Moments) -> Comparison {
    mean::compare(control, treatment, ALPHA, Alternative::TwoSided).expect("both vary").comparison
}

fn significant(comparison: &Comparison) -> f64 {
    share(comparison.p.p <= ALPHA)
}

/// Rates of 0.1, 2,000 units per arm.
pub(super) fn z(chance: &mut Chance) -> f64 {
    let arms = [0, 1].map(|_| ProportionSums { n: 2_000, x: chance.count(2_000, 0.1) });
    let z = proportion::pooled_z(arms[0], arms[1]);
    share(lotwise_stats::normal::two_sided(z).p <= ALPHA)
}

/// Unequal arms of 400 and 250, equal means, unequal spreads.
pub(super) fn welch(chance: &mut Chance) -> f64 {
    let control = moments(400, || 5.0 + chance.normal());
    significant(&compared(control, moments(250, || 5.0 + 2.0 * chance.normal())))
}

pub(super) fn welch_skewed(chance: &mut Chance) -> f64 {
    let control = moments(1_000, || chance.lognormal(1.0));
    significant(&compared(control, moments(1_000, || chance.lognormal(1.0))))
}

/// Revenue per order: one to ten orders per unit, with a level of its own for each unit.
pub(super) fn ratio(chance: &mut Chance) -> f64 {
    let arms = [0, 1].map(|_| {
        let mut sums = RatioSums::default();
        for _ in 0..600 {
            let orders = 1.0 + (10.0 * chance.uniform()).floor();
            let level = 20.0 + 5.0 * chance.normal();
            sums.push(orders * level + orders.sqrt() * 4.0 * chance.normal(), orders);
        }
        sums
    });
    let found = ratios::compare(&arms[0], &arms[1], ALPHA, Alternative::TwoSided).expect("both vary");
    significant(&found.comparison)
}

/// Units whose history explains half of what varies; the treatment's mean is `lift` higher.
fn with_history(chance: &mut Chance, units: u64, lift: f64) -> CovariateSums {
    let mut sums = CovariateSums::default();
    for _ in 0..units {
        let usual = chance.normal();
        let before = 10.0 + 3.0 * usual + chance.normal();
        sums.push(10.0 * (1.0 + lift) + 2.0 * usual + 2.0 * chance.normal(), before);
    }
    sums
}

fn adjusted(chance: &mut Chance, lift: f64) -> Comparison {
    let arms = [with_history(chance, 300, 0.0), with_history(chance, 300, lift)];
    covariate::compare(&arms, 0, 1, ALPHA, Alternative::TwoSided).expect("both vary").comparison
}

pub(super) fn cuped(chance: &mut Chance) -> f64 {
    significant(&adjusted(chance, 0.0))
}

fn covers(interval: Option<Interval>, truth: f64) -> f64 {
    share(interval.is_some_and(|interval| interval.lo <= truth && truth <= interval.hi))
}

pub(super) fn covers_difference(chance: &mut Chance) -> f64 {
    let control = moments(300, || 2.0 + chance.normal());
    let found = compared(control, moments(200, || 2.3 + 1.5 * chance.normal()));
    covers(Some(found.ci), 0.3)
}

/// A control mean of six standard errors: far enough for the set to have bounds, near enough to be lopsided.
pub(super) fn covers_lift(chance: &mut Chance) -> f64 {
    let control = moments(200, || 0.6 + 1.4 * chance.normal());
    let found = compared(control, moments(200, || 0.75 + 1.4 * chance.normal()));
    match found.relative {
        // Without bounds it covers everything.
        Some(relative) if relative.rel_unbounded => 1.0,
        relative => covers(relative.and_then(|relative| relative.rel_ci), 0.25),
    }
}

pub(super) fn covers_cuped_lift(chance: &mut Chance) -> f64 {
    covers(adjusted(chance, 0.05).relative.and_then(|relative| relative.rel_ci), 0.05)
}

pub(super) fn power_mean(chance: &mut Chance) -> f64 {
    let design = Design { metric: Metric::Mean { sd: 3.0 }, alpha: ALPHA, sides: 2, anytime: false };
    let size = design.sample_size(0.5, 0.8, 1.0).expect("a sound design");
    let control = moments(size.n_control, || 3.0 * chance.normal());
    significant(&compared(control, moments(size.n_treatment, || 0.5 + 3.0 * chance.normal())))
}

pub(super) fn power_proportion(chance: &mut Chance) -> f64 {
    let design = Design { metric: Metric::Proportion { p1: 0.2 }, alpha: ALPHA, sides: 2, anytime: false };
    let size = design.sample_size(0.04, 0.8, 1.0).expect("a sound design");
    let arm = |chance: &mut Chance, n, p| ProportionSums { n, x: chance.count(n, p) };
    let control = arm(chance, size.n_control, 0.2);
    let z = proportion::pooled_z(control, arm(chance, size.n_treatment, 0.24));
    share(lotwise_stats::normal::two_sided(z).p <= ALPHA)
}
