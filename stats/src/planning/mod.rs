//! Planning: how many units, what power, which effect, how many days.
//!
//! [`plan`] answers a [`PowerRequest`], whoever asks: an HTTP route, a command line, a page. The formulas are in
//! [`Design`] and [`runtime`].

mod design;
mod request;
mod runtime;

pub use design::{Design, Metric, SampleSize};
pub use request::{Kind, PowerAnswer, PowerFault, PowerRequest, Rule, Solve, plan};
pub use runtime::{Runtime, runtime};
