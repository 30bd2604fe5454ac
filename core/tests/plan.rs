//! Plans move what they must and nothing else.
#![cfg(all(feature = "preview", not(target_arch = "wasm32")))]

use lotwise_core::bucketing::{BUCKETS, BucketRange, BucketSet, WeightsError, ranges_from_weights};
use lotwise_core::plan::{Move, Plan, PlanError, SliceError, claim, plan};
use proptest::prelude::*;

/// Who owns each bucket, by brute force.
fn owners(ranges: &[Vec<BucketRange>]) -> Vec<Option<usize>> {
    let mut owners = vec![None; usize::from(BUCKETS)];
    for (variant, ranges) in ranges.iter().enumerate() {
        for bucket in ranges.iter().flat_map(|range| range.start..=range.end) {
            assert_eq!(owners[usize::from(bucket)].replace(variant), None, "bucket {bucket} has one owner");
        }
    }
    owners
}

fn counts(owners: &[Option<usize>], variants: usize) -> Vec<usize> {
    (0..variants).map(|variant| owners.iter().filter(|owner| **owner == Some(variant)).count()).collect()
}

fn wanted(weights: &[u32], share: u16, variants: usize) -> Vec<usize> {
    let ranges = ranges_from_weights(weights, share).expect("weights");
    let length = |variant| {
        ranges.get(variant).copied().flatten().map_or(0, |it: BucketRange| usize::from(it.end - it.start) + 1)
    };
    (0..variants).map(length).collect()
}

/// Any allocation: a variant, or none, for each piece of the buckets.
fn allocation() -> impl Strategy<Value = Vec<Vec<BucketRange>>> {
    prop::collection::vec((1..3000_u16, 0..6_usize), 1..40).prop_map(|pieces| {
        let mut ranges = vec![Vec::new(); 4];
        let mut start = 0;
        for (length, variant) in pieces {
            let end = (start + length - 1).min(BUCKETS - 1);
            if start < BUCKETS
                && let Some(own) = ranges.get_mut(variant)
            {
                own.push(BucketRange { start, end });
            }
            start = end + 1;
        }
        ranges
    })
}

fn weights() -> impl Strategy<Value = Vec<u32>> {
    prop::collection::vec(prop_oneof![Just(0), 1..100_u32], 1..7)
        .prop_filter("none is positive", |weights| weights.iter().any(|weight| *weight > 0))
}

