//! How events are taken and how long they are kept.

use std::time::Duration;

use anyhow::bail;
use clap::Args;
use lotwise_serving::parse_duration;

use crate::ingest::IngestSettings;

/// Settings of events.
#[derive(Args, Clone)]
#[command(next_help_heading = "Events")]
pub struct EventArgs {
    /// How long events are kept, such as 400d; whole weeks are dropped.
    #[arg(long, env = "EVENT_RETENTION", default_value = "400d", value_parser = parse_age, value_name = "AGE")]
    event_retention: Duration,

    /// Older events are refused.
    #[arg(long, env = "EVENT_MAX_AGE", default_value = "30d", value_parser = parse_age, value_name = "AGE")]
    event_max_age: Duration,

    /// Events further in the future are refused; nearer ones count as of when they are received.
    #[arg(long, env = "EVENT_MAX_AHEAD", default_value = "1d", value_parser = parse_age, value_name = "AGE")]
    event_max_ahead: Duration,

    /// Events that may wait to be written; requests beyond are answered 503.
    #[arg(
        long,
        env = "EVENT_QUEUE",
        default_value_t = 20_000,
        value_parser = clap::value_parser!(u32).range(1_000..),
        value_name = "N"
    )]
    event_queue: u32,

    /// Transactions that write events at a time, each on a connection of its own.
    #[arg(
        long,
        env = "EVENT_WRITERS",
        default_value_t = 2,
        value_parser = clap::value_parser!(u32).range(1..=64),
        value_name = "N"
    )]
    event_writers: u32,

    /// The share of exposures that are decided again, 0 to 1.
    #[arg(long, env = "EXPOSURE_CHECK", default_value_t = 1.0, value_name = "SHARE")]
    exposure_check: f64,

    /// Time between two looks for exposures to check. Whoever asks for results has it done at once.
    #[arg(long, env = "EXPOSURE_CHECK_INTERVAL", default_value = "10s", value_parser = parse_duration)]
    exposure_check_interval: Duration,
}

impl EventArgs {
    /// The settings, or what to do about them.
    pub fn settings(&self) -> anyhow::Result<IngestSettings> {
        if !(0.0..=1.0).contains(&self.exposure_check) {
            bail!("EXPOSURE_CHECK must lie between 0 and 1");
        }
        if self.event_retention < self.event_max_age {
            bail!("EVENT_RETENTION must not be shorter than EVENT_MAX_AGE: what is taken would be dropped");
        }
        Ok(IngestSettings {
            max_age: self.event_max_age,
            max_ahead: self.event_max_ahead,
            queue: self.event_queue.try_into().unwrap_or(usize::MAX),
            writers: self.event_writers.try_into().unwrap_or(1),
            retention: self.event_retention,
            check_share: self.exposure_check,
            check_interval: self.exposure_check_interval,
        })
    }
}

/// Reads `400d`, `12h`, or what [`parse_duration`] reads; at most a hundred years.
fn parse_age(text: &str) -> Result<Duration, String> {
    const MAX_SECONDS: u64 = 36_525 * 24 * 3600;
    let text = text.trim();
    let seconds_per_unit = match text.chars().last() {
        Some('d') => 24 * 3600,
        Some('h') => 3600,
        _ => return parse_duration(text),
    };
    let number = text.trim_end_matches(['d', 'h']).trim().parse::<u64>();
    let number = number.map_err(|_| "this begins with no whole number".to_owned())?;
    let seconds = number.checked_mul(seconds_per_unit).filter(|seconds| (1..=MAX_SECONDS).contains(seconds));
    seconds.map(Duration::from_secs).ok_or_else(|| "this must lie between 1h and a hundred years".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ages_have_days_and_hours() {
        assert_eq!(parse_age("400d"), Ok(Duration::from_hours(400 * 24)));
        assert_eq!(parse_age("36h"), Ok(Duration::from_hours(36)));
        assert_eq!(parse_age("90s"), Ok(Duration::from_secs(90)));
        for bad in ["", "d", "0d", "-1d", "1.5d", "99999999d", "1w"] {
            assert!(parse_age(bad).is_err(), "{bad}");
        }
    }
}
