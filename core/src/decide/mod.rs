//! Deciding: the order of section 4, for one subject at a time.

mod answer;
mod decision;
mod evaluation;
mod gates;
mod observer;
mod scratch;
mod slots;

pub use answer::{push_assignment, push_assignments, push_experiment};
pub use decision::{Decision, Reason, VariantView};
pub use evaluation::Evaluation;
pub use observer::{Gate, Observer, Silent};
pub use scratch::Scratch;
