//! Planning, through the request that HTTP and the command line send.

use lotwise_stats::planning::{self, Kind, PowerAnswer, PowerRequest, Rule, Solve, plan};
use lotwise_stats::{Refusal, Status};
use serde_json::{Value, json};

use crate::inputs as read;
use crate::shown::{Fields, put};

type Outcome = Result<Fields, Refusal>;

/// A request from a method such as `power_mean`, `sample_size_proportion` or `power_mean_anytime`.
fn request(solve: Solve, method: &str, inputs: &Value) -> Result<PowerRequest, String> {
    let kind = if method.contains("proportion") {
        Kind::Proportion
    } else if method.contains("mean") || inputs.get("sd").is_some() {
        Kind::Mean
    } else if inputs.get("p1").is_some() {
        Kind::Proportion
    } else {
        return Err(format!("there is no method `{method}`"));
    };
    let anytime = inputs["anytime"] == true
        || ["anytime", "sequential", "seq"]
            .iter()
            .any(|word| method.contains(word) || inputs["mode"] == *word);
    let p1 = read::number(&inputs["p1"]);
    let effect = match (p1, read::number(&inputs["p2"])) {
        (Some(p1), Some(p2)) => Some(p2 - p1),
        _ => read::number(&inputs["delta"]),
    };
    let units = |name: &str| read::count(&inputs[name]).ok();
    let defaults = PowerRequest::default();
    Ok(PowerRequest {
        solve,
        kind,
        method: if anytime { Rule::Sequential } else { Rule::Fixed },
        baseline: p1,
        sd: read::number(&inputs["sd"]),
        effect: effect.filter(|_| solve != Solve::Mde),
        alpha: read::alpha(inputs),
        power: read::real_or(inputs, "power", defaults.power),
        ratio: read::real_or(inputs, "ratio", defaults.ratio),
        sides: read::small(inputs, "sides", defaults.sides),
        comparisons: read::number(read::field(inputs, &["comparisons", "m"])).map_or(1, whole),
        cuped_rho: read::number(read::field(inputs, &["cuped_rho", "rho", "correlation"])).unwrap_or(0.0),
        n_control: units("n_control"),
        n_treatment: units("n_treatment"),
        n_star: units("n_star"),
        ..defaults
    })
}

fn whole(real: f64) -> u32 {
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "saturates")]
    let whole = real as u32;
    whole
}

fn answer(solve: Solve, method: &str, inputs: &Value) -> Result<Result<PowerAnswer, Refusal>, String> {
    Ok(plan(&request(solve, method, inputs)?).map_err(|_| Status::InvalidInput.into()))
}

pub(crate) fn sample_size(method: &str, inputs: &Value) -> Result<Outcome, String> {
    Ok(answer(Solve::SampleSize, method, inputs)?.map(|answer| {
        let mut fields = Fields::new();
        put(&mut fields, "n_control_real", answer.n_control_real.unwrap_or(f64::NAN));
        fields.insert("n_control".to_owned(), json!(answer.n_control));
        fields.insert("n_treatment".to_owned(), json!(answer.n_treatment));
        fields.insert("n_total".to_owned(), json!(answer.n_total));
        fields
    }))
}

pub(crate) fn power(method: &str, inputs: &Value) -> Result<Outcome, String> {
    Ok(answer(Solve::Power, method, inputs)?.map(|answer| {
        let mut fields = Fields::new();
        put(&mut fields, "power", answer.power.unwrap_or(f64::NAN));
        fields
    }))
}

pub(crate) fn detectable(method: &str, inputs: &Value) -> Result<Outcome, String> {
    Ok(answer(Solve::Mde, method, inputs)?.map(|answer| {
        let mut fields = Fields::new();
        put(&mut fields, "mde", answer.mde.unwrap_or(f64::NAN));
        if let Some(relative) = answer.mde_rel {
            put(&mut fields, "mde_rel", relative);
        }
        fields
    }))
}

pub(crate) fn runtime(inputs: &Value) -> Outcome {
    let time = planning::runtime(
        read::real(inputs, "n_total"),
        read::real(inputs, "daily_units"),
        read::real_or(inputs, "traffic_share", 1.0),
        read::real_or(inputs, "min_days", 7.0),
    )?;
    let mut fields = Fields::new();
    put(&mut fields, "days_real", time.days_real);
    fields.insert("days".to_owned(), json!(time.days));
    fields.insert("days_full_weeks".to_owned(), json!(time.days_full_weeks));
    Ok(fields)
}
