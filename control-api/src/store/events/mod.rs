//! Events: written once by their ids, closed by watermarks, checked, and dropped when they are old.

mod append;
mod checks;
mod claim;
mod copy;
mod partitions;
mod quality;
mod targets;
mod unchecked;
mod watermark;
mod write;

pub use append::append;
pub use checks::{Checked, Finding};
pub use claim::Appended;
pub use quality::{ExposureQuality, variant_has_exposures};
pub use targets::{EventTarget, EventTargets, TargetExperiment};
pub use unchecked::UncheckedExposure;
pub use watermark::{Closing, Watermark};

/// The class of the advisory locks of this folder.
const LOCKS: i32 = 6003;
/// Held, shared, by whoever writes events, until the transaction ends; held alone to begin a generation of ids.
const WRITING: i32 = 0;
/// Held by whoever moves the watermark. (1 is for making partitions, in the database's own function.)
const CLOSING: i32 = 2;
