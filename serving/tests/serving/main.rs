//! The decide service without a host: requests in, responses out.

mod decide;
mod ofrep;
mod published;
mod reader;
mod support;
