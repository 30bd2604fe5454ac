//! A store that does what a test says.

use core::cell::{Cell, RefCell};
use core::time::Duration;
use std::collections::HashMap;
use std::future::{pending, poll_fn};
use std::task::Poll;

use lotwise_core::Snapshot;
use lotwise_serving::{FetchError, Fetched, Kept, Object, Reader, ReaderSettings, Source};
use serde_json::{Value, json};

use crate::support::{document, named_binary, pointer_of};

pub(crate) const INTERVAL: Duration = Duration::from_secs(5);
pub(crate) const POINTER: &str = "prod/version.json";

/// A store, a clock and a shelf that do what a test says.
#[derive(Default)]
pub(crate) struct Scripted {
    pub(crate) now: Cell<Duration>,
    pub(crate) objects: RefCell<HashMap<String, Vec<u8>>>,
    pub(crate) fails: Cell<Option<FetchError>>,
    pub(crate) hangs: Cell<bool>,
    /// How long a fetch takes; ten milliseconds when zero.
    pub(crate) takes: Cell<Duration>,
    pub(crate) asked: RefCell<Vec<String>>,
    pub(crate) has_shelf: bool,
    pub(crate) shelf: RefCell<HashMap<String, Kept>>,
}

impl Source for &Scripted {
    fn now(&self) -> Duration {
        self.now.get()
    }

    async fn fetch(&self, path: &str, etag: Option<&str>, max_bytes: usize) -> Result<Fetched, FetchError> {
        self.asked.borrow_mut().push(path.to_owned());
        if self.hangs.get() {
            return pending().await;
        }
        self.pause(self.takes.get().max(Duration::from_millis(10))).await;
        if let Some(error) = self.fails.get() {
            return Err(error);
        }
        let Some(bytes) = self.objects.borrow().get(path).cloned() else { return Ok(Fetched::Absent) };
        let tag = format!("\"{}\"", bytes.len());
        match etag {
            Some(etag) if etag == tag => Ok(Fetched::NotModified),
            _ if bytes.len() > max_bytes => Err(FetchError::TooLarge),
            _ => Ok(Fetched::Object(Object { bytes, etag: Some(tag) })),
        }
    }

    async fn pause(&self, time: Duration) {
        // Everybody else gets a turn; then it is later.
        let mut is_over = false;
        poll_fn(|context| {
            if std::mem::replace(&mut is_over, true) {
                return Poll::Ready(());
            }
            context.waker().wake_by_ref();
            Poll::Pending
        })
        .await;
        self.now.set(self.now.get() + time);
    }

    async fn recall(&self, path: &str) -> Option<Kept> {
        self.shelf.borrow().get(path).cloned()
    }

    async fn keep(&self, path: &str, object: &Object) {
        if self.has_shelf {
            let kept = Kept { object: object.clone(), stored_at: self.now.get() };
            self.shelf.borrow_mut().insert(path.to_owned(), kept);
        }
    }
}

impl Scripted {
    /// A store with version 7 of `prod`.
    pub(crate) fn with_prod() -> Self {
        let scripted = Self::default();
        scripted.publish(7);
        scripted
    }

    pub(crate) fn publish(&self, version: u64) {
        let document = String::from_utf8(document()).expect("text");
        let document = document.replace("\"version\":7", &format!("\"version\":{version}")).into_bytes();
        let mut pointer: Value =
            serde_json::from_slice(&pointer_of(&document, &json!({"version": version}))).expect("a pointer");
        let path =
            format!("snapshots/{version}-{}.json", &pointer["sha256"].as_str().expect("a digest")[..16]);
        pointer["snapshot"] = path.clone().into();
        // Padded, since the scripted entity tag is the length.
        let pointer = format!("{pointer}{}", " ".repeat(usize::try_from(version).expect("small")));
        let mut objects = self.objects.borrow_mut();
        objects.insert(format!("prod/{path}"), document);
        objects.insert(POINTER.to_owned(), pointer.into_bytes());
    }

    /// Adds the binary form to a version that is published; its path.
    pub(crate) fn publish_binary(&self, version: u64) -> String {
        let mut objects = self.objects.borrow_mut();
        let mut pointer: Value = serde_json::from_slice(&objects[POINTER]).expect("JSON");
        let document = &objects[&format!("prod/{}", pointer["snapshot"].as_str().expect("a path"))];
        let binary = Snapshot::load(document).expect("a document").to_binary();
        pointer["binary"] = named_binary(version, &binary);
        let path = format!("prod/{}", pointer["binary"]["path"].as_str().expect("a path"));
        objects.insert(path.clone(), binary);
        objects.insert(POINTER.to_owned(), pointer.to_string().into_bytes());
        path
    }

    pub(crate) fn reader(&self) -> Reader<&Self> {
        let environments = vec!["prod".to_owned()];
        let fetch_timeout = Duration::from_secs(2);
        Reader::new(self, ReaderSettings { environments, poll_interval: INTERVAL, fetch_timeout })
    }

    pub(crate) fn wait(&self, time: Duration) {
        self.now.set(self.now.get() + time);
    }

    pub(crate) fn times_asked(&self, path: &str) -> usize {
        self.asked.borrow().iter().filter(|asked| *asked == path).count()
    }
}
