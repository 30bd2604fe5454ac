//! Fields that making and changing tokens read the same way.

use chrono::{DateTime, Utc};

use crate::domain::environment::EnvironmentRef;
use crate::domain::role::Role;
use crate::domain::token::NamedEnvironment;
use crate::extract::limits::{MAX_CREDENTIAL_NAME_CHARS, MAX_NAME_CHARS};
use crate::extract::{Faults, Fields, Found};
use crate::store::now;

const MAX_ENVIRONMENTS: usize = 1_000;

/// `name`.
pub(in crate::routes) fn name(fields: &mut Fields<'_>, faults: &mut Faults) -> Option<String> {
    let found = fields.take("name", faults)?;
    let name = found.name(MAX_CREDENTIAL_NAME_CHARS, faults)?;
    if name.chars().any(char::is_control) {
        faults.push(&found.at, "invalid_text", "This must not contain control characters.");
        return None;
    }
    Some(name)
}

/// `name`, whose absence is a fault.
pub(super) fn required_name(fields: &mut Fields<'_>, faults: &mut Faults) -> Option<String> {
    if !fields.has("name") {
        fields.require("name", "A token needs a name: the history calls its holder by it.", faults);
    }
    name(fields, faults)
}

/// `role`, whose absence is a fault.
pub(super) fn required_role(fields: &mut Fields<'_>, faults: &mut Faults) -> Option<Role> {
    if !fields.has("role") {
        fields.require("role", "A token needs a role: viewer, editor, publisher or admin.", faults);
    }
    role(fields, faults)
}

/// `role`.
pub(super) fn role(fields: &mut Fields<'_>, faults: &mut Faults) -> Option<Role> {
    let found = fields.take("role", faults)?;
    let text = found.text(MAX_NAME_CHARS, faults)?;
    let role = Role::parse(&text);
    if role.is_none() {
        faults.push(&found.at, "unknown_role", "Roles are viewer, editor, publisher and admin.");
    }
    role
}

/// `environments`: ids or names; null is all of them.
#[allow(clippy::option_option)] // Absent is not null.
pub(super) fn environments(
    fields: &mut Fields<'_>,
    faults: &mut Faults,
) -> Option<Option<Vec<NamedEnvironment>>> {
    let found = fields.take_nullable("environments", faults)?;
    if found.is_null() {
        return Some(None);
    }
    let elements = found.list(MAX_ENVIRONMENTS, faults)?;
    if elements.is_empty() {
        let detail = "Name one at least; null stands for all of them.";
        faults.push(&found.at, "empty", detail);
    }
    Some(Some(elements.iter().filter_map(|element| environment(element, faults)).collect()))
}

fn environment(found: &Found<'_>, faults: &mut Faults) -> Option<NamedEnvironment> {
    let text = found.text(MAX_NAME_CHARS, faults)?;
    let which = EnvironmentRef::parse(&text);
    if which.is_none() {
        faults.push(&found.at, "unknown_environment", "There is no such environment.");
    }
    which.map(|which| NamedEnvironment { which, at: found.at.clone() })
}

/// `expiresAt`, in the future; null is never.
#[allow(clippy::option_option)] // Absent is not null.
pub(super) fn expires_at(fields: &mut Fields<'_>, faults: &mut Faults) -> Option<Option<DateTime<Utc>>> {
    let found = fields.take_nullable("expiresAt", faults)?;
    if found.is_null() {
        return Some(None);
    }
    let time = found.time(faults)?;
    if time <= now() {
        faults.push(&found.at, "in_the_past", "This is over already; to end a token now, revoke it.");
    }
    Some(Some(time))
}
