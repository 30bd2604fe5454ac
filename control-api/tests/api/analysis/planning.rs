//! Plans: `lotwise power` and `POST /power` are one.

use chrono::TimeDelta;
use serde_json::{Value, json};
use sqlx::PgPool;

use super::fixture::{Batch, Exposure, Fixture};
use crate::program::{Output, database, run};
use crate::support::{Server, halves};

/// Golden figures of planning, which no code of ours has computed.
const GOLDENS: [&str; 6] = [
    include_str!("../../../../stats/goldens/sample_size_mean.json"),
    include_str!("../../../../stats/goldens/sample_size_proportion.json"),
    include_str!("../../../../stats/goldens/power_mean.json"),
    include_str!("../../../../stats/goldens/power_proportion.json"),
    include_str!("../../../../stats/goldens/mde_proportion.json"),
    include_str!("../../../../stats/goldens/runtime.json"),
];

fn camel_case(snake: &str) -> String {
    let mut words = snake.split('_');
    let first = words.next().unwrap().to_owned();
    words.fold(first, |name, word| name + &word[..1].to_uppercase() + &word[1..])
}

/// What the command line says to a question, given as fields of the statistics.
async fn on_the_command_line(question: &Value, more: &[&str], variables: &[(&str, &str)]) -> Output {
    let fields = question.as_object().unwrap();
    let flags = fields.iter().map(|(name, value)| match value {
        Value::String(word) => format!("--{name}={word}").replace('_', "-"),
        number => format!("--{}={number}", name.replace('_', "-")),
    });
    let flags: Vec<String> = flags.collect();
    let arguments: Vec<&str> =
        ["power"].into_iter().chain(flags.iter().map(String::as_str)).chain(more.iter().copied()).collect();
    run(&arguments, variables, "").await
}

/// The answer to a question, which command line and API have to agree on to the last digit.
async fn agreed(server: &Server, question: &Value) -> Value {
    let printed = on_the_command_line(question, &["--json"], &[]).await;
    assert!(printed.success, "{question}: {}", printed.said);
    let fields = question.as_object().unwrap().iter();
    let body: Value = fields.map(|(name, value)| (camel_case(name), value.clone())).collect();
    let answered = server.post("/api/power", &body).await.expect(200);
    assert_eq!(serde_json::from_str::<Value>(&printed.text).unwrap(), answered, "{question}");
    answered
}

#[track_caller]
fn assert_close(got: &Value, expected: &Value, tolerance: f64) {
    let (got, expected) = (got.as_f64().unwrap(), expected.as_f64().unwrap());
    assert!((got - expected).abs() <= tolerance * expected.abs(), "{got} is not {expected}");
}

/// A golden file's inputs as a question.
fn question(case: &Value) -> Value {
    let inputs = case["inputs"].as_object().unwrap();
    let (solve, kind) = match case["method"].as_str().unwrap() {
        "sample_size_mean" => ("sample_size", "mean"),
        "sample_size_proportion" => ("sample_size", "proportion"),
        "power_mean" => ("power", "mean"),
        "power_proportion" => ("power", "proportion"),
        "mde_proportion" => ("mde", "proportion"),
        "runtime" => ("runtime", "proportion"),
        other => panic!("{other}"),
    };
    let mut question = json!({"solve": solve, "kind": kind, "method": "fixed"});
    for (name, value) in inputs {
        match name.as_str() {
            "p1" => question["baseline"] = value.clone(),
            "p2" => question["effect"] = json!(value.as_f64().unwrap() - inputs["p1"].as_f64().unwrap()),
            "delta" => question["effect"] = value.clone(),
            "n_total" => {
                let half = value.as_u64().unwrap() / 2;
                question["n_control"] = json!(half);
                question["n_treatment"] = json!(half);
            }
            _ => question[name] = value.clone(),
        }
    }
    question
}

#[sqlx::test(migrations = "../migrations")]
async fn command_line_and_api_agree_with_the_golden_figures(pool: PgPool) {
    let server = Server::new(pool);
    let mut figures = 0;
    for case in GOLDENS.iter().flat_map(|text| serde_json::from_str::<Vec<Value>>(text).unwrap()) {
        let answer = agreed(&server, &question(&case)).await;
        for (name, expected) in case["expected"].as_object().unwrap() {
            assert_close(&answer[camel_case(name)], expected, case["tolerance_rel"].as_f64().unwrap());
            figures += 1;
        }
    }
    assert!(figures >= 14, "{figures}");
}

