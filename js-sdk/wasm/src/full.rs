//! What only the larger build does.

use alloc::format;
use alloc::string::{String, ToString};

use lotwise_core::explain::explain;
use serde::Serialize as _;
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
            Ok(snapshot) => Ok(Self::from(snapshot)),
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
    ///
    /// # Errors
    ///
    /// None. But a function that can fail returns more than one value, and that keeps V8 from compiling
    /// the call into its caller: Node 20 dies when it then has to undo that, as making the objects here
    /// leads it to.
    pub fn explain(&self, experiment: usize) -> Result<JsValue, JsValue> {
        let explanation = self.held.snapshot.experiment_at(experiment).and_then(|experiment| {
            let subject = lotwise_core::Subject::new(&self.state.user_key, &self.state.context).ok()?;
            let subject = subject.with_sticky(&self.state.sticky);
            explain(&self.held.snapshot, &subject, core::iter::once(experiment)).pop()
        });
        // What is missing is null, as in JSON.
        let serializer = serde_wasm_bindgen::Serializer::new().serialize_missing_as_null(true);
        let explanation = explanation.map(|it| it.serialize(&serializer)).transpose()?;
        Ok(explanation.unwrap_or(JsValue::UNDEFINED))
    }
}
