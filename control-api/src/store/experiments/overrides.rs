//! Overrides, one by one.

use super::attached::read_user_key;
use super::edit::hold;
use super::load::{Lock, find};
use super::surroundings::Mentions;
use crate::domain::actor::Actor;
use crate::domain::experiment::ExperimentRef;
use crate::store::audit::{Entry, record};
use crate::store::{Store, StoreResult, now};

impl Store {
    /// Pins a user to a variant of an experiment, or with none lets them go. Gives the experiment's
    /// next version.
    pub async fn set_override(
        &self,
        actor: &Actor,
        which: &ExperimentRef,
        expected: Option<i64>,
        user_key: &str,
        variant: Option<&str>,
    ) -> StoreResult<i64> {
        let mut transaction = self.pool.begin().await?;
        let mut experiment = hold(&mut transaction, which, expected, &Mentions::default()).await?;
        let before = experiment.overrides.get(user_key).cloned();
        experiment.set_override(user_key, variant)?;
        let pinned = variant.and_then(|key| experiment.variant(key)).map(|variant| variant.id);
        let sql = match pinned {
            Some(_) => {
                "insert into overrides (experiment_id, user_key, variant_id) values ($1, $2, $3) \
                 on conflict on constraint overrides_pkey do update set variant_id = excluded.variant_id"
            }
            None => "delete from overrides where experiment_id = $1 and user_key = $2 and $3::uuid is null",
        };
        sqlx::query(sql)
            .bind(experiment.id)
            .bind(user_key.as_bytes())
            .bind(pinned)
            .execute(&mut *transaction)
            .await?;
        let version = experiment.version + 1;
        sqlx::query("update experiments set version = $2, updated_at = $3 where id = $1")
            .bind(experiment.id)
            .bind(version)
            .bind(now())
            .execute(&mut *transaction)
            .await?;
        let action = if variant.is_some() { "set_override" } else { "remove_override" };
        let shown = |variant: &str| serde_json::json!({"userKey": user_key, "variant": variant}).to_string();
        let entry = Entry {
            resource: "override",
            before: before.as_deref().map(shown),
            after: variant.map(shown),
            ..Entry::of_experiment(&experiment, action)
        };
        record(&mut transaction, actor, entry).await?;
        transaction.commit().await?;
        Ok(version)
    }

    /// Up to `limit` overrides of an experiment whose user keys come after `after`, in the order of
    /// their bytes; with the experiment's version.
    pub async fn overrides(
        &self,
        which: &ExperimentRef,
        after: Option<&[u8]>,
        limit: i64,
    ) -> StoreResult<(i64, Vec<(String, String)>)> {
        let mut connection = self.pool.acquire().await?;
        let experiment = find(&mut connection, which, Lock::None).await?;
        let sql = "select user_key, key from overrides join variants on variants.id = variant_id \
                   where overrides.experiment_id = $1 and ($2::bytea is null or user_key > $2) \
                   order by user_key limit $3";
        let rows: Vec<(Vec<u8>, String)> = sqlx::query_as(sql)
            .bind(experiment.id)
            .bind(after)
            .bind(limit)
            .fetch_all(&mut *connection)
            .await?;
        let overrides: StoreResult<Vec<_>> =
            rows.into_iter().map(|(user_key, variant)| Ok((read_user_key(user_key)?, variant))).collect();
        Ok((experiment.version, overrides?))
    }
}
