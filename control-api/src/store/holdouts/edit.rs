//! Changing and deleting holdouts.

use sqlx::PgConnection;

use super::create::{entry, ranges_json, require_known, save_covered};
use super::find::find;
use crate::domain::actor::Actor;
use crate::domain::experiment::require_version;
use crate::domain::holdout::{Covered, Extent, Holdout};
use crate::domain::reference::ResourceRef;
use crate::domain::refusal::Refusal;
use crate::store::audit::record;
use crate::store::{Store, StoreResult, now, references};

/// A change to a holdout; absent fields stay. Salt and `bucketBy` never change.
#[derive(Clone, Debug, Default)]
pub struct HoldoutPatch {
    /// A new name.
    pub name: Option<String>,
    /// A new description, or none.
    pub description: Option<Option<String>>,
    /// Another extent.
    pub extent: Option<Extent>,
    /// Other experiments, as a whole.
    pub experiments: Option<Covered>,
}

impl Store {
    /// Changes a holdout. `judge` adds what was wrong with the change before it got here.
    pub async fn edit_holdout(
        &self,
        actor: &Actor,
        which: &ResourceRef,
        expected: Option<i64>,
        patch: HoldoutPatch,
        judge: impl FnOnce(Result<(), Refusal>) -> Result<(), Refusal> + Send,
    ) -> StoreResult<Holdout> {
        let mut transaction = self.pool.begin().await?;
        let mut holdout = hold(&mut transaction, which, expected).await?;
        let entry = entry(&holdout, "update").before(&holdout)?;
        let HoldoutPatch { name, description, extent, experiments } = patch;
        holdout.name = name.unwrap_or(holdout.name);
        holdout.description = description.unwrap_or(holdout.description);
        if let Some(extent) = extent {
            holdout.ranges = extent.ranges(&holdout.ranges);
        }
        holdout.experiments = experiments.unwrap_or(holdout.experiments);
        judge(require_known(&mut transaction, &holdout).await?)?;
        holdout.experiments = holdout.experiments.sorted();
        holdout.version += 1;
        holdout.updated_at = now();
        let sql = "update holdouts set name = $2, description = $3, ranges = $4::text::json, \
                   covers_all = $5, version = $6, updated_at = $7 where id = $1";
        sqlx::query(sql)
            .bind(holdout.id)
            .bind(&holdout.name)
            .bind(&holdout.description)
            .bind(ranges_json(&holdout)?)
            .bind(holdout.experiments == Covered::All)
            .bind(holdout.version)
            .bind(holdout.updated_at)
            .execute(&mut *transaction)
            .await?;
        save_covered(&mut transaction, &holdout).await?;
        record(&mut transaction, actor, entry.after(&holdout)?).await?;
        transaction.commit().await?;
        Ok(holdout)
    }

    /// Deletes a holdout: its users take part again after the next publish.
    pub async fn delete_holdout(
        &self,
        actor: &Actor,
        which: &ResourceRef,
        expected: Option<i64>,
    ) -> StoreResult<()> {
        let mut transaction = self.pool.begin().await?;
        let holdout = hold(&mut transaction, which, expected).await?;
        sqlx::query("delete from holdouts where id = $1").bind(holdout.id).execute(&mut *transaction).await?;
        record(&mut transaction, actor, entry(&holdout, "delete").before(&holdout)?).await?;
        transaction.commit().await?;
        Ok(())
    }
}

/// One holdout at the expected version, held with its environment's references until the transaction
/// ends.
async fn hold(
    connection: &mut PgConnection,
    which: &ResourceRef,
    expected: Option<i64>,
) -> StoreResult<Holdout> {
    let environment = find(connection, which).await?.environment_id;
    references::lock(connection, environment).await?;
    let holdout = find(connection, which).await?;
    require_version(holdout.version, expected)?;
    Ok(holdout)
}
