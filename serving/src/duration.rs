//! Durations as people write them.

use core::time::Duration;

/// Reads `500ms`, `5s`, `1m`, or bare seconds, between a millisecond and an hour.
///
/// # Errors
///
/// What would be right.
pub fn parse_duration(text: &str) -> Result<Duration, String> {
    let text = text.trim();
    let (number, unit) = match text.find(|c: char| !c.is_ascii_digit() && c != '.') {
        Some(end) => text.split_at(end),
        None => (text, "s"),
    };
    let seconds_per_unit = match unit.trim() {
        "ms" => 0.001,
        "s" => 1.0,
        "m" | "min" => 60.0,
        _ => return Err("use ms, s or m, as in 500ms or 5s".to_owned()),
    };
    let number: f64 = number.parse().map_err(|_| "this begins with no number".to_owned())?;
    Duration::try_from_secs_f64(number * seconds_per_unit)
        .ok()
        .filter(|duration| (0.001..=3600.0).contains(&duration.as_secs_f64()))
        .ok_or_else(|| "this must lie between 1ms and an hour".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_people_write() {
        assert_eq!(parse_duration("500ms"), Ok(Duration::from_millis(500)));
        assert_eq!(parse_duration("5s"), Ok(Duration::from_secs(5)));
        assert_eq!(parse_duration("2"), Ok(Duration::from_secs(2)));
        assert_eq!(parse_duration("1.5m"), Ok(Duration::from_secs(90)));
        for bad in ["", "s", "5h", "0s", "-1s", "2h", "1e9"] {
            assert!(parse_duration(bad).is_err(), "{bad}");
        }
    }
}
