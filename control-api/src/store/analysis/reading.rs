//! What is read of the raw rows, and how users come out of exposures.

use chrono::{DateTime, TimeDelta, Utc};
use sqlx::{Postgres, QueryBuilder};
use uuid::Uuid;

use crate::domain::metric::Definition;

/// The experiment whose events are summarised.
#[derive(Clone, Debug)]
pub struct Subject {
    /// The experiment.
    pub experiment_id: Uuid,
    /// Its environment.
    pub environment_id: Uuid,
    /// Its variants.
    pub variants: Vec<Uuid>,
    /// What is summed, in this order everywhere.
    pub metrics: Vec<Definition>,
}

impl Subject {
    /// Every event name that some metric reads, each once.
    pub(super) fn event_names(&self) -> Vec<String> {
        let mut names: Vec<String> =
            self.metrics.iter().flat_map(Definition::event_names).map(str::to_owned).collect();
        names.sort_unstable();
        names.dedup();
        names
    }
}

/// Which raw rows count.
#[derive(Clone, Debug, Default)]
pub struct Reading {
    /// Those of batches up to this one.
    pub batch: i64,
    /// Only what came with a secret key or a token.
    pub is_verified_only: bool,
    /// The attribute of the first exposure's context to break down by.
    pub dimension: Option<String>,
    /// Only users of one slice, so that slices can be added up anywhere.
    pub slice: Option<Slice>,
    /// For each metric only users whose window had closed by then; none: all users.
    pub mature_at: Option<DateTime<Utc>>,
}

impl Reading {
    /// Up to when users must have been exposed for their window to be closed, if that is asked for. Windows
    /// without an end never close, and keep nobody out.
    pub(super) fn mature_until(&self, metric: &Definition) -> Option<DateTime<Utc>> {
        // A window of thousands of years has closed for nobody.
        let before = |at: DateTime<Utc>, seconds| {
            let window = TimeDelta::try_seconds(seconds).unwrap_or(TimeDelta::MAX);
            at.checked_sub_signed(window).unwrap_or(DateTime::UNIX_EPOCH)
        };
        Some(before(self.mature_at?, metric.window_end_seconds?))
    }
}

/// Users whose hash falls into one of several slices.
#[derive(Clone, Copy, Debug)]
pub struct Slice {
    /// Which, from 0.
    pub index: u8,
    /// Of how many.
    pub of: u8,
}

/// What a reading of raw rows found.
#[derive(Clone, Debug)]
pub struct Summary {
    /// Per variant, and per value of the dimension; variants without users are left out.
    pub arms: Vec<super::ArmSums>,
    /// Users seen in several variants.
    pub excluded: u64,
    /// The first exposure that counts.
    pub first_exposed_at: Option<DateTime<Utc>>,
}

/// Pushes `units`: every exposed user, as [`push_users`] finds them.
pub(super) fn push_units(query: &mut QueryBuilder<Postgres>, subject: &Subject, reading: &Reading) {
    query.push("units as materialized (");
    push_users(query, subject, reading);
    query.push(")");
}

/// Pushes the query for every exposed user with variant (as `arm`, from 1), first exposure and whether there
/// were several variants.
pub(super) fn push_users(query: &mut QueryBuilder<Postgres>, subject: &Subject, reading: &Reading) {
    query.push(
        "select x.user_key, min(v.arm) as arm, \
         min(v.arm) <> max(v.arm) as is_multiple, min(x.occurred_at) as first_at, ",
    );
    match &reading.dimension {
        None => drop(query.push("null::text")),
        Some(attribute) => {
            query.push("(array_agg(event_attribute(x.context, ").push_bind(attribute.clone());
            query.push(") order by x.occurred_at, x.id))[1]");
        }
    }
    query.push(" as segment from exposures x join ");
    push_variants(query, subject);
    query.push(" on v.id = x.variant_id where ");
    push_counted_exposures(query, subject);
    query.push(" and x.batch <= ").push_bind(reading.batch);
    if reading.is_verified_only {
        query.push(" and x.is_verified");
    }
    push_slice(query, "x", reading.slice);
    query.push(" group by x.user_key");
}

/// Pushes the variants as `v (id, arm)`.
pub(super) fn push_variants(query: &mut QueryBuilder<Postgres>, subject: &Subject) {
    query.push("unnest(").push_bind(subject.variants.clone());
    query.push("::uuid[]) with ordinality as v (id, arm)");
}

/// Pushes which exposures `x` count at all.
pub(super) fn push_counted_exposures(query: &mut QueryBuilder<Postgres>, subject: &Subject) {
    query.push("x.experiment_id = ").push_bind(subject.experiment_id);
    query.push(" and x.counts and not exists (select from exposure_quarantine as q where q.id = x.id)");
}

/// Pushes which events `e` some metric may count.
pub(super) fn push_events(query: &mut QueryBuilder<Postgres>, subject: &Subject) {
    query.push("e.environment_id = ").push_bind(subject.environment_id);
    query.push(" and (e.experiment_id is null or e.experiment_id = ").push_bind(subject.experiment_id);
    query.push(") and e.event_name = any(").push_bind(subject.event_names()).push(")");
}

/// Pushes which events `e` a reading takes.
pub(super) fn push_read_events(query: &mut QueryBuilder<Postgres>, subject: &Subject, reading: &Reading) {
    push_events(query, subject);
    query.push(" and e.batch <= ").push_bind(reading.batch);
    if reading.is_verified_only {
        query.push(" and e.is_verified");
    }
}

/// Pushes which users of `table` are in the slice. The hash is compared and not divided, since the planner
/// knows about how many rows a comparison leaves.
pub(super) fn push_slice(query: &mut QueryBuilder<Postgres>, table: &str, slice: Option<Slice>) {
    let Some(Slice { index, of }) = slice else { return };
    let hash = format!(" and hashtext(encode({table}.user_key, 'escape'))");
    // 2^32 hashes from -2^31; the first and the last slice are open ends.
    let from = |index: u8| (1_i64 << 32) * i64::from(index) / i64::from(of) - (1_i64 << 31);
    if index > 0 {
        query.push(&hash).push(format_args!(" >= {}", from(index)));
    }
    if index + 1 < of {
        query.push(&hash).push(format_args!(" < {}", from(index + 1)));
    }
}
