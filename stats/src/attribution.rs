//! Which events belong to an exposure.

/// Whether an event counts for a unit first exposed at `exposure`: in [exposure, exposure + window). All in one
/// unit of time, whichever. Events that arrive late and happened inside count when figures are computed again.
pub fn counts(exposure: i64, window: i64, event: i64) -> bool {
    event >= exposure && event.saturating_sub(exposure) < window
}

#[cfg(test)]
mod tests {
    use super::counts;

    #[test]
    fn the_window_holds_its_start_and_not_its_end() {
        let counted = [999, 1_000, 4_599, 4_600].map(|event| counts(1_000, 3_600, event));
        assert_eq!(counted, [false, true, true, false]);
    }
}
