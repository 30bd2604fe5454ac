//! The servers that are compared.

use std::path::Path;

use anyhow::{Context, Result};

use crate::load::child::{Child, free_address};

/// `lotwise` in the decide role, set up as it is by default.
pub(super) fn lotwise_server(program: &Path, store_url: &str) -> Result<Child> {
    let program = program.canonicalize().with_context(|| {
        format!("{}: build it with `cargo build --release -p lotwise-control`", program.display())
    })?;
    let address = free_address()?;
    let port = address.port().to_string();
    let arguments = ["serve", "--role", "decide", "--environments", "prod", "--config-base-url", store_url];
    let port = ["--decision-service-port", port.as_str()];
    Child::start("http-lotwise", &program, arguments.iter().chain(&port), address)
}

/// This very program, as the trivial server.
pub(super) fn trivial_server() -> Result<Child> {
    let program = std::env::current_exe().context("finding this program")?;
    let address = free_address()?;
    let port = address.port().to_string();
    Child::start("http-trivial", &program, ["trivial-server", port.as_str()], address)
}
