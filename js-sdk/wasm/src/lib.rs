//! The core for pages: types across the border of WebAssembly and nothing else.
//!
//! There are two builds. The small one (feature `bare`) is what every page downloads; the larger one
//! (feature `full`) also takes JSON documents and regular expressions and explains. Crossing the border
//! costs more than deciding, so what crosses is few and large: whole snapshots, whole subjects, numbers.

#![no_std]

extern crate alloc;

#[cfg(feature = "bare")]
mod bare;
#[cfg(feature = "full")]
mod full;
#[cfg(feature = "golden")]
mod golden;
mod snapshot;
mod subject;

pub use snapshot::Snapshot;
pub use subject::Subject;
