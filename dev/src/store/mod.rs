//! An S3-compatible store in this process.
//!
//! `s3s-fs` keeps objects as files and checks signatures; what it lacks is added here: atomic
//! conditional writes (it checks, then writes), `304` for readers that know the object already,
//! CORS, anonymous reads of the one public bucket, and faults for tests.

mod access;
mod faults;
mod gate;
mod listener;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context, Result};

use crate::config::{ACCESS_KEY, BUCKET, REGION, SECRET_KEY};
use crate::home::create;
use crate::ports::{Port, bind, taken};
pub use faults::{ConditionalWrites, Faults, ReadFault};
use gate::Gate;
use listener::Listener;

/// A running store.
#[derive(Debug)]
pub struct ObjectStore {
    folder: PathBuf,
    port: u16,
    faults: Faults,
    listener: Option<Listener>,
}

impl ObjectStore {
    /// Serves the objects in `home`, with an empty public bucket at first.
    pub async fn start(home: &Path, port: Port) -> Result<Self> {
        let folder = home.join("store");
        create(&folder.join(BUCKET))?;
        let port = port.claim("the object store", "STORE_PORT")?;
        let mut store = Self { folder, port, faults: Faults::default(), listener: None };
        store.restart().await?;
        Ok(store)
    }

    /// The endpoint for an S3 client.
    pub fn url(&self) -> String {
        format!("http://localhost:{}", self.port)
    }

    /// The public bucket, as `CONFIG_BASE_URL` wants it.
    pub fn bucket_url(&self) -> String {
        format!("{}/{BUCKET}", self.url())
    }

    /// What an S3 client needs to know to write here, as environment variables.
    pub fn client_settings(&self) -> Vec<(&'static str, String)> {
        vec![
            ("S3_ENDPOINT", self.url()),
            ("S3_BUCKET", BUCKET.into()),
            ("S3_REGION", REGION.into()),
            ("AWS_ACCESS_KEY_ID", ACCESS_KEY.into()),
            ("AWS_SECRET_ACCESS_KEY", SECRET_KEY.into()),
        ]
    }

    /// The switches that make it misbehave.
    pub fn faults(&self) -> &Faults {
        &self.faults
    }

    /// The folder whose files are the objects of the public bucket.
    pub fn bucket_folder(&self) -> PathBuf {
        self.folder.join(BUCKET)
    }

    /// The bytes of an object in the public bucket.
    pub fn read(&self, key: &str) -> Result<Vec<u8>> {
        let file = self.bucket_folder().join(key);
        std::fs::read(&file).with_context(|| format!("reading the object {key}"))
    }

    /// Puts an object into the public bucket without asking anybody, at once as a whole.
    pub fn write(&self, key: &str, bytes: &[u8]) -> Result<()> {
        let file = self.bucket_folder().join(key);
        create(file.parent().unwrap_or(&file))?;
        let unfinished = file.with_extension("unfinished");
        std::fs::write(&unfinished, bytes)
            .and_then(|()| std::fs::rename(&unfinished, &file))
            .with_context(|| format!("writing the object {key}"))
    }

    /// Stops answering and cuts every connection; the objects stay.
    pub async fn stop(&mut self) {
        if let Some(listener) = self.listener.take() {
            listener.stop().await;
        }
    }

    /// Answers again, on the same port.
    pub async fn restart(&mut self) -> Result<()> {
        self.stop().await;
        let socket = bind(self.port).with_context(|| taken(self.port, "the object store", "STORE_PORT"))?;
        let gate = Gate::open(&self.folder, self.faults.clone())?;
        self.listener = Some(Listener::start(socket, Arc::new(gate))?);
        Ok(())
    }
}
