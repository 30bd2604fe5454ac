//! An experiment with rows of exposures and events as ingest writes them.

use chrono::{DateTime, TimeDelta, Utc};
use lotwise_control::store::Store;
use lotwise_control::store::analysis::Subject;
use lotwise_control::store::events::Watermark;
use serde_json::{Value, json};
use sqlx::PgPool;
use uuid::Uuid;

use crate::support::Server;

/// An experiment, and the batches that were written for it.
pub(crate) struct Fixture {
    pub(crate) server: Server,
    pub(crate) pool: PgPool,
    pub(crate) id: String,
    pub(crate) subject: Subject,
    pub(crate) start: DateTime<Utc>,
    batch: i64,
}

/// Deterministic numbers: splitmix64.
pub(crate) struct Random(pub(crate) u64);

impl Random {
    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    pub(crate) fn below(&mut self, limit: u64) -> u64 {
        self.next() % limit
    }

    #[expect(clippy::cast_precision_loss, reason = "53 bits")]
    pub(crate) fn unit(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1_u64 << 53) as f64
    }
}

/// Rows of one batch.
#[derive(Default)]
pub(crate) struct Batch {
    pub(crate) exposures: Vec<Exposure>,
    pub(crate) events: Vec<Event>,
}

pub(crate) struct Exposure {
    pub(crate) user: String,
    pub(crate) variant: usize,
    pub(crate) at: TimeDelta,
    pub(crate) counts: bool,
    pub(crate) is_verified: bool,
    pub(crate) context: Value,
}

pub(crate) struct Event {
    pub(crate) user: String,
    pub(crate) name: &'static str,
    pub(crate) value: Option<f64>,
    pub(crate) at: TimeDelta,
    pub(crate) is_verified: bool,
    pub(crate) properties: Value,
}

impl Exposure {
    pub(crate) fn new(user: &str, variant: usize, at: TimeDelta) -> Self {
        let user = user.to_owned();
        Self { user, variant, at, counts: true, is_verified: true, context: Value::Null }
    }
}

impl Event {
    pub(crate) fn new(user: &str, name: &'static str, value: Option<f64>, at: TimeDelta) -> Self {
        Self { user: user.to_owned(), name, value, at, is_verified: true, properties: Value::Null }
    }
}

impl Fixture {
    /// A running experiment with these fields.
    pub(crate) async fn new(pool: PgPool, mut body: Value) -> Self {
        let server = Server::new(pool.clone());
        body["key"] = json!("exp");
        let made = server.post("/api/experiments", &body).await.expect(201);
        let id = made["id"].as_str().unwrap().to_owned();
        server.post(&format!("/api/experiments/{id}/start"), &json!({})).await.expect(200);
        let start = lotwise_control::store::now() - TimeDelta::days(10);
        Self { subject: subject(&pool, &id).await, server, pool, id, start, batch: 0 }
    }

    /// The store.
    pub(crate) fn store(&self) -> &Store {
        &self.server.state.store
    }

    /// Writes a batch and closes it.
    pub(crate) async fn write(&mut self, batch: Batch) -> Watermark {
        self.batch += 1;
        let Batch { exposures, events } = batch;
        let sql = "insert into exposures (received_at, batch, id, environment_id, experiment_id, variant_id, \
                   user_key, reason, counts, is_override, is_verified, is_clamped, source, context, occurred_at) \
                   select now(), $1, gen_random_uuid(), $2, $3, v, convert_to(u, 'UTF8'), 'SPLIT', c, false, s, \
                   false, 2, x::json, t from unnest($4::text[], $5::uuid[], $6::bool[], $7::bool[], $8::text[], \
                   $9::timestamptz[]) as rows (u, v, c, s, x, t)";
        let at = |offset: TimeDelta| self.start + offset;
        sqlx::query(sql)
            .bind(self.batch)
            .bind(self.subject.environment_id)
            .bind(self.subject.experiment_id)
            .bind(exposures.iter().map(|it| it.user.clone()).collect::<Vec<_>>())
            .bind(exposures.iter().map(|it| self.subject.variants[it.variant]).collect::<Vec<_>>())
            .bind(exposures.iter().map(|it| it.counts).collect::<Vec<_>>())
            .bind(exposures.iter().map(|it| it.is_verified).collect::<Vec<_>>())
            .bind(exposures.iter().map(|it| it.context.to_string()).collect::<Vec<_>>())
            .bind(exposures.iter().map(|it| at(it.at)).collect::<Vec<_>>())
            .execute(&self.pool)
            .await
            .unwrap();
        let sql = "insert into events (received_at, batch, id, environment_id, user_key, event_name, value, \
                   is_verified, is_clamped, source, properties, occurred_at) \
                   select now(), $1, gen_random_uuid(), $2, convert_to(u, 'UTF8'), n, x, s, false, 2, p::json, t \
                   from unnest($3::text[], $4::text[], $5::float8[], $6::bool[], $7::text[], $8::timestamptz[]) \
                   as rows (u, n, x, s, p, t)";
        sqlx::query(sql)
            .bind(self.batch)
            .bind(self.subject.environment_id)
            .bind(events.iter().map(|it| it.user.clone()).collect::<Vec<_>>())
            .bind(events.iter().map(|it| it.name.to_owned()).collect::<Vec<_>>())
            .bind(events.iter().map(|it| it.value).collect::<Vec<_>>())
            .bind(events.iter().map(|it| it.is_verified).collect::<Vec<_>>())
            .bind(events.iter().map(|it| it.properties.to_string()).collect::<Vec<_>>())
            .bind(events.iter().map(|it| at(it.at)).collect::<Vec<_>>())
            .execute(&self.pool)
            .await
            .unwrap();
        let sql = "with drawn as (select setval('event_batches', $1)) \
                   insert into event_watermarks (batch, at) select $1, clock_timestamp() from drawn \
                   returning batch, at";
        sqlx::query_as(sql).bind(self.batch).fetch_one(&self.pool).await.unwrap()
    }
}

/// The experiment as the analysis sees it.
pub(crate) async fn subject(pool: &PgPool, id: &str) -> Subject {
    let store = Store::from_pool(pool.clone());
    let which = lotwise_control::domain::experiment::ExperimentRef::parse(id).unwrap();
    let experiment = store.experiment(&which).await.unwrap();
    let metrics = store.metrics_by_key(experiment.environment_id, &experiment.metrics).await.unwrap();
    Subject {
        experiment_id: experiment.id,
        environment_id: experiment.environment_id,
        variants: experiment.variants.iter().map(|variant| variant.id).collect::<Vec<Uuid>>(),
        metrics: metrics.into_iter().map(|metric| metric.definition).collect(),
    }
}
