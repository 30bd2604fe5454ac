//! Loopback ports.

use std::net::{Ipv4Addr, TcpListener};
use std::time::Duration;

use anyhow::{Context, Result};

/// Which port a part listens on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Port {
    /// This one, or fail.
    Fixed(u16),
    /// Any that is free.
    Free,
}

impl Port {
    /// Settles on a number, and says what to do when a fixed port is taken. `setting` names the
    /// environment variable that chooses another.
    pub(crate) fn claim(self, what: &str, setting: &str) -> Result<u16> {
        match self {
            Self::Free => free_port(),
            Self::Fixed(port) => {
                // A server whose stack was killed a moment ago may be on its way out.
                let mut bound = bind(port);
                for _ in 0..10 {
                    if bound.is_ok() {
                        break;
                    }
                    std::thread::sleep(Duration::from_millis(100));
                    bound = bind(port);
                }
                bound.with_context(|| taken(port, what, setting))?;
                Ok(port)
            }
        }
    }
}

/// A loopback port that nothing listens on right now.
pub fn free_port() -> Result<u16> {
    let listener = bind(0).context("finding a free port")?;
    Ok(listener.local_addr()?.port())
}

pub(crate) fn bind(port: u16) -> std::io::Result<TcpListener> {
    TcpListener::bind((Ipv4Addr::LOCALHOST, port))
}

pub(crate) fn taken(port: u16, what: &str, setting: &str) -> String {
    format!(
        "port {port}, wanted for {what}, is in use. Stop what listens there (another `cargo xtask \
         dev`? `lsof -i :{port}` names it), or choose another port with {setting}"
    )
}
