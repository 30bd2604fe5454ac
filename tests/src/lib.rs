//! What the journeys in `journeys/` have in common: a running stack, and an admin's usual moves.

mod admin;
mod patience;

pub use admin::{Admin, items, two_variants};
pub use patience::eventually;

use anyhow::Result;
use lotwise_dev::{Home, Stack, StackOptions};

/// A stack that goes away with this value.
pub async fn stack() -> Result<Stack> {
    Stack::start(Home::temporary()?, StackOptions::disposable()).await
}
