//! A Worker whose variables cannot be used.

use anyhow::{Result, ensure};
use lotwise_e2e::{Prod, edge};

#[tokio::test]
async fn it_says_so_and_the_log_says_which() -> Result<()> {
    let Prod { stack, .. } = Prod::new().await?;
    let mut worker = edge(&stack, &[("POLL_INTERVAL", "soon"), ("SECRET_KEYS", "sk_not_to_be_seen")]).await?;
    for path in ["/decide?user_key=user-123&env=prod", "/health", "/ready"] {
        let answer = worker.root().get(path).await?.expect(503)?;
        assert_eq!(answer.json()["code"], "misconfigured", "{path}");
    }
    let log = std::fs::read_to_string(worker.process().log())?;
    ensure!(log.contains("POLL_INTERVAL"), "{log}");
    ensure!(!log.contains("sk_not_to_be_seen"), "{log}");

    worker.restart(&[("POLL_INTERVAL", "1s")]).await?;
    worker.root().get("/ready").await?.expect(200)?;
    worker.stop().await?;
    stack.stop().await
}
