//! What holds for any input.

#![cfg(not(target_arch = "wasm32"))]

use lotwise_stats::analysis::{Arm, Experiment, Method, Metric, MetricSums, Role, analyse};
use lotwise_stats::bayes::{Prior, posterior, probability_best};
use lotwise_stats::engine::{self, Alternative, Estimates};
use lotwise_stats::group_sequential::{Spending, bounds};
use lotwise_stats::guardrail::{self, Direction, Margin};
use lotwise_stats::planning::{PowerRequest, plan};
use lotwise_stats::quantile::QuantileSketch;
use lotwise_stats::sums::{CovariateSums, MeanSums, ProportionSums, RatioSums};
use lotwise_stats::{Moments, cuped, mean, multiplicity, proportion, quantile, ratio, sequential, srm};
use proptest::prelude::*;
use serde_json::Value;

/// Numbers of every kind, not-a-number and the infinite among them.
fn any_number() -> impl Strategy<Value = f64> {
    prop_oneof![3 => -1e6..1e6_f64, 1 => any::<f64>(), 1 => Just(0.0)]
}

fn any_count() -> impl Strategy<Value = u64> {
    prop_oneof![2 => 0..5_u64, 3 => 0..100_000_u64, 1 => any::<u64>()]
}

fn proportion_sums() -> impl Strategy<Value = ProportionSums> {
    (any_count(), any_count()).prop_map(|(n, x)| ProportionSums { n, x })
}

fn mean_sums() -> impl Strategy<Value = MeanSums> {
    (any_count(), any_number(), any_number(), any_count()).prop_map(|(n, sum, sum_sq, non_zero)| MeanSums {
        n,
        sum,
        sum_sq,
        non_zero,
    })
}

fn ratio_sums() -> impl Strategy<Value = RatioSums> {
    (any_count(), prop::array::uniform5(any_number()), any_count()).prop_map(|(n, sums, non_zero)| {
        RatioSums {
            n,
            num_sum: sums[0],
            num_sum_sq: sums[1],
            den_sum: sums[2],
            den_sum_sq: sums[3],
            num_den_sum: sums[4],
            non_zero,
        }
    })
}

fn covariate_sums() -> impl Strategy<Value = CovariateSums> {
    (any_count(), prop::array::uniform5(any_number()), any_count()).prop_map(|(n, sums, non_zero)| {
        CovariateSums {
            n,
            y_sum: sums[0],
            y_sum_sq: sums[1],
            x_sum: sums[2],
            x_sum_sq: sums[3],
            xy_sum: sums[4],
            non_zero,
        }
    })
}

fn sketch() -> impl Strategy<Value = QuantileSketch> {
    (any_count(), any_count(), prop::array::uniform4(any_number())).prop_map(|(n, n_star, q)| {
        QuantileSketch { n, n_star, nu: q[0], q_hat: q[1], q_lo: q[2], q_hi: q[3], cluster: None }
    })
}

/// A value written as JSON has no trace of what is not a number: serde would write null, and nothing else here does
/// so for a number that has to be there.
fn require_sound(name: &str, value: &Value) {
    let required = ["diff", "se", "t", "df", "p", "ln_p", "z", "lo", "hi", "mean_c", "rate_c", "halfwidth"];
    match value {
        Value::Object(fields) => {
            for (field, value) in fields {
                assert!(
                    !required.contains(&field.as_str()) || !value.is_null(),
                    "{name}: {field} in {fields:?}"
                );
                require_sound(name, value);
            }
        }
        Value::Array(values) => values.iter().for_each(|value| require_sound(name, value)),
        _ => {}
    }
}

fn sound<T: serde::Serialize, E>(name: &str, result: Result<T, E>) {
    if let Ok(result) = result {
        require_sound(name, &serde_json::to_value(result).unwrap());
    }
}

/// So many cases, and no file of those that failed: what is found becomes a test by name.
fn cases(cases: u32) -> ProptestConfig {
    ProptestConfig { cases, failure_persistence: None, ..ProptestConfig::default() }
}

