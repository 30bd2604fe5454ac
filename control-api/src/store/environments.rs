//! Environments.

use sqlx::{FromRow, PgConnection};
use uuid::Uuid;

use super::audit::{Entry, record};
use super::experiments::EnvironmentChoice;
use super::{Store, StoreError, StoreResult};
use crate::domain::actor::Actor;
use crate::domain::environment::{Environment, EnvironmentRef, FIRST_ENVIRONMENT};
use crate::domain::refusal::Refusal;

#[derive(FromRow)]
struct Row {
    id: Uuid,
    name: String,
    client_side_default: bool,
    version: i64,
    created_at: chrono::DateTime<chrono::Utc>,
    updated_at: chrono::DateTime<chrono::Utc>,
    rolled_back_to: Option<i64>,
}

/// Environments, each with what its latest version that did not fail went back to.
macro_rules! environments {
    ($rest:literal) => {
        concat!(
            "select environments.*, (select rolled_back_to from versions \
             where environment_id = environments.id and state <> 'failed' \
             order by versions.version desc limit 1) as rolled_back_to from environments ",
            $rest
        )
    };
}

impl From<Row> for Environment {
    fn from(row: Row) -> Self {
        let Row { id, name, client_side_default, version, created_at, updated_at, rolled_back_to } = row;
        Self { id, name, client_side_default, version, created_at, updated_at, rolled_back_to }
    }
}

impl Store {
    /// Makes an environment.
    pub async fn create_environment(
        &self,
        actor: &Actor,
        name: &str,
        client_side_default: bool,
    ) -> StoreResult<Environment> {
        let mut transaction = self.pool.begin().await?;
        let sql = "insert into environments (id, name, client_side_default) values ($1, $2, $3) \
                   returning *, null::bigint as rolled_back_to";
        let row: Row = sqlx::query_as(sql)
            .bind(Uuid::now_v7())
            .bind(name)
            .bind(client_side_default)
            .fetch_one(&mut *transaction)
            .await?;
        let environment = row.into();
        let entry = Entry::of_environment(&environment, "create").after(&environment)?;
        record(&mut transaction, actor, entry).await?;
        transaction.commit().await?;
        Ok(environment)
    }

    /// One environment.
    pub async fn environment(&self, which: &EnvironmentRef) -> StoreResult<Environment> {
        let mut connection = self.pool.acquire().await?;
        find(&mut connection, which).await
    }

    /// All environments by name.
    pub async fn environments(&self) -> StoreResult<Vec<Environment>> {
        let sql = environments!("order by name collate \"C\"");
        let rows: Vec<Row> = sqlx::query_as(sql).fetch_all(&self.pool).await?;
        Ok(rows.into_iter().map(Into::into).collect())
    }
}

/// One environment, or the refusal that there is none.
pub(super) async fn find(connection: &mut PgConnection, which: &EnvironmentRef) -> StoreResult<Environment> {
    let (id, name) = match which {
        EnvironmentRef::Id(id) => (Some(id), None),
        EnvironmentRef::Name(name) => (None, Some(name)),
    };
    let sql = environments!("where id = $1 or name = $2");
    let row: Option<Row> = sqlx::query_as(sql).bind(id).bind(name).fetch_optional(connection).await?;
    row.map(Into::into).ok_or_else(|| Refusal::NotFound("environment").into())
}

/// One environment, held until the transaction ends.
pub(super) async fn hold(connection: &mut PgConnection, which: &EnvironmentRef) -> StoreResult<Environment> {
    let environment = find(connection, which).await?;
    // Not `for update`, which would make new experiments wait: their foreign key locks the row too.
    sqlx::query("select from environments where id = $1 for no key update")
        .bind(environment.id)
        .execute(connection)
        .await?;
    Ok(environment)
}

/// The environment that a body chooses. One that it names and that is not there is a fault of the
/// body, not a missing page.
pub(super) async fn choose(
    connection: &mut PgConnection,
    actor: &Actor,
    choice: &EnvironmentChoice,
) -> StoreResult<Environment> {
    match choice {
        EnvironmentChoice::Named(which, pointer) => {
            find(connection, which).await.map_err(|error| match error {
                StoreError::Refused(Refusal::NotFound(_)) => {
                    Refusal::fault(pointer, "unknown_environment", "There is no such environment.").into()
                }
                other => other,
            })
        }
        EnvironmentChoice::Only(client_side) => only(connection, actor, *client_side).await,
    }
}

/// The only environment there is. With none, `default` is made; with several the caller has to
/// choose.
async fn only(
    connection: &mut PgConnection,
    actor: &Actor,
    client_side_default: bool,
) -> StoreResult<Environment> {
    let sql = environments!("limit 2");
    let mut rows: Vec<Row> = sqlx::query_as(sql).fetch_all(&mut *connection).await?;
    if rows.len() > 1 {
        return Err(Refusal::fault(
            "/environmentId",
            "required",
            "There are several environments: name one by environmentId or environment.",
        )
        .into());
    }
    if let Some(row) = rows.pop() {
        return Ok(row.into());
    }
    // Two first experiments at once make it once.
    let sql = "insert into environments (id, name, client_side_default) values ($1, $2, $3) \
               on conflict on constraint environments_name_unique \
               do update set name = excluded.name returning *, null::bigint as rolled_back_to";
    let row: Row = sqlx::query_as(sql)
        .bind(Uuid::now_v7())
        .bind(FIRST_ENVIRONMENT)
        .bind(client_side_default)
        .fetch_one(&mut *connection)
        .await?;
    let environment = row.into();
    let entry = Entry::of_environment(&environment, "create").after(&environment)?;
    record(connection, actor, entry).await?;
    Ok(environment)
}
