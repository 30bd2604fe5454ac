//! What `/decide` and OFREP have in common.

use core::fmt::Debug;

use lotwise_core::Scratch;

use crate::published::Published;
use crate::response::Response;

/// A checked request that waits for the snapshot of an environment.
pub trait Question: Debug + Send + Sync {
    /// Whose snapshot is needed.
    fn environment(&self) -> &str;

    /// Decides.
    fn answer(&self, published: &Published, scratch: &mut Scratch) -> Response;

    /// The answer when the environment has nothing published.
    fn answer_absent(&self) -> Response;

    /// The answer when the store cannot say.
    fn answer_unavailable(&self) -> Response;

    /// The answer to a client over its rate.
    fn answer_rate_limited(&self, retry_after_seconds: u64) -> Response;
}
