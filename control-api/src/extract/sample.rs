//! Whole subjects in bodies: `user_key`, `context`, `sticky`.

use lotwise_core::{Context, Sticky};

use super::subject::{take_context, take_user_key};
use super::{Faults, Fields, Found};
use crate::domain::sample::{MAX_SUBJECTS, SampleSubject};

/// A list of subjects.
pub fn subjects(found: &Found<'_>, faults: &mut Faults) -> Option<Vec<SampleSubject>> {
    let elements = found.list(MAX_SUBJECTS, faults)?;
    let read: Vec<Option<SampleSubject>> = elements
        .iter()
        .map(|element| {
            let mut fields = element.fields(faults)?;
            let subject = take_subject(&mut fields, faults);
            fields.close(faults);
            subject
        })
        .collect();
    read.into_iter().collect()
}

/// The fields of one subject.
pub fn take_subject(fields: &mut Fields<'_>, faults: &mut Faults) -> Option<SampleSubject> {
    let user_key = take_user_key(fields, faults);
    // It was read once to find its faults.
    let context = Context::from_json(take_context(fields, faults)).map(Context::into_owned);
    let sticky = match fields.take("sticky", faults) {
        None => Some(None),
        Some(found) => read_sticky(&found, faults).map(Some),
    };
    Some(SampleSubject { user_key: user_key?, context: context.ok()?, sticky: sticky? })
}

fn read_sticky(found: &Found<'_>, faults: &mut Faults) -> Option<Sticky> {
    let sticky = serde_json::from_str(found.raw.get());
    let detail = "Sticky state is an object of variant keys by experiment key.";
    sticky.map_err(|_| faults.push(&found.at, "invalid_sticky", detail)).ok()
}
