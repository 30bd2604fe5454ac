//! Conditions, their tests and operands: few of them, and no two kinds alike.

use alloc::borrow::Cow;
use alloc::boxed::Box;

use super::bytes::{Refusal, Sink, Source};
use crate::targeting::{
    AttributeId, Comparison, Condition, Expression, Instant, Members, Symbol, Test, Text, Version,
};
use crate::value::{MAX_DEPTH, Object, Value};

const UNKNOWN: Refusal = "a condition of an unknown kind";

/// In the order of their numbers.
const COMPARISONS: [Comparison; 5] = [
    Comparison::Less,
    Comparison::LessOrEqual,
    Comparison::Equal,
    Comparison::GreaterOrEqual,
    Comparison::Greater,
];

pub(super) fn write_condition(out: &mut Sink, condition: &Condition) {
    out.word(condition.attribute.0);
    out.word(head(condition));
    match &condition.test {
        Test::Is(symbol) => out.word(symbol.0),
        Test::Equals { operand, .. } | Test::Contains { operand, .. } => write_value(out, operand),
        Test::In(members) => {
            out.items(members.strings.iter(), |out, symbol| out.word(symbol.0));
            out.items(members.others.iter(), write_value);
        }
        Test::StartsWith(text) | Test::EndsWith(text) => out.string(&text.text),
        Test::Matches(expression) => out.string(expression.text()),
        Test::Number { operand, .. } => out.long(operand.to_bits()),
        Test::Instant { operand, .. } => {
            let (seconds, nanoseconds) = operand.parts();
            out.long(seconds.cast_unsigned());
            out.word(nanoseconds);
        }
        Test::Version { operand, .. } => {
            let (core, pre_release) = operand.parts();
            for number in core {
                out.long(number);
            }
            out.string(pre_release);
        }
        Test::Exists => {}
        Test::Segment(segment) => out.word(*segment),
    }
}

pub(super) fn read_condition(source: &mut Source<'_>) -> Condition {
    let attribute = AttributeId(source.word());
    let word = source.word();
    let [kind, negated, ignore_case, comparison] = word.to_le_bytes();
    let (negated, ignore_case) = (negated == 1, ignore_case == 1);
    let comparison = COMPARISONS.get(usize::from(comparison)).copied().unwrap_or(Comparison::Equal);
    let test = match kind {
        0 => Test::Is(Symbol(source.word())),
        1 => Test::Equals { operand: read_value(source, MAX_DEPTH), ignore_case },
        2 => Test::In(Members {
            strings: source.rows(1, |source| Symbol(source.word())).into(),
            others: source.items(|source| read_value(source, MAX_DEPTH)).into(),
            ignore_case,
        }),
        3 => Test::Contains { operand: read_value(source, MAX_DEPTH), ignore_case },
        4 => Test::StartsWith(Text { text: source.string().into(), ignore_case }),
        5 => Test::EndsWith(Text { text: source.string().into(), ignore_case }),
        6 => expression(source),
        7 => Test::Number { comparison, operand: read_number(source) },
        8 => {
            let seconds = source.long().cast_signed();
            match Instant::from_parts(seconds, source.word()) {
                Some(operand) => Test::Instant { comparison, operand },
                None => refused(source, "no instant"),
            }
        }
        9 => {
            let core = [source.long(), source.long(), source.long()];
            match Version::from_parts(core, source.string()) {
                Some(operand) => Test::Version { comparison, operand: Box::new(operand.to_owned()) },
                None => refused(source, "no version"),
            }
        }
        11 => Test::Segment(source.word()),
        _ => Test::Exists,
    };
    let condition = Condition { attribute, negated, test };
    // What the kind has no use for is zero, and flags are 0 or 1.
    if head(&condition) != word {
        source.refuse(UNKNOWN);
    }
    condition
}

fn expression(source: &mut Source<'_>) -> Test {
    match Expression::restore(source.string()) {
        Some(expression) => Test::Matches(expression),
        None => refused(source, "an expression that cannot be read"),
    }
}

fn refused(source: &mut Source<'_>, reason: Refusal) -> Test {
    source.refuse(reason);
    Test::Exists
}

/// Everything about a condition that is not its attribute or operand.
fn head(condition: &Condition) -> u32 {
    let comparison = |wanted: Comparison| COMPARISONS.iter().position(|it| *it == wanted).unwrap_or_default();
    let (kind, ignore_case, comparison) = match &condition.test {
        Test::Is(_) => (0, false, 0),
        Test::Equals { ignore_case, .. } => (1, *ignore_case, 0),
        Test::In(members) => (2, members.ignore_case, 0),
        Test::Contains { ignore_case, .. } => (3, *ignore_case, 0),
        Test::StartsWith(text) => (4, text.ignore_case, 0),
        Test::EndsWith(text) => (5, text.ignore_case, 0),
        Test::Matches(_) => (6, false, 0),
        Test::Number { comparison: it, .. } => (7, false, comparison(*it)),
        Test::Instant { comparison: it, .. } => (8, false, comparison(*it)),
        Test::Version { comparison: it, .. } => (9, false, comparison(*it)),
        Test::Exists => (10, false, 0),
        Test::Segment(_) => (11, false, 0),
    };
    u32::from_le_bytes([kind, u8::from(condition.negated), u8::from(ignore_case), comparison as u8])
}

fn write_value(out: &mut Sink, value: &Value<'_>) {
    match value {
        Value::Null => out.word(0),
        Value::Bool(bool) => out.word(1 + u32::from(*bool)),
        Value::Number(number) => {
            out.word(3);
            out.long(number.to_bits());
        }
        Value::String(string) => {
            out.word(4);
            out.string(string);
        }
        Value::Array(items) => {
            out.word(5);
            out.items(items.iter(), write_value);
        }
        Value::Object(object) => {
            out.word(6);
            out.items(object.members(), |out, (key, value)| {
                out.string(key);
                write_value(out, value);
            });
        }
    }
}

/// Reads a value in which `levels` may open.
pub(super) fn read_value(source: &mut Source<'_>, levels: usize) -> Value<'static> {
    let kind = source.word();
    if kind > 4 && levels == 0 {
        source.refuse("a value nested too deep");
    }
    let inner = levels.saturating_sub(1);
    match kind {
        0 => Value::Null,
        1 => Value::Bool(false),
        2 => Value::Bool(true),
        3 => Value::Number(read_number(source)),
        4 => Value::String(Cow::Owned(source.string().into())),
        5 => Value::Array(source.items(|source| read_value(source, inner))),
        6 => {
            let member = |source: &mut Source<'_>| -> (Cow<'_, str>, _) {
                (Cow::Owned(source.string().into()), read_value(source, inner))
            };
            let members = source.items(member);
            Value::Object(Object::from_sorted(members).unwrap_or_else(|| {
                source.refuse("an object whose keys are not in order");
                Object::default()
            }))
        }
        _ => {
            source.refuse("a value of an unknown kind");
            Value::Null
        }
    }
}

fn read_number(source: &mut Source<'_>) -> f64 {
    let number = f64::from_bits(source.long());
    if number.is_finite() {
        return number;
    }
    source.refuse("a number that is not finite");
    0.0
}
