//! Loading: any bytes are a snapshot or a fault, and the check finds whatever loading finds.
#![no_main]

use libfuzzer_sys::fuzz_target;
use lotwise_core::{Snapshot, check};

fuzz_target!(|document: &[u8]| {
    let faults = check(document);
    match Snapshot::load(document) {
        Ok(snapshot) => assert!(snapshot.faults().is_empty() || !faults.is_empty()),
        Err(_) => assert!(!faults.is_empty()),
    }
});
