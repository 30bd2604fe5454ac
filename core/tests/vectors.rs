//! Every golden file, natively and in WebAssembly.

use include_dir::{Dir, include_dir};
use wasm_bindgen_test::wasm_bindgen_test;

static VECTORS: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/../tests/vectors");

#[cfg_attr(not(target_arch = "wasm32"), test)]
#[wasm_bindgen_test]
#[cfg(feature = "regex")]
fn every_golden_file_passes() {
    let mut passed = 0;
    let mut failures = Vec::new();
    for file in VECTORS.files().filter(|file| file.path().extension().is_some_and(|it| it == "json")) {
        let name = file.path().display().to_string();
        let report = lotwise_golden::run(&name, file.contents_utf8().expect("golden files are UTF-8"));
        passed += report.passed;
        failures.extend(report.failures);
    }
    assert!(failures.is_empty(), "{passed} passed, {} failed: {failures:#?}", failures.len());
    assert!(passed > 40_000, "only {passed} expectations were found");
}

/// The runner itself can fail: a copy of a golden file with one bucket moved does.
#[cfg_attr(not(target_arch = "wasm32"), test)]
#[wasm_bindgen_test]
fn a_wrong_expectation_is_noticed() {
    let file = r#"{"cases":[{"algorithm":"murmur3","salt":"s","user_key":"u","bucket":"#;
    let bucket = lotwise_core::bucketing::HashAlgorithm::Murmur3.bucket("u", "s");
    assert_eq!(lotwise_golden::run("right", &format!("{file}{bucket}}}]}}")).passed, 1);
    assert_eq!(lotwise_golden::run("wrong", &format!("{file}{}}}]}}", bucket + 1)).failures.len(), 1);
    assert_eq!(lotwise_golden::run("empty", r#"{"cases":[]}"#).failures.len(), 1);
    assert_eq!(lotwise_golden::run("not JSON", "{").failures.len(), 1);
}
