//! The names that documents may use.

/// Whether `text` is a key of an experiment or a variant: `[A-Za-z0-9][A-Za-z0-9._-]{0,127}`.
pub fn is_key(text: &str) -> bool {
    let begins_well = text.bytes().next().is_some_and(|byte| byte.is_ascii_alphanumeric());
    let is_allowed = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-');
    begins_well && text.len() <= 128 && text.bytes().all(is_allowed)
}

/// Whether `text` is an environment's name: `[a-z0-9][a-z0-9-]{0,62}`. Servers reserve some more
/// words for their paths.
pub fn is_environment_name(text: &str) -> bool {
    let is_letter = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    let begins_well = text.bytes().next().is_some_and(is_letter);
    begins_well && text.len() <= 63 && text.bytes().all(|byte| is_letter(byte) || byte == b'-')
}
