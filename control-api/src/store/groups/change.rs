//! Changing and deleting groups.

use sqlx::PgConnection;

use super::create::entry;
use super::find::find;
use crate::domain::actor::Actor;
use crate::domain::experiment::require_version;
use crate::domain::group::Group;
use crate::domain::reference::ResourceRef;
use crate::store::audit::record;
use crate::store::{Store, StoreResult, now, references};

/// A change to a group; absent fields stay. Mode, salt and `bucketBy` never change: they decide who is
/// in which member.
#[derive(Clone, Debug, Default)]
pub struct GroupPatch {
    /// A new name.
    pub name: Option<String>,
    /// A new description, or none.
    pub description: Option<Option<String>>,
}

impl Store {
    /// Changes a group.
    pub async fn edit_group(
        &self,
        actor: &Actor,
        which: &ResourceRef,
        expected: Option<i64>,
        patch: GroupPatch,
    ) -> StoreResult<Group> {
        let mut transaction = self.pool.begin().await?;
        let mut group = hold(&mut transaction, which, expected).await?;
        let entry = entry(&group, "update").before(&group)?;
        group.name = patch.name.unwrap_or(group.name);
        group.description = patch.description.unwrap_or(group.description);
        group.version += 1;
        group.updated_at = now();
        let sql =
            "update groups set name = $2, description = $3, version = $4, updated_at = $5 where id = $1";
        sqlx::query(sql)
            .bind(group.id)
            .bind(&group.name)
            .bind(&group.description)
            .bind(group.version)
            .bind(group.updated_at)
            .execute(&mut *transaction)
            .await?;
        record(&mut transaction, actor, entry.after(&group)?).await?;
        transaction.commit().await?;
        Ok(group)
    }

    /// Deletes a group that has no members.
    pub async fn delete_group(
        &self,
        actor: &Actor,
        which: &ResourceRef,
        expected: Option<i64>,
    ) -> StoreResult<()> {
        let mut transaction = self.pool.begin().await?;
        let group = hold(&mut transaction, which, expected).await?;
        group.require_unused()?;
        sqlx::query("delete from groups where id = $1").bind(group.id).execute(&mut *transaction).await?;
        record(&mut transaction, actor, entry(&group, "delete").before(&group)?).await?;
        transaction.commit().await?;
        Ok(())
    }
}

/// One group at the expected version, held with its environment's references until the transaction
/// ends.
pub(super) async fn hold(
    connection: &mut PgConnection,
    which: &ResourceRef,
    expected: Option<i64>,
) -> StoreResult<Group> {
    let environment = find(connection, which).await?.environment_id;
    references::lock(connection, environment).await?;
    let group = find(connection, which).await?;
    sqlx::query("select from groups where id = $1 for update").bind(group.id).execute(connection).await?;
    require_version(group.version, expected)?;
    Ok(group)
}
