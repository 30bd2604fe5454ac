//! Sums: kept up to date by new events alone, they equal those made anew.

use std::collections::HashMap;

use chrono::TimeDelta;
use lotwise_control::store::analysis::{ArmSums, Reading, Slice, Source};
use serde_json::json;
use sqlx::PgPool;
use uuid::Uuid;

use super::fixture::{Batch, Event, Exposure, Fixture, Random, subject};
use crate::support::halves;

const HOUR: i64 = 3600;

async fn fixture(pool: PgPool) -> Fixture {
    let metrics = [
        json!({"key": "buys", "kind": "conversion", "eventName": "buy", "windowEndSeconds": 48 * HOUR,
               "prePeriodSeconds": 24 * HOUR}),
        json!({"key": "visits", "kind": "count", "eventName": "visit", "winsorUpper": null}),
        json!({"key": "money", "kind": "revenue", "eventName": "buy", "winsorUpper": null,
               "prePeriodSeconds": 24 * HOUR}),
        json!({"key": "per-visit", "kind": "ratio", "eventName": "buy", "valueProperty": "value",
               "denominatorEvent": "visit"}),
        json!({"key": "comes-back", "kind": "retention", "eventName": "visit",
               "windowStartSeconds": 24 * HOUR, "windowEndSeconds": 72 * HOUR}),
        json!({"key": "dear", "kind": "sum", "eventName": "buy", "valueProperty": "price", "winsorUpper": 0.9,
               "filters": [{"attribute": "plan", "operator": "in", "value": ["pro", "team"]}]}),
        json!({"key": "slow", "kind": "quantile", "eventName": "visit", "quantile": 0.9}),
    ];
    let server = crate::support::Server::new(pool.clone());
    server.post("/api/environments", &json!({"name": "prod"})).await.expect(201);
    for metric in &metrics {
        server.post("/api/metrics", metric).await.expect(201);
    }
    let keys: Vec<_> = metrics.iter().map(|metric| metric["key"].clone()).collect();
    Fixture::new(pool, json!({"variants": halves(), "metrics": keys})).await
}

/// A batch in which anything may happen: new users, users known already, some in a second variant, earlier
/// exposures than known, events before and after exposure, late ones too.
fn chaos(random: &mut Random, users: u64, batch: u64) -> Batch {
    let mut rows = Batch::default();
    let minutes = |minutes: u64| TimeDelta::minutes(i64::try_from(minutes).unwrap());
    for _ in 0..users / 2 {
        let user = random.below(users);
        let variant = if random.below(40) == 0 { random.below(2) } else { user % 2 };
        let at = minutes(24 * 60 + random.below(60 * 24 * 4 * batch));
        let mut exposure = Exposure::new(&format!("u{user}"), usize::try_from(variant).unwrap(), at);
        exposure.counts = random.below(20) > 0;
        exposure.is_verified = random.below(4) > 0;
        let country = ["de", "fr", "us"][usize::try_from(user % 3).unwrap()];
        exposure.context = json!({"country": country});
        rows.exposures.push(exposure);
    }
    for _ in 0..users * 2 {
        let user = format!("u{}", random.below(users));
        let at = minutes(random.below(60 * 24 * 6 * batch));
        let name = ["buy", "visit", "other"][usize::try_from(random.below(3)).unwrap()];
        let value = (random.below(5) > 0).then(|| (random.unit() * 10_000.0).round() / 100.0);
        let mut event = Event::new(&user, name, value, at);
        event.is_verified = random.below(4) > 0;
        event.properties = match random.below(4) {
            0 => json!({"plan": "pro", "price": random.below(1000)}),
            1 => json!({"plan": "team", "price": random.below(100).to_string()}),
            2 => json!({"plan": "free", "price": 5}),
            _ => json!({"plan": "pro", "price": "no number", "bad": "\u{0}"}),
        };
        rows.events.push(event);
    }
    rows
}

