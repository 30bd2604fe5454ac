//! The body of a publish, a rollback and their dry runs.

use std::collections::BTreeSet;

use crate::domain::key::{MAX_KEY_BYTES, is_key};
use crate::domain::sample::SampleSubject;
use crate::extract::limits::{MAX_NAME_CHARS, MAX_PROSE_CHARS};
use crate::extract::sample::subjects;
use crate::extract::{Faults, Found, LargeBody};
use crate::problem::Problem;

/// Keys of `only` at most.
const MAX_ONLY: usize = 10_000;

/// What was sent.
#[derive(Debug)]
pub(in crate::routes) struct PublishBody {
    /// Why, for the version record.
    pub(in crate::routes) note: Option<String>,
    /// The digest of the dry run that was agreed to.
    pub(in crate::routes) confirm: Option<String>,
    /// The experiments to publish; the others stay as they are.
    pub(in crate::routes) only: Option<BTreeSet<String>>,
    /// Subjects to try it on.
    pub(in crate::routes) subjects: Option<Vec<SampleSubject>>,
    /// Whether to try it on the subjects of recent exposures.
    pub(in crate::routes) sample_exposures: bool,
}

/// Whether a body may say `only`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::routes) enum TakesOnly {
    /// A publish.
    Yes,
    /// A rollback.
    No,
}

impl PublishBody {
    /// Reads all fields, those of a dry run too where this is one. A dry run takes what the publish that
    /// it stands for takes.
    pub(in crate::routes) fn read(
        body: &LargeBody,
        takes_only: TakesOnly,
        dry_run: bool,
    ) -> Result<Self, Problem> {
        if !dry_run {
            body.require_small()?;
        }
        let mut faults = Faults::default();
        let mut fields = body.0.fields(&mut faults)?;
        let note = fields.take("note", &mut faults);
        let note = note.and_then(|found| found.text(MAX_PROSE_CHARS, &mut faults));
        let confirm = fields.take("confirm", &mut faults);
        let confirm = confirm.and_then(|found| found.text(MAX_NAME_CHARS, &mut faults));
        let only = if takes_only == TakesOnly::Yes { fields.take("only", &mut faults) } else { None };
        let only = only.and_then(|found| read_only(&found, &mut faults));
        let (mut sample, mut sample_exposures) = (None, false);
        if dry_run {
            let sent = fields.take("subjects", &mut faults);
            let named = fields.take("sample", &mut faults);
            if let (Some(_), Some(named)) = (&sent, &named) {
                faults.push(&named.at, "duplicate_field", "Send `subjects` or `sample`, not both.");
            }
            sample = sent.and_then(|found| subjects(&found, &mut faults));
            sample_exposures = named.is_some_and(|found| is_exposures(&found, &mut faults));
        }
        fields.close(&mut faults);
        faults.finish()?;
        Ok(Self { note, confirm, only, subjects: sample, sample_exposures })
    }
}

fn read_only(found: &Found<'_>, faults: &mut Faults) -> Option<BTreeSet<String>> {
    let elements = found.list(MAX_ONLY, faults)?;
    if elements.is_empty() {
        faults.push(&found.at, "empty", "Name the experiments to publish, or leave `only` out for all.");
    }
    let mut keys = BTreeSet::new();
    for element in &elements {
        let Some(key) = element.text(MAX_KEY_BYTES, faults) else { continue };
        if is_key(&key) {
            keys.insert(key);
        } else {
            faults.push(&element.at, "unknown_experiment", "No experiment can have this key.");
        }
    }
    Some(keys)
}

fn is_exposures(found: &Found<'_>, faults: &mut Faults) -> bool {
    let name = found.text(MAX_NAME_CHARS, faults);
    let is_exposures = name.as_deref() == Some("exposures");
    if !is_exposures && name.is_some() {
        faults.push(&found.at, "unknown_sample", "The one sample there is is `exposures`.");
    }
    is_exposures
}
