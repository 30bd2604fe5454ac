//! Accepting connections, and cutting all of them at once.

use std::net::TcpListener;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Result;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::task::{JoinHandle, JoinSet};

use super::gate::Gate;

/// Listens until dropped.
#[derive(Debug)]
pub(super) struct Listener(JoinHandle<()>);

impl Listener {
    pub(super) fn start(socket: TcpListener, gate: Arc<Gate>) -> Result<Self> {
        socket.set_nonblocking(true)?;
        let socket = tokio::net::TcpListener::from_std(socket)?;
        Ok(Self(tokio::spawn(serve(socket, gate))))
    }

    /// Frees the port and cuts every connection before it returns.
    pub(super) async fn stop(mut self) {
        self.0.abort();
        // Cancelled, as asked.
        let _ = (&mut self.0).await;
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        self.0.abort();
    }
}

async fn serve(socket: tokio::net::TcpListener, gate: Arc<Gate>) {
    // Dropping the set, with this task, ends every connection.
    let mut connections = JoinSet::new();
    loop {
        let Ok((stream, _)) = socket.accept().await else {
            // Out of file descriptors, most likely: it may pass.
            tokio::time::sleep(Duration::from_millis(50)).await;
            continue;
        };
        // Small answers would otherwise wait for the reader's acknowledgement.
        let _ = stream.set_nodelay(true);
        let gate = Arc::clone(&gate);
        connections.spawn(async move {
            let service = service_fn(|request| gate.answer(request));
            // A reader that goes away in the middle is nothing to report.
            let _ = http1::Builder::new().serve_connection(TokioIo::new(stream), service).await;
        });
        while connections.try_join_next().is_some() {}
    }
}
