//! Comparing experiment by experiment.

use alloc::borrow::Cow;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::cmp::Ordering;

use super::buckets::{BucketsDiff, traffic};
use super::published::Published;
use super::{Change, Diff, ExperimentDiff, fields, layers, reach};
use crate::snapshot::{Bucketing, Experiment, Status, Tables};

/// What changes from one snapshot to another; `None` is nothing published.
///
/// Experiments whose text is the same cost a comparison; the others are compared field by field and
/// boundary by boundary. Bucket counts are those of a reader of this build: nobody is in what it does
/// not understand, and everybody gets the winner of what is concluded.
///
/// ```
/// use lotwise_core::diff::{Published, diff};
///
/// let document = |end| format!(r#"{{"schema_version":1,"environment":"prod","version":1,
///     "published_at":"2026-11-21T10:00:00Z","experiments":[{{"id":"e1","key":"button","status":"RUNNING",
///     "salt":"s","hash":"murmur3","variants":[{{"id":"v1","key":"blue"}}],
///     "allocations":[{{"variant":"blue","range_start":0,"range_end":{end}}}]}}]}}"#);
/// let (before, after) = (document(4999), document(2999));
/// let (before, after) = (Published::load(before.as_bytes())?, Published::load(after.as_bytes())?);
/// let diff = diff(Some(&before), Some(&after));
/// assert_eq!((diff.moves_users, diff.experiments[0].buckets.leaving), (true, 2000));
/// # Ok::<(), lotwise_core::Fault>(())
/// ```
pub fn diff(before: Option<&Published<'_>>, after: Option<&Published<'_>>) -> Diff {
    let segments = changed_segments(before, after);
    let touched = [before, after].map(|side| side.map(|it| reach::touched(&it.snapshot().tables, &segments)));
    let [touched_before, touched_after] = &touched;
    let mut diff = Diff::default();
    let mut changes = Vec::new();
    for pair in pairs(before, after) {
        let old = pair.before.and_then(|at| Some(Side { published: before?, at }));
        let new = pair.after.and_then(|at| Some(Side { published: after?, at }));
        let is_same = matches!((&old, &new), (Some(old), Some(new)) if old.text() == new.text());
        let is_touched = !segments.is_empty()
            && (leads_to(old.as_ref(), touched_before.as_deref())
                || leads_to(new.as_ref(), touched_after.as_deref()));
        let change = match (&old, &new) {
            (None, _) => Change::Added,
            (_, None) => Change::Removed,
            _ if is_same && !is_touched => Change::Unchanged,
            _ => Change::Changed,
        };
        match change {
            Change::Added => diff.added += 1,
            Change::Removed => diff.removed += 1,
            Change::Changed => diff.changed += 1,
            Change::Unchanged => diff.unchanged += 1,
        }
        changes.push((pair, change, is_touched, old, new));
    }
    let differs: Vec<_> =
        changes.iter().map(|(pair, change, ..)| (pair.key, *change != Change::Unchanged)).collect();
    let depends = reach::Dependants::new(&differs, [before, after].map(|side| side.map(Published::snapshot)));
    for (pair, change, is_touched, old, new) in changes {
        let depends_on = depends.of(pair.key);
        if change == Change::Unchanged && depends_on.is_empty() {
            continue;
        }
        let mut experiment = compare(old.as_ref(), new.as_ref(), change, is_touched);
        experiment.experiment_key = pair.key.to_string();
        experiment.depends_on = depends_on.into_iter().map(ToString::to_string).collect();
        diff.moves_users |= experiment.moves_users;
        diff.experiments.push(experiment);
    }
    diff.segments = segments.iter().map(|name| (*name).to_string()).collect();
    diff
}

/// An experiment of one side.
struct Side<'p, 'd> {
    published: &'p Published<'d>,
    at: usize,
}

impl<'p, 'd> Side<'p, 'd> {
    fn text(&self) -> &'d str {
        self.published.experiment_text(self.at)
    }

    fn row(&self) -> Option<(&'p Tables, &'p Experiment)> {
        let tables = &self.published.snapshot().tables;
        tables.experiments.get(self.at).map(|row| (tables, row))
    }
}

fn leads_to(side: Option<&Side<'_, '_>>, touched: Option<&[bool]>) -> bool {
    let row = side.and_then(Side::row);
    row.zip(touched).is_some_and(|((tables, row), touched)| reach::leads_to(tables, row, touched))
}

