//! Every golden file in `stats/goldens/`, at the tolerance that each case states.

use std::path::Path;

#[test]
fn every_golden_case_comes_out() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("goldens");
    let mut passed = 0;
    let mut misses = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let text = std::fs::read_to_string(&path).unwrap();
        let report = lotwise_golden_stats::run(&path.file_name().unwrap().to_string_lossy(), &text);
        passed += report.passed;
        misses.extend(report.misses);
    }
    assert!(misses.is_empty(), "{}", misses.join("\n"));
    assert!(passed >= 70, "only {passed} cases were found");
}
