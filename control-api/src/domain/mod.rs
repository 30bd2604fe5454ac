//! What experiments are and which changes to them make sense; no I/O.

pub mod actor;
pub mod allocation;
pub mod assignment;
pub mod check;
pub mod document;
pub mod environment;
pub mod event;
pub mod experiment;
pub mod group;
pub mod holdout;
pub mod key;
pub mod layer;
pub mod patch;
pub mod prerequisite;
pub mod range;
pub mod reference;
pub mod refusal;
pub mod rules;
pub mod salt;
pub mod segment;
pub mod slice;
pub mod status;
pub mod surroundings;
pub mod variant;
pub mod version;
pub mod weights;
