//! What tests ask. Never in the package.

use alloc::string::String;

use wasm_bindgen::prelude::wasm_bindgen;

/// Runs a golden file and returns the report, JSON.
#[wasm_bindgen]
#[expect(unreachable_pub, reason = "wasm-bindgen exports what is public")]
pub fn golden(name: &str, text: &str) -> String {
    serde_json::to_string(&lotwise_golden::run(name, text)).unwrap_or_default()
}
