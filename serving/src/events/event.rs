//! What an event must have for a queue to take it. The rest is for whoever reads the queue.

use lotwise_core::MAX_USER_KEY_BYTES;

use super::call::MAX_EVENT_BYTES;
use crate::fields::Members;
use crate::settings::is_servable_environment;

/// Why an event is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Refusal {
    pub(super) code: &'static str,
    pub(super) detail: &'static str,
}

/// A string member that every event has.
struct Required {
    name: &'static str,
    is_valid: fn(&str) -> bool,
    refusal: Refusal,
}

const REQUIRED: [Required; 4] = [
    Required {
        name: "id",
        is_valid: is_uuid,
        refusal: Refusal {
            code: "invalid_id",
            detail: "id must be a UUID such as 01a1fd49-1a15-7479-8c67-5a6393132135",
        },
    },
    Required {
        name: "type",
        is_valid: |it| matches!(it, "exposure" | "track"),
        refusal: Refusal { code: "invalid_type", detail: "type must be exposure or track" },
    },
    Required {
        name: "environment",
        is_valid: is_servable_environment,
        refusal: Refusal {
            code: "invalid_environment",
            detail: "environment must be the name of one, such as prod",
        },
    },
    Required {
        name: "user_key",
        is_valid: |it| (1..=MAX_USER_KEY_BYTES).contains(&it.len()),
        refusal: Refusal { code: "invalid_user_key", detail: "user_key must be a string of 1 to 512 bytes" },
    },
];

/// Whether the text is an event, or the first thing that is wrong with it.
pub(super) fn check(text: &str) -> Result<(), Refusal> {
    if text.len() > MAX_EVENT_BYTES {
        return Err(Refusal {
            code: "event_too_large",
            detail: "an event may have just under 100,000 bytes",
        });
    }
    let members: Members<'_> = serde_json::from_str(text)
        .map_err(|_| Refusal { code: "malformed_event", detail: "an event must be a JSON object" })?;
    for Required { name, is_valid, refusal } in REQUIRED {
        let mut values = members.0.iter().filter(|member| member.0 == name).map(|member| member.1);
        let value = values.next().and_then(|value| serde_json::from_str::<String>(value.get()).ok());
        if values.next().is_some() {
            return Err(Refusal { code: "duplicate_field", detail: "a field of the event stands twice" });
        }
        if !value.is_some_and(|value| is_valid(&value)) {
            return Err(refusal);
        }
    }
    Ok(())
}

/// The usual form, 8-4-4-4-12 hexadecimal digits, of whatever version.
fn is_uuid(text: &str) -> bool {
    text.len() == 36
        && text.bytes().enumerate().all(|(position, byte)| match position {
            8 | 13 | 18 | 23 => byte == b'-',
            _ => byte.is_ascii_hexdigit(),
        })
}
