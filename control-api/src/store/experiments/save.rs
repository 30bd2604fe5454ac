//! Writing an experiment as a whole.

use serde::Serialize;
use sqlx::{AssertSqlSafe, PgConnection};
use uuid::Uuid;

use crate::domain::experiment::Experiment;
use crate::domain::layer::GroupMembership;
use crate::domain::refusal::Refusal;
use crate::domain::rules::{DeliveryRule, TargetingRule};
use crate::domain::variant::Variant;
use crate::store::analysis::{note_phase, note_plan};
use crate::store::events::variant_has_exposures;
use crate::store::groups::save_membership;
use crate::store::{StoreError, StoreResult};

const INSERT: &str = "insert into experiments (id, environment_id, key, name, description, hypothesis, \
     status, winner_variant_id, salt, hash, bucket_by, sticky, client_side, traffic_allocation, \
     targeting_rules, rules, metrics, target_sample_size, significance_level, version, created_at, \
     updated_at, started_at, concluded_at, archived_at, primary_metric, guardrail_metrics, \
     minimum_days) \
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15::text::json, \
     $16::text::json, $17, $18, $19, $20, $21, $22, $23, $24, $25, $26, $27, $28)";

/// Environment, key and time of creation never change.
const UPDATE: &str = "on conflict on constraint experiments_pkey do update set name = excluded.name, \
     description = excluded.description, hypothesis = excluded.hypothesis, \
     status = excluded.status, winner_variant_id = excluded.winner_variant_id, \
     salt = excluded.salt, hash = excluded.hash, bucket_by = excluded.bucket_by, \
     sticky = excluded.sticky, client_side = excluded.client_side, \
     traffic_allocation = excluded.traffic_allocation, \
     targeting_rules = excluded.targeting_rules, rules = excluded.rules, \
     metrics = excluded.metrics, target_sample_size = excluded.target_sample_size, \
     significance_level = excluded.significance_level, version = excluded.version, \
     updated_at = excluded.updated_at, started_at = excluded.started_at, \
     concluded_at = excluded.concluded_at, archived_at = excluded.archived_at, \
     primary_metric = excluded.primary_metric, guardrail_metrics = excluded.guardrail_metrics, \
     minimum_days = excluded.minimum_days";

/// Writes all of it. The caller holds the experiment's row, or has just made it, and the environment's
/// references. `group` is the place in a group that it had. Overrides are written one by one, holdouts
/// with the environment's.
pub(in crate::store) async fn save(
    connection: &mut PgConnection,
    it: &Experiment,
    group: Option<&GroupMembership>,
) -> StoreResult<()> {
    save_experiment(connection, it).await?;
    save_variants(connection, it).await?;
    save_allocations(connection, it).await?;
    save_prerequisites(connection, it).await?;
    save_membership(connection, it, group).await?;
    note_phase(connection, it).await?;
    note_plan(connection, it).await
}

async fn save_prerequisites(connection: &mut PgConnection, it: &Experiment) -> StoreResult<()> {
    sqlx::query("delete from prerequisites where experiment_id = $1")
        .bind(it.id)
        .execute(&mut *connection)
        .await?;
    let sql = "insert into prerequisites (experiment_id, position, required_id, variants) \
               select $1, $2, id, $5 from experiments where environment_id = $3 and key = $4";
    for (position, prerequisite) in (0_i32..).zip(&it.prerequisites) {
        sqlx::query(sql)
            .bind(it.id)
            .bind(position)
            .bind(it.environment_id)
            .bind(&prerequisite.experiment)
            .bind(&prerequisite.variants)
            .execute(&mut *connection)
            .await?;
    }
    Ok(())
}

