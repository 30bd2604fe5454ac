//! Fields that creating and changing metrics read the same way.

use crate::domain::key::MAX_KEY_BYTES;
use crate::domain::metric::{Direction, MetricKind};
use crate::extract::limits::MAX_NAME_CHARS;
use crate::extract::{Faults, Fields, Found};

/// Ten years, in seconds.
const MAX_SECONDS: i64 = 10 * 366 * 86_400;

/// `kind`.
pub(super) fn kind(found: &Found<'_>, faults: &mut Faults) -> Option<MetricKind> {
    let text = found.text(MAX_NAME_CHARS, faults)?;
    let kind = MetricKind::parse(&text);
    if kind.is_none() {
        let names = MetricKind::ALL.map(MetricKind::as_str).join(", ");
        faults.push(&found.at, "unknown_kind", format!("Kinds are {names}; revenue is a sum."));
    }
    kind
}

/// `direction`.
pub(super) fn direction(found: &Found<'_>, faults: &mut Faults) -> Option<Direction> {
    let text = found.text(MAX_NAME_CHARS, faults)?;
    let direction = Direction::parse(&text);
    if direction.is_none() {
        faults.push(&found.at, "unknown_direction", "Directions are increase and decrease.");
    }
    direction
}

/// The name of an event or a property: 1 to 128 bytes without control characters.
pub(super) fn label(found: &Found<'_>, faults: &mut Faults) -> Option<String> {
    let text = found.name(MAX_NAME_CHARS, faults)?;
    if text.len() > MAX_KEY_BYTES || text.chars().any(char::is_control) {
        let detail = format!("This takes up to {MAX_KEY_BYTES} bytes without control characters.");
        faults.push(&found.at, "invalid_name", detail);
        return None;
    }
    Some(text)
}

/// A time of up to ten years, in whole seconds.
pub(super) fn seconds(found: &Found<'_>, faults: &mut Faults) -> Option<i64> {
    found.integer(0, MAX_SECONDS, faults)
}

/// A time of at least a second.
pub(super) fn some_seconds(found: &Found<'_>, faults: &mut Faults) -> Option<i64> {
    found.integer(1, MAX_SECONDS, faults)
}

/// A number strictly between 0 and 1.
pub(super) fn share(found: &Found<'_>, faults: &mut Faults) -> Option<f64> {
    let share = found.number(0.0, 1.0, faults)?;
    if share > 0.0 && share < 1.0 {
        return Some(share);
    }
    faults.push(&found.at, "out_of_range", "This must lie strictly between 0 and 1.");
    None
}

/// A relative effect above 0, up to 1000 %.
pub(super) fn effect(found: &Found<'_>, faults: &mut Faults) -> Option<f64> {
    let effect = found.number(0.0, 10.0, faults)?;
    if effect > 0.0 {
        return Some(effect);
    }
    faults.push(&found.at, "out_of_range", "This must be above 0: 0.05 is five per cent.");
    None
}

/// A field that cannot be empty: null is a fault like any other wrong type.
pub(super) fn value<'a, T>(
    fields: &mut Fields<'a>,
    name: &'static str,
    faults: &mut Faults,
    read: impl FnOnce(&Found<'a>, &mut Faults) -> Option<T>,
) -> Option<T> {
    let found = fields.take_nullable(name, faults)?;
    read(&found, faults)
}

/// A field that null empties.
#[allow(clippy::option_option)] // Absent is not null.
pub(super) fn nullable<'a, T>(
    fields: &mut Fields<'a>,
    name: &'static str,
    faults: &mut Faults,
    read: impl FnOnce(&Found<'a>, &mut Faults) -> Option<T>,
) -> Option<Option<T>> {
    let found = fields.take_nullable(name, faults)?;
    if found.is_null() { Some(None) } else { read(&found, faults).map(Some) }
}
