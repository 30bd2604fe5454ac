//! What is asked, and what has to come back.

use std::fmt::Write as _;

use anyhow::{Context as _, Result, ensure};
use lotwise_core::{Context, Evaluation, Scratch, Snapshot, Subject, push_assignments};

use crate::workload::User;

/// A request as bytes, and how the body of its answer ends.
#[derive(Clone, Debug)]
pub(crate) struct Question {
    pub(crate) request: Vec<u8>,
    pub(crate) ending: Vec<u8>,
    /// Experiments that give the user a variant.
    pub(crate) assignments: usize,
}

/// A question for each user. Every answer carries the decisions of every experiment.
pub(crate) fn questions(document: &[u8], experiments: usize, users: &[User]) -> Result<Vec<Question>> {
    let snapshot = Snapshot::load(document).context("the workload's snapshot")?;
    ensure!(snapshot.experiments().count() == experiments, "the snapshot lacks experiments");
    let mut scratch = Scratch::new();
    users.iter().map(|user| question(&snapshot, user, &mut scratch)).collect()
}

fn question(snapshot: &Snapshot, user: &User, scratch: &mut Scratch) -> Result<Question> {
    let context = Context::from_json(&user.context).context("a context of the workload")?;
    let subject = Subject::new(&user.key, &context).context("a user key of the workload")?;
    let mut evaluation = Evaluation::new(snapshot, &subject, scratch);
    let mut ending = b"\"assignments\":".to_vec();
    push_assignments(&mut ending, &mut evaluation, snapshot.experiments());
    ending.push(b'}');
    let assigned = snapshot.experiments().filter(|it| evaluation.decide(*it).variant.is_some());
    let assignments = assigned.count();
    let (key, context) = (percent_encoded(&user.key), percent_encoded(&user.context));
    let request = format!(
        "GET /decide?user_key={key}&env={}&context={context} HTTP/1.1\r\nhost: localhost\r\n\
         user-agent: lotwise-bench\r\naccept: application/json\r\n\r\n",
        snapshot.environment(),
    );
    Ok(Question { request: request.into_bytes(), ending, assignments })
}

/// As a browser's `encodeURIComponent` does it.
fn percent_encoded(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len() * 2);
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-_.!~*'()".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            // Writing to a string cannot fail.
            let _ = write!(encoded, "%{byte:02X}");
        }
    }
    encoded
}
