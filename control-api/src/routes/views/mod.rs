//! What answers look like.

mod environment;
mod environment_key;
mod experiment;
mod history;
mod list;
mod token;
mod version;

pub use environment::EnvironmentView;
pub use environment_key::{EnvironmentKeyView, NewEnvironmentKeyView};
pub use experiment::{AllocationView, AllocationsView, ExperimentView, VariantView};
pub use history::HistoryEntryView;
pub use list::{EnvironmentKeyList, EnvironmentList, ExperimentList, HistoryList, TokenList, VersionList};
pub use token::{NewTokenView, TokenView};
pub use version::VersionView;
