//! Sticky state in a signed cookie: what a browser's user was given before, kept by the browser.

mod cookie;
mod keys;
mod memory;

use crate::request::Request;
use crate::settings::Settings;

pub(crate) use memory::Memory;

pub use keys::{ShortStickyKey, StickyKeys};

/// A caller's cookies, and the keys to read and to sign them with.
#[derive(Clone, Copy, Debug)]
pub(crate) struct StickyCookies<'r> {
    keys: &'r StickyKeys,
    header: &'r str,
}

impl<'r> StickyCookies<'r> {
    /// `None` where cookies are neither read nor set: there are no keys.
    pub(crate) fn of(settings: &'r Settings, request: &Request<'r>) -> Option<Self> {
        let keys = &settings.sticky_keys;
        (!keys.is_empty()).then(|| Self { keys, header: request.cookie.unwrap_or_default() })
    }
}