#[sqlx::test(migrations = "../migrations")]
async fn size_power_and_effect_of_anytime_tests_agree_with_the_width_of_their_interval(pool: PgPool) {
    let server = Server::new(pool);
    let mean = json!({"kind": "mean", "sd": 10.0, "effect": 0.5});
    let anytime = agreed(&server, &mean).await;
    let mut once = mean.clone();
    once["method"] = json!("fixed");
    let once = agreed(&server, &once).await;
    let cost = anytime["nControlReal"].as_f64().unwrap() / once["nControlReal"].as_f64().unwrap();
    assert!((cost - 1.915).abs() < 5e-4, "{cost}");

    // The effect that is found half of the time is as far out as the interval is wide.
    let (alpha, n, planned) = (0.05_f64, 4_000.0_f64, 10_000.0_f64);
    let rho = (-2.0 * alpha.ln() + (1.0 - 2.0 * alpha.ln()).ln()) / planned;
    let k = n * rho;
    let factor = (2.0 * (k + 1.0) / k * ((k + 1.0).sqrt() / alpha).ln()).sqrt();
    let width = factor * 10.0 * (2.0 / 2_000.0_f64).sqrt();
    let half = json!({"solve": "mde", "kind": "mean", "sd": 10.0, "power": 0.5, "n_control": 2_000, "n_star": 10_000});
    assert_close(&agreed(&server, &half).await["mde"], &json!(width), 1e-9);
    let found = json!({"solve": "power", "kind": "mean", "sd": 10.0, "effect": width, "n_control": 2_000, "n_star": 10_000});
    assert_close(&agreed(&server, &found).await["power"], &json!(0.5), 1e-9);
    let negative =
        json!({"kind": "mean", "sd": 3.0, "baseline": -5.0, "effect_rel": -0.1, "cuped_rho": -0.5});
    assert!(agreed(&server, &negative).await["nTotal"].as_u64().unwrap() > 0);
}

#[sqlx::test(migrations = "../migrations")]
async fn days_come_from_the_users_of_the_last_two_weeks(pool: PgPool) {
    let mut it = Fixture::new(pool.clone(), json!({"variants": halves()})).await;
    let url = database(&pool);
    let database = [("DATABASE_URL", url.as_str())];
    let plan = json!({"solve": "runtime", "method": "fixed", "baseline": 0.05, "effect": 0.005});
    let nobody = on_the_command_line(&plan, &["--experiment", "default:exp"], &database).await;
    assert!(nobody.said.contains("nobody was exposed there"), "{nobody:?}");
    let body = json!({"solve": "runtime", "baseline": 0.05, "effect": 0.005, "experimentId": it.id});
    assert_eq!(it.server.post("/api/power", &body).await.faults(422)[0].0, "/dailyUnits");

    // 1,200 users for the first time within five days, of whom 200 count nowhere.
    let exposures = (0..1_200_u32).map(|user| {
        let at = TimeDelta::days(5) + TimeDelta::minutes(5 * i64::from(user % 1_000));
        Exposure {
            counts: user < 1_000,
            ..Exposure::new(&format!("u{user}"), usize::from(user % 2 == 1), at)
        }
    });
    it.write(Batch { exposures: exposures.collect(), events: Vec::new() }).await;
    let printed = on_the_command_line(&plan, &["--experiment", "default:exp", "--json"], &database).await;
    assert!(printed.success, "{printed:?}");
    let printed: Value = serde_json::from_str(&printed.text).unwrap();
    let body = json!({"solve": "runtime", "method": "fixed", "baseline": 0.05, "effect": 0.005, "experimentId": "default:exp"});
    let answered = it.server.post("/api/power", &body).await.expect(200);
    for plan in [&printed, &answered] {
        assert_close(&plan["dailyUnits"], &json!(200.0), 1e-3);
        // 62,468 users at 200 a day.
        assert_eq!((&plan["nTotal"], &plan["daysFullWeeks"]), (&json!(62_468), &json!(315)));
        assert!([312, 313].contains(&plan["days"].as_u64().unwrap()), "{plan}");
    }
    let of_all =
        on_the_command_line(&plan, &["--environment", "default", "--traffic-share", "0.5"], &database).await;
    assert!(of_all.text.contains(" users a day, of whom 50 % enter; in full weeks "), "{of_all:?}");
    for (flag, which) in [("--environment", "nowhere"), ("--experiment", "default:nothing")] {
        let said = on_the_command_line(&plan, &[flag, which], &database).await.said;
        assert!(said.contains(&format!("{flag}: there is no such {}", &flag[2..])), "{said}");
    }
    let said = on_the_command_line(&plan, &["--environment", "default"], &[]).await.said;
    assert!(said.contains("DATABASE_URL is not set"), "{said}");
    let said = on_the_command_line(&plan, &["--experiment", "button"], &[]).await.said;
    assert!(said.contains("environment:key"), "{said}");
}

