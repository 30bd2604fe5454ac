//! What users were given before.

use std::collections::HashMap;

use lotwise_core::Sticky;
use sqlx::{FromRow, PgConnection};
use uuid::Uuid;

use super::documents::Compiled;
use crate::domain::assignment::Question;
use crate::store::StoreResult;

/// Sticky state by user key.
#[derive(Debug, Default)]
pub(super) struct Given(HashMap<Vec<u8>, Vec<(String, String)>>);

#[derive(FromRow)]
struct Row {
    revision: i64,
    experiment_id: Option<Uuid>,
    user_key: Option<Vec<u8>>,
    variant_key: Option<String>,
}

impl Given {
    /// Of one user.
    pub(super) fn of(&self, user_key: &str) -> Sticky {
        self.0.get(user_key.as_bytes()).into_iter().flatten().cloned().collect()
    }
}

/// What these users were given in the experiments that count; none if the document is not that of the rows
/// any more.
pub(super) async fn given(
    connection: &mut PgConnection,
    held: &Compiled,
    questions: &[&Question],
) -> StoreResult<Option<Given>> {
    let sql = "select revision, experiment_id, user_key, variant_key from revisions \
               left join assignments on experiment_id = any($2) and user_key = any($3) \
               where environment_id = $1";
    let user_keys: Vec<&[u8]> = questions.iter().map(|it| it.user_key().as_bytes()).collect();
    let rows: Vec<Row> = sqlx::query_as(sql)
        .bind(held.environment_id)
        .bind(&held.members)
        .bind(user_keys)
        .fetch_all(connection)
        .await?;
    // No row: the environment is gone.
    if rows.first().is_none_or(|row| row.revision != held.revision) {
        return Ok(None);
    }
    let mut given = Given::default();
    for row in rows {
        if let (Some(id), Some(user_key), Some(variant)) = (row.experiment_id, row.user_key, row.variant_key)
            && let Some(experiment) = held.document.members().get(&id.to_string())
        {
            given.0.entry(user_key).or_default().push((experiment.clone(), variant));
        }
    }
    Ok(Some(given))
}
