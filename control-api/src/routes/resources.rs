//! What groups, segments, holdouts and metrics read and answer alike.

use axum::http::{HeaderName, header};
use uuid::Uuid;

use crate::domain::environment::EnvironmentRef;
use crate::domain::scope::Scope;
use crate::extract::limits::MAX_PROSE_CHARS;
use crate::extract::page::Page;
use crate::extract::query::{Parameters, invalid};
use crate::extract::{Faults, Fields};
use crate::problem::Problem;
use crate::store::StoreError;
use crate::store::listing::Listing;

/// The filters and the page of a list, and nothing else. The listing asks for one item more.
pub(super) fn read_listing(
    mut parameters: Parameters,
    scope: &Scope,
) -> Result<(Listing, Page<Uuid>), Problem> {
    let page: Page<Uuid> = Page::take(&mut parameters)?;
    let environment = match parameters.take("environmentId")? {
        None => None,
        Some(text) => Some(
            EnvironmentRef::parse(&text)
                .ok_or_else(|| invalid("environmentId", "is neither an id nor a name"))?,
        ),
    };
    let text = parameters.take("q")?.filter(|text| !text.is_empty());
    if text.as_ref().is_some_and(|text| text.contains('\0')) {
        return Err(invalid("q", "must not contain NUL"));
    }
    parameters.finish()?;
    let listing =
        Listing { scope: scope.clone(), environment, text, after: page.after, limit: page.limit + 1 };
    Ok((listing, page))
}

/// `description`, which null empties. Absent is not null.
#[allow(clippy::option_option)]
pub(super) fn read_description(fields: &mut Fields<'_>, faults: &mut Faults) -> Option<Option<String>> {
    let found = fields.take_nullable("description", faults)?;
    if found.is_null() { Some(None) } else { found.text(MAX_PROSE_CHARS, faults).map(Some) }
}

/// Where a new resource is.
pub(super) fn location(path: &str, id: Uuid) -> [(HeaderName, String); 1] {
    [(header::LOCATION, format!("/api/{path}/{id}"))]
}

/// A failure together with what was wrong with the body before it got so far.
pub(super) fn with_faults(faults: Faults, error: StoreError) -> Problem {
    match error {
        StoreError::Refused(refusal) => match faults.and::<()>(Err(refusal)) {
            Err(refusal) => refusal.into(),
            Ok(()) => Problem::internal(&"faults were lost"),
        },
        other => other.into(),
    }
}
