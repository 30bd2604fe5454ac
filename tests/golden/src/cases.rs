//! Files without a snapshot: hashes, weights, refused documents, subjects.

use alloc::borrow::ToOwned;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use lotwise_core::bucketing::{BUCKETS, BucketRange, HashAlgorithm, ranges_from_weights};
use lotwise_core::{Context, Snapshot, Subject};
use serde::Deserialize;
use serde_json::Value;

use crate::Report;

/// One case of any of these files.
#[derive(Deserialize)]
#[serde(untagged)]
enum Case {
    Hash { algorithm: String, salt: String, user_key: String, bucket: u16 },
    Weights { weights: Vec<u32>, traffic_share: Option<u16>, ranges: Option<Vec<Option<(u16, u16)>>> },
    Document { document: String, accepted: bool },
    Subject { user_key: String, context: Option<String>, accepted: bool },
}

pub(crate) fn run(name: &str, file: &Value, report: &mut Report) {
    let cases = file.get("cases").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    for (index, value) in cases.iter().enumerate() {
        let id = value
            .get("id")
            .and_then(Value::as_str)
            .map_or_else(|| format!("case {index}"), ToOwned::to_owned);
        let outcome = match Case::deserialize(value) {
            Ok(case) => run_case(&case),
            Err(error) => Err(format!("not a golden case: {error}")),
        };
        report.count(|| format!("{name} {id}"), outcome);
    }
}

fn run_case(case: &Case) -> Result<(), String> {
    match case {
        Case::Hash { algorithm, salt, user_key, bucket } => match HashAlgorithm::from_name(algorithm) {
            Some(hash) => expect(bucket, &hash.bucket(user_key, salt)),
            None => Err(format!("unknown algorithm {algorithm}")),
        },
        Case::Weights { weights, traffic_share, ranges } => {
            let came = ranges_from_weights(weights, traffic_share.unwrap_or(BUCKETS)).ok().map(|ranges| {
                let bounds = |range: Option<BucketRange>| range.map(|range| (range.start, range.end));
                ranges.into_iter().map(bounds).collect::<Vec<_>>()
            });
            expect(ranges, &came)
        }
        Case::Document { document, accepted } => {
            accepts(*accepted, Snapshot::load(document.as_bytes()).map(drop))
        }
        Case::Subject { user_key, context, accepted } => {
            let outcome = match Context::from_json(context.as_deref().unwrap_or("{}")) {
                Ok(context) => Subject::new(user_key, &context).map(drop).map_err(|error| format!("{error}")),
                Err(error) => Err(format!("{error}")),
            };
            accepts(*accepted, outcome)
        }
    }
}

fn expect<T: PartialEq + core::fmt::Debug>(expected: &T, came: &T) -> Result<(), String> {
    if expected == came { Ok(()) } else { Err(format!("expected {expected:?}, came {came:?}")) }
}

fn accepts(expected: bool, outcome: Result<(), impl core::fmt::Display>) -> Result<(), String> {
    match (expected, outcome) {
        (true, Err(error)) => Err(format!("expected to be accepted, refused: {error}")),
        (false, Ok(())) => Err(String::from("expected to be refused, accepted")),
        _ => Ok(()),
    }
}