fn compare(
    old: Option<&Side<'_, '_>>,
    new: Option<&Side<'_, '_>>,
    change: Change,
    is_touched: bool,
) -> ExperimentDiff {
    let (before, after) = (old.and_then(Side::row), new.and_then(Side::row));
    let mut fields = Vec::new();
    if let (Some(old), Some(new)) = (old, new)
        && old.text() != new.text()
    {
        fields = fields::changed(old.text(), new.text());
        if let (Some(before), Some(after)) = (before, after) {
            let at = fields.iter().position(|name| fields::is_behind_variants(name)).unwrap_or(fields.len());
            fields.splice(at..at, fields::changed_variants(before, after));
        }
    }
    if is_touched && change == Change::Changed {
        fields.push("segments");
    }
    let mut rerandomised_by = redrawn_by(before, after);
    let [had, has] =
        [before, after].map(|side| side.map_or_else(Vec::new, |(tables, row)| traffic(tables, row)));
    let buckets = match rerandomised_by.is_empty() {
        true => BucketsDiff::new(&had, &has),
        false => BucketsDiff::redrawn(&had, &has),
    };
    // Gates of what is not there on both sides stop nobody who was in.
    let is_there = before.is_some() && after.is_some();
    let group = layers::group(before, after).filter(|diff| is_there && !diff.changes_nothing());
    let holdouts = if is_there { layers::holdouts(before, after) } else { Vec::new() };
    if group.as_ref().is_some_and(|group| group.rerandomised) {
        rerandomised_by.push("group");
    }
    if holdouts.iter().any(|holdout| holdout.rerandomised) {
        rerandomised_by.push("holdouts");
    }
    let stops = group.iter().chain(&holdouts).any(|gate| gate.leaving > 0 || gate.rerandomised);
    let was_anybody_in = !had.is_empty();
    ExperimentDiff {
        experiment_key: String::new(),
        change,
        moves_users: buckets.leaving > 0
            || buckets.switching > 0
            || !rerandomised_by.is_empty()
            || (was_anybody_in && stops),
        rerandomised: !rerandomised_by.is_empty(),
        rerandomised_by,
        fields,
        buckets,
        group,
        holdouts,
        depends_on: Vec::new(),
    }
}

/// What of its own draws the users of a running experiment again.
fn redrawn_by(
    before: Option<(&Tables, &Experiment)>,
    after: Option<(&Tables, &Experiment)>,
) -> Vec<&'static str> {
    let bucketing = |side: Option<(&'_ Tables, &'_ Experiment)>| {
        let (tables, row) = side.filter(|(_, row)| row.status == Status::Running)?;
        let Bucketing { hash, by, salt } = row.bucketing?;
        Some((tables.text(salt).to_string(), hash, tables.attributes.get(by.0 as usize)?.name().to_string()))
    };
    let (Some(before), Some(after)) = (bucketing(before), bucketing(after)) else { return Vec::new() };
    let mut by = Vec::new();
    if before.0 != after.0 {
        by.push("salt");
    }
    if before.1 != after.1 {
        by.push("hash");
    }
    if before.2 != after.2 {
        by.push("bucket_by");
    }
    by
}

/// One key and its positions on both sides.
#[derive(Clone, Copy)]
pub(super) struct Pair<'s> {
    pub(super) key: &'s str,
    pub(super) before: Option<usize>,
    pub(super) after: Option<usize>,
}

/// All keys of both sides in order.
pub(super) fn pairs<'s>(
    before: Option<&'s Published<'_>>,
    after: Option<&'s Published<'_>>,
) -> Vec<Pair<'s>> {
    let keys = |side: Option<&'s Published<'_>>| {
        let snapshot = side.map(Published::snapshot);
        let keys = snapshot.into_iter().flat_map(|it| it.experiments().map(|id| it.experiment_key(id)));
        keys.enumerate().peekable()
    };
    let (mut left, mut right) = (keys(before), keys(after));
    let mut pairs = Vec::new();
    loop {
        let order = match (left.peek(), right.peek()) {
            (None, None) => return pairs,
            (Some(_), None) => Ordering::Less,
            (None, Some(_)) => Ordering::Greater,
            (Some((_, left)), Some((_, right))) => left.cmp(right),
        };
        let before = if order.is_le() { left.next() } else { None };
        let after = if order.is_ge() { right.next() } else { None };
        let key = before.or(after).map_or("", |(_, key)| key);
        pairs.push(Pair { key, before: before.map(|it| it.0), after: after.map(|it| it.0) });
    }
}

/// The names of segments that are new, gone or different, in order.
fn changed_segments<'p>(before: Option<&'p Published<'_>>, after: Option<&'p Published<'_>>) -> Vec<&'p str> {
    fn segments<'p, 'd>(side: Option<&'p Published<'d>>) -> &'p [(Cow<'d, str>, &'d str)] {
        side.map(Published::segments).unwrap_or_default()
    }
    let (before, after) = (segments(before), segments(after));
    let find = |list: &[(Cow<'_, str>, &'_ str)], name: &str, text: &str| {
        list.binary_search_by(|(known, _)| (**known).cmp(name))
            .ok()
            .and_then(|at| list.get(at))
            .is_some_and(|it| it.1 == text)
    };
    let gone = before.iter().filter(|(name, text)| !find(after, name, text));
    let new = after.iter().filter(|(name, text)| !find(before, name, text));
    let mut names: Vec<&str> = gone.chain(new).map(|(name, _)| &**name).collect();
    names.sort_unstable();
    names.dedup();
    names
}
