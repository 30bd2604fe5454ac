//! The development stack, for `cargo xtask dev` and for the journeys in `tests/`: a private
//! Postgres, an S3-compatible store, the servers and the edge Worker on one machine, with no
//! container and no account.
//!
//! [`Stack`] is all of it. [`Postgres`], [`ObjectStore`], [`Server`] and [`EdgeWorker`] are its
//! parts, each usable alone; [`Api`] talks to a server. Every process that is started here goes through a guard that
//! ends it when this process ends, however that happens.
//!
//! Unix only: signals, process groups and file owners are used throughout.

mod api;
mod binary;
mod config;
mod demo;
mod edge;
mod guard;
mod home;
mod ports;
mod postgres;
mod readiness;
mod server;
mod stack;
mod store;

pub use api::{Answer, Api};
pub use config::{BUCKET, DEFAULT_EDGE_PORT, DEFAULT_SERVER_PORT, DEFAULT_STORE_PORT};
pub use demo::demo;
pub use edge::{EdgeBindings, EdgeBuild, EdgeOptions, EdgeRateLimit, EdgeWorker};
pub use guard::{CommandLine, Guarded};
pub use home::Home;
pub use http::Method;
pub use ports::{Port, free_port};
pub use postgres::{Database, Durability, Postgres};
pub use server::{Role, Server, ServerOptions};
pub use stack::{DatabaseChoice, Stack, StackOptions};
pub use store::{ConditionalWrites, Faults, ObjectStore, ReadFault};
