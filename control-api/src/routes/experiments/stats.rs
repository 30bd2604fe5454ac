//! What an experiment's events say.

use axum::Json;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::http::header::{ACCEPT, CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use chrono::{DateTime, Utc};
use lotwise_stats::group_sequential::Spending;

use crate::analysis::{MethodName, Question, Report, csv, look};
use crate::auth::{Authorized, Viewer};
use crate::domain::experiment::ExperimentRef;
use crate::extract::limits::MAX_ATTRIBUTE_CHARS;
use crate::extract::query::{Parameters, invalid};
use crate::problem::Problem;
use crate::routes::problems::ReadProblems;
use crate::state::AppState;
use crate::store::now;

/// The most planned looks.
const MAX_LOOKS: usize = 50;

/// Read an experiment's results: per metric and variant, with comparisons, intervals, sample ratio,
/// progress, and the verdict with its reasons. What has too little data says so in its `status` and has
/// no numbers. As CSV with `format=csv` or `Accept: text/csv`.
#[utoipa::path(
    get, path = "/experiments/{id}/stats", tag = "analysis",
    params(
        ("id" = String, Path, description = "The experiment's id, or `environment:key`"),
        ("at" = Option<DateTime<Utc>>, Query, description = "As everything received until then said it, with the metrics and settings of that time"),
        ("dimension" = Option<String>, Query, description = "By this attribute of the first exposure's context too"),
        ("method" = Option<MethodName>, Query, description = "`sequential` when absent"),
        ("looks" = Option<String>, Query, description = "Planned looks of `group_sequential`, as shares of the target; 0.25,0.5,0.75,1 when absent"),
        ("spending" = Option<String>, Query, description = "`obf` (when absent), `pocock` or `power2`"),
        ("includeUnverified" = Option<bool>, Query, description = "With what came without a secret key or a token; true when absent"),
        ("matureOnly" = Option<bool>, Query, description = "For each metric only users whose attribution window has closed, in all variants alike; false when absent"),
        ("format" = Option<String>, Query, description = "`json` or `csv`; goes before `Accept`")
    ),
    responses(
        (status = 200, description = "The results", content(
            (serde_json::Value = "application/json"), (String = "text/csv")
        )),
        ReadProblems
    )
)]
pub async fn get_experiment_stats(
    State(state): State<AppState>,
    _: Authorized<Viewer>,
    which: ExperimentRef,
    headers: HeaderMap,
    mut parameters: Parameters,
) -> Result<Response, Problem> {
    let now = now();
    let question = read_question(&mut parameters, now)?;
    let wants_csv = read_format(&mut parameters, &headers)?;
    parameters.finish()?;
    let settled = state.ingest.settle().await?;
    let report = look(&state.store, &which, &question, settled, now).await?;
    Ok(if wants_csv { answer_csv(&report) } else { Json(report.to_json()).into_response() })
}

fn answer_csv(report: &Report) -> Response {
    let name = format!("attachment; filename=\"{}-results.csv\"", report.experiment_key);
    let headers = [(CONTENT_TYPE, "text/csv; charset=utf-8".to_owned()), (CONTENT_DISPOSITION, name)];
    (headers, csv(report)).into_response()
}

fn read_question(parameters: &mut Parameters, now: DateTime<Utc>) -> Result<Question, Problem> {
    let mut question = Question::default();
    if let Some(text) = parameters.take("at")? {
        // A plus sign is a space in a query.
        let at = DateTime::parse_from_rfc3339(&text.replace(' ', "+"));
        let at = at.map_err(|_| invalid("at", "is no RFC 3339 time, such as 2026-01-31T12:00:00Z"))?;
        if at > now {
            return Err(invalid("at", "lies in the future"));
        }
        question.at = Some(at.to_utc());
    }
    if let Some(text) = parameters.take("dimension")? {
        if text.is_empty() || text.chars().count() > MAX_ATTRIBUTE_CHARS || text.contains('\0') {
            return Err(invalid("dimension", "is no attribute"));
        }
        question.dimension = Some(text);
    }
    if let Some(text) = parameters.take("method")? {
        let method = MethodName::parse(&text);
        let known = "is none of sequential, fixed, group_sequential and bayes";
        question.method = method.ok_or_else(|| invalid("method", known))?;
    }
    if let Some(text) = parameters.take("looks")? {
        question.looks = read_looks(&text)?;
    }
    if let Some(text) = parameters.take("spending")? {
        question.spending = match text.as_str() {
            "obf" => Spending::Obf,
            "pocock" => Spending::Pocock,
            "power2" => Spending::Power2,
            _ => return Err(invalid("spending", "is none of obf, pocock and power2")),
        };
    }
    if let Some(given) = take_bool(parameters, "includeUnverified")? {
        question.includes_unverified = given;
    }
    if let Some(given) = take_bool(parameters, "matureOnly")? {
        question.is_mature_only = given;
    }
    Ok(question)
}

fn take_bool(parameters: &mut Parameters, name: &'static str) -> Result<Option<bool>, Problem> {
    match parameters.take(name)?.as_deref() {
        None => Ok(None),
        Some("true") => Ok(Some(true)),
        Some("false") => Ok(Some(false)),
        Some(_) => Err(invalid(name, "must be true or false")),
    }
}

fn read_looks(text: &str) -> Result<Vec<f64>, Problem> {
    let looks: Option<Vec<f64>> = text.split(',').map(|look| look.trim().parse().ok()).collect();
    let is_plan = |looks: &Vec<f64>| {
        looks.len() <= MAX_LOOKS
            && looks.iter().all(|look| *look > 0.0 && *look <= 1.0)
            && looks.is_sorted_by(|before, after| before < after)
    };
    looks.filter(is_plan).ok_or_else(|| invalid("looks", "must be shares of the target, growing up to 1"))
}

fn read_format(parameters: &mut Parameters, headers: &HeaderMap) -> Result<bool, Problem> {
    match parameters.take("format")?.as_deref() {
        Some("csv") => Ok(true),
        Some("json") => Ok(false),
        Some(_) => Err(invalid("format", "must be json or csv")),
        None => {
            let accepted = headers.get(ACCEPT).and_then(|value| value.to_str().ok()).unwrap_or_default();
            let position = |name| accepted.find(name);
            Ok(match (position("text/csv"), position("application/json")) {
                (Some(csv), Some(json)) => csv < json,
                (csv, _) => csv.is_some(),
            })
        }
    }
}
