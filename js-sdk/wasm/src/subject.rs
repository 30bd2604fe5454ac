//! Subjects.

use alloc::boxed::Box;
use alloc::rc::Rc;

use lotwise_core::{Decision, Evaluation, Snapshot, SubjectState};
use wasm_bindgen::prelude::wasm_bindgen;

use crate::snapshot::Held;

/// A subject before a snapshot.
#[wasm_bindgen]
pub struct Subject {
    pub(crate) held: Rc<Held>,
    pub(crate) state: SubjectState,
}

#[wasm_bindgen]
impl Subject {
    /// The decision of the experiment at a position: in the lower 16 bits one more than the variant's
    /// position, 0 for none; above them the reason, by its position among the core's.
    pub fn decide(&self, experiment: usize) -> u32 {
        self.evaluate(|evaluation, snapshot| {
            Some(packed(evaluation.decide(snapshot.experiment_at(experiment)?)))
        })
        .unwrap_or_default()
    }

    /// The decisions of all experiments, in key order.
    pub fn decide_all(&self) -> Box<[u32]> {
        self.evaluate(|evaluation, snapshot| {
            Some(snapshot.experiments().map(|experiment| packed(evaluation.decide(experiment))).collect())
        })
        .unwrap_or_default()
    }

    /// The subject's bucket in the experiment at a position; 10,000 where there is none.
    pub fn bucket(&self, experiment: usize) -> u16 {
        self.evaluate(|evaluation, snapshot| evaluation.bucket(snapshot.experiment_at(experiment)?))
            .unwrap_or(10_000)
    }
}

impl Subject {
    pub(crate) fn new(held: &Rc<Held>, state: SubjectState) -> Option<Self> {
        lotwise_core::Subject::new(&state.user_key, &state.context).ok()?;
        Some(Self { held: Rc::clone(held), state })
    }

    fn evaluate<T>(&self, ask: impl FnOnce(&mut Evaluation<'_>, &Snapshot) -> Option<T>) -> Option<T> {
        let SubjectState { user_key, context, sticky } = &self.state;
        let subject = lotwise_core::Subject::new(user_key, context).ok()?.with_sticky(sticky);
        let Held { snapshot, scratch } = &*self.held;
        let mut lent = scratch.take();
        let answer = ask(&mut Evaluation::new(snapshot, &subject, &mut lent), snapshot);
        scratch.set(lent);
        answer
    }
}

fn packed(decision: Decision) -> u32 {
    decision.variant.map_or(0, |variant| u32::from(variant) + 1) | (decision.reason as u32) << 16
}
