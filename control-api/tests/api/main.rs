//! The admin API against a real Postgres, a database per test, and an S3-compatible store.

mod access;
mod all_roles;
mod allocations;
mod bodies;
mod crash;
mod environments;
mod experiments;
mod history;
mod keys;
mod objects;
mod openapi;
mod publishing;
mod retention;
mod rollback;
mod status;
mod support;
mod tokens;
mod variants;
mod walkthrough;
mod who;
