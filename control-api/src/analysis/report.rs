//! What is answered about an experiment's results.

use chrono::{DateTime, Utc};
use lotwise_stats::analysis::Analysis;
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::question::Question;
use super::words::camel_case;
use crate::domain::plan::Plan;

/// What an experiment's events say.
#[derive(Clone, Debug)]
pub struct Report {
    /// The experiment.
    pub experiment_id: Uuid,
    /// Its key.
    pub experiment_key: String,
    /// Its environment's name.
    pub environment: String,
    /// How its events are read and judged.
    pub plan: Plan,
    /// What was asked.
    pub question: Question,
    /// Everything received until then is in the figures.
    pub at: DateTime<Utc>,
    /// The batch of events that this comes to.
    pub batch: i64,
    /// When the first user was exposed.
    pub first_exposed_at: Option<DateTime<Utc>>,
    /// The variant that the others are compared with.
    pub control: Option<String>,
    /// The variants, in their order.
    pub variants: Vec<VariantSummary>,
    /// When the shares of the variants last changed, if they did since the first exposure.
    pub phases: usize,
    /// The figures.
    pub analysis: Analysis,
    /// The figures of each segment, the largest first.
    pub segments: Option<Vec<Segment>>,
    /// Segments that are too many to be shown.
    pub segments_left_out: usize,
}

/// A variant and who was exposed to it.
#[derive(Clone, Debug)]
pub struct VariantSummary {
    /// Its id.
    pub id: Uuid,
    /// Its key.
    pub key: String,
    /// Its share of the buckets that are given to any variant.
    pub share: f64,
    /// Users exposed to it and no other.
    pub exposed: u64,
}

/// Users with one value of the attribute.
#[derive(Clone, Debug)]
pub struct Segment {
    /// The value; none where users have none.
    pub value: Option<String>,
    /// Its users.
    pub exposed: u64,
    /// Their figures.
    pub analysis: Analysis,
}

impl Report {
    /// As the API shows it.
    pub fn to_json(&self) -> Value {
        let mut body = json!({
            "experimentId": self.experiment_id,
            "experimentKey": self.experiment_key,
            "environment": self.environment,
            "experimentStatus": self.plan.status.as_str(),
            "hypothesis": self.plan.hypothesis,
            "at": self.at,
            "batch": self.batch,
            "method": self.question.method.as_str(),
            "significanceLevel": self.plan.significance_level,
            "includesUnverified": self.question.includes_unverified,
            "matureOnly": self.question.is_mature_only,
            "firstExposedAt": self.first_exposed_at,
            "control": self.control,
            "phases": self.phases,
            "variants": self.variants.iter().map(VariantSummary::to_json).collect::<Vec<_>>(),
        });
        let figures = self.figures(&self.analysis);
        if let (Value::Object(body), Value::Object(figures)) = (&mut body, figures) {
            body.extend(figures);
            body.insert("dimension".to_owned(), json!(self.question.dimension));
            body.insert("segments".to_owned(), self.segments_json());
            body.insert("segmentsLeftOut".to_owned(), json!(self.segments_left_out));
        }
        body
    }

    fn segments_json(&self) -> Value {
        let Some(segments) = &self.segments else { return Value::Null };
        let json = |segment: &Segment| {
            let mut figures = self.figures(&segment.analysis);
            if let Value::Object(fields) = &mut figures {
                fields.remove("verdict");
                fields.remove("verdicts");
                fields.insert("value".to_owned(), json!(segment.value));
                fields.insert("exposed".to_owned(), json!(segment.exposed));
            }
            figures
        };
        segments.iter().map(json).collect()
    }

    /// The analysis in the words of the API, with what people call the metrics.
    fn figures(&self, analysis: &Analysis) -> Value {
        let mut figures = in_our_words(serde_json::to_value(analysis).unwrap_or_default());
        if let Value::Object(fields) = &mut figures {
            // The variants themselves are listed above.
            if let Some(verdicts) = fields.remove("variants") {
                fields.insert("verdicts".to_owned(), verdicts);
            }
            let results = fields.get_mut("metrics").and_then(Value::as_array_mut);
            for (result, metric) in results.into_iter().flatten().zip(&self.plan.metrics) {
                if let Value::Object(result) = result {
                    result.insert("name".to_owned(), json!(metric.name));
                    result.insert("kind".to_owned(), json!(metric.definition.kind));
                    result.remove("running");
                }
            }
        }
        figures
    }
}

impl VariantSummary {
    fn to_json(&self) -> Value {
        json!({"variantId": self.id, "key": self.key, "share": self.share, "exposed": self.exposed})
    }
}

/// Names in camelCase; an arm is a variant here.
fn in_our_words(value: Value) -> Value {
    match value {
        Value::Array(elements) => elements.into_iter().map(in_our_words).collect(),
        Value::Object(fields) => {
            let fields = fields.into_iter().filter(|(name, _)| name != "running");
            let renamed = fields.map(|(name, value)| (our_word(&name), in_our_words(value)));
            Value::Object(renamed.collect::<Map<_, _>>())
        }
        other => other,
    }
}

fn our_word(name: &str) -> String {
    let name = match name {
        "arm" => "variant",
        "arms" => "variants",
        "recommended_arm" => "recommended_variant",
        "mde_rel" => "minimum_effect",
        other => other,
    };
    camel_case(name)
}
