//! Targeting, bucketing and deciding.
#![no_std]

extern crate alloc;

pub mod bucketing;
pub mod document;
mod fault;

pub use fault::{Fault, check};
