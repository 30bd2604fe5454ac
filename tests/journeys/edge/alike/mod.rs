//! Whatever is asked, the Worker answers as a native server does.

mod access;
mod bodies;
mod other_calls;
mod queries;
mod routes;

use anyhow::Result;
use lotwise_dev::{Answer, Api, Method, Role};
use lotwise_e2e::{Prod, edge};

const DECIDE: &str = "/decide?user_key=user-123&env=prod";
const FLAGS: &str = "/prod/ofrep/v1/evaluate/flags";

/// The headers whose values are part of the contract.
const HEADERS: [&str; 14] = [
    "content-type",
    "allow",
    "retry-after",
    "cache-control",
    "etag",
    "vary",
    "www-authenticate",
    "x-request-id",
    "access-control-allow-origin",
    "access-control-allow-credentials",
    "access-control-allow-methods",
    "access-control-allow-headers",
    "access-control-expose-headers",
    "access-control-max-age",
];

/// A native server and a Worker, set up alike.
struct Hosts {
    native: Api,
    at_edge: Api,
}

impl Hosts {
    /// The answer of both, which is the same.
    async fn ask(
        &self,
        method: Method,
        path: &str,
        headers: &[(&str, &str)],
        body: Option<&str>,
    ) -> Result<Answer> {
        // With an id of our own not even `instance` differs.
        let headers = [&[("x-request-id", "asked-of-both")], headers].concat();
        let send =
            async |root: &Api| root.send(method.clone(), path, &headers, body.map(ToOwned::to_owned)).await;
        let (native, at_edge) = tokio::try_join!(send(&self.native), send(&self.at_edge))?;
        let asked = format!("{} {headers:?} {}", native.request, body.unwrap_or_default());
        let asked = asked.chars().take(300).collect::<String>();
        assert_eq!((native.status, &native.text), (at_edge.status, &at_edge.text), "{asked}");
        for name in HEADERS {
            assert_eq!(native.header(name), at_edge.header(name), "{name} of {asked}");
        }
        Ok(native)
    }
}

/// Runs a table of requests against a native server and a Worker.
async fn with_hosts(settings: &[(&str, &str)], ask: impl AsyncFnOnce(&Hosts) -> Result<()>) -> Result<()> {
    let prod = Prod::new().await?;
    let mut server = prod.stack.another_server(Role::Decide, settings).await?;
    // A server that only decides has nobody to bring events to.
    let mut worker = edge(&prod.stack, &[&[("CONTROL_API_URL", "")], settings].concat()).await?;
    let hosts = Hosts { native: server.root(), at_edge: worker.root() };
    ask(&hosts).await?;
    worker.stop().await?;
    server.stop().await?;
    prod.stack.stop().await
}
