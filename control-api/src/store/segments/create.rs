//! Making and deleting segments.

use super::find::{find, of_environment};
use super::usage;
use crate::domain::actor::Actor;
use crate::domain::environment::Environment;
use crate::domain::experiment::require_version;
use crate::domain::reference::ResourceRef;
use crate::domain::refusal::{Refusal, require_unused};
use crate::domain::segment::Segment;
use crate::store::audit::record;
use crate::store::experiments::EnvironmentChoice;
use crate::store::{Store, StoreResult, environments, references};

impl Store {
    /// Makes a segment in the chosen environment. `judge` adds what was wrong with it before it got
    /// here.
    pub async fn create_segment(
        &self,
        actor: &Actor,
        choice: &EnvironmentChoice,
        build: impl FnOnce(&Environment) -> Segment + Send,
        judge: impl FnOnce(Result<(), Refusal>) -> Result<(), Refusal> + Send,
    ) -> StoreResult<Segment> {
        let mut transaction = self.pool.begin().await?;
        let environment = environments::choose(&mut transaction, actor, choice).await?;
        references::lock(&mut transaction, environment.id).await?;
        let segment = build(&environment);
        let others = of_environment(&mut transaction, environment.id).await?;
        let faults = if others.contains_key(&segment.key) { Vec::new() } else { segment.faults(&others) };
        judge(if faults.is_empty() { Ok(()) } else { Err(Refusal::Invalid(faults)) })?;
        let sql = "insert into segments (id, environment_id, key, name, description, rules, version, \
                   created_at, updated_at) values ($1, $2, $3, $4, $5, $6::text::json, $7, $8, $9)";
        sqlx::query(sql)
            .bind(segment.id)
            .bind(segment.environment_id)
            .bind(&segment.key)
            .bind(&segment.name)
            .bind(&segment.description)
            .bind(super::edit::rules_json(&segment)?)
            .bind(segment.version)
            .bind(segment.created_at)
            .bind(segment.updated_at)
            .execute(&mut *transaction)
            .await?;
        record(&mut transaction, actor, super::edit::entry(&segment, "create").after(&segment)?).await?;
        transaction.commit().await?;
        Ok(segment)
    }

    /// Deletes a segment that nothing names.
    pub async fn delete_segment(
        &self,
        actor: &Actor,
        which: &ResourceRef,
        expected: Option<i64>,
    ) -> StoreResult<()> {
        let mut transaction = self.pool.begin().await?;
        let environment = find(&mut transaction, which).await?.environment_id;
        references::lock(&mut transaction, environment).await?;
        let segment = find(&mut transaction, which).await?;
        require_version(segment.version, expected)?;
        let usage = usage::of(&mut transaction, environment).await?.remove(&segment.key).unwrap_or_default();
        let users = [("experiment", &usage.experiments[..]), ("segment", &usage.segments[..])];
        require_unused("segment_in_use", "segment", &users)?;
        sqlx::query("delete from segments where id = $1").bind(segment.id).execute(&mut *transaction).await?;
        record(&mut transaction, actor, super::edit::entry(&segment, "delete").before(&segment)?).await?;
        transaction.commit().await?;
        Ok(())
    }
}
