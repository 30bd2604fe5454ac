//! Targeting that nobody matches on both sides.

use alloc::borrow::Cow;
use alloc::string::{String, ToString};

use crate::snapshot::{Rows, Tables};
use crate::targeting::{Condition, Resolved, Test};
use crate::value::Value;

/// Whether every rule of one list contradicts every rule of the other. Never wrong when it says so; not
/// everything that is true is found: a rule contradicts another when one of its conditions asks an
/// attribute to equal a value that a condition of the other does not let pass.
pub(super) fn never_both(tables: &Tables, a: Rows, b: Rows) -> bool {
    let (a, b) = (a.of(&tables.rules), b.of(&tables.rules));
    // No rules: everyone.
    !a.is_empty()
        && !b.is_empty()
        && a.iter().all(|a| b.iter().all(|b| refutes(tables, *a, *b) || refutes(tables, *b, *a)))
}

/// Whether a condition of the first rule asks for a value that a condition of the other refuses.
fn refutes(tables: &Tables, a: Rows, b: Rows) -> bool {
    conditions(tables, a).any(|asked| {
        let value = only_value(tables, asked);
        value.is_some_and(|value| {
            conditions(tables, b)
                .any(|other| other.attribute == asked.attribute && refuses(tables, other, &value))
        })
    })
}

fn conditions(tables: &Tables, rule: Rows) -> impl Iterator<Item = &Condition> {
    rule.of(&tables.rule_conditions).iter().filter_map(|index| tables.conditions.get(*index as usize))
}

/// The one value that a condition lets pass, if there is one.
fn only_value(tables: &Tables, condition: &Condition) -> Option<Value<'static>> {
    match &condition.test {
        _ if condition.negated => None,
        Test::Is(symbol) => {
            let name = tables.symbols.names().nth(symbol.0 as usize)?;
            Some(Value::String(Cow::Owned(name.to_string())))
        }
        Test::Equals { operand, ignore_case: false } => Some(operand.clone()),
        _ => None,
    }
}

fn refuses(tables: &Tables, condition: &Condition, value: &Value<'_>) -> bool {
    if condition.test.segment().is_some() {
        return false;
    }
    let resolved = Resolved::new(value, &tables.symbols);
    condition.test.passes(resolved, &tables.symbols, &mut String::new()) == condition.negated
}