#[tokio::test]
async fn a_plan_is_told_in_words() {
    let plan = async |flags: &str| {
        let arguments: Vec<&str> = ["power"].into_iter().chain(flags.split(' ')).collect();
        let output = run(&arguments, &[], "").await;
        assert!(output.success, "{flags}: {}", output.said);
        output.text
    };
    let size = "users: 62468 (31234 control, 31234 treatment)\npower: 0.8000\n";
    assert_eq!(plan("--baseline 0.05 --effect 0.005 --method fixed").await, size);
    let days = "days: 32 at 4000 users a day, of whom 50 % enter; in full weeks 35\n";
    let flags = "--solve runtime --baseline 0.05 --effect-rel 0.1 --method fixed --daily-units 4000 --traffic-share 0.5";
    assert_eq!(plan(flags).await, format!("{size}{days}"));
    let mde = "users: 40000 (20000 control, 20000 treatment)\npower: 0.8000\n\
               minimum detectable effect: 0.0077661 (9.71 % of the baseline)\n";
    assert_eq!(plan("--solve mde --baseline 0.08 --n-control 20000 --method fixed").await, mde);
    let power = "users: 100000 (90000 control, 10000 treatment)\npower: 0.9449\n";
    let flags =
        "--solve power --kind mean --sd 40 --effect 1.5 --n-control 90000 --n-treatment 10000 --method fixed";
    assert_eq!(plan(flags).await, power);
    // Each example of the help is one.
    let help = plan("--help").await;
    let examples: Vec<&str> =
        help.lines().filter_map(|line| line.trim().strip_prefix("lotwise power ")).collect();
    assert!(examples.len() >= 6, "{help}");
    for example in examples.iter().filter(|example| !example.contains("--environment")) {
        plan(example).await;
    }
}

#[sqlx::test(migrations = "../migrations")]
async fn what_is_wrong_with_a_plan_is_told_in_the_words_of_who_asks(pool: PgPool) {
    let server = Server::new(pool);
    for (flags, says) in [
        ("", "--baseline must be a rate between 0 and 1; --effect is needed, or --effect-rel, and not both"),
        ("--kind mean --effect 1", "--sd must be a standard deviation above 0"),
        ("--kind mean --sd -1 --effect 1", "--sd must be a standard deviation above 0"),
        ("--baseline 0.05 --effect -0.06", "--effect leads to a rate below 0 or above 1"),
        ("--baseline 0.05 --effect 1e-13", "--effect leads to more than can be counted"),
        ("--baseline 0.05 --effect 0.01 --daily-units 1e-7", "--daily-units leads to more days than can"),
        ("--solve mde --baseline 0.9 --n-control 5", "--n-control must be larger"),
        ("--solve power --baseline 0.05 --effect 0.01", "--n-control is needed"),
        ("--solve runtime --n-control 9", "--daily-units is needed to tell how many days"),
        ("--baseline 5% --effect 1", "'5%' for '--baseline <NUMBER>': this is no number such as 0.05"),
        ("--baseline NaN --effect 1", "this is no number"),
        ("--baseline 0.05 --effect 1 --effect-rel 1", "cannot be used with"),
        ("--solve sample_size --baseline 0.05", "a similar value exists: 'sample-size'"),
    ] {
        let arguments: Vec<&str> = ["power"].into_iter().chain(flags.split_whitespace()).collect();
        let output = run(&arguments, &[], "").await;
        assert!(!output.success && output.text.is_empty(), "{flags}: {}", output.text);
        assert!(output.said.contains(says), "{flags}: {}", output.said);
        assert!(!output.said.contains('_') || flags.contains('_'), "no names of fields: {}", output.said);
    }
    let problem = server.post("/api/power", &json!({"baseline": 0.05})).await.expect(422);
    assert_eq!(problem["errors"][0]["detail"], "This is needed, or `effectRel`, and not both.");
    let body = json!({"baseline": 0.05, "effect": 0.01, "dailyUnits": 1e-7});
    assert_eq!(server.post("/api/power", &body).await.faults(422)[0].0, "/dailyUnits");
}
