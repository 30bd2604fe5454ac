//! What was planned, as the API and the command line show it.

use lotwise_stats::planning::{PowerAnswer, PowerRequest};
use serde_json::{Value, json};

/// A plan as both show it; what was not asked for is null.
pub fn plan_json(request: &PowerRequest, answer: &PowerAnswer) -> Value {
    json!({
        "nControl": answer.n_control,
        "nControlReal": answer.n_control_real,
        "nTreatment": answer.n_treatment,
        "nTotal": answer.n_total,
        "power": answer.power,
        "mde": answer.mde,
        "mdeRel": answer.mde_rel,
        "dailyUnits": request.daily_units,
        "daysReal": answer.days_real,
        "days": answer.days,
        "daysFullWeeks": answer.days_full_weeks,
    })
}
