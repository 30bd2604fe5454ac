//! Query strings.

use std::borrow::Cow;

/// The parameters of a query in order; `None` for one that is not percent-encoded UTF-8.
pub(crate) fn parameters(query: &str) -> impl Iterator<Item = Option<(Cow<'_, str>, Cow<'_, str>)>> {
    query.split('&').filter(|part| !part.is_empty()).map(|part| {
        let (name, value) = part.split_once('=').unwrap_or((part, ""));
        Some((decode(name)?, decode(value)?))
    })
}

/// Undoes percent-encoding; in a query, `+` is a space.
fn decode(text: &str) -> Option<Cow<'_, str>> {
    if !text.bytes().any(|byte| matches!(byte, b'%' | b'+')) {
        return Some(Cow::Borrowed(text));
    }
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        bytes.push(match byte {
            b'+' => b' ',
            b'%' => hex_digit(rest.next()?)? << 4 | hex_digit(rest.next()?)?,
            byte => byte,
        });
    }
    String::from_utf8(bytes).ok().map(Cow::Owned)
}

fn hex_digit(byte: u8) -> Option<u8> {
    char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok())
}

/// A path segment, percent-decoded. A `+` stands for itself here.
pub(crate) fn decode_segment(segment: &str) -> Option<Cow<'_, str>> {
    if segment.contains('+') {
        decode(&segment.replace('+', "%2B")).map(|it| Cow::Owned(it.into_owned()))
    } else {
        decode(segment)
    }
}

#[cfg(test)]
mod tests {
    use super::{decode_segment, parameters};

    #[test]
    fn parameters_are_decoded() {
        let decoded = |query: &'static str| parameters(query).collect::<Option<Vec<_>>>();
        assert_eq!(
            decoded("a=1&&b=%7B%22x%22%3A+1%7D&c"),
            Some(vec![("a".into(), "1".into()), ("b".into(), "{\"x\": 1}".into()), ("c".into(), "".into()),])
        );
        assert_eq!(decoded("a=%C3%A9%F0%9F%99%82"), Some(vec![("a".into(), "é🙂".into())]));
        for broken in ["a=%", "a=%4", "a=%zz", "a=%ff", "%ff=1", "a=%+1"] {
            assert_eq!(decoded(broken), None, "{broken}");
        }
        assert_eq!(decode_segment("a+b%20c").as_deref(), Some("a+b c"));
    }
}
