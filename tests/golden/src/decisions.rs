//! Files with a snapshot and the decisions expected of it: of the document as it stands there, and of
//! its binary form, each expectation counted for both.

use alloc::borrow::ToOwned;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use lotwise_core::{Context, Evaluation, Scratch, Snapshot, Sticky, Subject};
use serde::Deserialize;
use serde_json::value::RawValue;

use crate::Report;

#[derive(Deserialize)]
struct File<'a> {
    #[serde(borrow)]
    snapshot: &'a RawValue,
    #[serde(borrow)]
    cases: Vec<Case<'a>>,
}

#[derive(Deserialize)]
struct Case<'a> {
    id: String,
    user_key: String,
    #[serde(borrow)]
    context: &'a RawValue,
    #[serde(default)]
    sticky: Option<Sticky>,
    expect: Vec<Expected>,
}

#[derive(Debug, Deserialize)]
struct Expected {
    experiment_key: String,
    variant_key: Option<String>,
    reason: String,
    bucket: Option<u16>,
}

pub(crate) fn published(text: &str) -> Option<(&str, Vec<u8>)> {
    let file: File<'_> = serde_json::from_str(text).ok()?;
    let document = file.snapshot.get();
    Some((document, Snapshot::load(document.as_bytes()).ok()?.to_binary()))
}

pub(crate) fn run(name: &str, text: &str, report: &mut Report) {
    let whole_file = |report: &mut Report, detail: String| report.count(|| name.to_owned(), Err(detail));
    let file: File<'_> = match serde_json::from_str(text) {
        Ok(file) => file,
        Err(error) => return whole_file(report, format!("not a golden file: {error}")),
    };
    let snapshot = match Snapshot::load(file.snapshot.get().as_bytes()) {
        Ok(snapshot) => snapshot,
        Err(fault) => return whole_file(report, format!("its snapshot is refused: {fault}")),
    };
    let mut scratch = Scratch::new();
    for case in &file.cases {
        run_case(name, &snapshot, case, &mut scratch, report);
    }
    let restored = match Snapshot::from_binary(&snapshot.to_binary()) {
        Ok(restored) => restored,
        Err(fault) => {
            return whole_file(report, format!("the binary form of its snapshot is refused: {fault}"));
        }
    };
    let name = format!("{name} (binary)");
    for case in &file.cases {
        run_case(&name, &restored, case, &mut scratch, report);
    }
}

fn run_case(name: &str, snapshot: &Snapshot, case: &Case<'_>, scratch: &mut Scratch, report: &mut Report) {
    let whole_case =
        |report: &mut Report, detail: String| report.count(|| format!("{name} {}", case.id), Err(detail));
    let context = match Context::from_json(case.context.get()) {
        Ok(context) => context,
        Err(error) => return whole_case(report, format!("{error}")),
    };
    let nothing = Sticky::new();
    let subject = match Subject::new(&case.user_key, &context) {
        Ok(subject) => subject.with_sticky(case.sticky.as_ref().unwrap_or(&nothing)),
        Err(error) => return whole_case(report, format!("{error}")),
    };
    if case.expect.len() != snapshot.len() {
        let detail = format!("{} decisions expected of {} experiments", case.expect.len(), snapshot.len());
        whole_case(report, detail);
    }
    let mut evaluation = Evaluation::new(snapshot, &subject, scratch);
    for expected in &case.expect {
        let outcome = decide(&mut evaluation, expected);
        report.count(|| format!("{name} {} {}", case.id, expected.experiment_key), outcome);
    }
}

fn decide(evaluation: &mut Evaluation<'_>, expected: &Expected) -> Result<(), String> {
    let snapshot = evaluation.snapshot();
    let Some(experiment) = snapshot.experiment(&expected.experiment_key) else {
        return Err(format!("expected {expected:?}, but the snapshot has no such experiment"));
    };
    let decision = evaluation.decide(experiment);
    let came = Expected {
        experiment_key: snapshot.experiment_key(experiment).to_owned(),
        variant_key: snapshot.variant(decision).map(|variant| variant.key.to_owned()),
        reason: decision.reason.name().to_owned(),
        bucket: evaluation.bucket(experiment),
    };
    let is_equal = came.variant_key == expected.variant_key
        && came.reason == expected.reason
        && came.bucket == expected.bucket;
    if is_equal { Ok(()) } else { Err(format!("expected {expected:?}, came {came:?}")) }
}
