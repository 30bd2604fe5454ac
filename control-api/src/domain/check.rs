//! Whether an experiment could be published as it is.

use lotwise_core::Fault;
use lotwise_core::document::{SCHEMA_VERSION, SnapshotDocument};

use super::experiment::Experiment;
use super::prerequisite;
use super::segment::to_documents;

const EXPERIMENT: &str = "/experiments/0";

/// Everything that would keep the experiment from being published, with pointers into the
/// admin resource. The check is the core's own, of a document that holds only this
/// experiment and the segments that it leads to; what it needs of other experiments comes on top.
pub fn faults(experiment: &Experiment) -> Vec<Fault> {
    let document = SnapshotDocument {
        schema_version: SCHEMA_VERSION,
        environment: experiment.environment.clone(),
        version: 1,
        published_at: "2000-01-01T00:00:00Z".to_owned(),
        segments: to_documents(&experiment.segments()),
        experiments: vec![experiment.to_document()],
        requires: Vec::new(),
        features: Vec::new(),
    };
    // Serialising cannot fail: every map key is a string and every raw value is JSON.
    let Ok(bytes) = serde_json::to_vec(&document) else { return Vec::new() };
    let order = experiment.allocation_order();
    let mut faults = lotwise_core::check(&bytes);
    for fault in &mut faults {
        fault.pointer = resource_pointer(&fault.pointer, &order);
    }
    // Seen from the whole environment, which tells more than this one experiment.
    faults.retain(|fault| fault.pointer != "/prerequisites");
    faults.extend(prerequisite::faults(experiment));
    faults
}

/// `/experiments/0/allocations/1/range_end` as `/allocations/2/rangeEnd`, where the document's
/// second allocation is the resource's third.
fn resource_pointer(pointer: &str, allocation_order: &[usize]) -> String {
    let inner = pointer.strip_prefix(EXPERIMENT).unwrap_or(pointer);
    let mut segments: Vec<String> = inner.split('/').skip(1).map(camel_case).collect();
    if segments.first().is_some_and(|first| first == "allocations")
        && let Some(index) = segments.get_mut(1)
        && let Some(place) = index.parse::<usize>().ok().and_then(|i| allocation_order.get(i))
    {
        *index = place.to_string();
    }
    segments.iter().fold(String::new(), |path, segment| path + "/" + segment)
}

/// `/0/conditions/1/ignore_case` as `/0/conditions/1/ignoreCase`.
pub(super) fn camel_pointer(pointer: &str) -> String {
    pointer.split('/').skip(1).map(camel_case).fold(String::new(), |path, segment| path + "/" + &segment)
}

fn camel_case(snake: &str) -> String {
    let mut words = snake.split('_');
    let first = words.next().unwrap_or_default().to_owned();
    words.fold(first, |mut camel, word| {
        let mut characters = word.chars();
        camel.extend(characters.next().map(|c| c.to_ascii_uppercase()));
        camel + characters.as_str()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pointers_lead_into_the_resource() {
        let pointer = "/experiments/0/targeting_rules/0/conditions/1/ignore_case";
        assert_eq!(resource_pointer(pointer, &[]), "/targetingRules/0/conditions/1/ignoreCase");
        let pointer = "/experiments/0/allocations/1/range_end";
        assert_eq!(resource_pointer(pointer, &[2, 0, 1]), "/allocations/0/rangeEnd");
        assert_eq!(resource_pointer("/experiments/0", &[]), "");
    }
}
