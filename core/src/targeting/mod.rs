//! Conditions: which subjects a rule speaks of.

mod attribute;
mod expression;
mod instant;
mod letters;
mod lowercase;
#[cfg(feature = "json")]
mod operand;
mod operator;
mod semver;
mod symbols;
mod test;

pub(crate) use attribute::{Attribute, USER_KEY};
pub(crate) use expression::Expression;
#[cfg(feature = "json")]
pub(crate) use expression::{MAX_COMPILED_BYTES, MAX_READ_BYTES};
pub(crate) use instant::Instant;
#[cfg(feature = "json")]
pub(crate) use operand::compile_test;
pub(crate) use operator::Comparison;
#[cfg(feature = "json")]
pub(crate) use operator::Operator;
pub(crate) use semver::Version;
pub(crate) use symbols::{Symbol, Symbols};
pub(crate) use test::{Members, Resolved, Test, Text};

#[cfg(feature = "json")]
/// Whether `text` is a date-time or date that `before` and `after` would take.
pub(crate) fn is_instant(text: &str) -> bool {
    Instant::parse(text).is_some()
}

/// One question about a subject. Identical ones are kept once per snapshot.
#[derive(Debug)]
pub(crate) struct Condition {
    /// What the test looks at; unused by segment conditions.
    pub(crate) attribute: AttributeId,
    /// Whether the outcome is the opposite of the test's.
    pub(crate) negated: bool,
    pub(crate) test: Test,
}

/// Index of an attribute in its snapshot.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct AttributeId(pub(crate) u32);

impl AttributeId {
    /// The subject's key, an attribute of every snapshot.
    pub(crate) const USER_KEY: Self = Self(0);
}
