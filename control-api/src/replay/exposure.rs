//! Exposures as they were recorded.

use std::fmt;

use lotwise_core::Sticky;
use serde::Deserialize;
use serde_json::value::RawValue;

/// An experiment or a variant, as an exposure names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Named {
    /// By key.
    Key(String),
    /// By id.
    Id(String),
}

impl fmt::Display for Named {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (Self::Key(text) | Self::Id(text)) = self;
        f.write_str(text)
    }
}

/// One exposure.
#[derive(Clone, Debug)]
pub struct Recorded {
    /// Its id, for the report.
    pub id: String,
    /// The environment, by name.
    pub environment: String,
    /// Who was exposed.
    pub user_key: String,
    /// To what experiment.
    pub experiment: Named,
    /// To which of its variants.
    pub variant: Named,
    /// Why, if that was recorded.
    pub reason: Option<String>,
    /// The SHA-256 of the document that was decided on, in hex.
    pub snapshot_sha256: Option<String>,
    /// The version that it belongs to.
    pub config_version: Option<i64>,
    /// The attributes that rules read, as JSON.
    pub context: Option<String>,
    /// What the subject was given before.
    pub sticky: Option<Sticky>,
}

/// A line of recorded events.
#[derive(Clone, Debug)]
pub enum Line {
    /// An exposure.
    Exposure(Box<Recorded>),
    /// Another event: there is nothing to decide.
    Other,
}

#[derive(Deserialize)]
struct Event {
    #[serde(default)]
    id: String,
    r#type: String,
    environment: Option<String>,
    user_key: Option<String>,
    experiment_key: Option<String>,
    variant_key: Option<String>,
    reason: Option<String>,
    config_version: Option<i64>,
    snapshot_sha256: Option<String>,
    context: Option<Box<RawValue>>,
    sticky: Option<Sticky>,
}

/// Reads one event, as `POST /events` takes it.
///
/// # Errors
///
/// What is wrong with it, in words.
pub fn read_line(line: &str) -> Result<Line, String> {
    let event: Event = serde_json::from_str(line).map_err(|error| format!("malformed event: {error}"))?;
    if event.r#type != "exposure" {
        return Ok(Line::Other);
    }
    let needs =
        |field: Option<String>, name: &str| field.ok_or_else(|| format!("the exposure has no {name}"));
    Ok(Line::Exposure(Box::new(Recorded {
        id: event.id,
        environment: needs(event.environment, "environment")?,
        user_key: needs(event.user_key, "user_key")?,
        experiment: Named::Key(needs(event.experiment_key, "experiment_key")?),
        variant: Named::Key(needs(event.variant_key, "variant_key")?),
        reason: event.reason,
        snapshot_sha256: event.snapshot_sha256.map(|digest| digest.to_ascii_lowercase()),
        config_version: event.config_version,
        context: event.context.map(|context| context.get().to_owned()),
        sticky: event.sticky,
    })))
}
