//! Reading the history.

use chrono::{DateTime, Utc};
use serde_json::value::RawValue;
use sqlx::FromRow;
use uuid::Uuid;

use super::experiments::load::{Lock, find};
use super::{Store, StoreError, StoreResult};
use crate::domain::environment::EnvironmentRef;
use crate::domain::experiment::ExperimentRef;
use crate::domain::history::HistoryEntry;
use crate::domain::refusal::Refusal;
use crate::domain::scope::Scope;

/// Which changes are asked for.
#[derive(Clone, Debug)]
pub struct HistoryFilter {
    /// In these environments only; changes in none are for those who see all.
    pub scope: Scope,
    /// Those of tokens and keys too.
    pub with_credentials: bool,
    /// In this environment.
    pub environment: Option<EnvironmentRef>,
    /// Of this experiment and what belongs to it.
    pub experiment: Option<ExperimentRef>,
    /// Of things of this kind.
    pub resource: Option<String>,
    /// Of this thing.
    pub resource_id: Option<Uuid>,
    /// Where this happened.
    pub action: Option<String>,
    /// By this author.
    pub actor: Option<String>,
    /// With this token.
    pub token_id: Option<Uuid>,
    /// Not before.
    pub from: Option<DateTime<Utc>>,
    /// Before.
    pub to: Option<DateTime<Utc>>,
}

impl HistoryFilter {
    /// All that can be seen within a scope.
    pub fn within(scope: Scope, with_credentials: bool) -> Self {
        Self {
            scope,
            with_credentials,
            environment: None,
            experiment: None,
            resource: None,
            resource_id: None,
            action: None,
            actor: None,
            token_id: None,
            from: None,
            to: None,
        }
    }
}

#[derive(FromRow)]
struct Row {
    id: Uuid,
    at: DateTime<Utc>,
    actor: String,
    token_id: Option<Uuid>,
    request_id: Option<String>,
    environment_id: Option<Uuid>,
    experiment_id: Option<Uuid>,
    resource: String,
    resource_id: Option<Uuid>,
    resource_key: String,
    action: String,
    before: Option<String>,
    after: Option<String>,
}

const SELECT: &str = "select id, at, actor, token_id, request_id, environment_id, experiment_id, resource, \
     resource_id, resource_key, action, before::text, after::text from audit \
     where ($1::uuid[] is null or environment_id = any($1)) \
     and ($2::bool or resource not in ('token', 'environment_key')) \
     and ($3::uuid is null or environment_id = $3) \
     and ($4::text is null or environment_id = (select environments.id from environments where name = $4)) \
     and ($5::uuid is null or experiment_id = $5) \
     and ($6::text is null or resource = $6) \
     and ($7::uuid is null or resource_id = $7) \
     and ($8::text is null or action = $8) \
     and ($9::text is null or actor = $9) \
     and ($10::uuid is null or token_id = $10) \
     and ($11::timestamptz is null or at >= $11) \
     and ($12::timestamptz is null or at < $12) \
     and ($13::uuid is null or id < $13) \
     order by id desc limit $14";

impl Store {
    /// Up to `limit` changes, newest first, that are older than `after`.
    pub async fn history(
        &self,
        filter: &HistoryFilter,
        after: Option<Uuid>,
        limit: i64,
    ) -> StoreResult<Vec<HistoryEntry>> {
        let (environment_id, environment_name) = match &filter.environment {
            Some(EnvironmentRef::Id(id)) => (Some(id), None),
            Some(EnvironmentRef::Name(name)) => (None, Some(name)),
            None => (None, None),
        };
        let Ok(experiment) = self.experiment_id(filter.experiment.as_ref()).await? else {
            return Ok(Vec::new());
        };
        let rows: Vec<Row> = sqlx::query_as(SELECT)
            .bind(filter.scope.ids())
            .bind(filter.with_credentials)
            .bind(environment_id)
            .bind(environment_name)
            .bind(experiment)
            .bind(&filter.resource)
            .bind(filter.resource_id)
            .bind(&filter.action)
            .bind(&filter.actor)
            .bind(filter.token_id)
            .bind(filter.from)
            .bind(filter.to)
            .bind(after)
            .bind(limit)
            .fetch_all(&self.pool)
            .await?;
        rows.into_iter().map(TryInto::try_into).collect()
    }

    /// The id of the experiment that is named; the inner error: there is none.
    async fn experiment_id(&self, which: Option<&ExperimentRef>) -> StoreResult<Result<Option<Uuid>, ()>> {
        match which {
            None => Ok(Ok(None)),
            Some(ExperimentRef::Id(id)) => Ok(Ok(Some(*id))),
            Some(which) => {
                let mut connection = self.pool.acquire().await?;
                match find(&mut connection, which, Lock::None).await {
                    Ok(experiment) => Ok(Ok(Some(experiment.id))),
                    Err(StoreError::Refused(Refusal::NotFound(_))) => Ok(Err(())),
                    Err(other) => Err(other),
                }
            }
        }
    }
}

impl TryFrom<Row> for HistoryEntry {
    type Error = StoreError;

    fn try_from(row: Row) -> StoreResult<Self> {
        Ok(Self {
            id: row.id,
            at: row.at,
            actor: row.actor,
            token_id: row.token_id,
            request_id: row.request_id,
            environment_id: row.environment_id,
            experiment_id: row.experiment_id,
            resource: row.resource,
            resource_id: row.resource_id,
            resource_key: row.resource_key,
            action: row.action,
            before: json(row.before)?,
            after: json(row.after)?,
        })
    }
}

fn json(text: Option<String>) -> StoreResult<Option<Box<RawValue>>> {
    let read = text.map(RawValue::from_string).transpose();
    read.map_err(|_| StoreError::Internal("stored JSON cannot be read".to_owned()))
}
