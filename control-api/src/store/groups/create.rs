//! Making groups.

use crate::domain::actor::Actor;
use crate::domain::environment::Environment;
use crate::domain::group::Group;
use crate::domain::refusal::Refusal;
use crate::store::audit::{Entry, record};
use crate::store::experiments::EnvironmentChoice;
use crate::store::{Store, StoreResult, environments, references};

impl Store {
    /// Makes a group in the chosen environment, unless `judge` says what was wrong before.
    pub async fn create_group(
        &self,
        actor: &Actor,
        choice: &EnvironmentChoice,
        build: impl FnOnce(&Environment) -> Group + Send,
        judge: impl FnOnce() -> Result<(), Refusal> + Send,
    ) -> StoreResult<Group> {
        let mut transaction = self.pool.begin().await?;
        let environment = environments::choose(&mut transaction, actor, choice).await?;
        references::lock(&mut transaction, environment.id).await?;
        judge()?;
        let group = build(&environment);
        references::require_new_salt(&mut transaction, environment.id, &group.salt, group.id).await?;
        let sql = "insert into groups (id, environment_id, key, name, description, mode, salt, bucket_by, \
                   version, created_at, updated_at) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)";
        sqlx::query(sql)
            .bind(group.id)
            .bind(group.environment_id)
            .bind(&group.key)
            .bind(&group.name)
            .bind(&group.description)
            .bind(group.mode.as_str())
            .bind(&group.salt)
            .bind(&group.bucket_by)
            .bind(group.version)
            .bind(group.created_at)
            .bind(group.updated_at)
            .execute(&mut *transaction)
            .await?;
        record(&mut transaction, actor, entry(&group, "create").after(&group)?).await?;
        transaction.commit().await?;
        Ok(group)
    }
}

/// A change of a group, for the history.
pub(super) fn entry(group: &Group, action: &'static str) -> Entry {
    Entry {
        environment_id: Some(group.environment_id),
        resource: "group",
        resource_id: Some(group.id),
        resource_key: group.key.clone(),
        action,
        ..Entry::default()
    }
}
