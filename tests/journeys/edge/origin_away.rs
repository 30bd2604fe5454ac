//! The origin stops, is slow, lies and goes back in time under the eyes of several clients.

use std::ops::AsyncFnOnce;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use lotwise_dev::{Api, EdgeWorker, ReadFault, Stack};
use lotwise_e2e::{Admin, edge, put_document, small_document};
use tokio::task::JoinSet;

const POINTER: &str = "away/version.json";
const DECIDE: &str = "/decide?user_key=user-123&env=away";
/// A request that waited for the store would take as long as one fetch may, four seconds.
const SLOWEST: Duration = Duration::from_millis(2500);

/// Clients that ask the edge all the time.
struct Clients {
    asking: JoinSet<Result<u64>>,
    is_over: Arc<AtomicBool>,
}

impl Clients {
    fn start(root: &Api) -> Self {
        let is_over = Arc::new(AtomicBool::new(false));
        let mut asking = JoinSet::new();
        for _ in 0..4 {
            asking.spawn(ask(root.clone(), Arc::clone(&is_over)));
        }
        Self { asking, is_over }
    }

    /// Stops them, and says what any of them has to complain about.
    async fn stop(self) -> Result<()> {
        self.is_over.store(true, Ordering::Relaxed);
        for asked in self.asking.join_all().await {
            ensure!(asked? > 100, "too few requests to tell");
        }
        Ok(())
    }
}

async fn ask(root: Api, is_over: Arc<AtomicBool>) -> Result<u64> {
    let (mut asked, mut newest) = (0, 0);
    while !is_over.load(Ordering::Relaxed) {
        let start = Instant::now();
        let answer = root.get(DECIDE).await?.expect(200)?.json();
        ensure!(start.elapsed() < SLOWEST, "waited {:?}", start.elapsed());
        let version = answer["config_version"].as_i64().context("no version")?;
        ensure!(version >= newest, "version {version} after {newest}");
        ensure!(answer["assignments"][0]["payload"]["version"] == version, "{answer}");
        (asked, newest) = (asked + 1, version);
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    Ok(asked)
}

struct Away {
    stack: Stack,
    worker: EdgeWorker,
    version: u64,
}

impl Away {
    /// Whatever `fault` does, the Worker says so, and is well again once it ends and something new
    /// is published.
    async fn survives(&mut self, name: &str, fault: impl AsyncFnOnce(&mut Stack)) -> Result<()> {
        fault(&mut self.stack).await;
        let root = self.worker.root();
        let admin = Admin::new(root.clone());
        let health = admin.until_health(&root, "degraded").await.with_context(|| name.to_owned())?;
        let environment = &health["environments"]["away"];
        assert_eq!(health["config_versions"]["away"], self.version, "{name}: {health}");
        assert!(environment["age_seconds"].is_u64(), "{name}: {health}");
        assert!(!environment["last_error"].as_str().unwrap_or_default().is_empty(), "{name}: {health}");

        self.version += 1;
        put_document(&self.stack.store, &small_document("away", self.version))?;
        self.stack.store.faults().clear();
        self.stack.store.restart().await?;
        let version = i64::try_from(self.version)?;
        admin.until_decided("away", version).await.with_context(|| format!("after {name}"))?;
        let health = admin.until_health(&root, "ok").await.with_context(|| format!("after {name}"))?;
        assert!(health["environments"]["away"]["last_error"].is_null(), "after {name}: {health}");
        Ok(())
    }
}

#[tokio::test]
async fn no_request_fails_and_no_version_goes_back() -> Result<()> {
    let stack = lotwise_e2e::stack().await?;
    put_document(&stack.store, &small_document("away", 1))?;
    let worker = edge(&stack, &[("FETCH_TIMEOUT", "4s"), ("ENVIRONMENTS", "away")]).await?;
    let mut away = Away { stack, worker, version: 1 };
    let root = away.worker.root();
    root.get(DECIDE).await?.expect(200)?;
    let clients = Clients::start(&root);

    away.survives("a stopped origin", async |stack| stack.store.stop().await).await?;
    away.survives("an origin that is slower than the time-out", async |stack| {
        stack.store.faults().on_reads(ReadFault::Delay(Duration::from_mins(1)));
    })
    .await?;
    away.survives("a version.json of rubbish", async |stack| {
        stack.store.faults().replace(POINTER, "<html>rubbish</html>");
    })
    .await?;
    let old = away.stack.store.read(POINTER)?;
    away.survives("objects that break off", async |stack| {
        stack.store.faults().on_reads(ReadFault::Truncate);
    })
    .await?;
    away.survives("an old version.json", async |stack| stack.store.faults().replace(POINTER, old)).await?;
    flipped_byte(&mut away).await?;

    clients.stop().await?;
    away.worker.stop().await?;
    away.stack.stop().await
}

/// A new version whose object is not what its digest says, until it is.
async fn flipped_byte(away: &mut Away) -> Result<()> {
    let held = away.version;
    away.version += 1;
    let store = &away.stack.store;
    // The Worker sees the new pointer only once the object behind it is broken.
    store.faults().replace(POINTER, store.read(POINTER)?);
    let key = put_document(store, &small_document("away", away.version))?;
    let genuine = store.read(&key)?;
    let mut flipped = genuine.clone();
    flipped[genuine.len() / 2] ^= 1;
    store.write(&key, &flipped)?;
    store.faults().clear();

    let (root, admin) = (away.worker.root(), Admin::new(away.worker.root()));
    let health = admin.until_health(&root, "degraded").await.context("a flipped byte")?;
    assert_eq!(health["config_versions"]["away"], held, "{health}");
    store.write(&key, &genuine)?;
    admin.until_decided("away", i64::try_from(away.version)?).await.context("after a flipped byte")?;
    admin.until_health(&root, "ok").await.map(drop)
}
