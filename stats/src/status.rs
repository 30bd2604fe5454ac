//! Why there is no number: statuses, and which of several is told.

use serde::{Deserialize, Serialize};

/// What became of an analysis. Anything but `Ok` and `WarmingUp` comes without p-value and interval.
///
/// In order of priority: of several, the last in this list is told.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// There are figures.
    Ok,
    /// Anytime-valid inference has not begun: an arm has fewer than 100 units or fewer than 50 with a value
    /// other than zero. The estimate is shown, p is 1, and there is no interval.
    WarmingUp,
    /// No arm varies.
    ZeroVariance,
    /// A ratio's denominator sums to zero in an arm.
    ZeroDenominator,
    /// An arm has one unit, or a quantile has too few observations around it.
    InsufficientData,
    /// An arm has no units.
    NoData,
    /// Not a number, infinite, negative where it cannot be, or sums that contradict each other.
    InvalidInput,
}

impl Status {
    /// The name on the wire.
    pub fn name(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::WarmingUp => "warming_up",
            Self::ZeroVariance => "zero_variance",
            Self::ZeroDenominator => "zero_denominator",
            Self::InsufficientData => "insufficient_data",
            Self::NoData => "no_data",
            Self::InvalidInput => "invalid_input",
        }
    }

    /// The status that `n` units alone ask for.
    pub(crate) fn of_count(n: u64) -> Self {
        match n {
            0 => Self::NoData,
            1 => Self::InsufficientData,
            _ => Self::Ok,
        }
    }
}

/// Why two arms cannot be compared, and their difference where it is known all the same.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Refusal {
    /// Never `Ok`.
    pub status: Status,
    /// Treatment minus control; with `zero_variance` only.
    pub diff: Option<f64>,
}

impl From<Status> for Refusal {
    fn from(status: Status) -> Self {
        Self { status, diff: None }
    }
}

/// A significance level can be used: strictly between 0 and 1.
pub(crate) fn require_level(alpha: f64) -> Result<(), Status> {
    if alpha > 0.0 && alpha < 1.0 { Ok(()) } else { Err(Status::InvalidInput) }
}

/// Every number is finite.
pub(crate) fn require_finite(numbers: &[f64]) -> Result<(), Status> {
    if numbers.iter().all(|number| number.is_finite()) { Ok(()) } else { Err(Status::InvalidInput) }
}

/// The worst of some, as an error unless it is `Ok`.
pub(crate) fn worst(statuses: impl IntoIterator<Item = Status>) -> Result<(), Status> {
    match statuses.into_iter().max() {
        None | Some(Status::Ok) => Ok(()),
        Some(status) => Err(status),
    }
}

#[cfg(test)]
mod tests {
    use super::{Status, worst};

    #[test]
    fn the_gravest_status_is_told() {
        use Status::{InsufficientData, InvalidInput, NoData, Ok, ZeroDenominator, ZeroVariance};
        assert_eq!(worst([ZeroVariance, ZeroDenominator, InsufficientData]), Err(InsufficientData));
        assert_eq!(worst([NoData, InvalidInput, ZeroVariance]), Err(InvalidInput));
        assert_eq!(worst([Ok, Ok]), Result::Ok(()));
    }
}
