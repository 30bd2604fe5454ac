//! Replay: recorded exposures decided again, each by its own document.

mod documents;
mod exposure;

use std::sync::Arc;

use lotwise_core::{Context, Evaluation, Scratch, Snapshot, Subject};

pub use documents::Documents;
pub use exposure::{Line, Named, Recorded, read_line};

/// What became of one exposure.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The same variant for the same reason.
    Same,
    /// Something else.
    Mismatch(String),
    /// It could not be decided again.
    Impossible(String),
}

/// Decides an exposure again by the document it names.
pub fn replay(snapshot: &Arc<Snapshot>, it: &Recorded, scratch: &mut Scratch) -> Outcome {
    let impossible = |detail: String| Outcome::Impossible(detail);
    let experiment = match &it.experiment {
        Named::Key(key) => snapshot.experiment(key),
        Named::Id(id) => {
            snapshot.experiments().find(|experiment| snapshot.experiment_id(*experiment) == id.as_str())
        }
    };
    let Some(experiment) = experiment else {
        return impossible(format!("the document has no experiment {}", it.experiment));
    };
    let context = match Context::from_json(it.context.as_deref().unwrap_or("{}")) {
        Ok(context) => context,
        Err(error) => return impossible(error.to_string()),
    };
    let subject = match Subject::new(&it.user_key, &context) {
        Ok(subject) => subject,
        Err(error) => return impossible(error.to_string()),
    };
    let subject = match &it.sticky {
        Some(sticky) => subject.with_sticky(sticky),
        None => subject,
    };
    let mut evaluation = Evaluation::new(snapshot, &subject, scratch);
    let decision = evaluation.decide(experiment);
    let variant = snapshot.variant(decision);
    let is_variant = variant.is_some_and(|variant| match &it.variant {
        Named::Key(key) => variant.key == key,
        Named::Id(id) => variant.id == id,
    });
    let reason = decision.reason.name();
    let is_reason = it.reason.as_deref().is_none_or(|recorded| recorded == reason);
    if is_variant && is_reason {
        return Outcome::Same;
    }
    let given = variant.map_or("none", |variant| variant.key);
    let recorded = it.reason.as_deref().unwrap_or("no reason");
    Outcome::Mismatch(format!("recorded {} ({recorded}), decided {given} ({reason})", it.variant))
}
