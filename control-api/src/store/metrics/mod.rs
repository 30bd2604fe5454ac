//! Metrics.

mod edit;
mod ensure;
mod load;
mod row;

pub(in crate::store) use ensure::ensure;
pub(in crate::store) use load::by_key;
