//! Forms of what stands in an event.

use std::borrow::Cow;

use lotwise_core::Value;

/// Bytes.
const MAX_NAME_BYTES: usize = 128;

/// The string that a JSON text is; none for anything else.
pub(super) fn text(json: Option<&str>) -> Option<Cow<'_, str>> {
    let json = json?;
    let inside = json.strip_prefix('"').and_then(|rest| rest.strip_suffix('"'))?;
    if inside.contains('\\') {
        return serde_json::from_str(json).ok().map(Cow::Owned);
    }
    Some(Cow::Borrowed(inside))
}

/// Whether it is an object that all readers read alike.
pub(super) fn is_object(text: &str) -> bool {
    text.starts_with('{') && Value::from_json(text).is_ok()
}

/// Whether `track` can have happened under this name.
pub fn is_event_name(name: &str) -> bool {
    (1..=MAX_NAME_BYTES).contains(&name.len()) && !name.chars().any(char::is_control)
}

/// The usual form, 8-4-4-4-12 hexadecimal digits, of whatever version.
pub(super) fn parse_uuid(text: &str) -> Option<u128> {
    if text.len() != 36 {
        return None;
    }
    text.bytes().enumerate().try_fold(0_u128, |number, (position, byte)| match position {
        8 | 13 | 18 | 23 => (byte == b'-').then_some(number),
        _ => Some((number << 4) | u128::from(hex_digit(byte)?)),
    })
}

/// 64 hexadecimal digits.
pub(super) fn parse_digest(text: &str) -> Option<[u8; 32]> {
    let mut digest = [0; 32];
    if text.len() != 64 {
        return None;
    }
    for (byte, pair) in digest.iter_mut().zip(text.as_bytes().chunks_exact(2)) {
        let [high, low] = pair else { return None };
        *byte = (hex_digit(*high)? << 4) | hex_digit(*low)?;
    }
    Some(digest)
}

fn hex_digit(byte: u8) -> Option<u8> {
    char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok())
}
