//! Caps and quantiles over HTTP, against numbers that are made here from the same events.

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};
use lotwise_control::store::now;
use serde_json::{Value, json};
use sqlx::PgPool;

use super::fixture::Random;
use crate::events::{exposure, measured, post, track};
use crate::support::Server;

const STATS: &str = "/api/experiments/prod:button/stats";
const VARIANTS: [&str; 2] = ["control", "treatment"];

/// Users and what they do, sent as events and remembered.
struct Told {
    server: Server,
    start: DateTime<Utc>,
    waiting: Vec<Value>,
    /// Per user, the variant and the values of what counts.
    users: BTreeMap<String, (usize, Vec<f64>)>,
}

impl Told {
    /// `button` with these metrics, running since hours ago.
    async fn new(pool: PgPool, metrics: &[Value]) -> Self {
        let server = measured(pool, metrics).await;
        Self { server, start: now() - TimeDelta::hours(5), waiting: Vec::new(), users: BTreeMap::new() }
    }

    fn expose(&mut self, user: &str, variant: usize) {
        let at = self.start + TimeDelta::hours(1);
        self.waiting
            .push(exposure(json!({"user_key": user, "variant_key": VARIANTS[variant], "timestamp": at})));
        self.users.insert(user.to_owned(), (variant, Vec::new()));
    }

    /// Something that counts.
    fn buy(&mut self, user: &str, value: f64) {
        let at = self.start + TimeDelta::hours(2);
        self.waiting.push(track(json!({"user_key": user, "value": value, "timestamp": at})));
        self.users.get_mut(user).unwrap().1.push(value);
    }

    /// Something that does not, before the user is exposed.
    fn buy_too_early(&mut self, user: &str, value: f64) {
        self.waiting.push(track(json!({"user_key": user, "value": value, "timestamp": self.start})));
    }

    /// A user who is seen in both variants counts nowhere.
    fn lose(&mut self, user: &str) {
        let (variant, _) = self.users[user];
        self.waiting.push(exposure(json!({"user_key": user, "variant_key": VARIANTS[1 - variant]})));
        self.users.remove(user);
    }

    /// The results after everything was sent, by new events alone and made anew.
    async fn stats(&mut self) -> [Value; 2] {
        for batch in self.waiting.chunks(1_000) {
            assert_eq!(post(&self.server, batch).await.expect(202)["accepted"], batch.len());
        }
        self.waiting.clear();
        let kept = self.server.get(STATS).await.expect(200);
        let at = now().to_rfc3339_opts(chrono::SecondsFormat::Micros, true);
        [kept, self.server.get(&format!("{STATS}?at={at}")).await.expect(200)]
    }

    /// Totals per variant, zeros and all.
    fn totals(&self) -> [Vec<f64>; 2] {
        let of = |wanted: usize| {
            let users = self.users.values().filter(|(variant, _)| *variant == wanted);
            users.map(|(_, values)| values.iter().sum()).collect()
        };
        [of(0), of(1)]
    }

    /// Values per variant, rising.
    fn values(&self) -> [Vec<f64>; 2] {
        let of = |wanted: usize| {
            let users = self.users.values().filter(|(variant, _)| *variant == wanted);
            sorted(users.flat_map(|(_, values)| values.iter().copied()).collect())
        };
        [of(0), of(1)]
    }
}

/// Of quarters: sums of them are exact.
fn dollars(quarters: u64) -> f64 {
    f64::from(u32::try_from(quarters).unwrap()) / 4.0
}

fn sorted(mut values: Vec<f64>) -> Vec<f64> {
    values.sort_by(f64::total_cmp);
    values
}

/// The value of rank ⌈p·N⌉, of a share in per cent: without a fraction, so without rounding.
fn nearest_rank(sorted: &[f64], percent: usize) -> f64 {
    sorted[(percent * sorted.len()).div_ceil(100).max(1) - 1]
}

#[track_caller]
fn assert_close(got: &Value, expected: f64) {
    let number = got.as_f64().unwrap_or_else(|| panic!("{got} is not {expected}"));
    assert!((number - expected).abs() <= 1e-9 * expected.abs().max(1.0), "{number} is not {expected}");
}

/// What a metric with these caps, in per cent, has to say of totals.
#[track_caller]
fn assert_clamped(stats: &Value, metric: usize, totals: &[Vec<f64>; 2], percents: [Option<usize>; 2]) {
    let pooled = sorted(totals.concat());
    let [lower, upper] = percents.map(|percent| percent.map(|percent| nearest_rank(&pooled, percent)));
    let clamp = |value: f64| value.max(lower.unwrap_or(value)).min(upper.unwrap_or(value));
    let found = &stats["metrics"][metric];
    assert_eq!(found["winsor"]["capLo"], json!(lower), "{}", found["winsor"]);
    assert_eq!(found["winsor"]["capHi"], json!(upper), "{}", found["winsor"]);
    let mut means = [0.0; 2];
    for (variant, totals) in totals.iter().enumerate() {
        let clamped: Vec<f64> = totals.iter().map(|total| clamp(*total)).collect();
        let capped =
            totals.iter().zip(&clamped).filter(|(total, clamped)| (*total - *clamped).abs() > 0.0).count();
        assert_eq!(found["winsor"]["capped"][variant], json!(capped));
        assert_eq!(found["variants"][variant]["n"], json!(totals.len()));
        means[variant] = clamped.iter().sum::<f64>() / f64::from(u32::try_from(totals.len()).unwrap());
        assert_close(&found["variants"][variant]["value"], means[variant]);
    }
    assert_close(&found["comparisons"][0]["diff"], means[1] - means[0]);
}

