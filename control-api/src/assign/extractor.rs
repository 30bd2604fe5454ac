//! Assignments in an axum handler.

use axum::extract::{FromRef, FromRequestParts};
use axum::http::request::Parts;
use serde::Serialize;

use super::{Assigner, Assignment, Error, Question, Visitor};

/// What the visitor of this request is given, for a handler to ask. The state has to give an
/// [`Assigner`], and [`identify`](super::identify) has to stand before the handler.
///
/// ```
/// use lotwise_control::assign::{Assignments, Error};
///
/// async fn checkout(assignments: Assignments) -> Result<String, Error> {
///     let button = assignments.assign("checkout-button-color").await?;
///     Ok(button.variant.map_or_else(|| "control".to_owned(), |variant| variant.key))
/// }
/// # let _ = axum::Router::<lotwise_control::assign::Assigner>::new()
/// #     .route("/", axum::routing::get(checkout));
/// ```
#[derive(Clone, Debug)]
pub struct Assignments {
    assigner: Assigner,
    visitor: Visitor,
    context: String,
}

impl Assignments {
    /// Who it is for.
    pub fn visitor(&self) -> &Visitor {
        &self.visitor
    }

    /// With attributes that targeting may look at: anything that serialises to a JSON object.
    pub fn with_context(self, context: &impl Serialize) -> Result<Self, Error> {
        let context = serde_json::to_string(context).map_err(|error| Error::Internal(error.to_string()))?;
        Ok(Self { context, ..self })
    }

    /// What the visitor is given by an experiment: an id, `environment:key`, or a key of the
    /// assigner's environment. Keeps it, and records the exposure, once for each request.
    pub async fn assign(&self, experiment: &str) -> Result<Assignment, Error> {
        let which = self.assigner.experiment(experiment).ok_or(Error::UnknownExperiment)?;
        let Visitor { user_key, request_id, .. } = &self.visitor;
        let question = Question::new(user_key, &self.context, Some(request_id))?;
        self.assigner.assign(&which, question).await
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Assignments
where
    Assigner: FromRef<S>,
{
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Error> {
        let visitor = parts.extensions.get::<Visitor>().cloned().ok_or(Error::NoVisitor)?;
        Ok(Self { assigner: Assigner::from_ref(state), visitor, context: String::new() })
    }
}
