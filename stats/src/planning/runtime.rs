//! From units to days.

use serde::Serialize;

use crate::status::Status;

/// How long an experiment takes.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Runtime {
    /// Units over units per day.
    pub days_real: f64,
    /// The same, whole days.
    pub days: u64,
    /// Full weeks of days, and no fewer than the minimum: weekdays differ.
    pub days_full_weeks: u64,
}

/// More days than this are not a plan.
const MOST_DAYS: f64 = 1e9;

/// `days = ⌈n_total/(daily·share)⌉`, `days_full_weeks = 7⌈max(days, min_days)/7⌉`, for `daily_units` new units per
/// day of which `traffic_share` enter the experiment.
///
/// `invalid_input` where a number is not finite or not above zero (`min_days` may be zero), and beyond 1e9 days.
pub fn runtime(n_total: f64, daily_units: f64, traffic_share: f64, min_days: f64) -> Result<Runtime, Status> {
    let days_real = n_total / (daily_units * traffic_share);
    let sound = daily_units > 0.0 && traffic_share > 0.0 && traffic_share <= 1.0 && min_days >= 0.0;
    if !sound || !(0.0..=MOST_DAYS).contains(&days_real) || min_days > MOST_DAYS {
        return Err(Status::InvalidInput);
    }
    let weeks = (days_real.ceil().max(min_days) / 7.0).ceil();
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "from 0 to 1e9")]
    let (days, days_full_weeks) = (days_real.ceil() as u64, (7.0 * weeks) as u64);
    Ok(Runtime { days_real, days, days_full_weeks })
}
