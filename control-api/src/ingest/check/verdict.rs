//! One exposure against the document that it names.

use lotwise_core::{Context, Evaluation, Reason, Scratch, Sticky, Subject};

use super::documents::Opened;
use crate::store::events::UncheckedExposure;

/// What is wrong with an exposure.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Wrong {
    pub(super) reason: &'static str,
    /// The variant that it should be, if any.
    pub(super) expected_variant: Option<String>,
    /// Why that one, if it could be decided.
    pub(super) expected_reason: Option<&'static str>,
}

impl Wrong {
    fn because(reason: &'static str) -> Self {
        Self { reason, expected_variant: None, expected_reason: None }
    }
}

/// Decides again and compares.
pub(super) fn verdict(
    document: &Opened,
    exposure: &UncheckedExposure,
    scratch: &mut Scratch,
) -> Result<(), Wrong> {
    let snapshot = match document {
        Opened::Found(snapshot) => snapshot,
        Opened::UnknownVersion => return Err(Wrong::because("unknown_version")),
        Opened::UnknownDigest => return Err(Wrong::because("unknown_digest")),
    };
    let key = exposure.experiment_key.as_deref().unwrap_or_default();
    let experiment = snapshot.experiment(key).ok_or(Wrong::because("unknown_experiment"))?;
    let context = Context::from_json(exposure.context.as_deref().unwrap_or("{}"))
        .map_err(|_| Wrong::because("invalid_context"))?;
    let sticky: Sticky = serde_json::from_str(exposure.sticky.as_deref().unwrap_or("{}"))
        .map_err(|_| Wrong::because("invalid_sticky"))?;
    let user_key = str::from_utf8(&exposure.user_key).unwrap_or_default();
    let subject = Subject::new(user_key, &context)
        .map_err(|_| Wrong::because("invalid_user_key"))?
        .with_sticky(&sticky);
    let decision = Evaluation::new(snapshot, &subject, scratch).decide(experiment);
    let expected = snapshot.variant(decision).map(|variant| variant.key);
    let counts = matches!(decision.reason, Reason::Split | Reason::Sticky);
    let reason = match expected {
        None => "not_eligible",
        Some(_) if decision.reason == Reason::Concluded => "concluded",
        Some(key) if Some(key) != exposure.variant_key.as_deref() => "wrong_variant",
        // What a rule or an override gave must not pass for a part of the experiment, nor the other way round.
        Some(_) if counts != exposure.counts => "wrong_reason",
        Some(_) => return Ok(()),
    };
    Err(Wrong {
        reason,
        expected_variant: expected.map(str::to_owned),
        expected_reason: Some(decision.reason.name()),
    })
}
