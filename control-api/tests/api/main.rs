//! The admin API against a real Postgres, a database per test, and an S3-compatible store.

mod access;
mod allocations;
mod bodies;
mod environments;
mod experiments;
mod openapi;
mod publishing;
mod status;
mod support;
mod variants;
mod walkthrough;
