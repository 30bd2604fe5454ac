//! The workload in the forms that peers load.

pub(crate) mod configcat;
pub(crate) mod growthbook;
