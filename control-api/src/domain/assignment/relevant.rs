//! What an exposure quotes: of the context only what the experiment's rules read.

use std::collections::BTreeMap;

use lotwise_core::{Sticky, push_json_string};
use serde_json::value::RawValue;

/// The attributes of these names as a JSON object, or none if the context has none of them. Each stands
/// under its full name, where a later decision looks first, in the bytes that were sent.
pub(super) fn quote_context(context: &str, names: &[String]) -> Option<Box<str>> {
    if names.is_empty() {
        return None;
    }
    let members = object(context)?;
    let mut quoted = String::new();
    for name in names {
        let found = members.get(name.as_str()).map(|raw| raw.get().to_owned());
        if let Some(value) = found.or_else(|| along_dots(&members, name)) {
            push_member(&mut quoted, name, |out| out.push_str(&value));
        }
    }
    close(quoted)
}

/// Sticky state as a JSON object, or none if it is empty.
pub(super) fn quote_sticky(sticky: &Sticky) -> Option<Box<str>> {
    let mut quoted = String::new();
    for (experiment, variant) in sticky.iter() {
        push_member(&mut quoted, experiment, |out| push_json_string(out, variant));
    }
    close(quoted)
}

fn push_member(out: &mut String, name: &str, value: impl FnOnce(&mut String)) {
    out.push(if out.is_empty() { '{' } else { ',' });
    push_json_string(out, name);
    out.push(':');
    value(out);
}

fn close(mut quoted: String) -> Option<Box<str>> {
    if quoted.is_empty() {
        return None;
    }
    quoted.push('}');
    Some(quoted.into())
}

/// The value at the end of a dotted path through nested objects.
fn along_dots(members: &BTreeMap<String, &RawValue>, name: &str) -> Option<String> {
    let (first, rest) = name.split_once('.')?;
    let mut value: &RawValue = members.get(first).copied()?;
    for step in rest.split('.') {
        value = object(value.get())?.get(step).copied()?;
    }
    Some(value.get().to_owned())
}

fn object(text: &str) -> Option<BTreeMap<String, &RawValue>> {
    serde_json::from_str(text).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn quote(context: &str, names: &[&str]) -> Option<String> {
        let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
        quote_context(context, &names).map(Into::into)
    }

    #[test]
    fn only_what_is_read_is_quoted() {
        let context = r#"{"plan":"pro","email":"a@b.c","age":1.50,"a":{"b":{"c":[1, 2]}},"x.y":null,"x":{"y":1}}"#;
        assert_eq!(quote(context, &["age", "plan"]).as_deref(), Some(r#"{"age":1.50,"plan":"pro"}"#));
        assert_eq!(quote(context, &["a.b.c"]).as_deref(), Some(r#"{"a.b.c":[1, 2]}"#));
        assert_eq!(quote(context, &["x.y"]).as_deref(), Some(r#"{"x.y":null}"#), "a literal key wins");
        assert_eq!(quote(context, &["nothing", "a.c", "plan.x"]), None);
        assert_eq!(quote(context, &[]), None);
    }

    #[test]
    fn sticky_state_is_quoted() {
        assert_eq!(quote_sticky(&Sticky::new()), None);
        let sticky = Sticky::from([("a".to_owned(), "on".to_owned())]);
        assert_eq!(quote_sticky(&sticky).as_deref(), Some(r#"{"a":"on"}"#));
    }
}
