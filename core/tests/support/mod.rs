//! Two snapshots that should be the same one.

use lotwise_core::explain::explain;
use lotwise_core::{Evaluation, Scratch, Snapshot, Subject, push_assignments};

/// Compares everything that a snapshot says about itself and about a subject; faults aside.
#[track_caller]
pub(crate) fn assert_same(a: &Snapshot, b: &Snapshot, subject: &Subject<'_>) {
    assert_eq!(about_itself(a), about_itself(b));
    assert_eq!(about_subject(a, subject), about_subject(b, subject));
}

fn about_itself(snapshot: &Snapshot) -> String {
    let attributes: Vec<&str> = snapshot.attributes().collect();
    let experiments: Vec<_> = snapshot
        .experiments()
        .map(|it| (snapshot.experiment_key(it), snapshot.experiment_id(it), snapshot.is_sticky(it)))
        .collect();
    for (key, _, _) in &experiments {
        assert!(snapshot.experiment(key).is_some_and(|it| snapshot.experiment_key(it) == *key), "{key}");
    }
    let (environment, version) = (snapshot.environment(), snapshot.version());
    format!("{environment} {version} {} {attributes:?} {experiments:?}", snapshot.published_at())
}

/// What a snapshot says about a subject.
pub(crate) fn about_subject(snapshot: &Snapshot, subject: &Subject<'_>) -> (Vec<u8>, Vec<u8>, String) {
    let mut relevant = Vec::new();
    snapshot.push_relevant(subject, &mut relevant);
    let mut scratch = Scratch::new();
    let mut evaluation = Evaluation::new(snapshot, subject, &mut scratch);
    let mut answer = Vec::new();
    push_assignments(&mut answer, &mut evaluation, snapshot.experiments());
    let variants: Vec<_> = snapshot.experiments().map(|it| snapshot.variant(evaluation.decide(it))).collect();
    let explanations = explain(snapshot, subject, snapshot.experiments());
    (relevant, answer, format!("{variants:?} {explanations:#?}"))
}
