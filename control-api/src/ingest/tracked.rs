//! One event that a server tells of an experiment.

use chrono::{DateTime, Utc};
use lotwise_serving::{Refusal, UnixTime};
use uuid::Uuid;

use super::IngestSettings;
use super::waiting::{WaitingEvent, WaitingKind, occurred};
use crate::domain::event::Source;
use crate::domain::experiment::Experiment;

/// What a user did.
#[derive(Clone, Debug)]
pub struct Tracked {
    /// It is kept once by this.
    pub id: Uuid,
    /// 1 to 512 bytes; may hold NUL.
    pub user_key: String,
    /// 1 to 128 bytes without control characters.
    pub event_name: String,
    /// Finite, at most 10^15 either way.
    pub value: Option<f64>,
    /// A JSON object.
    pub properties: Option<Box<str>>,
    /// None: now.
    pub timestamp: Option<DateTime<Utc>>,
}

impl Tracked {
    pub(super) fn into_waiting(
        self,
        experiment: &Experiment,
        request_id: &str,
        now: DateTime<Utc>,
        settings: &IngestSettings,
    ) -> Result<WaitingEvent, Refusal> {
        let timestamp = self
            .timestamp
            .map(|at| UnixTime { seconds: at.timestamp(), nanoseconds: at.timestamp_subsec_nanos() });
        Ok(WaitingEvent {
            index: 0,
            id: self.id,
            environment: experiment.environment.clone(),
            experiment_key: experiment.key.clone(),
            user_key: self.user_key,
            kind: WaitingKind::Track { event_name: self.event_name, value: self.value },
            properties: self.properties,
            occurred: occurred(timestamp, now, settings)?,
            request_id: Some(request_id.to_owned()).filter(|id| !id.is_empty()),
            source: Source::Track,
        })
    }
}
