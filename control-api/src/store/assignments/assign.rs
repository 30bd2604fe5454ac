//! Deciding for users, and keeping it.

use std::sync::Arc;

use super::documents::Compiled;
use super::exposures::append;
use super::given::{Given, given};
use super::keep::{hold_users, insert};
use crate::domain::assignment::{Decided, Exposure, Question};
use crate::domain::experiment::ExperimentRef;
use crate::domain::refusal::Refusal;
use crate::store::{Store, StoreError, StoreResult};

/// How often a call begins anew because the rows changed under it.
const ATTEMPTS: usize = 5;

impl Store {
    /// Decides an experiment for users, on the rows as they are now, and keeps what is new; with
    /// `records`, appends the exposures in the same transaction. The answers stand in the order of the
    /// questions. Refuses, with code `not_running` or `archived`, where the experiment gives nothing.
    pub async fn assign(
        &self,
        which: &ExperimentRef,
        questions: &[Question],
        records: bool,
    ) -> StoreResult<Vec<Decided>> {
        let questions: Vec<&Question> = questions.iter().collect();
        for _ in 0..ATTEMPTS {
            let held = self.document(which).await?;
            match self.assign_on(&held, &questions, records).await {
                Ok(Some(decided)) => return Ok(decided),
                Ok(None) => {}
                Err(error) if is_overtaken(&error) => {}
                Err(error) => return Err(error),
            }
            self.documents.forget(which);
        }
        Err(StoreError::Unavailable("the experiment changed at every attempt".to_owned()))
    }

    /// The document that the last call for an experiment was decided on.
    pub fn compiled(&self, which: &ExperimentRef) -> Option<Arc<Compiled>> {
        self.documents.get(which)
    }

    /// Appends exposures of decisions that left nothing else to keep.
    pub async fn append_exposures(&self, compiled: &Compiled, exposures: &[&Exposure]) -> StoreResult<()> {
        if exposures.is_empty() {
            return Ok(());
        }
        let mut transaction = self.pool.begin().await?;
        append(&mut transaction, compiled.environment_id, exposures).await?;
        transaction.commit().await?;
        Ok(())
    }

    /// None when the document is not that of the rows any more; then nothing has been written.
    async fn assign_on(
        &self,
        held: &Compiled,
        questions: &[&Question],
        records: bool,
    ) -> StoreResult<Option<Vec<Decided>>> {
        let mut connection = self.pool.acquire().await?;
        let Some(before) = given(&mut connection, held, questions).await? else { return Ok(None) };
        let mut decided = decide(held, questions, &before);
        let is_new = decided.iter().any(|(_, it)| it.is_new);
        let has_exposures = records && decided.iter().any(|(_, it)| it.exposure.is_some());
        if is_new || has_exposures {
            let mut transaction = sqlx::Connection::begin(&mut *connection).await?;
            if is_new {
                let Some(kept) = keep(&mut transaction, held, decided).await? else { return Ok(None) };
                decided = kept;
            }
            if records {
                let exposures: Vec<&Exposure> =
                    decided.iter().filter_map(|(_, it)| it.exposure.as_ref()).collect();
                append(&mut transaction, held.environment_id, &exposures).await?;
            }
            transaction.commit().await?;
        }
        Ok(Some(decided.into_iter().map(|(_, it)| it).collect()))
    }
}

fn decide<'q>(held: &Compiled, questions: &[&'q Question], before: &Given) -> Vec<(&'q Question, Decided)> {
    let decide =
        |question: &&'q Question| (*question, held.document.decide(question, &before.of(question.user_key())));
    questions.iter().map(decide).collect()
}

/// Keeps what is new; decides again where somebody else was first.
async fn keep<'q>(
    connection: &mut sqlx::PgConnection,
    held: &Compiled,
    mut decided: Vec<(&'q Question, Decided)>,
) -> StoreResult<Option<Vec<(&'q Question, Decided)>>> {
    if held.document.is_entangled() {
        // What the user is given elsewhere counts, and may be given at this moment.
        let new = decided.iter().filter(|(_, it)| it.is_new).map(|(question, _)| question.user_key());
        hold_users(connection, held.environment_id, new).await?;
        if !decide_again(connection, held, &mut decided, |(_, it)| it.is_new).await? {
            return Ok(None);
        }
    }
    let overtaken = insert(connection, held, &decided).await?;
    let is_overtaken =
        |(question, _): &(&Question, Decided)| overtaken.contains(question.user_key().as_bytes());
    if !overtaken.is_empty() && !decide_again(connection, held, &mut decided, is_overtaken).await? {
        return Ok(None);
    }
    Ok(Some(decided))
}

/// Decides some of them again, on what they have been given by now. False when the document is not that
/// of the rows any more.
async fn decide_again(
    connection: &mut sqlx::PgConnection,
    held: &Compiled,
    decided: &mut [(&Question, Decided)],
    which: impl Fn(&(&Question, Decided)) -> bool,
) -> StoreResult<bool> {
    let again: Vec<&Question> = decided.iter().filter(|it| which(it)).map(|(question, _)| *question).collect();
    let Some(now) = given(connection, held, &again).await? else { return Ok(false) };
    for it in decided.iter_mut().filter(|it| which(it)) {
        it.1 = held.document.decide(it.0, &now.of(it.0.user_key()));
    }
    Ok(true)
}

/// Whether a variant or the experiment was removed at the very moment that somebody was given it.
fn is_overtaken(error: &StoreError) -> bool {
    matches!(error, StoreError::Refused(Refusal::Conflict { code: "variant_in_use", .. }))
}
