//! Responses as a host sends them.

use std::borrow::Cow;

/// Room for what most answers say.
const USUAL_HEADERS: usize = 8;

/// A header's name, in lower case, and its value.
pub type Header = (&'static str, Cow<'static, str>);

/// A response. The host adds `x-request-id`, `Server-Timing`, and leaves the body out for `HEAD`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Response {
    /// The status code.
    pub status: u16,
    /// Each name once.
    pub headers: Vec<Header>,
    /// The body.
    pub body: Vec<u8>,
}

impl Response {
    /// A JSON answer.
    pub fn json(status: u16, body: Vec<u8>) -> Self {
        Self::of("application/json", status, body)
    }

    /// An answer of this content type.
    pub fn of(content_type: &'static str, status: u16, body: Vec<u8>) -> Self {
        let mut headers = Vec::with_capacity(USUAL_HEADERS);
        headers.push(("content-type", Cow::Borrowed(content_type)));
        Self { status, headers, body }
    }

    /// An answer without a body.
    pub fn empty(status: u16) -> Self {
        Self { status, headers: Vec::new(), body: Vec::new() }
    }

    /// The same with one more header.
    pub fn with_header(mut self, name: &'static str, value: impl Into<Cow<'static, str>>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    /// The value of a header.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(header, _)| *header == name).map(|(_, value)| &**value)
    }
}
