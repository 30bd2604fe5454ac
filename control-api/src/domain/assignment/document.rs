//! Deciding one experiment on a document.

use std::collections::BTreeMap;
use std::sync::Arc;

use lotwise_core::{
    Decision, Evaluation, ExperimentId, Fault, Reason, Scratch, Snapshot, Sticky, Subject,
};
use serde_json::value::RawValue;
use sha2::{Digest, Sha256};

use super::exposure::{Exposure, exposure_id};
use super::question::Question;
use super::relevant::{quote_context, quote_sticky};

/// One experiment, ready to decide, and the bytes that say what it is decided on.
#[derive(Debug)]
pub struct Document {
    snapshot: Arc<Snapshot>,
    experiment: ExperimentId,
    /// Attributes that the decision reads, beside the user's key.
    attributes: Vec<String>,
    /// Experiments whose sticky state the decision reads: key by id.
    members: BTreeMap<String, String>,
    bytes: Arc<[u8]>,
    sha256: [u8; 32],
}

/// What a user gets.
#[derive(Clone, Debug)]
pub struct Assignment {
    /// None: the user is not in.
    pub variant: Option<Assigned>,
    /// Why.
    pub reason: Reason,
}

/// The variant that a user gets.
#[derive(Clone, Debug)]
pub struct Assigned {
    /// Unique within the experiment.
    pub key: String,
    /// Stable identifier.
    pub id: String,
    /// Any JSON, byte for byte as its author sent it.
    pub payload: Box<RawValue>,
}

/// An assignment, and what there is to keep of it.
#[derive(Clone, Debug)]
pub struct Decided {
    /// What the user gets.
    pub assignment: Assignment,
    /// Whether it is to be kept: the split gave it, and from now on the user stays in.
    pub is_new: bool,
    /// What is recorded of it; none where the user is not in, and of a concluded experiment.
    pub exposure: Option<Exposure>,
}

impl Assignment {
    /// Whether QA or staff pinned the variant.
    pub fn is_override(&self) -> bool {
        self.reason == Reason::Override
    }
}

impl Document {
    /// Loads the bytes of a document; none if it has no experiment `key`.
    pub fn load(bytes: Vec<u8>, key: &str) -> Result<Option<Self>, Fault> {
        let snapshot = Arc::new(Snapshot::load(&bytes)?);
        let sha256 = Sha256::digest(&bytes).into();
        Ok(Self::of(&snapshot, &bytes.into(), sha256, key))
    }

    /// One of the experiments of a snapshot that was loaded from `bytes`.
    pub fn of(snapshot: &Arc<Snapshot>, bytes: &Arc<[u8]>, sha256: [u8; 32], key: &str) -> Option<Self> {
        let experiment = snapshot.experiment(key)?;
        let reads = snapshot.reads(experiment);
        let names: Vec<&str> = snapshot.attributes().collect();
        let attributes = reads.attributes.iter().filter_map(|position| names.get(*position));
        let member = |it: &ExperimentId| {
            (snapshot.experiment_id(*it).to_owned(), snapshot.experiment_key(*it).to_owned())
        };
        Some(Self {
            attributes: attributes.map(|name| (*name).to_owned()).collect(),
            members: reads.experiments.iter().map(member).collect(),
            snapshot: Arc::clone(snapshot),
            experiment,
            bytes: Arc::clone(bytes),
            sha256,
        })
    }

    /// The experiment's key.
    pub fn key(&self) -> &str {
        self.snapshot.experiment_key(self.experiment)
    }

    /// The experiment's id.
    pub fn id(&self) -> &str {
        self.snapshot.experiment_id(self.experiment)
    }

    /// The environment's name.
    pub fn environment(&self) -> &str {
        self.snapshot.environment()
    }

    /// Key by id of the experiments whose sticky state a decision reads, this one included.
    pub fn members(&self) -> &BTreeMap<String, String> {
        &self.members
    }

    /// Whether what else a user is given can change what this experiment gives them.
    pub fn is_entangled(&self) -> bool {
        self.members.len() > 1
    }

    /// What was decided on.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The SHA-256 of [`Self::bytes`].
    pub fn sha256(&self) -> [u8; 32] {
        self.sha256
    }

    /// Decides for one user, who was given `sticky` before. Decides and nothing else: whoever keeps
    /// assignments has to keep this one, if it is new.
    pub fn decide(&self, question: &Question, sticky: &Sticky) -> Decided {
        // The question has checked the key.
        let Ok(subject) = Subject::new(question.user_key(), question.context()) else {
            return Decided::nothing(Reason::Unsupported);
        };
        let subject = subject.with_sticky(sticky);
        let mut scratch = Scratch::new();
        let decision = Evaluation::new(&self.snapshot, &subject, &mut scratch).decide(self.experiment);
        let Some(variant) = self.assigned(decision) else { return Decided::nothing(decision.reason) };
        let is_recorded = decision.reason != Reason::Concluded;
        Decided {
            exposure: is_recorded.then(|| self.exposure(question, sticky, decision, &variant)),
            assignment: Assignment { variant: Some(variant), reason: decision.reason },
            is_new: decision.reason == Reason::Split,
        }
    }

    fn assigned(&self, decision: Decision) -> Option<Assigned> {
        let variant = self.snapshot.variant(decision)?;
        // A payload is JSON: it was loaded as such.
        let payload = RawValue::from_string(variant.payload.to_owned()).ok()?;
        Some(Assigned { key: variant.key.to_owned(), id: variant.id.to_owned(), payload })
    }

    fn exposure(
        &self,
        question: &Question,
        sticky: &Sticky,
        decision: Decision,
        variant: &Assigned,
    ) -> Exposure {
        Exposure {
            id: exposure_id(self.id(), question.user_key(), question.request_id()),
            environment: self.environment().to_owned(),
            experiment_id: self.id().to_owned(),
            experiment_key: self.key().to_owned(),
            variant_id: variant.id.clone(),
            variant_key: variant.key.clone(),
            user_key: question.user_key().to_owned(),
            reason: decision.reason,
            is_override: decision.is_override(),
            document_sha256: self.sha256,
            context: quote_context(question.context_text(), &self.attributes),
            sticky: quote_sticky(sticky),
            request_id: question.request_id().map(ToOwned::to_owned),
        }
    }
}

impl Decided {
    fn nothing(reason: Reason) -> Self {
        Self { assignment: Assignment { variant: None, reason }, is_new: false, exposure: None }
    }
}