fn some_share() -> impl Strategy<Value = u16> {
    prop_oneof![Just(BUCKETS), Just(0), 0..=BUCKETS]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(150))]

    #[test]
    fn no_plan_moves_fewer_buckets(today in allocation(), weights in weights(), share in some_share()) {
        let plan = plan(&today, &weights, share).expect("a plan");
        let variants = today.len().max(weights.len());
        let (before, after) = (owners(&today), owners(&plan.ranges));
        let (has, wants) = (counts(&before, variants), wanted(&weights, share, variants));
        // Everybody has exactly what is wanted, in ranges that neither overlap nor touch.
        prop_assert_eq!(counts(&after, variants), wants.clone());
        for own in &plan.ranges {
            prop_assert_eq!(&own.iter().copied().collect::<BucketSet>().into_ranges(), own);
        }
        prop_assert_eq!(plan.ranges.iter().flatten().map(|it| usize::from(it.end - it.start) + 1).sum::<usize>(), wants.iter().sum::<usize>());
        // Each variant keeps the smaller of both: no allocation with these counts keeps more.
        let mut kept = 0;
        for variant in 0..variants {
            let keeps = (0..10_000).filter(|it| before[*it] == Some(variant) && after[*it] == Some(variant)).count();
            prop_assert_eq!(keeps, has[variant].min(wants[variant]));
            kept += keeps;
        }
        prop_assert_eq!(usize::from(plan.stay), kept);
        // From one variant to another only what no free bucket can be taken for.
        let gained: usize = has.iter().zip(&wants).map(|(has, wants)| wants.saturating_sub(*has)).sum();
        let lost: usize = has.iter().zip(&wants).map(|(has, wants)| has.saturating_sub(*wants)).sum();
        let free = 10_000 - has.iter().sum::<usize>();
        prop_assert_eq!(usize::from(plan.switching()), gained.saturating_sub(free));
        prop_assert_eq!(usize::from(plan.leaving() + plan.switching()), lost);
        prop_assert_eq!(usize::from(plan.entering() + plan.switching()), gained);
        // The counts are those of the ranges.
        for from in (0..variants).map(Some).chain([None]) {
            for to in (0..variants).map(Some).chain([None]).filter(|to| *to != from) {
                let moved = (0..10_000).filter(|it| before[*it] == from && after[*it] == to).count();
                let told: u16 = plan.moves.iter().filter(|it| (it.from, it.to) == (from, to)).map(|it| it.buckets).sum();
                prop_assert_eq!(usize::from(told), moved);
            }
        }
        prop_assert!(plan.moves.iter().all(|it| it.buckets > 0 && it.from != it.to));
    }

    #[test]
    fn a_plan_carried_out_plans_nothing_more(today in allocation(), weights in weights(), share in some_share()) {
        let first = plan(&today, &weights, share).expect("a plan");
        prop_assert_eq!(&plan(&today, &weights, share).expect("a plan"), &first, "equal inputs, equal plans");
        let second = plan(&first.ranges, &weights, share).expect("a plan");
        prop_assert_eq!(&second.ranges, &first.ranges);
        prop_assert!(second.moves.is_empty());
    }

    #[test]
    fn a_fresh_experiment_gets_the_formula(weights in weights(), share in some_share()) {
        let fresh = plan(&[], &weights, share).expect("a plan");
        let formula: Vec<Vec<_>> = ranges_from_weights(&weights, share).expect("ranges").into_iter().map(|it| it.into_iter().collect()).collect();
        prop_assert_eq!(fresh.ranges, formula);
    }

    #[test]
    fn ramping_up_only_adds_and_down_and_up_again_restores(weights in weights(), mut shares in prop::collection::vec(0..=BUCKETS, 2..6)) {
        let step = |today: &[Vec<BucketRange>], share| plan(today, &weights, share).expect("a plan");
        shares.sort_unstable();
        let mut states = vec![step(&[], 0)];
        for share in &shares {
            let next = step(&states.last().expect("a state").ranges, *share);
            prop_assert_eq!((next.leaving(), next.switching()), (0, 0));
            states.push(next);
        }
        let mut today = states.last().expect("a state").ranges.clone();
        for (share, state) in shares.iter().zip(&states[1..]).rev() {
            today = step(&today, *share).ranges;
            prop_assert_eq!(&today, &state.ranges, "down to {}", share);
        }
        for (share, state) in shares.iter().zip(&states[1..]) {
            today = step(&today, *share).ranges;
            prop_assert_eq!(&today, &state.ranges, "up to {}", share);
        }
    }

    #[test]
    fn other_weights_and_back_restore_two_variants_with_full_traffic(a in 1..100_u32, b in 1..100_u32, c in 1..100_u32, d in 1..100_u32, low in 1..BUCKETS) {
        let first = plan(&[], &[a, b], BUCKETS).expect("a plan");
        let other = plan(&first.ranges, &[c, d], BUCKETS).expect("a plan");
        let again = plan(&other.ranges, &[a, b], BUCKETS).expect("a plan");
        prop_assert_eq!(&again.ranges, &first.ranges);
        // And from the other weights down and up.
        let low = plan(&other.ranges, &[c, d], low).expect("a plan");
        let high = plan(&low.ranges, &[c, d], BUCKETS).expect("a plan");
        prop_assert_eq!(&high.ranges, &other.ranges);
    }

    #[test]
    fn a_slice_fits_whenever_there_is_room_and_touches_nobody(held in allocation(), wanted in 0..=BUCKETS, later in 0..=BUCKETS) {
        let (own, others) = (held[0].clone(), held[1..].concat());
        let taken: BucketSet = others.iter().copied().collect();
        let had: BucketSet = own.iter().copied().collect();
        let free = BUCKETS - taken.len();
        for own in [Vec::new(), own] {
            match claim(&own, &others, wanted) {
                Ok(slice) => {
                    let had = if own.is_empty() { BucketSet::default() } else { had.clone() };
                    let slice: BucketSet = slice.into_iter().collect();
                    prop_assert_eq!(slice.len(), wanted);
                    prop_assert!(slice.intersection(&taken).is_empty());
                    prop_assert_eq!(slice.intersection(&had).len(), had.len().min(wanted));
                    // Grown and shrunk again it is what it was.
                    if let Ok(grown) = claim(slice.ranges(), &others, later) && later >= wanted && wanted > 0 {
                        let grown: BucketSet = grown.into_iter().collect();
                        prop_assert_eq!(grown.intersection(&slice).len(), wanted);
                    }
                }
                Err(error) => {
                    prop_assert_eq!(error, SliceError::DoesNotFit { wanted, free });
                    prop_assert!(wanted > free);
                }
            }
        }
    }
}

