//! Explanations of stored documents.

use lotwise_core::Fault;
use lotwise_core::Subject;
use lotwise_core::diff::Published;
use lotwise_core::explain::{FullExplanation, explain_fully};

use crate::domain::sample::SampleSubject;

/// What each experiment of a document gives a subject, and why; only those of `keys`, where there are
/// some. Keys that the document does not have are left out.
///
/// # Errors
///
/// A document that no reader would load.
pub fn explain_document(
    document: &[u8],
    who: &SampleSubject,
    keys: Option<&[String]>,
) -> Result<Vec<FullExplanation>, Fault> {
    let published = Published::load(document)?;
    let snapshot = published.snapshot();
    // Keys were measured when they were read.
    let Ok(mut subject) = Subject::new(&who.user_key, &who.context) else { return Ok(Vec::new()) };
    if let Some(sticky) = &who.sticky {
        subject = subject.with_sticky(sticky);
    }
    let wanted = |key: &str| keys.is_none_or(|keys| keys.iter().any(|it| it == key));
    let experiments = snapshot.experiments().filter(|it| wanted(snapshot.experiment_key(*it)));
    Ok(experiments.filter_map(|it| explain_fully(&published, &subject, it)).collect())
}
