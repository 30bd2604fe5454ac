//! Workload W(n): `n` experiments, 10,000 users.
//!
//! Experiment `i`: `i mod 3 = 0` has no targeting; `= 1` one rule, `country in [10 values] AND plan
//! eq "pro"`; `= 2` that rule OR `age gt x AND device eq d`. Two variants share 10,000 buckets, salts
//! have 36 bytes, the payload is `{"color":"#00cc66"}`. A quarter of the user keys are `user-NNNN`,
//! half are UUIDs, a quarter 40 hex digits. Contexts: country (20 values), plan (3), age 18 to 80,
//! device (3), lang (4).

use std::collections::BTreeMap;

use lotwise_core::document::{
    AllocationDocument, ConditionDocument, ExperimentDocument, SCHEMA_VERSION, SnapshotDocument,
    TargetingRule, VariantDocument,
};
use serde_json::value::{RawValue, to_raw_value};
use serde_json::{Value, json};

const COUNTRIES: [&str; 20] = [
    "US", "CA", "GB", "DE", "FR", "ES", "IT", "NL", "SE", "NO", "DK", "FI", "PL", "PT", "BR", "MX", "JP",
    "KR", "AU", "NZ",
];
const PLANS: [&str; 3] = ["free", "pro", "team"];
const DEVICES: [&str; 3] = ["ios", "android", "web"];
const LANGUAGES: [&str; 4] = ["en", "de", "fr", "ja"];

/// A user: key and context as JSON text.
pub(crate) struct User {
    pub(crate) key: String,
    pub(crate) context: String,
}

/// A generator of numbers that are the same in every run (xorshift64*).
pub(crate) struct Numbers(u64);

impl Numbers {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed | 1)
    }

    pub(crate) fn next(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d)
    }

    fn pick<'t>(&mut self, values: &[&'t str]) -> &'t str {
        values[usize::try_from(self.next() % values.len() as u64).expect("below the length")]
    }

    fn uuid(&mut self) -> String {
        let (high, low) = (self.next(), self.next());
        format!(
            "{:08x}-{:04x}-4{:03x}-a{:03x}-{:012x}",
            high >> 32,
            high >> 16 & 0xffff,
            high & 0xfff,
            low >> 52,
            low & 0xffff_ffff_ffff
        )
    }
}

/// The document of W(n), byte for byte as the publisher writes it.
pub(crate) fn document(experiments: usize) -> Vec<u8> {
    let mut numbers = Numbers::new(7);
    let document = SnapshotDocument {
        schema_version: SCHEMA_VERSION,
        environment: "prod".into(),
        version: 1,
        published_at: "2026-11-21T10:00:00Z".into(),
        segments: BTreeMap::new(),
        experiments: (0..experiments).map(|place| experiment(place, &mut numbers)).collect(),
        requires: Vec::new(),
        features: Vec::new(),
    };
    serde_json::to_vec(&document).expect("documents serialise")
}

fn experiment(place: usize, numbers: &mut Numbers) -> ExperimentDocument {
    let start = usize::try_from(numbers.next() % 20).expect("below 20");
    let countries: Vec<&str> = COUNTRIES.iter().copied().cycle().skip(start).take(10).collect();
    let first = rule([condition("country", "in", &json!(countries)), condition("plan", "eq", &json!("pro"))]);
    let second = rule([
        condition("age", "gt", &json!(18 + numbers.next() % 62)),
        condition("device", "eq", &json!(numbers.pick(&DEVICES))),
    ]);
    let half = |variant: &str, range_start| AllocationDocument {
        variant: variant.into(),
        range_start,
        range_end: range_start + 4999,
    };
    ExperimentDocument {
        id: numbers.uuid(),
        key: format!("exp-{place:04}"),
        status: "RUNNING".into(),
        salt: numbers.uuid(),
        hash: "murmur3".into(),
        bucket_by: "user_key".into(),
        sticky: false,
        variants: vec![variant("control", numbers), variant("treatment", numbers)],
        allocations: vec![half("control", 0), half("treatment", 5000)],
        targeting_rules: match place % 3 {
            0 => vec![],
            1 => vec![first],
            _ => vec![first, second],
        },
        rules: Vec::new(),
        overrides: BTreeMap::new(),
        prerequisites: Vec::new(),
        group: None,
        holdouts: Vec::new(),
        winner: None,
        requires: Vec::new(),
    }
}

fn variant(key: &str, numbers: &mut Numbers) -> VariantDocument {
    let payload = raw(&json!({"color": "#00cc66"}));
    VariantDocument { id: numbers.uuid(), key: key.into(), payload }
}

fn rule(conditions: [ConditionDocument; 2]) -> TargetingRule {
    TargetingRule { conditions: conditions.into() }
}

fn condition(attribute: &str, operator: &str, value: &Value) -> ConditionDocument {
    ConditionDocument {
        attribute: Some(attribute.into()),
        operator: operator.into(),
        value: Some(raw(value)),
        ignore_case: None,
    }
}

fn raw(value: &Value) -> Box<RawValue> {
    to_raw_value(value).expect("values serialise")
}

/// The users of W(n).
pub(crate) fn users(count: usize) -> Vec<User> {
    let mut numbers = Numbers::new(11);
    (0..count)
        .map(|place| {
            let key = match place % 4 {
                0 => format!("user-{:04}", numbers.next() % 10_000),
                1 | 2 => numbers.uuid(),
                _ => format!("{:016x}{:016x}{:08x}", numbers.next(), numbers.next(), numbers.next() >> 32),
            };
            let context = json!({"country": numbers.pick(&COUNTRIES), "plan": numbers.pick(&PLANS),
                "age": 18 + numbers.next() % 63, "device": numbers.pick(&DEVICES), "lang": numbers.pick(&LANGUAGES)});
            User { key, context: context.to_string() }
        })
        .collect()
}
