//! The admin API against a real Postgres, a database per test, and an S3-compatible store.

mod access;
mod all_roles;
mod allocations;
mod analysis;
mod assign;
mod bodies;
mod crash;
mod environments;
mod events;
mod experiments;
mod objects;
mod openapi;
mod publishing;
mod rollback;
mod status;
mod support;
mod variants;
mod walkthrough;
