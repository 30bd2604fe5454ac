//! What is asked of an experiment's results.

use chrono::{DateTime, Utc};
use lotwise_stats::analysis::Method;
use lotwise_stats::group_sequential::Spending;
use serde::Serialize;
use utoipa::ToSchema;

/// What is asked of an experiment's results. The default is what sequential tests remember.
#[derive(Clone, Debug, PartialEq)]
pub struct Question {
    /// As they were then; none: now.
    pub at: Option<DateTime<Utc>>,
    /// By this attribute of the first exposure's context too.
    pub dimension: Option<String>,
    /// What may be concluded when.
    pub method: MethodName,
    /// Planned looks, as shares of the target; for group-sequential tests.
    pub looks: Vec<f64>,
    /// How group-sequential tests spend alpha.
    pub spending: Spending,
    /// With what came without a secret key or a token.
    pub includes_unverified: bool,
    /// For each metric only users whose window has closed.
    pub is_mature_only: bool,
}

impl Default for Question {
    fn default() -> Self {
        Self {
            at: None,
            dimension: None,
            method: MethodName::Sequential,
            looks: vec![0.25, 0.5, 0.75, 1.0],
            spending: Spending::default(),
            includes_unverified: true,
            is_mature_only: false,
        }
    }
}

/// What may be concluded when.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum MethodName {
    /// Anything, whenever one looks.
    Sequential,
    /// Once, at the planned size.
    Fixed,
    /// At planned looks.
    GroupSequential,
    /// As sequential, with the Bayesian view beside it.
    Bayes,
}

impl MethodName {
    /// The method of that name.
    pub fn parse(text: &str) -> Option<Self> {
        Some(match text {
            "sequential" => Self::Sequential,
            "fixed" => Self::Fixed,
            "group_sequential" => Self::GroupSequential,
            "bayes" => Self::Bayes,
            _ => return None,
        })
    }

    /// The name on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Sequential => "sequential",
            Self::Fixed => "fixed",
            Self::GroupSequential => "group_sequential",
            Self::Bayes => "bayes",
        }
    }

    /// Whether p-values only ever get smaller from look to look.
    pub fn is_sequential(self) -> bool {
        matches!(self, Self::Sequential | Self::Bayes)
    }
}

impl Question {
    /// Whether all users and events are meant that may count.
    pub fn is_whole(&self) -> bool {
        self.includes_unverified && !self.is_mature_only
    }

    /// The method, when this share of the target is reached. Of planned looks those count that are behind
    /// us, the latest of them as this one.
    pub(super) fn method(&self, information: f64) -> Method {
        match self.method {
            MethodName::Sequential => Method::Sequential,
            MethodName::Fixed => Method::Fixed,
            MethodName::Bayes => Method::Bayes { prior: None },
            MethodName::GroupSequential => {
                let mut looks: Vec<f64> =
                    self.looks.iter().copied().filter(|look| *look <= information).collect();
                if let Some(last) = looks.last_mut() {
                    *last = information;
                }
                Method::GroupSequential { spending: self.spending, looks }
            }
        }
    }
}
