//! The admin API: a file per action.

pub mod allocations;
pub mod assignments;
pub mod bodies;
pub mod environments;
pub mod events;
pub mod experiments;
pub mod health;
pub mod metrics;
pub mod power;
pub mod problems;
pub mod prometheus;
mod publishing;
pub mod variants;
pub mod views;
