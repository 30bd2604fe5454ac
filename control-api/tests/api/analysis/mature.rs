//! Users whose attribution window is still open can be left out.

use chrono::TimeDelta;
use serde_json::{Value, json};
use sqlx::PgPool;

use super::fixture::{Batch, Event, Exposure, Fixture};
use crate::support::{Server, halves};

const DAY: i64 = 86_400;

fn variant(stats: &Value, metric: &str, index: usize) -> (u64, Option<f64>) {
    let metrics = stats["metrics"].as_array().unwrap();
    let it = &metrics.iter().find(|it| it["key"] == metric).unwrap()["variants"][index];
    (it["n"].as_u64().unwrap(), it["value"].as_f64())
}

#[sqlx::test(migrations = "../migrations")]
async fn open_windows_are_left_out_for_each_metric_by_its_own_window(pool: PgPool) {
    let server = Server::new(pool.clone());
    server.post("/api/environments", &json!({"name": "prod"})).await.expect(201);
    for metric in [
        json!({"key": "week", "kind": "conversion", "eventName": "buy", "windowEndSeconds": 7 * DAY}),
        json!({"key": "day", "kind": "conversion", "eventName": "buy", "windowEndSeconds": DAY}),
        json!({"key": "ever", "kind": "conversion", "eventName": "buy"}),
        json!({"key": "capped", "kind": "sum", "eventName": "buy", "valueProperty": "value",
               "windowEndSeconds": 7 * DAY, "winsorUpper": 0.5}),
        json!({"key": "median", "kind": "quantile", "eventName": "buy", "valueProperty": "value", "quantile": 0.5,
               "windowEndSeconds": 7 * DAY}),
    ] {
        server.post("/api/metrics", &metric).await.expect(201);
    }
    let metrics = ["week", "day", "ever", "capped", "median"];
    let mut it = Fixture::new(pool, json!({"variants": halves(), "metrics": metrics})).await;
    // Everything began ten days ago: 80 users are older than a week, 40 as old as four days, 20 came today.
    let mut rows = Batch::default();
    for (count, age) in [(80, 9), (40, 4), (20, 0)] {
        for index in 0..count {
            let user = format!("{age}-{index}");
            let at = TimeDelta::days(10 - age) - TimeDelta::hours(1);
            rows.exposures.push(Exposure::new(&user, index % 2, at));
            if index < count / 2 {
                rows.events.push(Event::new(&user, "buy", Some(8.0), at + TimeDelta::minutes(1)));
            }
        }
    }
    it.write(rows).await;
    let path = format!("/api/experiments/{}/stats", it.id);
    let all = it.server.get(&path).await.expect(200);
    assert_eq!(all["matureOnly"], false);
    for metric in ["week", "day", "ever"] {
        assert_eq!(variant(&all, metric, 0), (70, Some(0.5)), "{metric}");
    }
    let mature = it.server.get(&format!("{path}?matureOnly=true")).await.expect(200);
    assert_eq!(mature["matureOnly"], true);
    for (metric, n) in [("week", 40), ("day", 60), ("ever", 70)] {
        for index in 0..2 {
            assert_eq!(variant(&mature, metric, index), (n, Some(0.5)), "{metric}");
        }
    }
    assert_eq!(
        variant(&mature, "capped", 0),
        (40, Some(0.0)),
        "half of them bought nothing, and that is the cap"
    );
    assert_eq!(variant(&mature, "median", 1).0, 20, "values");
    // Who was exposed stays who was exposed: the sample ratio is everybody's.
    assert_eq!(mature["variants"], all["variants"]);
    assert_eq!(mature["srm"], all["srm"]);

    let then = it.start + TimeDelta::days(1);
    let empty = it.server.get(&format!("{path}?matureOnly=true&at={}", then.to_rfc3339())).await.expect(200);
    assert_eq!(empty["metrics"][0]["comparisons"][0]["status"], "no_data");
    let wrong = it.server.get(&format!("{path}?matureOnly=perhaps")).await;
    assert!(wrong.expect(400)["detail"].as_str().unwrap().contains("matureOnly"));
}
