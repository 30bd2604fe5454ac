//! What experiments are and which changes to them make sense; no I/O.

pub mod actor;
pub mod allocation;
pub mod check;
pub mod credential;
pub mod document;
pub mod environment;
pub mod environment_key;
pub mod experiment;
pub mod history;
pub mod key;
pub mod patch;
pub mod refusal;
pub mod role;
pub mod rules;
pub mod salt;
pub mod scope;
pub mod status;
pub mod token;
pub mod variant;
pub mod version;
pub mod weights;
