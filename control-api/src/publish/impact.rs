//! Whom the difference of two versions moves.

use std::collections::BTreeSet;

use lotwise_core::diff::{Change, Diff, ExperimentDiff, LayerDiff, Published, diff};

use super::sampled::sampled;
use crate::domain::preview::{BucketMove, ExperimentChange, LayerChange, PageChange, Preview};
use crate::domain::refusal::Refusal;
use crate::domain::sample::SampleSubject;
use crate::domain::version::{ChangeKind, Warning};
use crate::store::versions::Documents;

/// Two versions of an environment, to be compared.
pub(super) struct Comparison<'v> {
    pub(super) environment: &'v str,
    /// The number and the documents of the one that readers have; none: they have nothing.
    pub(super) before: Option<(i64, &'v Documents)>,
    /// The full and the client document of the other.
    pub(super) after: [&'v [u8]; 2],
    /// Its number, if it is an earlier version.
    pub(super) to: Option<i64>,
    /// What to send to agree.
    pub(super) confirm: String,
    /// What the other cannot hold to.
    pub(super) warnings: &'v [Warning],
}

impl Comparison<'_> {
    /// What differs, and what becomes of `subjects`.
    pub(super) fn preview(&self, subjects: Option<&[SampleSubject]>) -> Result<Preview, Refusal> {
        let before = self.before.map(|(_, documents)| load(&documents.full)).transpose()?;
        let after = load(self.after[0])?;
        let found = diff(before.as_ref(), Some(&after));
        let pages = self.pages(&found)?;
        let rerandomised: Vec<String> = found
            .experiments
            .iter()
            .filter(|it| it.rerandomised)
            .map(|it| it.experiment_key.clone())
            .collect();
        Ok(Preview {
            environment: self.environment.to_owned(),
            from: self.before.map(|(version, _)| version),
            to: self.to,
            warnings: [warnings(&found, &pages).as_slice(), self.warnings].concat(),
            moves_users: found.moves_users || !rerandomised.is_empty() || !pages.leaving.is_empty(),
            unchanged: found.experiments.is_empty() && pages == PageChange::default(),
            rerandomised,
            confirm: self.confirm.clone(),
            sample: subjects.map(|subjects| sampled(before.as_ref(), &after, &found, subjects)),
            segments: found.segments,
            experiments: found.experiments.into_iter().map(change).collect(),
            pages,
        })
    }

    /// What pages get or lose of that which servers keep.
    fn pages(&self, full: &Diff) -> Result<PageChange, Refusal> {
        let before =
            self.before.map(|(_, documents)| keys(&documents.client)).transpose()?.unwrap_or_default();
        let after = keys(self.after[1])?;
        let comes_or_goes: BTreeSet<&str> = full
            .experiments
            .iter()
            .filter(|it| matches!(it.change, Change::Added | Change::Removed))
            .map(|it| it.experiment_key.as_str())
            .collect();
        let alone = |these: &BTreeSet<String>, others: &BTreeSet<String>| {
            let difference = these.difference(others);
            difference.filter(|key| !comes_or_goes.contains(key.as_str())).cloned().collect()
        };
        Ok(PageChange { entering: alone(&after, &before), leaving: alone(&before, &after) })
    }
}

fn load(document: &[u8]) -> Result<Published<'_>, Refusal> {
    Published::load(document).map_err(|fault| Refusal::Invalid(vec![fault]))
}

/// The keys of a document's experiments.
fn keys(document: &[u8]) -> Result<BTreeSet<String>, Refusal> {
    let published = load(document)?;
    let snapshot = published.snapshot();
    Ok(snapshot.experiments().map(|id| snapshot.experiment_key(id).to_owned()).collect())
}

fn warnings(diff: &Diff, pages: &PageChange) -> Vec<Warning> {
    let rerandomised = diff.experiments.iter().filter(|it| it.rerandomised).map(|it| Warning {
        code: "rerandomised".to_owned(),
        experiment_key: Some(it.experiment_key.clone()),
        detail: format!(
            "EVERY user of {} would be dealt out anew ({}): who was in a variant may land in any other, and \
             results from before and after must not be added up.",
            it.experiment_key,
            it.rerandomised_by.join(", ")
        ),
    });
    let removed = diff.experiments.iter().filter(|it| it.change == Change::Removed).map(|it| Warning {
        code: "removed".to_owned(),
        experiment_key: Some(it.experiment_key.clone()),
        detail: format!("{} would not be published any more: everyone in it is out.", it.experiment_key),
    });
    let off_pages = pages.leaving.iter().map(|key| Warning {
        code: "leaves_pages".to_owned(),
        experiment_key: Some(key.clone()),
        detail: format!("{key} would not be published to pages any more: their users are out."),
    });
    rerandomised.chain(removed).chain(off_pages).collect()
}

fn change(it: ExperimentDiff) -> ExperimentChange {
    let layer = |kind: &'static str, it: LayerDiff| LayerChange {
        kind,
        key: it.key,
        entering: it.entering,
        leaving: it.leaving,
        rerandomised: it.rerandomised,
    };
    let group = it.group.map(|it| layer("group", it)).into_iter();
    let holdouts = it.holdouts.into_iter().map(|it| layer("holdout", it));
    let moves = it.buckets.moves.into_iter();
    ExperimentChange {
        experiment_key: it.experiment_key,
        change: match it.change {
            Change::Added => Some(ChangeKind::Added),
            Change::Removed => Some(ChangeKind::Removed),
            Change::Changed => Some(ChangeKind::Changed),
            Change::Unchanged => None,
        },
        moves_users: it.moves_users,
        rerandomised: it.rerandomised,
        rerandomised_by: it.rerandomised_by,
        fields: it.fields,
        staying: it.buckets.stay,
        entering: it.buckets.entering,
        leaving: it.buckets.leaving,
        moving: it.buckets.switching,
        moves: moves.map(|it| BucketMove { from: it.from, to: it.to, buckets: it.buckets }).collect(),
        layers: group.chain(holdouts).collect(),
        depends_on: it.depends_on,
    }
}
