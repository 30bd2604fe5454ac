//! Claiming and releasing slices.

use super::change::hold;
use super::create::entry;
use super::find::find;
use crate::domain::actor::Actor;
use crate::domain::experiment::{Experiment, ExperimentRef};
use crate::domain::group::Group;
use crate::domain::reference::ResourceRef;
use crate::domain::slice::Claim;
use crate::store::audit::record;
use crate::store::experiments::Mentions;
use crate::store::experiments::edit::{Edit, change_held};
use crate::store::{Store, StoreResult};

impl Store {
    /// Gives an experiment its slice of a group, or takes it back. What others hold stays theirs:
    /// where too little is free, it is refused. An experiment that is a DRAFT of no group joins.
    pub async fn claim_slice(
        &self,
        actor: &Actor,
        which: &ResourceRef,
        experiment: &str,
        expected: Option<i64>,
        claim: &Claim,
    ) -> StoreResult<Group> {
        let mut transaction = self.pool.begin().await?;
        let group = hold(&mut transaction, which, expected).await?;
        let action = if *claim == Claim::Release { "release_slice" } else { "claim_slice" };
        let entry = entry(&group, action).before(&group)?;
        let member =
            ExperimentRef::Key { environment: group.environment.clone(), key: experiment.to_owned() };
        let change = |experiment: &mut Experiment| group.claim(experiment, claim);
        change_held(&mut transaction, actor, Edit::Slice, &member, None, &Mentions::default(), change)
            .await?;
        let group = find(&mut transaction, &ResourceRef::Id(group.id)).await?;
        record(&mut transaction, actor, entry.after(&group)?).await?;
        transaction.commit().await?;
        Ok(group)
    }
}
