//! What experiments are and which changes to them make sense; no I/O.

pub mod actor;
pub mod allocation;
pub mod assignment;
pub mod check;
pub mod document;
pub mod environment;
pub mod event;
pub mod experiment;
pub mod filter;
pub mod key;
pub mod metric;
pub mod patch;
pub mod refusal;
pub mod rules;
pub mod salt;
pub mod status;
pub mod variant;
pub mod version;
pub mod weights;
