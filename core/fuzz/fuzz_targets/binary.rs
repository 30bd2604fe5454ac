//! The binary form: any bytes, and sound ones with some replaced. For the latter the input is a
//! document, ended by a line feed, and replacements of three bytes: place, place, value. Whatever loads
//! is written again as the same bytes, and decides and explains without a panic.
#![no_main]

use libfuzzer_sys::fuzz_target;
use lotwise_core::explain::explain;
use lotwise_core::{Context, Evaluation, Scratch, Snapshot, Subject, push_assignments};

const CONTEXT: &str =
    r#"{"a":"1.2.3","b":["x",{"c":1}],"country":"NZ","plan":"pro","age":33,"seen":"2026-01-02"}"#;

fuzz_target!(|input: &[u8]| {
    load(input);
    let Some(end) = input.iter().position(|byte| *byte == b'\n') else { return };
    let (document, replacements) = input.split_at(end);
    let Ok(snapshot) = Snapshot::load(document) else { return };
    let mut bytes = snapshot.to_binary();
    let restored = Snapshot::from_binary(&bytes).expect("what is written can be read");
    assert_eq!(restored.to_binary(), bytes);
    for replacement in replacements[1..].chunks_exact(3) {
        let place = usize::from(u16::from_le_bytes([replacement[0], replacement[1]]));
        let places = bytes.len();
        bytes[place % places] = replacement[2];
    }
    load(&bytes);
});

fn load(bytes: &[u8]) {
    let Ok(snapshot) = Snapshot::from_binary(bytes) else { return };
    assert_eq!(snapshot.to_binary(), bytes);
    let context = Context::from_json(CONTEXT).expect("a context");
    let subject = Subject::new("user-1", &context).expect("a subject");
    let mut scratch = Scratch::new();
    let mut evaluation = Evaluation::new(&snapshot, &subject, &mut scratch);
    push_assignments(&mut Vec::new(), &mut evaluation, snapshot.experiments());
    for (experiment, explanation) in
        snapshot.experiments().zip(explain(&snapshot, &subject, snapshot.experiments()))
    {
        assert_eq!(explanation.reason, evaluation.decide(experiment).reason.name());
    }
}
