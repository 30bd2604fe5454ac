//! The admin API: a file per action.

pub mod allocations;
pub mod assignments;
pub mod audit;
pub mod bodies;
pub mod environments;
pub mod events;
pub mod experiments;
pub mod explain;
pub mod groups;
pub mod health;
pub mod holdouts;
pub mod metrics;
pub mod overrides;
pub mod power;
pub mod problems;
pub mod prometheus;
mod publishing;
mod resources;
pub mod segments;
pub mod tokens;
pub mod variants;
pub mod views;
pub mod weights;
