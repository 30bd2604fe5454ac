//! Who asks for an assignment.

use lotwise_core::{Context, InvalidContext, InvalidUserKey, Subject};
use thiserror::Error;

/// The largest context, in bytes of JSON.
pub const MAX_CONTEXT_BYTES: usize = 64 << 10;

/// A user, what is known of them, and the request that it is for.
#[derive(Clone, Debug)]
pub struct Question {
    user_key: String,
    /// As sent; exposures quote from it.
    context_text: Box<str>,
    context: Context<'static>,
    request_id: Option<String>,
}

/// Why a question cannot be asked.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum InvalidQuestion {
    /// The user key is empty or longer than 512 bytes.
    #[error("{0}")]
    UserKey(InvalidUserKey),
    /// The context is no JSON object that can be taken.
    #[error("{0}")]
    Context(InvalidContext),
    /// The context is over [`MAX_CONTEXT_BYTES`].
    #[error("the context may have up to {MAX_CONTEXT_BYTES} bytes; this one has {0}")]
    ContextTooLarge(usize),
}

impl Question {
    /// A question about the user `user_key` (1 to 512 bytes, taken byte for byte) with `context`, a JSON
    /// object; `""` is `{}`. `request_id` is what exposures carry: two calls with the same one, for the
    /// same user and experiment, are one exposure.
    pub fn new(user_key: &str, context: &str, request_id: Option<&str>) -> Result<Self, InvalidQuestion> {
        if context.len() > MAX_CONTEXT_BYTES {
            return Err(InvalidQuestion::ContextTooLarge(context.len()));
        }
        let context_text = if context.is_empty() { "{}" } else { context };
        let context = Context::from_json(context_text).map_err(InvalidQuestion::Context)?.into_owned();
        Subject::new(user_key, &context).map_err(InvalidQuestion::UserKey)?;
        Ok(Self {
            user_key: user_key.to_owned(),
            context_text: context_text.into(),
            context,
            request_id: request_id.map(ToOwned::to_owned),
        })
    }

    /// The user's key.
    pub fn user_key(&self) -> &str {
        &self.user_key
    }

    /// The context as it was sent.
    pub fn context_text(&self) -> &str {
        &self.context_text
    }

    /// The request that the exposure names.
    pub fn request_id(&self) -> Option<&str> {
        self.request_id.as_deref()
    }

    /// The context as conditions see it.
    pub(super) fn context(&self) -> &Context<'static> {
        &self.context
    }
}
