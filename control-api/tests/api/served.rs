//! `lotwise serve` as a process, and `lotwise explain` asking it.

use serde_json::{Value, json};
use sqlx::PgPool;

use crate::program::{Served, run};
use crate::support::{METRICS_TOKEN, Server, TOKEN, eventually, halves};

/// Status and text of an answer.
async fn get(served: &Served, url: &str, token: Option<&str>) -> (u16, String) {
    let mut request = served.client.get(url);
    if let Some(token) = token {
        request = request.bearer_auth(token);
    }
    let answer = request.send().await.unwrap();
    (answer.status().as_u16(), answer.text().await.unwrap())
}

async fn post(served: &Served, path: &str, body: &Value) -> Value {
    let request = served.client.post(format!("{}/api{path}", served.url)).bearer_auth(TOKEN);
    let answer =
        request.header("content-type", "application/json").body(body.to_string()).send().await.unwrap();
    let (status, text) = (answer.status(), answer.text().await.unwrap());
    assert!(status.is_success(), "{path}: {status} {text}");
    serde_json::from_str(&text).unwrap()
}

#[sqlx::test(migrations = "../migrations")]
async fn metrics_have_an_address_of_their_own_and_nothing_else_has_it(pool: PgPool) {
    let served = Served::start(&pool, None).await;
    let body = json!({"key": "button", "variants": halves(), "metrics": ["conversion"]});
    let id = post(&served, "/experiments", &body).await["id"].as_str().unwrap().to_owned();
    post(&served, &format!("/experiments/{id}/start"), &json!({})).await;
    let mut given = [0, 0];
    for user in 0..12 {
        let user = format!("user-{user}");
        let answer = post(&served, &format!("/experiments/{id}/assign"), &json!({"user_id": user})).await;
        given[usize::from(answer["variant"] == "treatment")] += 1;
        let body = json!({"user_id": user, "event_name": "conversion"});
        post(&served, &format!("/experiments/{id}/track"), &body).await;
    }
    assert!(given[0] > 0 && given[1] > 0, "{given:?}");
    let mut expected = vec![
        "experimentation_experiments_total{status=\"RUNNING\"} 1.0".to_owned(),
        format!("experimentation_significant_results_total{{experiment_id=\"{id}\"}} 0.0"),
    ];
    for (variant, count) in ["control", "treatment"].into_iter().zip(given) {
        let labels = format!("experiment_id=\"{id}\",variant=\"{variant}\"");
        expected.push(format!("experimentation_variant_assignments_total{{{labels}}} {count}"));
        expected.push(format!("experimentation_events_total{{{labels},event_name=\"conversion\"}} {count}"));
    }
    let page = format!("{}/metrics", served.metrics_url);
    // Nobody asks for results: the process looks by itself.
    eventually("the counts", async || {
        let (status, text) = get(&served, &page, None).await;
        status == 200 && expected.iter().all(|line| text.lines().any(|it| it == line))
    })
    .await;

    for path in
        ["/", "/health", "/events", "/decide", "/api/experiments", "/api/v1/environments", "/metrics/x"]
    {
        let (status, text) = get(&served, &format!("{}{path}", served.metrics_url), Some(TOKEN)).await;
        assert_eq!(status, 404, "{path}: {text}");
    }
    let usual = format!("{}/metrics", served.url);
    for (token, status) in
        [(None, 401), (Some("another-token-of-16"), 401), (Some(METRICS_TOKEN), 200), (Some(TOKEN), 200)]
    {
        assert_eq!(get(&served, &usual, token).await.0, status, "{token:?}");
    }
    let (status, _) = get(&served, &format!("{}/api/experiments", served.url), Some(METRICS_TOKEN)).await;
    assert_eq!(status, 401, "a token for metrics reads nothing else");
}

#[sqlx::test(migrations = "../migrations")]
async fn explain_asks_a_running_server(pool: PgPool) {
    let here = Server::with_store(pool.clone()).await;
    here.running("button").await;
    here.publish_knowingly().await;
    let rules = json!({"targetingRules": [{"conditions": [{"attribute": "plan", "operator": "eq", "value": "pro"}]}]});
    here.patch("/api/experiments/prod:button", &rules).await.expect(200);
    here.publish_knowingly().await;
    let served = Served::start(&pool, None).await;
    let explain = async |flags: &[&str], variables: &[(&str, &str)]| {
        run(&[&["explain", "--user-key", "user-1"], flags].concat(), variables, "").await
    };
    let slash = format!("{}/", served.url);
    let api = format!("{}/api", served.url);
    for url in [&served.url, &slash, &api] {
        let body = json!({"environment": "prod", "user_key": "user-1", "context": {"plan": "free"}});
        let expected = here.post("/api/explain", &body).await.expect(200);
        assert_eq!(expected["decisions"][0]["reason"], "TARGETING_MISMATCH");
        let flags =
            ["--url", url, "--token", TOKEN, "--environment", "prod", "--context", r#"{"plan":"free"}"#];
        let output = explain(&flags, &[]).await;
        assert!(output.success, "{url}: {}", output.said);
        assert_eq!(serde_json::from_str::<Value>(&output.text).unwrap(), expected);
    }
    // As variables, and at an earlier version.
    let variables = [("LOTWISE_URL", served.url.as_str()), ("LOTWISE_TOKEN", TOKEN)];
    let output = explain(&["--environment", "prod", "--config-version", "1"], &variables).await;
    let explained: Value = serde_json::from_str(&output.text).unwrap_or_default();
    assert_eq!(explained["decisions"][0]["reason"], "SPLIT", "{output:?}");
    for (flags, variables, says) in [
        (&["--environment", "prod"][..], &variables[..1], "401 Unauthorized: "),
        (&["--environment", "nowhere"], &variables, "/environment There is no such environment"),
        (&["--environment", "prod", "--config-version", "7"], &variables, "404 Not Found: "),
        (&["--environment", "prod", "--context", "{"], &variables, "--context"),
        (&[], &variables, "--environment says which one"),
        (&["--environment", "prod"], &[], "say where: --url"),
        (
            &["--environment", "prod", "--url", "http://127.0.0.1:9"],
            &[],
            "http://127.0.0.1:9 does not answer",
        ),
    ] {
        let output = explain(flags, variables).await;
        assert!(!output.success && output.text.is_empty(), "{flags:?}: {}", output.text);
        assert!(output.said.contains(says) && !output.said.contains(TOKEN), "{flags:?}: {}", output.said);
    }
}
