//! p-values, which come with their logarithm.

use serde::{Deserialize, Serialize};

/// A p-value. `p` may underflow to zero; `ln_p`, its natural logarithm, does not.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Serialize)]
pub struct PValue {
    /// From 0 to 1.
    pub p: f64,
    /// ln p, from minus infinity (never reached by finite data) to 0.
    pub ln_p: f64,
}

impl PValue {
    /// No evidence at all.
    pub const ONE: Self = Self { p: 1.0, ln_p: 0.0 };

    /// From a logarithm; positive ones count as 0.
    pub fn from_ln(ln_p: f64) -> Self {
        // Adding zero turns a negative zero into a plain one.
        let ln_p = ln_p.min(0.0) + 0.0;
        Self { p: ln_p.exp(), ln_p }
    }
}
