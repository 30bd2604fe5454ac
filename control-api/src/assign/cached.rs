//! Postgres behind a cache.

use std::sync::Arc;

use tokio::task::JoinHandle;

use super::cache::Cache;
use super::{Answers, Decided, Error, ExperimentRef, Question, Reason, Store};
use crate::store::Store as Postgres;

/// How many users are remembered unless told otherwise.
const USERS: usize = 100_000;

/// Postgres behind a cache: who is in already is answered from memory, and only the exposure is written.
///
/// Who is in stays in, so what is remembered of users never goes out of date. Documents do: whatever changes
/// one, in this process or another, is heard of over a connection of its own (`LISTEN`) and forgets them. A
/// change therefore shows in repeated calls once its notification has arrived, milliseconds after its
/// commit; first calls always read the rows. While that connection is lost, nothing is taken from the cache.
#[derive(Debug)]
pub struct CachedStore {
    postgres: Postgres,
    cache: Arc<Cache>,
    listener: JoinHandle<()>,
}

impl CachedStore {
    /// Starts listening, on the tokio runtime at hand.
    pub fn start(postgres: Postgres) -> Self {
        Self::start_for(postgres, USERS)
    }

    /// The same for another number of users to remember.
    pub fn start_for(postgres: Postgres, users: usize) -> Self {
        let cache = Arc::new(Cache::new(users));
        let listener = tokio::spawn(listen(postgres.clone(), Arc::clone(&cache)));
        Self { postgres, cache, listener }
    }

    /// Whether changes are heard of, and the cache is used.
    pub fn is_live(&self) -> bool {
        self.cache.is_live()
    }

    async fn assign(
        &self,
        which: &ExperimentRef,
        questions: &[Question],
        records: bool,
    ) -> Result<Vec<Decided>, Error> {
        if let Some(decided) = self.remembered(which, questions, records).await? {
            return Ok(decided);
        }
        let heard = self.cache.heard();
        let decided = self.postgres.assign(which, questions, records).await?;
        if let Some(compiled) = self.postgres.compiled(which) {
            let users = questions.iter().zip(&decided).filter_map(|(question, it)| {
                let is_in = matches!(it.assignment.reason, Reason::Split | Reason::Sticky);
                let variant = it.assignment.variant.as_ref().filter(|_| is_in)?;
                Some((question.user_key().to_owned(), variant.key.clone()))
            });
            self.cache.put(heard, which, &compiled, users);
        }
        Ok(decided)
    }

    /// The answers if all users are known to be in. What else they are in does not matter then.
    async fn remembered(
        &self,
        which: &ExperimentRef,
        questions: &[Question],
        records: bool,
    ) -> Result<Option<Vec<Decided>>, Error> {
        let user_keys = questions.iter().map(Question::user_key);
        let Some((compiled, variants)) = self.cache.get(which, user_keys) else { return Ok(None) };
        let document = &compiled.document;
        let decide = |(question, variant): (&Question, String)| {
            document.decide(question, &[(document.key().to_owned(), variant)].into())
        };
        let decided: Vec<Decided> = questions.iter().zip(variants).map(decide).collect();
        if decided.iter().any(|it| it.is_new) {
            // The variant is gone: whatever follows from that, the rows say.
            return Ok(None);
        }
        if records {
            let exposures: Vec<_> = decided.iter().filter_map(|it| it.exposure.as_ref()).collect();
            self.postgres.append_exposures(&compiled, &exposures).await?;
        }
        Ok(Some(decided))
    }
}

impl Store for CachedStore {
    fn assign<'a>(
        &'a self,
        which: &'a ExperimentRef,
        questions: &'a [Question],
        records: bool,
    ) -> Answers<'a> {
        Box::pin(Self::assign(self, which, questions, records))
    }
}

impl Drop for CachedStore {
    fn drop(&mut self) {
        self.listener.abort();
    }
}

/// Listens for ever, and forgets whatever may be out of date.
async fn listen(postgres: Postgres, cache: Arc<Cache>) {
    loop {
        match postgres.changes().await {
            Ok(mut changes) => {
                cache.start_over(true);
                while let Ok(()) = changes.next().await {
                    cache.hear();
                }
                cache.start_over(false);
                tracing::warn!("changes are no longer heard of: assignments are not taken from the cache");
            }
            Err(error) => tracing::debug!(%error, "listening for changes"),
        }
        tokio::time::sleep(crate::store::changes::PAUSE).await;
    }
}