fn range(start: u16, end: u16) -> BucketRange {
    BucketRange { start, end }
}

fn moves(plan: &Plan) -> Vec<(Option<usize>, Option<usize>, u16)> {
    plan.moves.iter().map(|Move { from, to, buckets }| (*from, *to, *buckets)).collect()
}

#[test]
fn a_variant_that_is_gone_gives_and_a_new_one_takes() {
    let today = [vec![range(0, 4999)], vec![], vec![range(5000, 9999)]];
    let plan = plan(&today, &[1, 1], BUCKETS).expect("a plan");
    assert_eq!(moves(&plan), [(Some(2), Some(1), 5000)]);
    assert_eq!(plan.ranges, [vec![range(0, 4999)], vec![range(5000, 9999)], vec![]]);
}

#[test]
fn other_weights_and_back_restore_where_there_is_room() {
    let first = plan(&[], &[1, 1, 1], 2000).expect("a plan");
    let other = plan(&first.ranges, &[1, 2, 2], 2000).expect("a plan");
    assert_eq!((other.switching(), other.leaving()), (0, 267));
    assert_eq!(plan(&other.ranges, &[1, 1, 1], 2000).expect("a plan").ranges, first.ranges);
    let low = plan(&other.ranges, &[1, 2, 2], 100).expect("a plan");
    assert_eq!(plan(&low.ranges, &[1, 2, 2], 2000).expect("a plan").ranges, other.ranges);
}

#[test]
fn users_leave_rather_than_change_variants_while_there_is_room() {
    let today = [vec![range(0, 999)], vec![range(5000, 5999)]];
    let plan = plan(&today, &[30, 70], 2000).expect("a plan");
    assert_eq!(moves(&plan), [(None, Some(1), 400), (Some(0), None, 400)]);
    assert_eq!(plan.ranges, [vec![range(0, 599)], vec![range(5000, 6399)]]);
}

#[test]
fn three_variants_that_traded_buckets_come_back_from_a_ramp() {
    let first = plan(&[], &[1, 1, 1], BUCKETS).expect("a plan");
    let traded = plan(&first.ranges, &[1, 2, 2], BUCKETS).expect("a plan");
    let low = plan(&traded.ranges, &[1, 2, 2], 5000).expect("a plan");
    assert_eq!(plan(&low.ranges, &[1, 2, 2], BUCKETS).expect("a plan").ranges, traded.ranges);
    assert_eq!(plan(&traded.ranges, &[1, 1, 1], BUCKETS).expect("a plan").ranges, first.ranges);
}

#[test]
fn what_cannot_be_planned_is_refused() {
    let none: [Vec<BucketRange>; 0] = [];
    assert_eq!(plan(&none, &[0, 0], 1), Err(PlanError::Weights(WeightsError::AllZero)));
    assert_eq!(plan(&none, &[], 1), Err(PlanError::Weights(WeightsError::AllZero)));
    assert_eq!(plan(&none, &[1], 10_001), Err(PlanError::Weights(WeightsError::TrafficShare)));
    for broken in [range(5, 4), range(0, 10_000), range(u16::MAX, u16::MAX)] {
        assert_eq!(plan(&[vec![broken]], &[1], 1), Err(PlanError::Range(broken)));
    }
    assert_eq!(plan(&[vec![range(0, 7)], vec![range(7, 9)]], &[1, 1], 1), Err(PlanError::Overlap(7)));
    assert_eq!(claim(&[range(0, 9)], &[range(5, 20)], 1), Err(SliceError::Contested(range(5, 9))));
}
