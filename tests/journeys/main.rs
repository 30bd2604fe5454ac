//! Journeys across the real parts: Postgres, an object store, `lotwise serve`, the edge Worker. Each
//! file is one.

mod assign;
mod client_document;
mod crash;
mod database_away;
mod decide_http;
mod decide_only;
mod edge;
mod events_crash;
mod exec;
mod page;
mod payload_bytes;
mod replicas;
mod sticky;
mod store_away;
mod walkthrough;
mod written_stays;
