//! The decide service without its host.
//!
//! [`route`] turns a request into a [`Call`]; the host brings the snapshot that the call asks for,
//! and the call gives the response. [`Pointer`], [`Form`] and [`Published`] say what a reader may take
//! from the store, and [`Reader`] when it looks and what it holds. Clock and network come from the host through
//! [`Source`], so that the native server and the Worker are thin adapters around the same bytes.

mod access;
mod client;
mod cors;
mod decide;
mod duration;
mod etag;
mod events;
mod fields;
mod health;
mod hex;
mod ofrep;
mod passthrough;
mod problem;
mod published;
mod query;
mod question;
mod reader;
mod request;
mod response;
mod route;
mod settings;
mod sticky;
mod vars;

pub use access::{Access, Keys};
pub use client::client_network;
pub use cors::add_cors;
pub use duration::parse_duration;
pub use events::{
    Delivery, Event, EventKind, EventsCall, Exposure, Message, Refusal, Refused, Track, UNVERIFIED_HEADER,
    UnixTime, is_event_name,
};
pub use health::{EnvironmentHealth, health};
pub use passthrough::PassthroughCall;
pub use problem::Problem;
pub use published::{Form, InvalidSnapshot, Pointer, Published, sha256};
pub use question::Question;
pub use reader::{FetchError, Fetched, Found, Kept, Object, Reader, ReaderSettings, Report, Source};
pub use request::{Method, Request, is_request_id};
pub use response::{Header, Response};
pub use route::{Call, max_body_bytes, route};
pub use settings::{RESERVED_NAMES, Settings, is_servable_environment};
pub use sticky::{ShortStickyKey, StickyKeys};
pub use vars::settings_from_vars;
