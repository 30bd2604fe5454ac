//! Requests in, checked values out: every fault of a request at once.

pub mod body;
pub mod faults;
pub mod fields;
pub mod found;
pub mod if_match;
pub mod limits;
pub mod page;
pub mod path;
pub mod query;
pub mod rules;
pub mod scan;
pub mod subject;

pub use body::JsonBody;
pub use faults::Faults;
pub use fields::Fields;
pub use found::Found;
pub use if_match::IfMatch;
