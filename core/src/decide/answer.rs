//! Decisions as the JSON that hosts answer with: mostly copies of what was serialised at load.

use alloc::string::String;
use alloc::vec::Vec;

use super::evaluation::Evaluation;
use super::observer::Observer;
use super::{Decision, Reason};
use crate::snapshot::{ExperimentId, Snapshot};

/// Appends the assignment of a decision, `{"experiment_key":…,"payload":…}`; nothing, and `false`,
/// when it has no variant.
#[inline]
pub fn push_assignment(out: &mut Vec<u8>, snapshot: &Snapshot, decision: Decision) -> bool {
    let tables = &snapshot.tables;
    let Some(row) = tables.experiment(decision.experiment.0) else { return false };
    let Some(variant) = decision.variant.and_then(|variant| tables.variant(row, variant)) else {
        return false;
    };
    out.extend_from_slice(tables.bytes(row.fragment));
    out.extend_from_slice(tables.bytes(variant.fragment));
    if decision.reason == Reason::Override {
        out.extend_from_slice(b",\"is_override\":true");
    }
    out.push(b'}');
    true
}

/// Decides `experiments` and appends the array of their assignments.
pub fn push_assignments<O: Observer>(
    out: &mut Vec<u8>,
    evaluation: &mut Evaluation<'_, O>,
    experiments: impl Iterator<Item = ExperimentId>,
) {
    out.push(b'[');
    let first = out.len();
    for experiment in experiments {
        let decision = evaluation.decide(experiment);
        if decision.variant.is_some() {
            if out.len() > first {
                out.push(b',');
            }
            push_assignment(out, evaluation.snapshot(), decision);
        }
    }
    out.push(b']');
}

/// Appends an experiment with all its variants, `{"experiment_key":…,"experiment_id":…,"sticky":…,
/// "variants":[{"variant_key":…,"variant_id":…,"payload":…},…]}`; nothing for an id of another snapshot.
pub fn push_experiment(out: &mut String, snapshot: &Snapshot, experiment: ExperimentId) {
    let tables = &snapshot.tables;
    let Some(row) = tables.experiment(experiment.0) else { return };
    out.push_str(tables.text(row.fragment));
    out.push_str("\"sticky\":");
    out.push_str(if row.sticky { "true" } else { "false" });
    out.push_str(",\"variants\":[");
    for (position, variant) in row.variants.of(&tables.variants).iter().enumerate() {
        out.push_str(if position == 0 { "{" } else { ",{" });
        out.push_str(tables.text(variant.fragment));
        out.push('}');
    }
    out.push_str("]}");
}
