//! Settings: by flag or environment variable, all checked before anything starts.

// Doc comments here are help texts, where backticks and angle brackets are noise.
#![allow(clippy::doc_markdown, rustdoc::bare_urls)]

mod admin;
mod analysis;
mod decide;
mod events;
mod serve;
mod store;

pub use admin::AdminArgs;
pub use analysis::AnalysisArgs;
pub use decide::DecideArgs;
pub use events::EventArgs;
pub use serve::{DatabaseArgs, Role, ServeArgs};
pub use store::StoreArgs;

/// A value that is there and not empty: an empty variable counts as unset.
fn given(value: Option<&String>) -> Option<&str> {
    value.map(|value| value.trim()).filter(|value| !value.is_empty())
}
