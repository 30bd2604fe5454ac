//! Planning an experiment.

use axum::Json;
use axum::extract::State;
use lotwise_stats::planning::{Kind, PowerRequest, Rule, Solve, plan};
use serde_json::Value;

use crate::analysis::{camel_case, plan_json, spelled};
use crate::auth::{Authorized, Viewer};
use crate::domain::environment::EnvironmentRef;
use crate::domain::experiment::ExperimentRef;
use crate::extract::limits::MAX_NAME_CHARS;
use crate::extract::{Faults, Fields, Found, JsonBody};
use crate::problem::Problem;
use crate::routes::bodies::Power;
use crate::routes::problems::WriteProblems;
use crate::state::AppState;

/// Beyond this nothing is planned.
const MOST: f64 = 1e15;

/// Plan an experiment: how many users, what power, which effect, or how many days. With `experimentId` or
/// `environment` the users per day come from the last two weeks, unless `dailyUnits` says them.
#[utoipa::path(
    post, path = "/power", tag = "analysis", request_body = Power,
    responses((status = 200, description = "The plan; what was not asked for is null", body = Value), WriteProblems)
)]
pub async fn post_power(
    State(state): State<AppState>,
    authorized: Authorized<Viewer>,
    body: JsonBody,
) -> Result<Json<Value>, Problem> {
    let mut faults = Faults::default();
    let mut fields = body.fields(&mut faults)?;
    let mut request = read_request(&mut fields, &mut faults);
    let traffic = read_traffic(&mut fields, &mut faults);
    fields.close(&mut faults);
    faults.finish()?;
    if request.daily_units.is_none() {
        let per_day = match traffic {
            None => None,
            Some(Traffic::OfExperiment(which)) => {
                let environment = state.store.environment_of_experiment(&which).await?;
                authorized.scope.require(environment, "experiment")?;
                Some(state.store.experiment_traffic(&which).await?)
            }
            Some(Traffic::OfEnvironment(which)) => {
                let environment = state.store.environment(&which).await?;
                authorized.scope.require(environment.id, "environment")?;
                Some(state.store.environment_traffic(&which).await?)
            }
        };
        request.daily_units = per_day.filter(|per_day| *per_day > 0.0);
    }
    let answer = plan(&request).map_err(|wrong| {
        let mut faults = Faults::default();
        for fault in wrong {
            let detail = spelled(fault.detail, |field| format!("`{}`", camel_case(field)));
            faults.push(format!("/{}", camel_case(fault.field)), "out_of_range", format!("This {detail}."));
        }
        faults.finish().err().map_or_else(|| Problem::internal(&"faults were lost"), Problem::from)
    })?;
    Ok(Json(plan_json(&request, &answer)))
}

enum Traffic {
    OfExperiment(ExperimentRef),
    OfEnvironment(EnvironmentRef),
}

fn read_request(fields: &mut Fields<'_>, faults: &mut Faults) -> PowerRequest {
    let base = PowerRequest::default();
    let solve = choice(fields, "solve", faults, |text| match text {
        "sample_size" => Some(Solve::SampleSize),
        "power" => Some(Solve::Power),
        "mde" => Some(Solve::Mde),
        "runtime" => Some(Solve::Runtime),
        _ => None,
    });
    let kind = choice(fields, "kind", faults, |text| match text {
        "proportion" | "conversion" | "retention" => Some(Kind::Proportion),
        "mean" | "count" | "sum" | "revenue" | "ratio" | "quantile" => Some(Kind::Mean),
        _ => None,
    });
    let method = choice(fields, "method", faults, |text| match text {
        "sequential" => Some(Rule::Sequential),
        "fixed" => Some(Rule::Fixed),
        _ => None,
    });
    let mut number =
        |name| fields.take(name, faults).and_then(|found: Found<'_>| found.number(-MOST, MOST, faults));
    let baseline = number("baseline");
    let sd = number("sd");
    let effect = number("effect");
    let effect_rel = number("effectRel");
    let alpha = number("alpha").unwrap_or(base.alpha);
    let power = number("power").unwrap_or(base.power);
    let ratio = number("ratio").unwrap_or(base.ratio);
    let cuped_rho = number("cupedRho").unwrap_or(base.cuped_rho);
    let daily_units = number("dailyUnits");
    let traffic_share = number("trafficShare").unwrap_or(base.traffic_share);
    let min_days = number("minDays").unwrap_or(base.min_days);
    let mut whole = |name, most| {
        let found = fields.take(name, faults).and_then(|found: Found<'_>| found.integer(0, most, faults));
        found.and_then(|number| u64::try_from(number).ok())
    };
    let small = |number: Option<u64>, default| number.and_then(|it| it.try_into().ok()).unwrap_or(default);
    PowerRequest {
        solve: solve.unwrap_or_default(),
        kind: kind.unwrap_or_default(),
        method: method.unwrap_or_default(),
        baseline,
        sd,
        effect,
        effect_rel,
        alpha,
        power,
        ratio,
        sides: small(whole("sides", 2), base.sides),
        comparisons: small(whole("comparisons", 1_000_000), base.comparisons),
        cuped_rho,
        n_control: whole("nControl", 1 << 52),
        n_treatment: whole("nTreatment", 1 << 52),
        n_star: whole("nStar", 1 << 52),
        daily_units,
        traffic_share,
        min_days,
    }
}

fn choice<T>(
    fields: &mut Fields<'_>,
    name: &'static str,
    faults: &mut Faults,
    read: impl Fn(&str) -> Option<T>,
) -> Option<T> {
    let found = fields.take(name, faults)?;
    let text = found.text(MAX_NAME_CHARS, faults)?;
    let chosen = read(&text);
    if chosen.is_none() {
        faults.push(&found.at, "unknown_value", "This is none of the choices.");
    }
    chosen
}

fn read_traffic(fields: &mut Fields<'_>, faults: &mut Faults) -> Option<Traffic> {
    let experiment = fields.take("experimentId", faults);
    let environment = fields.take("environment", faults);
    if let (Some(_), Some(environment)) = (&experiment, &environment) {
        let detail = "Send `experimentId` or `environment`, not both.";
        faults.push(&environment.at, "duplicate_field", detail);
    }
    if let Some(found) = experiment {
        let which = ExperimentRef::parse(&found.text(MAX_NAME_CHARS, faults)?);
        if which.is_none() {
            faults.push(&found.at, "unknown_experiment", "There is no such experiment.");
        }
        return which.map(Traffic::OfExperiment);
    }
    let found = environment?;
    let which = EnvironmentRef::parse(&found.text(MAX_NAME_CHARS, faults)?);
    if which.is_none() {
        faults.push(&found.at, "unknown_environment", "There is no such environment.");
    }
    which.map(Traffic::OfEnvironment)
}
