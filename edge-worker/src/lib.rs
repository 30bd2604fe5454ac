//! The Cloudflare Worker: decides next to the user, from snapshots on the S3-compatible CDN.
//!
//! Only what touches the host is here. Routes, checks, answers and the refresh policy are
//! `lotwise_serving`, the same as on a native server.

mod border;
#[cfg(feature = "golden")]
mod golden;
mod handler;
mod host;
mod keeper;
mod queue;
mod source;

use worker::{Context, Env, MessageBatch, Result, event, web_sys};

/// Answers a request.
#[event(fetch)]
async fn fetch(request: web_sys::Request, env: Env, context: Context) -> Result<web_sys::Response> {
    Ok(handler::handle(request, &env, &context).await)
}

/// Brings events from the queue to the control API, which keeps them.
#[event(queue)]
async fn queue(batch: MessageBatch<String>, env: Env, _context: Context) -> Result<()> {
    queue::deliver(&batch, &env).await;
    Ok(())
}
