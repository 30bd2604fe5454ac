//! Subjects.

use alloc::boxed::Box;
use alloc::rc::Rc;

use lotwise_core::{Decision, Evaluation, Scratch, Snapshot, SubjectState};
use wasm_bindgen::prelude::wasm_bindgen;

/// A subject before a snapshot.
#[wasm_bindgen]
pub struct Subject {
    pub(crate) snapshot: Rc<Snapshot>,
    pub(crate) state: SubjectState,
    scratch: Scratch,
}

#[wasm_bindgen]
impl Subject {
    /// The decision of the experiment at a position: in the lower 16 bits one more than the variant's
    /// position, 0 for none; above them the reason, by its position among the core's.
    pub fn decide(&mut self, experiment: usize) -> u32 {
        self.evaluate(|evaluation, snapshot| {
            let experiment = snapshot.experiments().nth(experiment)?;
            Some(packed(evaluation.decide(experiment)))
        })
        .unwrap_or_default()
    }

    /// The decisions of all experiments, in key order.
    pub fn decide_all(&mut self) -> Box<[u32]> {
        self.evaluate(|evaluation, snapshot| {
            Some(snapshot.experiments().map(|experiment| packed(evaluation.decide(experiment))).collect())
        })
        .unwrap_or_default()
    }

    /// The subject's bucket in the experiment at a position; 10,000 where there is none.
    pub fn bucket(&mut self, experiment: usize) -> u16 {
        self.evaluate(|evaluation, snapshot| evaluation.bucket(snapshot.experiments().nth(experiment)?))
            .unwrap_or(10_000)
    }
}

impl Subject {
    pub(crate) fn new(snapshot: &Rc<Snapshot>, state: SubjectState) -> Option<Self> {
        lotwise_core::Subject::new(&state.user_key, &state.context).ok()?;
        Some(Self { snapshot: Rc::clone(snapshot), state, scratch: Scratch::new() })
    }

    fn evaluate<T>(&mut self, ask: impl FnOnce(&mut Evaluation<'_>, &Snapshot) -> Option<T>) -> Option<T> {
        let SubjectState { user_key, context, sticky } = &self.state;
        let subject = lotwise_core::Subject::new(user_key, context).ok()?.with_sticky(sticky);
        ask(&mut Evaluation::new(&self.snapshot, &subject, &mut self.scratch), &self.snapshot)
    }
}

fn packed(decision: Decision) -> u32 {
    decision.variant.map_or(0, |variant| u32::from(variant) + 1) | (decision.reason as u32) << 16
}
