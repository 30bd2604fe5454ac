//! The admin API against a real Postgres, a database per test, and an S3-compatible store.

mod access;
mod all_roles;
mod allocations;
mod bodies;
mod crash;
mod environments;
mod experiments;
mod groups;
mod history;
mod holdouts;
mod keys;
mod objects;
mod openapi;
mod overrides;
mod prerequisites;
mod published_layers;
mod publishing;
mod retention;
mod rollback;
mod segments;
mod status;
mod support;
mod tokens;
mod variants;
mod walkthrough;
mod who;
