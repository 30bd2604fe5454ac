//! What of a subject can change a decision.

use alloc::vec::Vec;

use super::Snapshot;
use crate::sticky::Sticky;
use crate::subject::Subject;
use crate::value::Value;

impl Snapshot {
    /// Appends everything about a subject that a decision of this snapshot can depend on, in an
    /// unambiguous encoding: two subjects with equal bytes get equal answers. That is the user key,
    /// sticky state, and the attributes that conditions or `bucket_by` look at.
    pub fn push_relevant(&self, subject: &Subject<'_>, out: &mut Vec<u8>) {
        for attribute in &self.tables.attributes {
            match attribute.resolve(subject) {
                Some(value) => push_value(value, out),
                None => out.push(b'-'),
            }
        }
        for (experiment, variant) in subject.sticky().into_iter().flat_map(Sticky::iter) {
            push_text(b'k', experiment, out);
            push_text(b'v', variant, out);
        }
    }
}

fn push_value(value: &Value<'_>, out: &mut Vec<u8>) {
    match value {
        Value::Null => out.push(b'n'),
        Value::Bool(bool) => out.push(if *bool { b't' } else { b'f' }),
        Value::Number(number) => {
            out.push(b'#');
            // Adding zero makes -0 and 0, which no condition tells apart, the same bytes.
            out.extend_from_slice(&(number + 0.0).to_le_bytes());
        }
        Value::String(string) => push_text(b's', string, out),
        Value::Array(items) => {
            push_length(b'[', items.len(), out);
            for item in items {
                push_value(item, out);
            }
        }
        Value::Object(object) => {
            push_length(b'{', object.members().len(), out);
            for (key, value) in object.members() {
                push_text(b'k', key, out);
                push_value(value, out);
            }
        }
    }
}

fn push_text(tag: u8, text: &str, out: &mut Vec<u8>) {
    push_length(tag, text.len(), out);
    out.extend_from_slice(text.as_bytes());
}

fn push_length(tag: u8, length: usize, out: &mut Vec<u8>) {
    out.push(tag);
    out.extend_from_slice(&(length as u64).to_le_bytes());
}