#[track_caller]
fn assert_close(left: &[f64], right: &[f64]) {
    assert_eq!(left.len(), right.len());
    for (position, (left, right)) in left.iter().zip(right).enumerate() {
        let error = (left - right).abs();
        assert!(error <= 1e-12 * left.abs().max(1.0), "number {position}: {left} is not {right}");
    }
}

async fn anew(fixture: &Fixture, reading: &Reading) -> Vec<ArmSums> {
    let summary = fixture.store().summarise(&fixture.subject, reading).await.unwrap();
    summary.arms
}

#[sqlx::test(migrations = "../migrations")]
async fn sums_by_new_events_alone_equal_sums_made_anew(pool: PgPool) {
    let mut fixture = fixture(pool).await;
    let mut random = Random(7);
    let mut past = Vec::new();
    for batch in 1..=8 {
        let watermark = fixture.write(chaos(&mut random, 300, batch)).await;
        let (progress, kept) = fixture.store().update_sums(&fixture.subject, watermark).await.unwrap();
        let reading = Reading { batch: watermark.batch, ..Reading::default() };
        let summary = fixture.store().summarise(&fixture.subject, &reading).await.unwrap();
        assert_eq!(progress.excluded, summary.excluded);
        assert_eq!(progress.first_exposed_at, summary.first_exposed_at);
        assert_eq!(kept.len(), summary.arms.len());
        for (kept, anew) in kept.iter().zip(&summary.arms) {
            assert_eq!((kept.variant_id, kept.exposed), (anew.variant_id, anew.exposed));
            assert_eq!(kept.numbers(), anew.numbers(), "to the last bit");
        }
        for index in [5_usize] {
            let state =
                fixture.store().clamped_sums(&fixture.subject, index, &Source::State { batch: 0 }).await;
            let raw =
                fixture.store().clamped_sums(&fixture.subject, index, &Source::Raw(reading.clone())).await;
            let (mut state, raw) = (state.unwrap(), raw.unwrap());
            state.sort_by_key(|it| fixture.subject.variants.iter().position(|id| *id == it.variant_id));
            for (state, raw) in state.iter().zip(&raw) {
                assert_eq!((state.capped, state.upper), (raw.capped, raw.upper));
                assert_eq!(state.sums, raw.sums);
            }
        }
        past.push((reading, summary));
    }
    assert!(past.last().unwrap().1.excluded > 0);
    // The past stays what it was.
    for (reading, summary) in past {
        let again = fixture.store().summarise(&fixture.subject, &reading).await.unwrap();
        assert_eq!((again.excluded, again.arms), (summary.excluded, summary.arms));
    }
}

#[sqlx::test(migrations = "../migrations")]
async fn slices_of_users_add_up_to_all_of_them(pool: PgPool) {
    let mut fixture = fixture(pool).await;
    let watermark = fixture.write(chaos(&mut Random(1), 500, 1)).await;
    let whole = anew(&fixture, &Reading { batch: watermark.batch, ..Reading::default() }).await;
    let mut added: HashMap<Uuid, (u64, Vec<f64>)> = HashMap::new();
    for index in 0..7 {
        let slice = Some(Slice { index, of: 7 });
        for arm in anew(&fixture, &Reading { batch: watermark.batch, slice, ..Reading::default() }).await {
            let none = || (0, vec![0.0; arm.numbers().len()]);
            let (exposed, numbers) = added.entry(arm.variant_id).or_insert_with(none);
            *exposed += arm.exposed;
            for (sum, more) in numbers.iter_mut().zip(arm.numbers()) {
                *sum += more;
            }
        }
    }
    for arm in &whole {
        let (exposed, numbers) = &added[&arm.variant_id];
        assert_eq!(*exposed, arm.exposed);
        assert_close(numbers, arm.numbers());
    }
}

