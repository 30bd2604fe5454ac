//! Tests: an operator with its operand, ready to be asked.

use alloc::boxed::Box;
use alloc::string::String;

use super::expression::Expression;
use super::instant::Instant;
use super::lowercase::{equals_lowercased, lower};
use super::operator::Comparison;
use super::semver::Version;
use super::symbols::{Symbol, Symbols};
use crate::value::Value;

/// What a condition asks of its attribute, before any negation. A missing attribute fails all of
/// them, so that the negated operators hold for it.
#[derive(Debug)]
pub(crate) enum Test {
    /// Equals a string, case and all.
    Is(Symbol),
    Equals {
        operand: Value<'static>,
        ignore_case: bool,
    },
    In(Members),
    Contains {
        operand: Value<'static>,
        ignore_case: bool,
    },
    StartsWith(Text),
    EndsWith(Text),
    Matches(Expression),
    Number {
        comparison: Comparison,
        operand: f64,
    },
    Instant {
        comparison: Comparison,
        operand: Instant,
    },
    Version {
        comparison: Comparison,
        operand: Box<Version<Box<str>>>,
    },
    Exists,
    /// Answered by the evaluation, which knows the segments: index of a segment in the snapshot.
    Segment(u32),
}

/// The elements of an `in` operand; lowercased when case is ignored.
#[derive(Debug)]
pub(crate) struct Members {
    /// Sorted, so that long lists of keys cost a binary search.
    pub(crate) strings: Box<[Symbol]>,
    pub(crate) others: Box<[Value<'static>]>,
    pub(crate) ignore_case: bool,
}

/// A string operand; lowercased when case is ignored.
#[derive(Debug)]
pub(crate) struct Text {
    pub(crate) text: Box<str>,
    pub(crate) ignore_case: bool,
}

/// An attribute as tests see it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Resolved<'a> {
    pub(crate) value: &'a Value<'a>,
    /// Of a string that some condition compares with.
    pub(crate) symbol: Option<Symbol>,
}

impl<'a> Resolved<'a> {
    pub(crate) fn new(value: &'a Value<'a>, symbols: &Symbols) -> Self {
        Self { value, symbol: value.as_str().and_then(|text| symbols.find(text)) }
    }
}

impl Test {
    /// The segment it asks for, if that is what it does.
    pub(crate) fn segment(&self) -> Option<u32> {
        match self {
            Self::Segment(index) => Some(*index),
            _ => None,
        }
    }

    /// Whether the attribute passes. `symbols` are those of the snapshot, `buffer` is scratch space
    /// for lowercasing.
    pub(crate) fn passes(&self, attribute: Resolved<'_>, symbols: &Symbols, buffer: &mut String) -> bool {
        let value = attribute.value;
        match self {
            Self::Is(symbol) => attribute.symbol == Some(*symbol),
            Self::Equals { operand, ignore_case } => equals(value, operand, *ignore_case),
            Self::In(members) => match value {
                Value::Array(items) => items.iter().any(|item| members.hold_item(item, symbols, buffer)),
                Value::String(_) if !members.ignore_case => members.hold(attribute.symbol),
                value => members.hold_item(value, symbols, buffer),
            },
            Self::Contains { operand, ignore_case } => match (value, operand) {
                (Value::String(text), Value::String(part)) => {
                    cased(text, *ignore_case, buffer).contains(&**part)
                }
                (Value::Array(items), operand) => {
                    items.iter().any(|item| equals(item, operand, *ignore_case))
                }
                _ => false,
            },
            Self::StartsWith(prefix) => value
                .as_str()
                .is_some_and(|text| cased(text, prefix.ignore_case, buffer).starts_with(&*prefix.text)),
            Self::EndsWith(suffix) => value
                .as_str()
                .is_some_and(|text| cased(text, suffix.ignore_case, buffer).ends_with(&*suffix.text)),
            Self::Matches(expression) => value.as_str().is_some_and(|text| expression.is_found_in(text)),
            Self::Number { comparison, operand } => match value {
                Value::Number(number) => number.partial_cmp(operand).is_some_and(|o| comparison.holds(o)),
                _ => false,
            },
            Self::Instant { comparison, operand } => {
                let instant = match value {
                    Value::String(text) => Instant::parse(text),
                    Value::Number(milliseconds) => Instant::from_milliseconds(*milliseconds),
                    _ => None,
                };
                instant.is_some_and(|instant| comparison.holds(instant.cmp(operand)))
            }
            Self::Version { comparison, operand } => {
                let version = value.as_str().and_then(Version::parse);
                version.is_some_and(|version| comparison.holds(version.precedence(operand)))
            }
            Self::Exists => true,
            Self::Segment(_) => false,
        }
    }
}

impl Members {
    fn hold(&self, symbol: Option<Symbol>) -> bool {
        let Some(symbol) = symbol else { return false };
        // Going through a short list takes less time than mispredicting half of a binary search.
        match self.strings.len() {
            0..=32 => self.strings.contains(&symbol),
            _ => self.strings.binary_search(&symbol).is_ok(),
        }
    }

    fn hold_item(&self, value: &Value<'_>, symbols: &Symbols, buffer: &mut String) -> bool {
        match value {
            Value::String(text) => self.hold(symbols.find(cased(text, self.ignore_case, buffer))),
            value => self.others.iter().any(|member| equals(value, member, self.ignore_case)),
        }
    }
}

fn equals(value: &Value<'_>, operand: &Value<'_>, ignore_case: bool) -> bool {
    if ignore_case { equals_lowercased(value, operand) } else { value == operand }
}

fn cased<'t>(text: &'t str, ignore_case: bool, buffer: &'t mut String) -> &'t str {
    if ignore_case {
        buffer.clear();
        buffer.extend(text.chars().flat_map(lower));
        buffer
    } else {
        text
    }
}
