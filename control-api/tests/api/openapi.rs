//! The checked-in OpenAPI document.

use std::path::Path;

#[test]
fn the_document_is_not_stale() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("openapi.json");
    lotwise_control::openapi::check(&file).unwrap();
}
