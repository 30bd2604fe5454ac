//! Users and what is known of them, in bodies.

use lotwise_core::{Context, MAX_USER_KEY_BYTES};

use super::{Faults, Fields, Found};
use crate::domain::assignment::MAX_CONTEXT_BYTES;
use crate::problem::FIELD_TOO_LARGE;

/// `userKey`, which may be called `userId`: 1 to 512 bytes, taken byte for byte, NUL included.
pub fn take_user_key(fields: &mut Fields<'_>, faults: &mut Faults) -> Option<String> {
    let found = fields.take_either("userKey", "userId", faults).filter(|found| !found.is_null());
    let Some(found) = found else {
        fields.require("user_key", "Say which user: user_key or user_id.", faults);
        return None;
    };
    if !found.raw.get().starts_with('"') {
        faults.push(found.at, "wrong_type", "This must be a string.");
        return None;
    }
    // A string that cannot be read was noted by the scan of the whole body.
    let user_key: String = serde_json::from_str(found.raw.get()).ok()?;
    if user_key.is_empty() {
        faults.push(found.at, "empty", "This must not be empty.");
        return None;
    }
    if user_key.len() > MAX_USER_KEY_BYTES {
        let detail = format!("This is longer than {MAX_USER_KEY_BYTES} bytes of UTF-8.");
        faults.push(found.at, FIELD_TOO_LARGE, detail);
        return None;
    }
    Some(user_key)
}

/// `context`: a JSON object of at most 64 KiB, as text; absent: `{}`.
pub fn take_context<'a>(fields: &mut Fields<'a>, faults: &mut Faults) -> &'a str {
    const NOTHING: &str = "{}";
    let Some(Found { at, raw }) = fields.take("context", faults) else { return NOTHING };
    let text = raw.get();
    if text.len() > MAX_CONTEXT_BYTES {
        let detail = format!("A context may have up to {MAX_CONTEXT_BYTES} bytes.");
        faults.push(at, FIELD_TOO_LARGE, detail);
    } else if !text.starts_with('{') {
        faults.push(at, "wrong_type", "This must be an object.");
    } else if let Err(error) = Context::from_json(text) {
        faults.push(at, "invalid_context", format!("The context cannot be taken: {error}."));
    } else {
        return text;
    }
    NOTHING
}
