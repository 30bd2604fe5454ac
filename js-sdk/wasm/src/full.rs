//! What only the larger build does.

use alloc::format;
use alloc::rc::Rc;
use alloc::string::{String, ToString};

use lotwise_core::explain::explain;
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;

use crate::snapshot::Snapshot;
use crate::subject::Subject;

#[wasm_bindgen]
impl Snapshot {
    /// Loads the JSON document, in UTF-8.
    ///
    /// # Errors
    ///
    /// Throws why it is refused, a string.
    pub fn load_document(document: &[u8]) -> Result<Snapshot, JsValue> {
        match lotwise_core::Snapshot::load(document) {
            Ok(snapshot) => Ok(Self(Rc::new(snapshot))),
            Err(fault) => Err(JsValue::from_str(&fault.to_string())),
        }
    }

    /// Why [`Snapshot::load`] refuses what it refuses; undefined when it does not.
    pub fn refusal(binary: &[u8]) -> Option<String> {
        lotwise_core::Snapshot::from_binary(binary).err().map(|fault| format!("{fault}"))
    }
}

#[wasm_bindgen]
impl Subject {
    /// Why the experiment at a position comes out as it does: a `lotwise_core::explain::Explanation`.
    /// Undefined when there is none.
    pub fn explain(&self, experiment: usize) -> JsValue {
        let explanation = self.snapshot.experiments().nth(experiment).and_then(|experiment| {
            let subject = lotwise_core::Subject::new(&self.state.user_key, &self.state.context).ok()?;
            let subject = subject.with_sticky(&self.state.sticky);
            explain(&self.snapshot, &subject, core::iter::once(experiment)).pop()
        });
        let explanation = explanation.and_then(|it| serde_wasm_bindgen::to_value(&it).ok());
        explanation.unwrap_or(JsValue::UNDEFINED)
    }
}
