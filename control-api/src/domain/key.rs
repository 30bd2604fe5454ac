//! Names that callers and documents use.

/// The longest key, in bytes.
pub const MAX_KEY_BYTES: usize = 128;

/// Whether `text` can be the key of an experiment or variant: `[A-Za-z0-9][A-Za-z0-9._-]{0,127}`.
pub fn is_key(text: &str) -> bool {
    text.len() <= MAX_KEY_BYTES
        && text.bytes().next().is_some_and(|first| first.is_ascii_alphanumeric())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._-".contains(&byte))
}

/// A key made from a name: `Checkout: new button` becomes `checkout-new-button`. None when nothing
/// of the name can stand in a key.
pub fn slug(name: &str) -> Option<String> {
    let mut slug = String::with_capacity(name.len());
    for character in name.chars() {
        match character {
            'a'..='z' | '0'..='9' | '.' | '_' => slug.push(character),
            'A'..='Z' => slug.push(character.to_ascii_lowercase()),
            _ if slug.ends_with('-') => {}
            _ => slug.push('-'),
        }
    }
    let slug = slug.trim_start_matches(|c: char| !c.is_ascii_alphanumeric());
    let slug = &slug[..slug.len().min(MAX_KEY_BYTES)];
    let slug = slug.trim_end_matches('-');
    (!slug.is_empty()).then(|| slug.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_have_a_form() {
        for good in ["a", "A.b_c-9", &"x".repeat(128)] {
            assert!(is_key(good), "{good}");
        }
        for bad in ["", "-a", ".a", "a b", "ä", "a/b", &"x".repeat(129)] {
            assert!(!is_key(bad), "{bad}");
        }
    }

    #[test]
    fn slugs_are_keys() {
        assert_eq!(slug("Checkout: New  Button!"), Some("checkout-new-button".to_owned()));
        assert_eq!(slug("--v2.1_b"), Some("v2.1_b".to_owned()));
        assert_eq!(slug("日本"), None);
        assert_eq!(slug(&"é".repeat(300)), None);
        assert!(is_key(&slug(&"ab ".repeat(300)).unwrap_or_default()));
    }
}
