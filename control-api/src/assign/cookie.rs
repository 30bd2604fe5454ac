//! The cookie by which an anonymous visitor stays the same one.

use axum::http::header::COOKIE;
use axum::http::{HeaderMap, HeaderValue};

use crate::hex;

/// A year, in seconds: browsers keep none for much longer.
const MAX_AGE: u32 = 365 * 24 * 60 * 60;
const HEX_DIGITS: usize = 32;

/// The visitor's id among the cookies of a request. Anything but an id of ours counts as none.
pub(super) fn find(headers: &HeaderMap, name: &str) -> Option<String> {
    let values = headers.get_all(COOKIE).iter().filter_map(|value| value.to_str().ok());
    let pairs = values.flat_map(|value| value.split(';')).filter_map(|pair| pair.trim().split_once('='));
    let mut ids = pairs.filter(|(found, _)| *found == name).map(|(_, id)| id);
    ids.find(|id| is_id(id)).map(ToOwned::to_owned)
}

/// 128 random bits, in hex.
pub(super) fn new_id() -> Result<String, getrandom::Error> {
    let mut bytes = [0; HEX_DIGITS / 2];
    getrandom::fill(&mut bytes)?;
    Ok(hex::encode(&bytes))
}

/// The header that makes a browser keep an id.
pub(super) fn set(name: &str, id: &str, is_secure: bool) -> Option<HeaderValue> {
    let secure = if is_secure { "; Secure" } else { "" };
    let cookie = format!("{name}={id}; Path=/; Max-Age={MAX_AGE}; HttpOnly; SameSite=Lax{secure}");
    HeaderValue::try_from(cookie).ok()
}

fn is_id(text: &str) -> bool {
    text.len() == HEX_DIGITS && text.bytes().all(|it| it.is_ascii_digit() || (b'a'..=b'f').contains(&it))
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: &str = "0123456789abcdef0123456789abcdef";

    #[test]
    fn only_ids_of_ours_are_found() {
        let find = |cookies: &[&str]| {
            let mut headers = HeaderMap::new();
            for cookie in cookies {
                headers.append(COOKIE, HeaderValue::from_str(cookie).unwrap());
            }
            find(&headers, "lotwise_id")
        };
        let ours = format!("lotwise_id={ID}");
        assert_eq!(find(&[&ours]).as_deref(), Some(ID));
        assert_eq!(find(&["a=b; c", &format!("theme=dark; {ours}; x=y")]).as_deref(), Some(ID));
        for other in ["", "lotwise_id=", "lotwise_id=admin", &format!("x{ours}"), &format!("{ours}0")] {
            assert_eq!(find(&[other]), None, "{other}");
        }
        assert_ne!(new_id().unwrap(), new_id().unwrap());
        assert!(is_id(&new_id().unwrap()));
    }
}
