//! Events.

mod quality;
mod take;
mod track;

pub use quality::*;
pub use take::take_events;
pub use track::*;
