//! Subjects by number, the same in every run.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use anyhow::{Context, Result};
use serde_json::{Map, Value};

use crate::golden;

/// Golden files that have what subjects are made of.
const FILES: [&str; 9] =
    ["random-0", "random-1", "random-2", "random-3", "random-4", "random-5", "keys", "edge", "lookup"];

/// User keys and attributes to make subjects of.
pub struct Subjects {
    user_keys: Vec<String>,
    /// Values by attribute.
    attributes: BTreeMap<String, Vec<Value>>,
}

/// Somebody to decide for.
pub struct Subject {
    /// Not always ASCII, and now and then 512 bytes long.
    pub user_key: String,
    /// Anything from nothing to a dozen attributes.
    pub context: Map<String, Value>,
}

impl Subjects {
    /// From the golden files.
    pub fn new() -> Result<Self> {
        let mut subjects = Self { user_keys: Vec::new(), attributes: BTreeMap::new() };
        for file in FILES {
            for case in golden(file)?["cases"].as_array().context("no cases")? {
                subjects.user_keys.push(case["user_key"].as_str().context("no user key")?.to_owned());
                for (name, value) in case["context"].as_object().into_iter().flatten() {
                    subjects.attributes.entry(name.clone()).or_default().push(value.clone());
                }
            }
        }
        Ok(subjects)
    }

    /// Subject number so and so.
    pub fn subject(&self, number: u64) -> Subject {
        let mut numbers = Numbers(number);
        let user_key = match numbers.below(3) {
            0 => self.user_keys[numbers.below(self.user_keys.len())].clone(),
            1 => format!("user-{number}"),
            _ => format!("{:032x}", numbers.next()),
        };
        let mut context = Map::new();
        for (name, values) in &self.attributes {
            // What many cases have, conditions ask for.
            let is_likely = values.len() > 20;
            if numbers.below(if is_likely { 2 } else { 20 }) == 0 {
                context.insert(name.clone(), values[numbers.below(values.len())].clone());
            }
        }
        Subject { user_key, context }
    }
}

impl Subject {
    /// The subject in an environment, as a query of `/decide`.
    pub fn query(&self, environment: &str) -> String {
        let context = Value::Object(self.context.clone()).to_string();
        format!("user_key={}&env={environment}&context={}", encode(&self.user_key), encode(&context))
    }
}

/// Percent-encoding of whatever needs it, and more.
fn encode(text: &str) -> String {
    text.bytes().fold(String::new(), |mut encoded, byte| {
        if byte.is_ascii_alphanumeric() {
            encoded.push(char::from(byte));
        } else {
            // Strings take whatever is written.
            let _ = write!(encoded, "%{byte:02X}");
        }
        encoded
    })
}

/// Numbers that look random (`SplitMix64`).
struct Numbers(u64);

impl Numbers {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, limit: usize) -> usize {
        usize::try_from(self.next() % limit as u64).unwrap_or_default()
    }
}
