//! Workers in bare workerd, a process each: miniflare would add its own Workers in front.

use std::fs;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use axum::Router;
use axum::http::StatusCode;
use axum::routing::put;
use tokio::net::TcpListener;

use crate::load::child::{Child, free_address};

/// A built Worker.
#[derive(Clone, Copy, Debug)]
pub(super) struct Worker {
    pub(super) name: &'static str,
    /// Has `index.js`, and `index_bg.wasm` if it is a Rust Worker.
    pub(super) folder: &'static str,
}

pub(super) const LOTWISE: Worker = Worker { name: "lotwise", folder: "edge-worker/build" };
pub(super) const HELLO: Worker = Worker { name: "hello world", folder: "bench/hello-worker/build" };
pub(super) const GROWTHBOOK: Worker = Worker { name: "growthbook", folder: "bench/growthbook-worker/build" };

/// Node packages that bring workerd for one platform each are here; npm installs one of them.
const PLATFORMS: &str = "edge-worker/node_modules/@cloudflare";

/// The runtime, and the cache that its Workers have.
#[derive(Debug)]
pub(super) struct Workerd {
    program: PathBuf,
    cache: SocketAddr,
}

impl Workerd {
    pub(super) async fn find() -> Result<Self> {
        let platforms = fs::read_dir(PLATFORMS).with_context(|| format!("reading {PLATFORMS}"))?;
        let platform = platforms
            .filter_map(|entry| Some(entry.ok()?.path()))
            .find(|path| path.file_name().is_some_and(|name| name.to_string_lossy().starts_with("workerd-")));
        let program = platform.context("no workerd for this platform")?.join("bin/workerd");
        Ok(Self { program: program.canonicalize()?, cache: empty_cache().await? })
    }

    /// Starts it with one Worker that reads this store.
    pub(super) fn start(&self, worker: Worker, store_url: &str) -> Result<Child> {
        let address = free_address()?;
        let name = format!("edge-{}", worker.name.replace(' ', "-"));
        let folder = Path::new("target/bench").join(&name);
        fs::create_dir_all(&folder)?;
        let mut modules = r#"(name = "index.js", esModule = embed "index.js")"#.to_owned();
        let built = Path::new(worker.folder);
        fs::copy(built.join("index.js"), folder.join("index.js"))
            .with_context(|| format!("{} is not built: `cargo xtask bench edge` does it", worker.folder))?;
        if fs::copy(built.join("index_bg.wasm"), folder.join("index_bg.wasm")).is_ok() {
            modules += r#", (name = "index_bg.wasm", wasm = embed "index_bg.wasm")"#;
        }
        let config = folder.join("config.capnp");
        fs::write(&config, self.config(&modules, address, store_url))?;
        Child::start(&name, &self.program, [Path::new("serve"), &config], address)
    }

    fn config(&self, modules: &str, address: SocketAddr, store_url: &str) -> String {
        let (cache, date) = (self.cache, compatibility_date());
        format!(
            r#"using Workerd = import "/workerd/workerd.capnp";

const config :Workerd.Config = (
  services = [
    (name = "main", worker = (
      modules = [{modules}],
      compatibilityDate = "{date}",
      bindings = [(name = "CONFIG_BASE_URL", text = "{store_url}")],
      cacheApiOutbound = "cache",
    )),
    (name = "internet", network = (allow = ["local", "private"])),
    (name = "cache", external = (address = "{cache}", http = ())),
  ],
  sockets = [(name = "http", address = "{address}", http = (), service = "main")],
);
"#
        )
    }
}

/// The date that is deployed.
fn compatibility_date() -> &'static str {
    let mut lines = include_str!("../../../wrangler.toml").lines();
    let line = lines.find_map(|line| line.strip_prefix("compatibility_date = "));
    line.unwrap_or_default().trim_matches('"')
}

/// What workerd asks for the Cache API's objects: it takes anything and has nothing, as where nobody
/// has asked before.
async fn empty_cache() -> Result<SocketAddr> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?;
    let router = Router::new().fallback_service(
        put(async || StatusCode::NO_CONTENT)
            .get(async || (StatusCode::GATEWAY_TIMEOUT, [("cf-cache-status", "MISS")])),
    );
    tokio::spawn(async move { axum::serve(listener, router).await });
    Ok(address)
}
