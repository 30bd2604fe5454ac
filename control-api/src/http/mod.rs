//! What every answer goes through, whatever its route.

mod fallback;
mod observe;
mod panic;
mod request_id;

pub use fallback::{answer_method_not_allowed, answer_not_found};
pub use observe::{observe, observe_decision};
pub use request_id::{RequestId, X_REQUEST_ID};
