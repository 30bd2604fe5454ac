//! The contract of `cargo xtask dev --exec`.

use std::collections::BTreeMap;
use std::net::TcpStream;
use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context, Result};
use lotwise_dev::Api;
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::process::Command;

/// Shows what it was given, waits for a line, and ends in its own way.
const COMMAND: &str = "env | grep -E '^(LOTWISE_|DATABASE_URL)'; echo; read line; exit 7";

#[tokio::test]
async fn a_command_gets_a_stack_and_leaves_nothing() -> Result<()> {
    let mut child = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
        .args(["xtask", "dev", "--exec", COMMAND])
        .current_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/.."))
        // A database of its own is part of what is tested.
        .env_remove("DATABASE_URL")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()?;
    let mut lines = BufReader::new(child.stdout.take().context("no output")?).lines();
    let mut given = BTreeMap::new();
    while let Some(line) = lines.next_line().await?.filter(|line| !line.is_empty()) {
        let (name, value) = line.split_once('=').context("not a variable")?;
        given.insert(name.to_owned(), value.to_owned());
    }

    let api = &given["LOTWISE_API_URL"];
    assert!(api.ends_with("/api"), "{api}");
    Api::new(api).get("/environments").await?.expect(200)?;
    let decide = Api::new(&given["LOTWISE_DECIDE_URL"]);
    let nowhere = decide.get("/decide?user_key=a&env=nowhere").await?;
    assert_eq!(nowhere.status, 404);
    let cdn = &given["LOTWISE_CDN_URL"];
    assert!(cdn.ends_with("/experiment-configs"), "{cdn}");
    assert_eq!(Api::new(cdn).get("/prod/version.json").await?.status, 404);
    let edge = &given["LOTWISE_EDGE_URL"];
    Api::new(edge).get("/health").await?.expect(200)?;

    let addresses = [api, cdn, edge, &given["DATABASE_URL"]].map(|url| port(url));
    assert!(addresses.iter().all(|port| TcpStream::connect(("127.0.0.1", *port)).is_ok()));
    let mut input = child.stdin.take().context("no input")?;
    input.write_all(b"go on\n").await?;
    let status = tokio::time::timeout(Duration::from_secs(30), child.wait()).await??;
    assert_eq!(status.code(), Some(7));
    for port in addresses {
        assert!(TcpStream::connect(("127.0.0.1", port)).is_err(), "something is left at {port}");
    }
    Ok(())
}

fn port(url: &str) -> u16 {
    let digits = url.rsplit(':').next().and_then(|rest| rest.split('/').next());
    digits.and_then(|digits| digits.parse().ok()).unwrap_or_else(|| panic!("no port in {url}"))
}
