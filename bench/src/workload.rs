//! Workload W(n): `n` experiments, 10,000 users.
//!
//! Experiment `i`: `i mod 3 = 0` has no targeting; `= 1` one rule, `country in [10 values] AND plan
//! eq "pro"`; `= 2` that rule OR `age gt x AND device eq d`. Two variants share 10,000 buckets, salts
//! have 36 bytes, the payload is `{"color":"#00cc66"}`. A quarter of the user keys are `user-NNNN`,
//! half are UUIDs, a quarter 40 hex digits. Contexts: country (20 values), plan (3), age 18 to 80,
//! device (3), lang (4).

use serde_json::{Value, json};

const COUNTRIES: [&str; 20] = [
    "US", "CA", "GB", "DE", "FR", "ES", "IT", "NL", "SE", "NO", "DK", "FI", "PL", "PT", "BR", "MX", "JP", "KR",
    "AU", "NZ",
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

/// The document of W(n).
pub(crate) fn document(experiments: usize) -> Vec<u8> {
    let mut numbers = Numbers::new(7);
    let experiments: Vec<Value> = (0..experiments).map(|place| experiment(place, &mut numbers)).collect();
    json!({"schema_version": 1, "environment": "prod", "version": 1, "published_at": "2026-11-21T10:00:00Z",
        "experiments": experiments})
    .to_string()
    .into_bytes()
}

fn experiment(place: usize, numbers: &mut Numbers) -> Value {
    let start = usize::try_from(numbers.next() % 20).expect("below 20");
    let countries: Vec<&str> = COUNTRIES.iter().copied().cycle().skip(start).take(10).collect();
    let first = json!({"conditions": [
        {"attribute": "country", "operator": "in", "value": countries},
        {"attribute": "plan", "operator": "eq", "value": "pro"}]});
    let second = json!({"conditions": [
        {"attribute": "age", "operator": "gt", "value": 18 + numbers.next() % 62},
        {"attribute": "device", "operator": "eq", "value": numbers.pick(&DEVICES)}]});
    let rules = match place % 3 {
        0 => json!([]),
        1 => json!([first]),
        _ => json!([first, second]),
    };
    let variant = |key: &str, numbers: &mut Numbers| json!({"id": numbers.uuid(), "key": key, "payload": {"color": "#00cc66"}});
    json!({"id": numbers.uuid(), "key": format!("exp-{place:04}"), "status": "RUNNING", "salt": numbers.uuid(),
        "hash": "murmur3", "bucket_by": "user_key", "sticky": false,
        "variants": [variant("control", numbers), variant("treatment", numbers)],
        "allocations": [{"variant": "control", "range_start": 0, "range_end": 4999},
            {"variant": "treatment", "range_start": 5000, "range_end": 9999}],
        "targeting_rules": rules, "winner": null})
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
