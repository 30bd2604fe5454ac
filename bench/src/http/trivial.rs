//! What any answer costs: a handler that says the same 192 bytes whatever it is asked.

use std::net::Ipv4Addr;

use anyhow::Result;
use axum::Router;
use axum::http::header::CONTENT_TYPE;
use axum::routing::get;
use tokio::net::TcpListener;

/// 192 bytes of JSON.
pub(super) const BODY: &str = concat!(
    r#"{"user_key":"user-0000","environment":"prod","config_version":1,"assignments":"#,
    r#"[{"experiment_key":"exp-00000","experiment_id":"00000000-0000-4000-a000-000000000000","#,
    r#""variant_key":"treatment"}]}"#,
);
const _: () = assert!(BODY.len() == 192, "peers are measured with 192 bytes");

/// Serves it on this port, with the runtime and the server that `lotwise` has.
#[tokio::main]
pub(crate) async fn serve(port: u16) -> Result<()> {
    let answer = async || ([(CONTENT_TYPE, "application/json")], BODY);
    let router = Router::new().route("/decide", get(answer));
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await?;
    Ok(axum::serve(listener, router).await?)
}
