//! Pages in Chromium, in front of the real stack.

mod alike;
mod exposures;
mod forced;
mod offline;
mod publish;
mod remote;
