//! What Prometheus reads.

use axum::body::Body;
use axum::http::Request;
use chrono::TimeDelta;
use serde_json::json;
use sqlx::PgPool;

use super::fixture::{Batch, Event, Exposure, Fixture};
use crate::support::{METRICS_TOKEN, ask, halves};

#[sqlx::test(migrations = "../migrations")]
async fn the_four_metrics_are_told_to_holders_of_a_token(pool: PgPool) {
    let mut it = Fixture::new(pool, json!({"variants": halves(), "metrics": ["buy"]})).await;
    let at = TimeDelta::hours(1);
    it.write(Batch {
        exposures: vec![Exposure::new("a", 0, at), Exposure::new("b", 1, at), Exposure::new("c", 1, at)],
        events: vec![Event::new("b", "buy", None, at * 2), Event::new("c", "other", None, at * 2)],
    })
    .await;
    it.server.get(&format!("/api/experiments/{}/stats", it.id)).await.expect(200);
    let request = |token: &str| {
        Request::get("/metrics")
            .header("authorization", format!("Bearer {token}"))
            .body(Body::empty())
            .unwrap()
    };
    assert_eq!(ask(&it.server.router, request("another")).await.status, 401);
    let page = ask(&it.server.router, request(METRICS_TOKEN)).await;
    assert_eq!(page.status, 200, "{}", page.text);
    let id = &it.id;
    for line in [
        "experimentation_experiments_total{status=\"RUNNING\"} 1.0".to_owned(),
        format!(
            "experimentation_variant_assignments_total{{experiment_id=\"{id}\",variant=\"treatment\"}} 2"
        ),
        format!(
            "experimentation_events_total{{experiment_id=\"{id}\",variant=\"treatment\",event_name=\"buy\"}} 1"
        ),
        format!("experimentation_significant_results_total{{experiment_id=\"{id}\"}} 0.0"),
        "lotwise_event_queue_depth 0.0".to_owned(),
    ] {
        assert!(page.text.contains(&line), "{line} in\n{}", page.text);
    }
    assert!(page.text.contains("http_requests_total{route=\"/api/experiments/{id}/stats\""), "{}", page.text);
    assert!(!page.text.contains("event_name=\"other\""), "only what metrics read");
    assert!(page.text.ends_with("# EOF\n"));
}

#[sqlx::test(migrations = "../migrations")]
async fn counts_grow_by_new_events_alone(pool: PgPool) {
    let mut it = Fixture::new(pool.clone(), json!({"variants": halves(), "metrics": ["buy"]})).await;
    let at = TimeDelta::hours(1);
    let stats = format!("/api/experiments/{}/stats", it.id);
    it.write(Batch {
        exposures: vec![Exposure::new("a", 0, at), Exposure::new("b", 1, at)],
        events: vec![Event::new("b", "buy", None, at * 2)],
    })
    .await;
    it.server.get(&stats).await.expect(200);
    it.write(Batch {
        // One comes, one is seen in both.
        exposures: vec![Exposure::new("c", 1, at), Exposure::new("a", 1, at * 3)],
        events: vec![
            Event::new("b", "buy", None, at * 3),
            Event::new("b", "buy", None, at * 4),
            Event::new("c", "buy", None, at * 2),
            Event::new("c", "buy", None, at / 2),
            Event::new("a", "buy", None, at * 4),
            Event::new("nobody", "buy", None, at * 2),
        ],
    })
    .await;
    it.server.get(&stats).await.expect(200);
    let sql = "select variants.key, event_name, count from analysis_counts \
               join variants on variants.id = variant_id order by 1, 2";
    let counts: Vec<(String, String, i64)> = sqlx::query_as(sql).fetch_all(&pool).await.unwrap();
    let expected = [("control", "", 1), ("treatment", "", 3), ("treatment", "buy", 4)];
    assert_eq!(counts, expected.map(|(variant, name, count)| (variant.into(), name.into(), count)));
}
