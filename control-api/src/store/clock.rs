//! The time, as the database can keep it.

use chrono::{DateTime, SubsecRound, Utc};

/// Now, in whole microseconds, which is what Postgres keeps: a time reads back as it was answered
/// when it was written.
#[expect(clippy::disallowed_methods, reason = "everyone else asks here")]
pub fn now() -> DateTime<Utc> {
    Utc::now().trunc_subsecs(6)
}
