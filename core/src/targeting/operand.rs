//! From an operator and an operand's JSON text to a test.

use alloc::boxed::Box;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use super::expression::{Expression, InvalidExpression};
use super::instant::Instant;
use super::lowercase::{lowercase, lowercase_value};
use super::operator::Operator;
use super::semver::Version;
use super::symbols::Symbols;
use super::test::{Members, Test, Text};
use crate::value::Value;

/// Why an operand can never be right.
pub(crate) struct InvalidOperand {
    pub(crate) code: &'static str,
    pub(crate) detail: String,
}

impl InvalidOperand {
    fn new(code: &'static str, detail: impl Into<String>) -> Self {
        Self { code, detail: detail.into() }
    }
}

/// The test of any operator but `inSegment`. `operand` is JSON text, `None` when absent or null.
/// Expressions may compile to at most `max_expression_bytes`.
pub(crate) fn compile_test(
    operator: Operator,
    operand: Option<&str>,
    ignore_case: bool,
    max_expression_bytes: usize,
    symbols: &mut Symbols,
) -> Result<Test, InvalidOperand> {
    if operator == Operator::Exists {
        return Ok(Test::Exists);
    }
    let Some(text) = operand else {
        return Err(InvalidOperand::new("missing_value", "this operator needs a value that is not null"));
    };
    let value = Value::from_json(text).map_err(|error| {
        InvalidOperand::new("invalid_value", format!("the value cannot be read: {error}"))
    })?;
    match operator {
        Operator::Equals => Ok(match value {
            Value::String(text) if !ignore_case => Test::Is(symbols.intern(&text)),
            value => Test::Equals { operand: folded(value, ignore_case), ignore_case },
        }),
        Operator::In => match value {
            Value::Array(items) => Ok(Test::In(Members::new(items, ignore_case, symbols))),
            _ => Err(InvalidOperand::new("not_an_array", "the value must be an array")),
        },
        Operator::Contains => {
            let operand = folded(value, ignore_case);
            Ok(Test::Contains { operand, ignore_case })
        }
        Operator::StartsWith => Ok(Test::StartsWith(text_operand(&value, ignore_case)?)),
        Operator::EndsWith => Ok(Test::EndsWith(text_operand(&value, ignore_case)?)),
        Operator::Matches => {
            let expression = Expression::compile(string(&value)?, max_expression_bytes);
            expression.map(Test::Matches).map_err(invalid_expression)
        }
        Operator::Number(comparison) => match value {
            Value::Number(operand) => Ok(Test::Number { comparison, operand }),
            _ => Err(InvalidOperand::new("not_a_number", "the value must be a number")),
        },
        Operator::Instant(comparison) => match Instant::parse(string(&value)?) {
            Some(operand) => Ok(Test::Instant { comparison, operand }),
            None => Err(InvalidOperand::new(
                "invalid_date",
                "the value must be an RFC 3339 date-time with Z or an offset, or a date YYYY-MM-DD",
            )),
        },
        Operator::Version(comparison) => match Version::parse(string(&value)?) {
            Some(version) => Ok(Test::Version { comparison, operand: Box::new(version.to_owned()) }),
            None => Err(InvalidOperand::new(
                "invalid_version",
                "the value must be a full semantic version such as 1.2.3, without a leading v",
            )),
        },
        // Segments are resolved by the reader, which knows them; existence was answered above.
        Operator::Exists | Operator::InSegment => Ok(Test::Exists),
    }
}

impl Members {
    fn new(items: Vec<Value<'_>>, ignore_case: bool, symbols: &mut Symbols) -> Self {
        let mut strings = Vec::new();
        let mut others = Vec::new();
        for item in items {
            match folded(item, ignore_case) {
                Value::String(string) => strings.push(symbols.intern(&string)),
                other => others.push(other),
            }
        }
        strings.sort_unstable();
        strings.dedup();
        Self { strings: strings.into(), others: others.into(), ignore_case }
    }
}

fn folded(value: Value<'_>, ignore_case: bool) -> Value<'static> {
    if ignore_case { lowercase_value(&value) } else { value.into_owned() }
}

fn string<'v>(value: &'v Value<'_>) -> Result<&'v str, InvalidOperand> {
    value.as_str().ok_or_else(|| InvalidOperand::new("not_a_string", "the value must be a string"))
}

fn text_operand(value: &Value<'_>, ignore_case: bool) -> Result<Text, InvalidOperand> {
    let text = string(value)?;
    let text = if ignore_case { lowercase(text) } else { text.to_string() };
    Ok(Text { text: text.into(), ignore_case })
}

fn invalid_expression(error: InvalidExpression) -> InvalidOperand {
    match error {
        InvalidExpression::TooLong(detail) => {
            InvalidOperand::new("expression_too_long", format!("the expression is {detail}"))
        }
        InvalidExpression::TooLarge(detail) => {
            InvalidOperand::new("expression_too_large", format!("the expression is too large: {detail}"))
        }
        InvalidExpression::Syntax(detail) => {
            InvalidOperand::new("invalid_expression", format!("the expression cannot be read: {detail}"))
        }
        InvalidExpression::NotInThisBuild => {
            InvalidOperand::new("regex_not_in_this_build", "this build has no regular expressions")
        }
    }
}
