//! Publishing what moves users only when somebody has seen whom.

use chrono::{DateTime, Utc};

use super::compile::{Compiled, Strictness, compile};
use super::impact::Comparison;
use crate::domain::preview::Preview;
use crate::domain::refusal::Refusal;
use crate::domain::sample::SampleSubject;
use crate::hex;
use crate::store::versions::{Contents, Earlier, Prepared};

/// What the publisher agreed to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Consent {
    /// Nothing that moves users.
    None,
    /// The publish whose dry run had this digest.
    Given(String),
    /// Everything: the kill switch.
    NotNeeded,
}

/// The next version, unless the present one says the same, or users would move without consent.
pub fn prepare(contents: Contents, consent: &Consent, now: DateTime<Utc>) -> Result<Prepared, Refusal> {
    let is_kill = *consent == Consent::NotNeeded;
    let strictness = if is_kill { Strictness::Load } else { Strictness::Check };
    let environment = contents.environment.clone();
    let compiled = compile(contents, strictness, now)?;
    if compiled.is_unchanged {
        return Ok(Prepared::Unchanged);
    }
    if !is_kill {
        let preview = comparison(&environment, &compiled).preview(None)?;
        let agreed = *consent == Consent::Given(preview.confirm.clone());
        if !agreed && (preview.moves_users || *consent != Consent::None) {
            return Err(Refusal::MovesUsers(Box::new(preview)));
        }
    }
    Ok(Prepared::New(Box::new(compiled.new)))
}

/// What [`prepare`] would come to, and whom of `subjects` it would move.
pub fn preview(
    contents: Contents,
    subjects: Option<&[SampleSubject]>,
    now: DateTime<Utc>,
) -> Result<Preview, Refusal> {
    let environment = contents.environment.clone();
    let compiled = compile(contents, Strictness::Check, now)?;
    comparison(&environment, &compiled).preview(subjects)
}

/// What differs from one published version to another.
pub fn compare_versions(environment: &str, from: &Earlier, to: &Earlier) -> Result<Preview, Refusal> {
    let comparison = Comparison {
        environment,
        before: Some((from.version, &from.documents)),
        after: [&to.documents.full, &to.documents.client],
        to: Some(to.version),
        confirm: confirm(Some(from), &to.content_sha256),
        warnings: &to.warnings,
    };
    comparison.preview(None)
}

fn comparison<'c>(environment: &'c str, compiled: &'c Compiled) -> Comparison<'c> {
    let Compiled { new, present, .. } = compiled;
    Comparison {
        environment,
        before: present.as_ref().map(|it| (it.version, &it.documents)),
        after: [&new.document, &new.client_document],
        to: new.rolled_back_to,
        confirm: confirm(present.as_ref(), &new.content_sha256),
        warnings: &new.warnings,
    }
}

/// Covers what would be published and what is published now: it goes stale when either changes.
fn confirm(present: Option<&Earlier>, content_sha256: &str) -> String {
    let present = present.map(|it| format!("{} {}", it.version, it.content_sha256));
    hex::sha256(format!("{}\n{content_sha256}", present.unwrap_or_default()).as_bytes())
}
