//! Deciding: input is a document, a user key and a context, each ended by a line feed; documents
//! and contexts without line feeds lose nothing. Whatever loads decides without a panic, answers
//! valid JSON, and explains itself the same.
#![no_main]

use libfuzzer_sys::fuzz_target;
use lotwise_core::explain::explain;
use lotwise_core::{Context, Evaluation, Scratch, Snapshot, Subject, push_assignments};

fuzz_target!(|input: &str| {
    let mut parts = input.splitn(3, '\n');
    let (Some(document), Some(user_key), Some(context)) = (parts.next(), parts.next(), parts.next()) else {
        return;
    };
    let Ok(snapshot) = Snapshot::load(document.as_bytes()) else { return };
    let Ok(context) = Context::from_json(context) else { return };
    let Ok(subject) = Subject::new(user_key, &context) else { return };
    let mut scratch = Scratch::new();
    let mut evaluation = Evaluation::new(&snapshot, &subject, &mut scratch);
    let mut answer = Vec::new();
    push_assignments(&mut answer, &mut evaluation, snapshot.experiments());
    assert!(serde_json::from_slice::<&serde_json::value::RawValue>(&answer).is_ok());
    for (experiment, explanation) in snapshot.experiments().zip(explain(&snapshot, &subject, snapshot.experiments())) {
        assert_eq!(explanation.reason, evaluation.decide(experiment).reason.name());
    }
});
