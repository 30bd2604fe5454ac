//! The decide service without a host: requests in, responses out.

mod decide;
mod events;
mod keys;
mod ofrep;
mod passthrough;
mod published;
mod reader;
mod scripted;
mod sticky;
mod support;
mod vars;
