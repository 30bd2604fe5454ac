//! From rows to the store: compiling documents (pure) and putting them where readers look.

pub mod binary;
pub mod carry_out;
mod client;
pub mod compile;
pub mod failpoint;
pub mod object_store;
mod object_store_error;
pub mod pointer;
mod probe;
mod reissue;
pub mod warnings;

pub use carry_out::{PublishError, carry_out};
pub use compile::compile;
pub use object_store::ObjectStore;
pub use object_store_error::ObjectStoreError;
pub use pointer::Pointer;
pub use warnings::warnings;
