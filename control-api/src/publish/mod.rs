//! From rows to the store: compiling documents (pure), saying whom they move, and putting them where
//! readers look.

mod assemble;
pub mod binary;
pub mod carry_out;
mod checked;
mod client;
pub mod compile;
pub mod consent;
pub mod failpoint;
mod impact;
pub mod object_store;
mod object_store_error;
pub mod pointer;
mod probe;
mod reissue;
mod sampled;
pub mod warnings;

pub use carry_out::{PublishError, carry_out};
pub use compile::draft_document;
pub use consent::{Consent, compare_versions, prepare, preview};
pub use object_store::ObjectStore;
pub use object_store_error::ObjectStoreError;
pub use pointer::Pointer;
pub use warnings::warnings;
