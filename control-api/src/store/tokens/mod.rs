//! Tokens of the admin API.

mod create;
mod edit;
mod find;
mod row;

pub use find::TokenPage;
