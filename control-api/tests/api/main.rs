//! The admin API against a real Postgres, a database per test, and an S3-compatible store.

mod access;
mod all_roles;
mod allocations;
mod assign;
mod bodies;
mod crash;
mod environments;
mod events;
mod experiments;
mod explain;
mod kill;
mod objects;
mod only;
mod openapi;
mod overlap;
mod preview;
mod publishing;
mod replay;
mod rollback;
mod status;
mod support;
mod variants;
mod versions;
mod walkthrough;
mod weights;