#[sqlx::test(migrations = "../migrations")]
async fn totals_are_drawn_to_caps_of_all_users_together(pool: PgPool) {
    let mut it = Told::new(
        pool,
        &[
            json!({"key": "revenue", "kind": "revenue", "eventName": "buy"}),
            json!({"key": "net", "kind": "sum", "eventName": "buy", "winsorLower": 0.05, "winsorUpper": 0.9}),
        ],
    )
    .await;
    let mut random = Random(3);
    for index in 0..700 {
        let user = format!("u{index}");
        it.expose(&user, usize::from(random.below(3) == 0));
        for _ in 0..random.below(4) {
            it.buy(&user, dollars(random.below(360)));
        }
        match index % 100 {
            // A few buy for everybody, a few bring back more than they ever bought.
            7 => it.buy(&user, 1e6 * f64::from(index)),
            8..=16 => it.buy(&user, -400.0),
            17 => it.buy_too_early(&user, 1e9),
            _ => {}
        }
    }
    // Nobody who counts nowhere moves a cap.
    for index in 0..20 {
        let user = format!("both{index}");
        it.expose(&user, 0);
        it.buy(&user, 1e12);
        it.lose(&user);
    }
    for stats in it.stats().await {
        assert_eq!(stats["excluded"], 20);
        assert_clamped(&stats, 0, &it.totals(), [None, Some(99)]);
        assert_clamped(&stats, 1, &it.totals(), [Some(5), Some(90)]);
    }
    // Who comes later moves the caps, for those who were there before too.
    for index in 0..40 {
        let user = format!("late{index}");
        it.expose(&user, index % 2);
        it.buy(&user, 5_000.0);
    }
    for stats in it.stats().await {
        assert_clamped(&stats, 0, &it.totals(), [None, Some(99)]);
        assert_clamped(&stats, 1, &it.totals(), [Some(5), Some(90)]);
    }
}

#[sqlx::test(migrations = "../migrations")]
async fn quantiles_are_values_of_their_rank(pool: PgPool) {
    let metric = |key: &str, level: f64| json!({"key": key, "kind": "quantile", "eventName": "buy", "quantile": level});
    let mut it = Told::new(pool, &[metric("slow", 0.9), metric("usual", 0.5)]).await;
    let mut random = Random(4);
    for index in 0..300 {
        let user = format!("u{index}");
        let variant = usize::from(random.below(3) == 0);
        it.expose(&user, variant);
        for _ in 0..random.below(6) {
            it.buy(&user, dollars(random.below(if variant == 0 { 1_000 } else { 1_200 })));
        }
        if index % 50 == 0 {
            it.buy_too_early(&user, 1e9);
        }
    }
    it.lose("u0");
    for stats in it.stats().await {
        for (metric, percent) in [(0, 90), (1, 50)] {
            let found = &stats["metrics"][metric];
            let mut quantiles = [0.0; 2];
            for (variant, values) in it.values().iter().enumerate() {
                quantiles[variant] = nearest_rank(values, percent);
                assert_eq!(found["variants"][variant]["n"], json!(values.len()));
                assert_close(&found["variants"][variant]["value"], quantiles[variant]);
            }
            assert_close(&found["comparisons"][0]["diff"], quantiles[1] - quantiles[0]);
        }
    }
}

/// 0.56 times 75 is 42, and a little more in binary.
#[sqlx::test(migrations = "../migrations")]
async fn ranks_are_those_of_the_share_as_it_is_written(pool: PgPool) {
    let mut it = Told::new(
        pool,
        &[
            json!({"key": "q", "kind": "quantile", "eventName": "buy", "quantile": 0.56}),
            json!({"key": "capped", "kind": "sum", "eventName": "buy", "winsorUpper": 0.56}),
        ],
    )
    .await;
    for index in 0..150 {
        let user = format!("u{index}");
        it.expose(&user, index % 2);
        it.buy(&user, f64::from(u32::try_from(index / 2).unwrap()) + 1.0);
    }
    for stats in it.stats().await {
        for variant in &stats["metrics"][0]["variants"].as_array().unwrap()[..] {
            assert_eq!((&variant["n"], &variant["value"]), (&json!(75), &json!(42.0)));
        }
        assert_clamped(&stats, 1, &it.totals(), [None, Some(56)]);
    }
}
