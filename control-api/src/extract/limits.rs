//! How large things may be.

/// A whole body, in bytes.
pub const MAX_BODY_BYTES: usize = 1 << 20;
/// Names, in characters.
pub const MAX_NAME_CHARS: usize = 256;
/// Descriptions, hypotheses and notes, in characters.
pub const MAX_PROSE_CHARS: usize = 16 << 10;
/// One payload, in bytes as sent.
pub const MAX_PAYLOAD_BYTES: usize = 256 << 10;
/// All targeting rules or all rules of an experiment, in bytes as sent.
pub const MAX_RULES_BYTES: usize = 1 << 20;
/// Variants of an experiment.
pub const MAX_VARIANTS: usize = 1_000;
/// Metric keys of an experiment.
pub const MAX_METRICS: usize = 100;
/// Nesting of any JSON.
pub const MAX_DEPTH: usize = 64;
/// An attribute's name or path, in characters.
pub const MAX_ATTRIBUTE_CHARS: usize = 512;
/// Users of one batch of assignments.
pub const MAX_ASSIGNED_USERS: usize = 1_000;
