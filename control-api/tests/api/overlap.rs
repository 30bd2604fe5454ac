//! The traffic that experiments share.

use serde_json::json;
use sqlx::PgPool;

use crate::support::Server;

const OVERLAP: &str = "/api/environments/prod/overlap";

#[sqlx::test(migrations = "../migrations")]
async fn every_pair_is_told_of_what_is_published_or_of_the_rows(pool: PgPool) {
    let server = Server::with_store(pool).await;
    for key in ["a", "b"] {
        server.running(key).await;
    }
    let body = json!({"weights": {"control": 1, "treatment": 1}, "trafficAllocation": 0.5});
    for key in ["a", "b"] {
        server.put(&format!("/api/experiments/prod:{key}/weights"), &body).await.expect(200);
    }
    server.publish_knowingly().await;
    let answer = server.get(OVERLAP).await.expect(200);
    assert_eq!((&answer["environment"], &answer["version"]), (&json!("prod"), &json!(1)));
    let pair = &answer["overlaps"][0];
    assert_eq!((&pair["experiments"], &pair["kind"]), (&json!(["a", "b"]), &json!("independent")));
    assert_eq!(
        (&pair["share"], &pair["fraction"]),
        (&json!(0.25), &json!({"numerator": 1, "denominator": 4}))
    );
    assert_eq!(
        server.get(&format!("{OVERLAP}?a=b&b=a")).await.expect(200)["overlaps"].as_array().unwrap().len(),
        1
    );

    server.running("c").await;
    assert_eq!(server.get(OVERLAP).await.expect(200)["overlaps"].as_array().unwrap().len(), 1);
    let draft = server.get(&format!("{OVERLAP}?source=draft")).await.expect(200);
    assert_eq!((draft["overlaps"].as_array().unwrap().len(), &draft["version"]), (3, &json!(null)));
    let of_one = server.get(&format!("{OVERLAP}?source=draft&a=c")).await.expect(200);
    assert_eq!(of_one["overlaps"].as_array().unwrap().len(), 2);
    for query in ["b=a", "a=nobody", "a=a&b=nobody", "a=c", "source=x", "x=1"] {
        assert_eq!(server.get(&format!("{OVERLAP}?{query}")).await.code(400), "invalid_parameter", "{query}");
    }
    assert_eq!(server.get("/api/environments/nowhere/overlap").await.code(404), "not_found");
}
