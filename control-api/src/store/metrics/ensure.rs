//! The metrics that an experiment names.

use sqlx::PgConnection;

use super::edit::{json, tell};
use super::row::save_new;
use crate::domain::actor::Actor;
use crate::domain::experiment::Experiment;
use crate::domain::metric::implied;
use crate::store::{StoreResult, now};

/// Makes sure that every metric an experiment names is there, and stays until the transaction ends. A key
/// that nobody has defined becomes a conversion metric of that event name.
pub(in crate::store) async fn ensure(
    connection: &mut PgConnection,
    actor: &Actor,
    experiment: &Experiment,
) -> StoreResult<()> {
    // In the order of keys, so that two experiments never wait for each other.
    let sql = "select key from metrics where environment_id = $1 and key = any($2) \
               order by key collate \"C\" for key share";
    let present: Vec<String> = sqlx::query_scalar(sql)
        .bind(experiment.environment_id)
        .bind(&experiment.metrics)
        .fetch_all(&mut *connection)
        .await?;
    let mut missing: Vec<&String> = experiment.metrics.iter().filter(|key| !present.contains(key)).collect();
    missing.sort_unstable();
    for key in missing {
        let metric = implied(experiment.environment_id, &experiment.environment, key, now());
        // Somebody else may have named it at the same time.
        if !save_new(connection, &metric).await? {
            continue;
        }
        tell(connection, actor, "create", &metric, None, Some(json(&metric)?)).await?;
    }
    Ok(())
}
