//! The control plane of Lotwise: admin API, publisher and native decisions.
//!
//! Imports point one way: `router → routes → {auth, extract, domain, store, publish}`;
//! `jobs → {publish, ingest} → store → domain → core`. SQL lives under [`store`] only, and nothing imports
//! [`routes`] but the router.

pub mod analysis;
pub mod assign;
pub mod auth;
pub mod cli;
pub mod decide;
pub mod domain;
pub mod explain;
pub mod extract;
mod hex;
pub mod http;
pub mod ingest;
pub mod jobs;
pub mod openapi;
pub mod power;
pub mod problem;
pub mod prometheus;
pub mod publish;
pub mod replay;
pub mod router;
pub mod routes;
pub mod serve;
pub mod settings;
pub mod state;
pub mod store;
pub mod telemetry;
