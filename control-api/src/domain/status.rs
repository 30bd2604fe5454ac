//! An experiment's life.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Where an experiment stands in its life.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "UPPERCASE")]
pub enum Status {
    /// Being described; never published.
    Draft,
    /// Published with the next version.
    Running,
    /// Left out of the next version.
    Paused,
    /// Published, giving its winner to whoever is targeted.
    Concluded,
    /// Put away for good.
    Archived,
}

impl Status {
    /// All of them, in the order of a life.
    pub const ALL: [Self; 5] = [Self::Draft, Self::Running, Self::Paused, Self::Concluded, Self::Archived];

    /// The name on the wire and in the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Draft => "DRAFT",
            Self::Running => "RUNNING",
            Self::Paused => "PAUSED",
            Self::Concluded => "CONCLUDED",
            Self::Archived => "ARCHIVED",
        }
    }

    /// The status of that name.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.as_str() == text)
    }

    /// Where an experiment may go from here.
    pub fn open_transitions(self) -> &'static [Self] {
        match self {
            Self::Running => &[Self::Paused, Self::Concluded, Self::Archived],
            Self::Draft | Self::Paused | Self::Concluded => &[Self::Running, Self::Concluded, Self::Archived],
            Self::Archived => &[],
        }
    }

    /// Whether experiments of this status are part of a snapshot.
    pub fn is_published(self) -> bool {
        matches!(self, Self::Running | Self::Concluded)
    }
}
