//! The operators by name, and what they have in common.

use core::cmp::Ordering;

#[cfg(feature = "json")]
/// What a condition does, without its operand.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Operator {
    Equals,
    In,
    Contains,
    StartsWith,
    EndsWith,
    Matches,
    /// `gt`, `gte`, `lt`, `lte`
    Number(Comparison),
    /// `before`, `after`
    Instant(Comparison),
    /// `semverEq` and its kin
    Version(Comparison),
    Exists,
    InSegment,
}

/// Which orderings of attribute and operand count.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Comparison {
    Less,
    LessOrEqual,
    Equal,
    GreaterOrEqual,
    Greater,
}

impl Comparison {
    pub(crate) fn holds(self, ordering: Ordering) -> bool {
        match self {
            Self::Less => ordering.is_lt(),
            Self::LessOrEqual => ordering.is_le(),
            Self::Equal => ordering.is_eq(),
            Self::GreaterOrEqual => ordering.is_ge(),
            Self::Greater => ordering.is_gt(),
        }
    }
}

#[cfg(feature = "json")]
impl Operator {
    /// The operator of this name, and whether the name negates it.
    pub(crate) fn from_name(name: &str) -> Option<(Self, bool)> {
        use Comparison::{Equal, Greater, GreaterOrEqual, Less, LessOrEqual};
        Some(match name {
            "eq" => (Self::Equals, false),
            "neq" => (Self::Equals, true),
            "in" => (Self::In, false),
            "notIn" => (Self::In, true),
            "contains" => (Self::Contains, false),
            "startsWith" => (Self::StartsWith, false),
            "endsWith" => (Self::EndsWith, false),
            "matches" => (Self::Matches, false),
            "notMatches" => (Self::Matches, true),
            "gt" => (Self::Number(Greater), false),
            "gte" => (Self::Number(GreaterOrEqual), false),
            "lt" => (Self::Number(Less), false),
            "lte" => (Self::Number(LessOrEqual), false),
            "before" => (Self::Instant(Less), false),
            "after" => (Self::Instant(Greater), false),
            "semverEq" => (Self::Version(Equal), false),
            "semverGt" => (Self::Version(Greater), false),
            "semverGte" => (Self::Version(GreaterOrEqual), false),
            "semverLt" => (Self::Version(Less), false),
            "semverLte" => (Self::Version(LessOrEqual), false),
            "exists" => (Self::Exists, false),
            "notExists" => (Self::Exists, true),
            "inSegment" => (Self::InSegment, false),
            "notInSegment" => (Self::InSegment, true),
            _ => return None,
        })
    }

    /// Whether conditions with it may set `ignore_case`.
    pub(crate) fn takes_ignore_case(self) -> bool {
        matches!(self, Self::Equals | Self::In | Self::Contains | Self::StartsWith | Self::EndsWith)
    }
}
