//! The Worker in workerd, beside a native server and in front of the same store.

mod alike;
mod cache;
mod environments;
mod events;
mod explain;
mod misconfigured;
mod openfeature;
mod origin_away;
mod panic;
mod process;
mod publish;
mod r2_bucket;
mod rate_limit;
mod same_bytes;
