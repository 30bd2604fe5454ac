//! What an assigner stands on.

use std::fmt::Debug;
use std::pin::Pin;

use super::{Decided, Error, ExperimentRef, Question};

/// What [`Store::assign`] comes to, in the order of the questions.
pub type Answers<'a> = Pin<Box<dyn Future<Output = Result<Vec<Decided>, Error>> + Send + 'a>>;

/// Where assignments are kept.
///
/// An implementation finds the experiment's [`Document`](super::Document), calls
/// [`decide`](super::Document::decide) with what the user was given before in the document's
/// [`members`](super::Document::members), and keeps the variant of whatever
/// [`is_new`](Decided::is_new), all as one step per user: of two calls for a user at the same time one comes
/// first, and the other finds what that one kept.
pub trait Store: Debug + Send + Sync + 'static {
    /// Decides an experiment for users, none of them twice; with `records`, keeps their exposures too, with
    /// the assignments or not at all.
    fn assign<'a>(
        &'a self,
        which: &'a ExperimentRef,
        questions: &'a [Question],
        records: bool,
    ) -> Answers<'a>;
}

impl<S: Store> Store for std::sync::Arc<S> {
    fn assign<'a>(
        &'a self,
        which: &'a ExperimentRef,
        questions: &'a [Question],
        records: bool,
    ) -> Answers<'a> {
        S::assign(self, which, questions, records)
    }
}

impl Store for crate::store::Store {
    fn assign<'a>(
        &'a self,
        which: &'a ExperimentRef,
        questions: &'a [Question],
        records: bool,
    ) -> Answers<'a> {
        Box::pin(async move { Ok(Self::assign(self, which, questions, records).await?) })
    }
}
