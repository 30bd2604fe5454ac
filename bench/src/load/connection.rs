//! A client's side of HTTP/1.1 with keep-alive, as much of it as the servers here use.

use std::net::SocketAddr;

use anyhow::{Context, Result, bail};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

/// Far more than any answer here has.
const MAX_ANSWER_BYTES: usize = 1 << 20;

/// An open connection, one request at a time.
#[derive(Debug)]
pub(crate) struct Connection {
    stream: TcpStream,
    received: Vec<u8>,
}

/// An answer, as long as it is looked at.
#[derive(Debug)]
pub(crate) struct Answer<'c> {
    pub(crate) status: u16,
    pub(crate) body: &'c [u8],
}

impl Connection {
    pub(crate) async fn open(address: SocketAddr) -> Result<Self> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        Ok(Self { stream, received: Vec::with_capacity(16 << 10) })
    }

    /// Sends a request and waits for its answer.
    pub(crate) async fn ask(&mut self, request: &[u8]) -> Result<Answer<'_>> {
        self.stream.write_all(request).await?;
        self.received.clear();
        let (mut scanned, mut head) = (0, None);
        loop {
            if self.stream.read_buf(&mut self.received).await? == 0 {
                bail!("the server closed the connection");
            }
            if head.is_none() {
                let end = find(&self.received[scanned..], b"\r\n\r\n").map(|at| scanned + at + 4);
                head = end.map(|end| Head::parse(&self.received[..end])).transpose()?;
                scanned = self.received.len().saturating_sub(3);
            }
            if let Some(Head { status, start, length }) = head
                && self.received.len() >= start + length
            {
                return Ok(Answer { status, body: &self.received[start..start + length] });
            }
            if self.received.len() > MAX_ANSWER_BYTES {
                bail!("the answer is far too long");
            }
        }
    }
}

/// Where the body is.
#[derive(Clone, Copy)]
struct Head {
    status: u16,
    start: usize,
    length: usize,
}

impl Head {
    fn parse(bytes: &[u8]) -> Result<Self> {
        let text = std::str::from_utf8(bytes).context("a head that is not text")?;
        let status = text.split(' ').nth(1).and_then(|status| status.parse().ok()).context("no status")?;
        let mut lengths = text.lines().filter_map(|line| {
            let (name, value) = line.split_once(':')?;
            if name.eq_ignore_ascii_case("content-length") { value.trim().parse().ok() } else { None }
        });
        let length = lengths.next_back().context("an answer without content-length")?;
        Ok(Self { status, start: bytes.len(), length })
    }
}

fn find(bytes: &[u8], wanted: &[u8]) -> Option<usize> {
    bytes.windows(wanted.len()).position(|window| window == wanted)
}
