//! Workers are started, killed and stopped like the other parts of the stack.

use std::net::TcpStream;

use anyhow::{Context, Result};
use lotwise_dev::{EdgeBindings, EdgeOptions, EdgeWorker};
use lotwise_e2e::Prod;

#[tokio::test]
async fn a_worker_starts_again_with_other_variables_and_leaves_nothing() -> Result<()> {
    let Prod { mut stack, admin, .. } = Prod::new().await?;
    let expected = admin.decide("prod", "user-123").await?.expect(200)?.text;

    // Nothing but the bucket's objects is there to read.
    let bindings = EdgeBindings { snapshots: Some(stack.store.bucket_folder()), ..EdgeBindings::default() };
    let options = EdgeOptions { bindings, ..stack.edge_options()? };
    stack.store.stop().await;
    let mut worker = EdgeWorker::start(options).await?;
    let decide = "/decide?user_key=user-123&env=prod";
    assert_eq!(worker.root().get(decide).await?.expect(200)?.text, expected);

    worker.restart(&[("REQUIRE_KEY", "true"), ("SECRET_KEYS", "a-key-of-some-length")]).await?;
    assert_eq!(worker.root().get(decide).await?.status, 401);

    let url = worker.url();
    let port: u16 = url.rsplit(':').next().context("no port")?.parse()?;
    worker.stop().await?;
    assert!(TcpStream::connect(("127.0.0.1", port)).is_err(), "something is left at {url}");
    stack.stop().await
}
