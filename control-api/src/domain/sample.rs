//! Real subjects to try a change on.

use lotwise_core::{Context, Sticky};

/// Subjects of one preview at most.
pub const MAX_SUBJECTS: usize = 100_000;

/// One subject as it would ask.
#[derive(Clone, Debug)]
pub struct SampleSubject {
    /// 1 to 512 bytes.
    pub user_key: String,
    /// Attributes.
    pub context: Context<'static>,
    /// What it was given before.
    pub sticky: Option<Sticky>,
}
