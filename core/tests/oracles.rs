//! Our hashing and version comparison against the crates that everybody uses.
#![cfg(not(target_arch = "wasm32"))]

use std::io::Cursor;

use lotwise_core::bucketing::{BUCKETS, HashAlgorithm, MAX_WEIGHT, Murmur3, ranges_from_weights};
use lotwise_core::{Context, Evaluation, Scratch, Snapshot, Subject};
use proptest::prelude::*;

proptest! {
    #[test]
    fn murmur3_equals_the_murmur3_crate_however_it_is_cut(bytes: Vec<u8>, cuts in prop::collection::vec(0_usize..40, 0..6)) {
        let mut stream = Murmur3::new();
        let mut rest = bytes.as_slice();
        for cut in cuts {
            let (head, tail) = rest.split_at(cut.min(rest.len()));
            stream = stream.absorb(head);
            rest = tail;
        }
        let expected = murmur3::murmur3_32(&mut Cursor::new(&bytes), 0).expect("reading memory");
        prop_assert_eq!(stream.absorb(rest).finish(), expected);
    }

    #[test]
    fn buckets_are_below_ten_thousand(key: String, salt: String) {
        prop_assert!(HashAlgorithm::Murmur3.bucket(&key, &salt) < BUCKETS);
        prop_assert!(HashAlgorithm::Fnv1a64.bucket(&key, &salt) < BUCKETS);
    }

    #[test]
    fn versions_order_as_in_the_semver_crate(a in version(), b in version()) {
        // The crate accepts longer numeric identifiers than the specification of decisions does.
        let (Ok(left), Ok(right)) = (semver::Version::parse(&a), semver::Version::parse(&b)) else {
            return Ok(());
        };
        for (operator, expected) in [
            ("semverLt", left.cmp_precedence(&right).is_lt()),
            ("semverEq", left.cmp_precedence(&right).is_eq()),
            ("semverGte", left.cmp_precedence(&right).is_ge()),
        ] {
            prop_assert_eq!(matches(operator, &b, &a), expected, "{} {} {}", a, operator, b);
        }
    }

    #[test]
    fn weights_share_out_every_bucket_once(weights in prop::collection::vec(0..=MAX_WEIGHT, 1..8), share in 0..=BUCKETS) {
        let Ok(full) = ranges_from_weights(&weights, BUCKETS) else { return Ok(()) };
        let owned: u32 = full.iter().flatten().map(|range| u32::from(range.end - range.start) + 1).sum();
        prop_assert_eq!(owned, u32::from(BUCKETS));
        let part = ranges_from_weights(&weights, share).expect("the weights are fine");
        for (full, part) in full.iter().zip(&part) {
            if let (Some(full), Some(part)) = (full, part) {
                prop_assert!(part.start == full.start && part.end <= full.end, "a share only takes away");
            }
        }
    }
}

fn version() -> impl Strategy<Value = String> {
    "(0|[1-3]|10)\\.(0|2)\\.(0|3)(-(0|1|10|a|a-b|01a)(\\.(0|2|x)){0,2})?(\\+[0-9a-z-]{1,3})?"
}

fn matches(operator: &str, operand: &str, attribute: &str) -> bool {
    let document = format!(
        r#"{{"schema_version":1,"environment":"e","version":1,"published_at":"2026-01-01","experiments":[{{
        "id":"i","key":"k","status":"RUNNING","salt":"s","hash":"murmur3","variants":[{{"id":"v","key":"on"}}],
        "allocations":[{{"variant":"on","range_start":0,"range_end":9999}}],
        "targeting_rules":[{{"conditions":[{{"attribute":"v","operator":"{operator}","value":"{operand}"}}]}}]}}]}}"#
    );
    let snapshot = Snapshot::load(document.as_bytes()).expect("a document");
    let context = format!(r#"{{"v":"{attribute}"}}"#);
    let context = Context::from_json(&context).expect("a context");
    let subject = Subject::new("u", &context).expect("a subject");
    let mut scratch = Scratch::new();
    let experiment = snapshot.experiment("k").expect("the experiment");
    Evaluation::new(&snapshot, &subject, &mut scratch).decide(experiment).variant.is_some()
}
