//! Changing segments.

use serde::Serialize;

use super::find::{find, of_environment};
use crate::domain::actor::Actor;
use crate::domain::experiment::require_version;
use crate::domain::reference::ResourceRef;
use crate::domain::refusal::Refusal;
use crate::domain::rules::TargetingRule;
use crate::domain::segment::Segment;
use crate::store::audit::{Entry, record};
use crate::store::{Store, StoreError, StoreResult, now, references};

/// A change to a segment; absent fields stay.
#[derive(Clone, Debug, Default)]
pub struct SegmentPatch {
    /// A new name.
    pub name: Option<String>,
    /// A new description, or none.
    pub description: Option<Option<String>>,
    /// New rules, as a whole.
    pub rules: Option<Vec<TargetingRule>>,
}

impl Store {
    /// Changes a segment, unless it or whatever leads to it could not be published then. `judge`
    /// adds what was wrong with the change before it got here.
    pub async fn edit_segment(
        &self,
        actor: &Actor,
        which: &ResourceRef,
        expected: Option<i64>,
        patch: SegmentPatch,
        judge: impl FnOnce(Result<(), Refusal>) -> Result<(), Refusal> + Send,
    ) -> StoreResult<Segment> {
        let mut transaction = self.pool.begin().await?;
        let environment = find(&mut transaction, which).await?.environment_id;
        references::lock(&mut transaction, environment).await?;
        let mut segment = find(&mut transaction, which).await?;
        require_version(segment.version, expected)?;
        let entry = entry(&segment, "update").before(&segment)?;
        let SegmentPatch { name, description, rules } = patch;
        segment.name = name.unwrap_or(segment.name);
        segment.description = description.unwrap_or(segment.description);
        segment.rules = rules.unwrap_or(segment.rules);
        let faults = segment.faults(&of_environment(&mut transaction, environment).await?);
        judge(if faults.is_empty() { Ok(()) } else { Err(Refusal::Invalid(faults)) })?;
        segment.version += 1;
        segment.updated_at = now();
        let sql = "update segments set name = $2, description = $3, rules = $4::text::json, version = $5, \
                   updated_at = $6 where id = $1";
        sqlx::query(sql)
            .bind(segment.id)
            .bind(&segment.name)
            .bind(&segment.description)
            .bind(rules_json(&segment)?)
            .bind(segment.version)
            .bind(segment.updated_at)
            .execute(&mut *transaction)
            .await?;
        record(&mut transaction, actor, entry.after(&segment)?).await?;
        transaction.commit().await?;
        Ok(segment)
    }
}

/// The rules as they are stored: in the form of the document.
pub(super) fn rules_json(segment: &Segment) -> StoreResult<String> {
    let documents: Vec<_> = segment.rules.iter().map(TargetingRule::to_document).collect();
    json(&documents)
}

/// A change of a segment, for the history.
pub(super) fn entry(segment: &Segment, action: &'static str) -> Entry {
    Entry {
        environment_id: Some(segment.environment_id),
        resource: "segment",
        resource_id: Some(segment.id),
        resource_key: segment.key.clone(),
        action,
        ..Entry::default()
    }
}

fn json<T: Serialize>(value: &T) -> StoreResult<String> {
    serde_json::to_string(value).map_err(|error| StoreError::Internal(error.to_string()))
}