async fn save_experiment(connection: &mut PgConnection, it: &Experiment) -> StoreResult<()> {
    let winner = it.winner.as_deref().and_then(|key| it.variant(key)).map(|variant| variant.id);
    let targeting: Vec<_> = it.targeting_rules.iter().map(TargetingRule::to_document).collect();
    let rules: Vec<_> = it.rules.iter().map(DeliveryRule::to_document).collect();
    // Safe: constants only.
    sqlx::query(AssertSqlSafe(format!("{INSERT} {UPDATE}")))
        .bind(it.id)
        .bind(it.environment_id)
        .bind(&it.key)
        .bind(&it.name)
        .bind(&it.description)
        .bind(&it.hypothesis)
        .bind(it.status.as_str())
        .bind(winner)
        .bind(&it.salt)
        .bind(it.hash.as_str())
        .bind(&it.bucket_by)
        .bind(it.sticky)
        .bind(it.client_side)
        .bind(i32::from(it.traffic_allocation))
        .bind(json(&targeting)?)
        .bind(json(&rules)?)
        .bind(&it.metrics)
        .bind(it.target_sample_size)
        .bind(it.significance_level)
        .bind(it.version)
        .bind(it.created_at)
        .bind(it.updated_at)
        .bind(it.started_at)
        .bind(it.concluded_at)
        .bind(it.archived_at)
        .bind(&it.primary_metric)
        .bind(&it.guardrail_metrics)
        .bind(it.minimum_days)
        .execute(connection)
        .await?;
    Ok(())
}

async fn save_variants(connection: &mut PgConnection, it: &Experiment) -> StoreResult<()> {
    let ids: Vec<Uuid> = it.variants.iter().map(|variant| variant.id).collect();
    let sql = "delete from variants where experiment_id = $1 and id <> all($2) returning id";
    let removed: Vec<Uuid> =
        sqlx::query_scalar(sql).bind(it.id).bind(&ids).fetch_all(&mut *connection).await?;
    for variant in removed {
        // That nobody is in it, a constraint sees to at the commit.
        if variant_has_exposures(connection, variant).await? {
            return Err(Refusal::conflict("variant_in_use", "The variant has exposures.").into());
        }
    }
    for (position, variant) in (0_i32..).zip(&it.variants) {
        save_variant(connection, it.id, position, variant).await?;
    }
    Ok(())
}

async fn save_variant(
    connection: &mut PgConnection,
    experiment: Uuid,
    position: i32,
    variant: &Variant,
) -> StoreResult<()> {
    let sql = "insert into variants (id, experiment_id, position, key, name, payload, version, \
               created_at, updated_at) values ($1, $2, $3, $4, $5, $6::text::json, $7, $8, $9) \
               on conflict on constraint variants_pkey do update set position = excluded.position, \
               name = excluded.name, payload = excluded.payload, version = excluded.version, \
               updated_at = excluded.updated_at";
    sqlx::query(sql)
        .bind(variant.id)
        .bind(experiment)
        .bind(position)
        .bind(&variant.key)
        .bind(&variant.name)
        .bind(variant.payload.get())
        .bind(variant.version)
        .bind(variant.created_at)
        .bind(variant.updated_at)
        .execute(connection)
        .await?;
    Ok(())
}

async fn save_allocations(connection: &mut PgConnection, it: &Experiment) -> StoreResult<()> {
    sqlx::query("delete from allocations where experiment_id = $1")
        .bind(it.id)
        .execute(&mut *connection)
        .await?;
    let variants: Vec<Uuid> = it.allocations.iter().map(|range| range.variant_id).collect();
    let starts: Vec<i32> = it.allocations.iter().map(|range| range.range_start.into()).collect();
    let ends: Vec<i32> = it.allocations.iter().map(|range| range.range_end.into()).collect();
    let sql = "insert into allocations (experiment_id, variant_id, range_start, range_end) \
               select $1, * from unnest($2::uuid[], $3::int[], $4::int[])";
    sqlx::query(sql).bind(it.id).bind(variants).bind(starts).bind(ends).execute(connection).await?;
    Ok(())
}

fn json<T: Serialize>(value: &T) -> StoreResult<String> {
    serde_json::to_string(value).map_err(|error| StoreError::Internal(error.to_string()))
}
