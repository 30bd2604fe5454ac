//! Lists of groups, segments, holdouts and metrics, which are filtered and paged alike.

use sqlx::postgres::PgArguments;
use sqlx::query::QueryAs;
use sqlx::{FromRow, Postgres};
use uuid::Uuid;

use crate::domain::environment::EnvironmentRef;
use crate::domain::scope::Scope;

/// Which resources are asked for, newest first. Ids are UUIDv7, which sort by time of creation.
#[derive(Clone, Debug)]
pub struct Listing {
    /// Only of these environments.
    pub scope: Scope,
    /// Of this environment.
    pub environment: Option<EnvironmentRef>,
    /// With this text in key, name or description, whatever its case.
    pub text: Option<String>,
    /// Older than this one.
    pub after: Option<Uuid>,
    /// Up to so many.
    pub limit: i64,
}

impl Listing {
    /// The statement over a table whose `columns` end with the join to `environments`.
    pub(super) fn sql(table: &str, columns: &str) -> String {
        format!(
            "select {columns} where ($1::uuid is null or environment_id = $1) \
             and ($2::text is null or environments.name = $2) \
             and ($3::text is null or strpos(lower(key || ' ' || {table}.name || ' ' || \
                  coalesce(description, '')), lower($3)) > 0) \
             and ($4::uuid is null or {table}.id < $4) \
             and ($6::uuid[] is null or environment_id = any($6)) \
             order by {table}.id desc limit $5"
        )
    }

    /// Binds the statement's parameters.
    pub(super) fn bind<'q, T>(
        &self,
        query: QueryAs<'q, Postgres, T, PgArguments>,
    ) -> QueryAs<'q, Postgres, T, PgArguments>
    where
        T: for<'r> FromRow<'r, sqlx::postgres::PgRow>,
    {
        let (id, name) = match &self.environment {
            Some(EnvironmentRef::Id(id)) => (Some(*id), None),
            Some(EnvironmentRef::Name(name)) => (None, Some(name.clone())),
            None => (None, None),
        };
        query
            .bind(id)
            .bind(name)
            .bind(self.text.clone())
            .bind(self.after)
            .bind(self.limit)
            .bind(self.scope.ids().map(<[Uuid]>::to_vec))
    }
}