proptest! {
    #![proptest_config(cases(400))]

    #[test]
    fn parts_merge_in_any_order(values in prop::collection::vec(-1e3..1e3_f64, 2..60), split in 0..60_usize) {
        let split = split.min(values.len());
        let sums = |values: &[f64]| {
            let mut sums = MeanSums::default();
            values.iter().for_each(|value| sums.push(*value));
            sums
        };
        let (first, second) = (sums(&values[..split]), sums(&values[split..]));
        prop_assert_eq!(first + second, second + first);
        let (one, other) = (Moments::from_values(&values[..split]), Moments::from_values(&values[split..]));
        let (forth, back) = (one.merge(other), other.merge(one));
        let whole = Moments::from_values(&values);
        prop_assert_eq!(forth.n, whole.n);
        let scale = values.iter().map(|value| value * value).sum::<f64>() + 1.0;
        prop_assert!((forth.m2 - back.m2).abs() <= 1e-12 * scale && (forth.m2 - whole.m2).abs() <= 1e-12 * scale);
        let summed = Moments::from_sums(&(first + second)).unwrap();
        prop_assert!((summed.m2 - whole.m2).abs() <= 1e-12 * scale);
    }

    #[test]
    fn the_score_interval_excludes_zero_exactly_when_p_is_below_alpha(
        n_c in 2..2_000_u64, n_t in 2..2_000_u64, c in 0.0..=1.0_f64, t in 0.0..=1.0_f64,
        alpha in prop_oneof![Just(0.05), Just(0.01), 0.001..0.4_f64],
    ) {
        let of = |n: u64, share: f64| ProportionSums { n, x: (share * n as f64) as u64 };
        let compared = proportion::compare(of(n_c, c), of(n_t, t), alpha).unwrap();
        // Within rounding of the border either is right.
        prop_assume!((compared.p.p / alpha - 1.0).abs() > 1e-9);
        prop_assert_eq!(compared.p.p < alpha, !compared.ci.has_zero());
        prop_assert!(compared.ci.lo <= compared.diff && compared.diff <= compared.ci.hi);
        if let Some(relative) = compared.rel_ci {
            prop_assert_eq!(compared.p.p < alpha, !relative.has_zero());
        }
    }

    #[test]
    fn fiellers_interval_excludes_zero_exactly_when_p_is_below_alpha(
        a in -10.0..10.0_f64, b in -10.0..10.0_f64, va in 1e-6..2.0_f64, vb in 1e-6..2.0_f64,
        n in 3..10_000_u64, alpha in 0.001..0.4_f64,
    ) {
        let estimates = Estimates::independent((a, va, n), (b, vb, n + 7));
        let compared = engine::compare(estimates, alpha, Alternative::TwoSided, 0.0).unwrap();
        prop_assume!((compared.p.p / alpha - 1.0).abs() > 1e-9);
        prop_assert_eq!(compared.p.p < alpha, !compared.ci.has_zero());
        if let Some(interval) = compared.relative.and_then(|relative| relative.rel_ci) {
            prop_assert_eq!(compared.p.p < alpha, !interval.has_zero());
            let rel = compared.relative.unwrap().rel;
            prop_assert!(interval.lo <= rel && rel <= interval.hi);
        }
    }

    #[test]
    fn any_two_arms_give_a_status_or_numbers(
        p in prop::array::uniform2(proportion_sums()), m in prop::array::uniform2(mean_sums()),
        r in prop::array::uniform2(ratio_sums()), c in prop::array::uniform3(covariate_sums()),
        q in prop::array::uniform2(sketch()), alpha in any_number(),
    ) {
        for alpha in [alpha, 0.05, 1e-12] {
            sound("proportion", proportion::compare(p[0], p[1], alpha));
            for alternative in [Alternative::TwoSided, Alternative::Greater, Alternative::Less] {
                if let (Ok(a), Ok(b)) = (Moments::from_sums(&m[0]), Moments::from_sums(&m[1])) {
                    sound("mean", mean::compare(a, b, alpha, alternative));
                }
                sound("ratio", ratio::compare(&r[0], &r[1], alpha, alternative));
                sound("cuped", cuped::compare(&c, 0, 2, alpha, alternative));
                sound("quantile", quantile::compare(&q[0], &q[1], alpha, alternative));
            }
        }
    }

    #[test]
    fn any_rule_gives_a_status_or_numbers(
        x in prop::array::uniform6(any_number()), n in prop::array::uniform4(any_count()),
        list in prop::collection::vec(any_number(), 0..5), counts in prop::collection::vec(any_count(), 0..5),
    ) {
        sound("look", sequential::look(x[0], x[1], n[0], n[1], x[2], Alternative::TwoSided));
        sound("look", sequential::look(x[0], x[1].abs(), n[0], n[1], 0.05, Alternative::Greater));
        sound("bayes", posterior(x[0], x[1].abs(), Some(Prior { mean: x[2], sd: x[3].abs() }), 0.05));
        let ses: Vec<f64> = list.iter().map(|se| se.abs()).collect();
        if let Ok(chances) = probability_best(&list, &ses) {
            prop_assert!((chances.iter().sum::<f64>() - 1.0).abs() < 1e-6, "{:?} {:?} {:?}", list, ses, chances);
        }
        let weights: Vec<f64> = list.iter().map(|weight| weight.abs()).collect();
        sound("srm", srm::fixed(&counts, &weights));
        sound("srm", srm::sequential(&counts, &weights, srm::CONCENTRATION));
        let p: Vec<Option<f64>> = list.iter().copied().map(Some).collect();
        for adjusted in [multiplicity::holm(&p), multiplicity::benjamini_hochberg(&p)] {
            prop_assert!(adjusted.iter().flatten().all(|p| (0.0..=1.0).contains(p)));
        }
        let estimates = Estimates::independent((x[0], x[1].abs(), n[0]), (x[2], x[3].abs(), n[1]));
        for margin in [Margin::Relative(x[4]), Margin::Absolute(x[5])] {
            sound("guardrail", guardrail::fixed(&estimates, margin, Direction::LowerIsBetter, 0.05));
            sound("guardrail", guardrail::anytime(&estimates, Some(margin), Direction::default(), 0.05, n[2]));
        }
        let request = PowerRequest {
            baseline: Some(x[0]), effect: Some(x[1]), alpha: x[2], power: x[3], ratio: x[4],
            n_control: Some(n[0]), n_star: Some(n[1]), daily_units: Some(x[5]), ..PowerRequest::default()
        };
        let _ = plan(&request);
    }

    #[test]
    fn any_experiment_gets_an_answer(
        p in prop::collection::vec(proportion_sums(), 0..4), m in prop::collection::vec(mean_sums(), 0..4),
        q in prop::collection::vec(sketch(), 0..4), x in prop::array::uniform4(any_number()), excluded in any_count(),
        control in 0..4_usize, target in prop::option::of(any_count()),
    ) {
        let metric = |role, sums| Metric {
            key: "m".to_owned(), role, direction: Direction::LowerIsBetter, mde_rel: Some(x[0]),
            margin: Some(Margin::Relative(x[1])), sums, winsor: None, running: Vec::new(),
        };
        for method in [Method::Sequential, Method::Fixed, Method::Bayes { prior: None }] {
            let experiment = Experiment {
                arms: p.iter().map(|arm| Arm { key: "a".to_owned(), weight: 1.0, exposed: arm.n }).collect(),
                control, excluded, alpha: 0.05, target_sample_size: target, method, days: x[2], min_days: x[3],
                metrics: vec![
                    metric(Role::Primary, MetricSums::Proportion { arms: p.clone() }),
                    metric(Role::Secondary, MetricSums::Mean { arms: m.clone() }),
                    metric(Role::Guardrail, MetricSums::Quantile { arms: q.clone() }),
                ],
                ..Experiment::default()
            };
            let analysis = analyse(&experiment);
            let text = serde_json::to_string(&analysis).unwrap();
            prop_assert!(!text.contains("NaN"), "{}", text);
        }
    }
}

proptest! {
    #![proptest_config(cases(20))]

    #[test]
    fn bounds_are_never_below_what_one_look_would_need(
        mut info in prop::collection::vec(0.01..1.2_f64, 1..6), alpha in 1e-6..0.3_f64,
    ) {
        info.sort_by(f64::total_cmp);
        for spending in [Spending::Obf, Spending::Pocock, Spending::Power2] {
            let found = bounds(&info, alpha, 2, spending).unwrap();
            let single = lotwise_stats::normal::upper_quantile(alpha / 2.0);
            prop_assert!(found.z.iter().all(|z| *z >= single - 1e-6), "{:?} {:?}", info, found);
        }
    }
}
