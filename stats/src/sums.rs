//! Sums over units, per arm and metric: what an analysis starts from. They merge by addition, so that sums
//! over parts of the units (by hash, by day of arrival, by machine) add up to those over all.
//!
//! A unit is whatever was randomised. Units without events count as zero and are in `n`.

use std::iter::Sum;
use std::ops::{Add, AddAssign};

use serde::{Deserialize, Serialize};

use crate::status::Status;

macro_rules! sums {
    ($(#[$about:meta])* $name:ident { $($(#[$field_about:meta])* $field:ident: $kind:ty,)* }) => {
        $(#[$about])*
        #[derive(Clone, Copy, Debug, Default, Deserialize, PartialEq, Serialize)]
        #[serde(deny_unknown_fields)]
        pub struct $name {
            $($(#[$field_about])* pub $field: $kind,)*
        }

        impl $name {
            /// The sums over both parts; counts stop at the largest number rather than wrap.
            pub fn merge(self, other: Self) -> Self {
                Self { $($field: Plus::plus(self.$field, other.$field),)* }
            }
        }

        impl Add for $name {
            type Output = Self;
            fn add(self, other: Self) -> Self {
                self.merge(other)
            }
        }

        impl AddAssign for $name {
            fn add_assign(&mut self, other: Self) {
                *self = self.merge(other);
            }
        }

        impl Sum for $name {
            fn sum<I: Iterator<Item = Self>>(parts: I) -> Self {
                parts.fold(Self::default(), Self::merge)
            }
        }
    };
}

/// How two sums become one.
trait Plus {
    fn plus(self, other: Self) -> Self;
}

impl Plus for u64 {
    fn plus(self, other: Self) -> Self {
        self.saturating_add(other)
    }
}

impl Plus for f64 {
    fn plus(self, other: Self) -> Self {
        self + other
    }
}

sums! {
    /// Of a yes-or-no metric: a conversion, a retention.
    ProportionSums {
        /// Units.
        n: u64,
        /// Units that did it.
        x: u64,
    }
}

sums! {
    /// Of a total per unit: a count, a revenue. Values are per unit, clamped before they are squared where the
    /// metric is winsorised.
    MeanSums {
        /// Units, also those without events.
        n: u64,
        /// Σy, in the metric's unit.
        sum: f64,
        /// Σy², in its square.
        sum_sq: f64,
        /// Units whose value is not zero.
        #[serde(default)]
        non_zero: u64,
    }
}

sums! {
    /// The same with a covariate per unit, for CUPED: the metric over the pre-exposure window, zero for units
    /// without a history.
    CovariateSums {
        /// Units.
        n: u64,
        /// Σy.
        y_sum: f64,
        /// Σy².
        y_sum_sq: f64,
        /// Σx.
        x_sum: f64,
        /// Σx².
        x_sum_sq: f64,
        /// Σxy.
        xy_sum: f64,
        /// Units whose y is not zero.
        #[serde(default)]
        non_zero: u64,
    }
}

sums! {
    /// Of a ratio of two totals per unit, such as revenue per order.
    RatioSums {
        /// Units.
        n: u64,
        /// Σ of the numerators.
        num_sum: f64,
        /// Σ of their squares.
        num_sum_sq: f64,
        /// Σ of the denominators.
        den_sum: f64,
        /// Σ of their squares.
        den_sum_sq: f64,
        /// Σ numerator·denominator.
        num_den_sum: f64,
        /// Units whose numerator is not zero.
        #[serde(default)]
        non_zero: u64,
    }
}

impl ProportionSums {
    /// From counts as databases give them. Negative ones and x > n are `invalid_input`.
    pub fn from_counts(n: i64, x: i64) -> Result<Self, Status> {
        let sums = Self {
            n: n.try_into().map_err(|_| Status::InvalidInput)?,
            x: x.try_into().map_err(|_| Status::InvalidInput)?,
        };
        if sums.x > sums.n { Err(Status::InvalidInput) } else { Ok(sums) }
    }

    /// x/n; NaN without units.
    pub fn rate(self) -> f64 {
        self.x as f64 / self.n as f64
    }
}

impl MeanSums {
    /// Adds one unit.
    pub fn push(&mut self, value: f64) {
        *self += Self { n: 1, sum: value, sum_sq: value * value, non_zero: u64::from(value != 0.0) };
    }
}

impl CovariateSums {
    /// Those of y alone.
    pub fn outcome(self) -> MeanSums {
        MeanSums { n: self.n, sum: self.y_sum, sum_sq: self.y_sum_sq, non_zero: self.non_zero }
    }

    /// Adds one unit.
    pub fn push(&mut self, y: f64, x: f64) {
        *self += Self {
            n: 1,
            y_sum: y,
            y_sum_sq: y * y,
            x_sum: x,
            x_sum_sq: x * x,
            xy_sum: x * y,
            non_zero: u64::from(y != 0.0),
        };
    }
}

impl RatioSums {
    /// Adds one unit.
    pub fn push(&mut self, numerator: f64, denominator: f64) {
        *self += Self {
            n: 1,
            num_sum: numerator,
            num_sum_sq: numerator * numerator,
            den_sum: denominator,
            den_sum_sq: denominator * denominator,
            num_den_sum: numerator * denominator,
            non_zero: u64::from(numerator != 0.0),
        };
    }
}