#[sqlx::test(migrations = "../migrations")]
async fn segments_add_up_and_other_definitions_make_sums_anew(pool: PgPool) {
    let mut fixture = fixture(pool.clone()).await;
    let watermark = fixture.write(chaos(&mut Random(3), 300, 1)).await;
    let reading = Reading { batch: watermark.batch, ..Reading::default() };
    let whole = anew(&fixture, &reading).await;
    let by_country = Reading { dimension: Some("country".to_owned()), ..reading.clone() };
    let segments = anew(&fixture, &by_country).await;
    for arm in &whole {
        let of_arm = segments.iter().filter(|it| it.variant_id == arm.variant_id);
        assert_eq!(of_arm.map(|it| it.exposed).sum::<u64>(), arm.exposed);
    }
    let verified = Reading { is_verified_only: true, ..reading.clone() };
    assert!(anew(&fixture, &verified).await[0].exposed < whole[0].exposed);

    fixture.store().update_sums(&fixture.subject, watermark).await.unwrap();
    let body = json!({"windowEndSeconds": HOUR});
    fixture.server.patch("/api/metrics/prod:buys", &body).await.expect(200);
    fixture.subject = subject(&pool, &fixture.id).await;
    let (_, kept) = fixture.store().update_sums(&fixture.subject, watermark).await.unwrap();
    let changed = anew(&fixture, &reading).await;
    assert_ne!(changed[0].of(0), whole[0].of(0));
    assert_eq!(kept, changed);
}

#[sqlx::test(migrations = "../migrations")]
async fn what_counts_is_what_the_definitions_say(pool: PgPool) {
    let mut fixture = fixture(pool).await;
    let hours = TimeDelta::hours;
    let mut price = Event::new("a", "buy", Some(7.0), hours(60));
    price.properties = json!({"plan": "pro", "price": "12.5"});
    let watermark = fixture
        .write(Batch {
            exposures: vec![
                Exposure::new("a", 0, hours(48)),
                Exposure::new("a", 0, hours(50)),
                Exposure::new("b", 1, hours(48)),
                Exposure::new("c", 0, hours(48)),
                Exposure::new("c", 1, hours(49)),
                Exposure { counts: false, ..Exposure::new("b", 0, hours(47)) },
            ],
            events: vec![
                Event::new("a", "buy", Some(3.0), hours(30)),
                price,
                Event::new("a", "buy", Some(1.0), hours(48 + 48)),
                Event::new("a", "visit", None, hours(48 + 25)),
                Event::new("c", "buy", Some(9.0), hours(50)),
                Event::new("nobody", "buy", Some(9.0), hours(50)),
            ],
        })
        .await;
    let (progress, kept) = fixture.store().update_sums(&fixture.subject, watermark).await.unwrap();
    assert_eq!(progress.excluded, 1);
    assert_eq!((kept[0].exposed, kept[1].exposed), (1, 1));
    // One conversion within 48 hours, one in the day before exposure.
    assert_eq!((kept[0].of(0).y, kept[0].of(0).x), (1.0, 1.0));
    assert_eq!((kept[0].of(1).y, kept[1].of(1).y), (1.0, 0.0));
    assert_eq!((kept[0].of(2).y, kept[0].of(2).y_sq, kept[0].of(2).x), (8.0, 64.0, 3.0));
    assert_eq!((kept[0].of(3).y, kept[0].of(3).d, kept[0].of(3).yd), (8.0, 1.0, 8.0));
    assert_eq!((kept[0].of(4).y, kept[0].of(4).non_zero), (1.0, 1));
    assert_eq!((kept[0].of(5).y, kept[1].of(5)), (12.5, kept[1].of(1)));
    let source = Source::State { batch: watermark.batch };
    let values = fixture.store().quantiles(&fixture.subject, 6, &source, |_, _| (0.5, 0.9)).await.unwrap();
    assert!(values.is_empty(), "a visit without a value is none");
}
