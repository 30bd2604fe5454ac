//! Values that are none, and what they come to in results.

use serde_json::{Value, json};
use sqlx::PgPool;

use super::{count, exposure, measured, post, send, track};
use crate::support::Server;

const STATS: &str = "/api/experiments/prod:button/stats";

#[sqlx::test(migrations = "../migrations")]
async fn properties_that_are_no_numbers_add_nothing_to_a_total(pool: PgPool) {
    let price = |key: &str, kind: &str| json!({"key": key, "kind": kind, "eventName": "buy", "valueProperty": "price"});
    let mut metrics =
        vec![price("sales", "sum"), json!({"key": "buys", "kind": "count", "eventName": "buy"})];
    for metric in &mut metrics {
        metric["winsorUpper"] = Value::Null;
    }
    let server = measured(pool.clone(), &metrics).await;
    post(&server, &[exposure(json!({}))]).await.expect(202);
    let counted = ["12.5", "\"2.5\"", "-3", "1e3", "\"1e15\"", "-0.0"];
    let odd = [
        "\"NaN\"",
        "\"Infinity\"",
        "\"-Infinity\"",
        "\"1e999\"",
        "1e300",
        "1.1e15",
        "\"0x10\"",
        "\" 5 \"",
        "\"1,5\"",
        "\"\"",
        "\"5 dollars\"",
        "true",
        "null",
        "[1]",
        "{\"a\":1}",
    ];
    // What no reader of JSON holds as a number, and what is no JSON.
    let none =
        [("1e999", "invalid_properties"), ("-1e999", "invalid_properties"), ("NaN", "malformed_event")];
    let prices = counted.iter().chain(&odd).chain(none.iter().map(|(price, _)| price));
    let lines: Vec<String> = prices
        .map(|price| {
            let event = track(json!({})).to_string();
            format!("{},\"properties\":{{\"price\":{price}}}}}", event.strip_suffix('}').unwrap())
        })
        .collect();
    let answer =
        send(&server, "/events", lines.join("\n"), &[("content-type", "application/x-ndjson")]).await;
    let answer = answer.expect(202);
    assert_eq!(answer["accepted"].as_u64().unwrap(), (counted.len() + odd.len()) as u64, "{answer}");
    let refused = answer["refused"].as_array().unwrap().iter().map(|it| it["code"].as_str().unwrap());
    assert!(refused.eq(none.iter().map(|(_, code)| *code)), "{answer}");
    let stats = server.get(STATS).await.expect(200);
    let value = |metric: usize| stats["metrics"][metric]["variants"][1]["value"].clone();
    assert_eq!(value(0), 1e15 + 1_012.0, "{stats}");
    // A count is one of events, whatever they say of themselves.
    assert_eq!(value(1), 21.0, "{stats}");
}

#[sqlx::test(migrations = "../migrations")]
async fn values_below_zero_add_up_and_counts_do_not_read_them(pool: PgPool) {
    let server = measured(
        pool.clone(),
        &[
            json!({"key": "net", "kind": "sum", "eventName": "buy", "winsorUpper": null}),
            json!({"key": "buys", "kind": "count", "eventName": "buy", "winsorUpper": null}),
            json!({"key": "bought", "kind": "conversion", "eventName": "buy"}),
        ],
    )
    .await;
    let refund = track(json!({"value": -7.5}));
    let batch = [
        exposure(json!({})),
        track(json!({"value": 2.5})),
        refund.clone(),
        track(json!({"event_name": "unheard-of"})),
    ];
    for _ in 0..3 {
        // Sent again, as clients do that got no answer; and a thousand times in one batch.
        post(&server, &batch).await.expect(202);
    }
    assert_eq!(post(&server, &vec![refund; 1_000]).await.expect(202)["accepted"], 1_000);
    let stats = server.get(STATS).await.expect(200);
    let values: Vec<&Value> =
        stats["metrics"].as_array().unwrap().iter().map(|it| &it["variants"][1]["value"]).collect();
    assert_eq!(values, [&json!(-5.0), &json!(2.0), &json!(1.0)], "{stats}");
    assert_eq!(count(&pool, "select count(*) from events").await, 3);
}

#[sqlx::test(migrations = "../migrations")]
async fn a_metric_that_changes_is_checked_as_a_whole(pool: PgPool) {
    let server = measured(
        pool,
        &[json!({"key": "back", "kind": "conversion", "eventName": "buy", "windowStartSeconds": 3_600, "windowEndSeconds": 7_200})],
    )
    .await;
    let path = "/api/metrics/prod:back";
    for change in [
        json!({"windowEndSeconds": 1_800}),
        json!({"windowEndSeconds": 3_600}),
        json!({"windowStartSeconds": 7_200}),
    ] {
        assert_eq!(server.patch(path, &change).await.faults(422)[0].1, "window_order", "{change}");
    }
    assert_eq!(server.delete(path).await.code(409), "metric_in_use");
    let kept = server.get(path).await.expect(200);
    assert_eq!((&kept["windowStartSeconds"], &kept["windowEndSeconds"]), (&json!(3_600), &json!(7_200)));
    assert_eq!(server.get(STATS).await.expect(200)["metrics"][0]["key"], "back");
}

#[sqlx::test(migrations = "../migrations")]
async fn bodies_that_are_no_text_are_refused_whole(pool: PgPool) {
    let server = Server::new(pool.clone());
    let id = server.running("button").await;
    let mut lines = format!("{}\n{}", track(json!({})), track(json!({"event_name": "x-y"}))).into_bytes();
    let place = lines.len() - lines.iter().rev().position(|byte| *byte == b'-').unwrap() - 1;
    lines[place] = 0xff;
    for media_type in ["application/x-ndjson", "text/plain", "application/json"] {
        let answer = send(&server, "/events", lines.clone(), &[("content-type", media_type)]).await;
        assert_eq!(answer.code(400), "malformed_json", "{media_type}");
    }
    let path = format!("/api/experiments/{id}/track");
    for value in ["NaN", "Infinity", "1e999", "-1e999", "\"7\"", "1.1e15"] {
        let body = format!(r#"{{"user_key":"u","event_name":"buy","value":{value}}}"#);
        let answer = server.send(axum::http::Method::POST, &path, Some(body), &[]).await;
        let said = answer.expect(answer.status.as_u16());
        assert!([400, 422].contains(&answer.status.as_u16()), "{value}: {said}");
        assert!(
            ["malformed_json", "invalid_body"].contains(&said["code"].as_str().unwrap()),
            "{value}: {said}"
        );
    }
    assert_eq!(count(&pool, "select count(*) from events").await, 0);
}
