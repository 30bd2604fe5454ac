//! Request ids.

use axum::http::{HeaderMap, HeaderName, HeaderValue};
use lotwise_serving::is_request_id;
use uuid::Uuid;

/// The header they travel in.
pub const X_REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// The id of a request: the caller's, else a fresh UUIDv7.
#[derive(Clone, Debug)]
pub struct RequestId(HeaderValue);

impl RequestId {
    /// Takes the caller's id, if it is one.
    pub fn take_or_make(headers: &HeaderMap) -> Self {
        let taken = headers.get(X_REQUEST_ID).filter(|value| value.to_str().is_ok_and(is_request_id));
        let made = || {
            let mut text = Uuid::encode_buffer();
            HeaderValue::from_str(Uuid::now_v7().hyphenated().encode_lower(&mut text))
        };
        Self(taken.cloned().or_else(|| made().ok()).unwrap_or(HeaderValue::from_static("unknown")))
    }

    /// As text.
    pub fn as_str(&self) -> &str {
        self.0.to_str().unwrap_or_default()
    }

    /// As a header.
    pub fn into_header(self) -> HeaderValue {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_short_visible_ids_are_taken() {
        let id = |value: &'static [u8]| {
            let mut headers = HeaderMap::new();
            headers.insert(X_REQUEST_ID, HeaderValue::from_bytes(value).unwrap());
            RequestId::take_or_make(&headers).as_str().to_owned()
        };
        assert_eq!(id(b"abc-1"), "abc-1");
        assert_eq!(id(&[b'x'; 128]).len(), 128);
        for bad in [&b""[..], b"a b", b"\xff", &[b'x'; 129]] {
            assert!(id(bad).parse::<Uuid>().is_ok());
        }
    }
}
