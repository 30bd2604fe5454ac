//! Explanations: a decision with every step that led to it, as data.

#[cfg(feature = "preview")]
mod full;

use alloc::string::{String, ToString};
use alloc::vec::Vec;

use serde::Serialize;

use crate::decide::{Decision, Evaluation, Gate, Observer, Scratch};
use crate::snapshot::{ExperimentId, Snapshot};
use crate::subject::Subject;

#[cfg(feature = "preview")]
pub use full::{
    ConditionExplained, FullExplanation, GateExplained, RuleExplained, SegmentExplained, explain_fully,
};

/// Why one experiment came out as it did.
#[derive(Clone, Debug, Serialize)]
pub struct Explanation {
    /// The experiment.
    pub experiment_key: String,
    /// What it gave.
    pub variant_key: Option<String>,
    /// Why, e.g. `SPLIT`.
    pub reason: &'static str,
    /// The subject's bucket in the experiment, whatever the reason.
    pub bucket: Option<u16>,
    /// The delivery rules, when the decision came as far.
    pub rules: Vec<RuleTrace>,
    /// The targeting rules, when the decision came as far.
    pub targeting_rules: Vec<RuleTrace>,
    /// Segments met for the first time here.
    pub segments: Vec<SegmentTrace>,
    /// Prerequisites, holdouts and the group, in the order they were asked.
    pub gates: Vec<GateTrace>,
}

/// A rule and the outcome of each of its conditions, in order.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct RuleTrace {
    /// Whether all conditions hold.
    pub matches: bool,
    /// Per condition.
    pub conditions: Vec<bool>,
}

/// A segment and its rules.
#[derive(Clone, Debug, Serialize)]
pub struct SegmentTrace {
    /// Its name.
    pub segment: String,
    /// Whether the subject is in it.
    pub is_in: bool,
    /// Its rules.
    pub rules: Vec<RuleTrace>,
}

/// A gate and whether the subject may pass.
#[derive(Clone, Debug, Serialize)]
pub struct GateTrace {
    /// `prerequisite`, `holdout`, `group`, or `sibling`: the group entered through another experiment.
    pub gate: &'static str,
    /// The name of the experiment, holdout or group.
    pub key: String,
    /// Whether it lets the subject pass.
    pub passes: bool,
    /// The subject's bucket in the holdout or group.
    pub bucket: Option<u16>,
    /// What the prerequisite gave, or the sibling's key.
    pub detail: Option<String>,
}

/// Explains `experiments`, through the same evaluation that decides.
pub fn explain(
    snapshot: &Snapshot,
    subject: &Subject<'_>,
    experiments: impl Iterator<Item = ExperimentId>,
) -> Vec<Explanation> {
    let mut scratch = Scratch::new();
    let mut evaluation = Evaluation::observed(snapshot, subject, &mut scratch, Recorder::new(snapshot));
    let decisions: Vec<(Decision, Option<u16>)> = experiments
        .map(|experiment| (evaluation.decide(experiment), evaluation.bucket(experiment)))
        .collect();
    let mut traces = evaluation.into_observer().done;
    let explain = |(decision, bucket): (Decision, Option<u16>)| {
        let found = traces.iter().position(|(experiment, _)| *experiment == decision.experiment);
        let trace = found.map(|index| traces.swap_remove(index).1).unwrap_or_default();
        Explanation {
            experiment_key: snapshot.experiment_key(decision.experiment).to_string(),
            variant_key: snapshot.variant(decision).map(|variant| variant.key.to_string()),
            reason: decision.reason.name(),
            bucket,
            rules: trace.rules,
            targeting_rules: trace.targeting_rules,
            segments: trace.segments,
            gates: trace.gates,
        }
    };
    decisions.into_iter().map(explain).collect()
}

/// What was seen of one experiment.
#[derive(Default)]
struct Trace {
    rules: Vec<RuleTrace>,
    targeting_rules: Vec<RuleTrace>,
    segments: Vec<SegmentTrace>,
    gates: Vec<GateTrace>,
}

/// Where the rule being asked belongs.
enum Asking {
    Deliveries(RuleTrace),
    Targeting(RuleTrace),
}

/// Records an evaluation.
struct Recorder<'s> {
    snapshot: &'s Snapshot,
    /// Experiments that have begun; a prerequisite begins inside its dependant.
    begun: Vec<Trace>,
    /// Rules being asked; a segment's inside the one whose condition names it.
    asking: Vec<Asking>,
    /// Segments entered: name and rules so far.
    entered: Vec<(String, Vec<RuleTrace>)>,
    done: Vec<(ExperimentId, Trace)>,
}

impl<'s> Recorder<'s> {
    fn new(snapshot: &'s Snapshot) -> Self {
        Self { snapshot, begun: Vec::new(), asking: Vec::new(), entered: Vec::new(), done: Vec::new() }
    }
}

impl Observer for Recorder<'_> {
    const EXHAUSTIVE: bool = true;

    fn begin(&mut self, _experiment: ExperimentId) {
        self.begun.push(Trace::default());
    }

    fn delivery(&mut self, _rule: usize) {
        self.asking.push(Asking::Deliveries(RuleTrace::default()));
    }

    fn targeting(&mut self, _rule: usize) {
        self.asking.push(Asking::Targeting(RuleTrace::default()));
    }

    fn condition(&mut self, _condition: usize, outcome: bool) {
        if let Some(Asking::Deliveries(rule) | Asking::Targeting(rule)) = self.asking.last_mut() {
            rule.conditions.push(outcome);
        }
    }

    fn rule(&mut self, matches: bool) {
        let Some(asked) = self.asking.pop() else { return };
        let trace = self.begun.last_mut();
        match (asked, self.entered.last_mut(), trace) {
            (Asking::Targeting(rule), Some((_, rules)), _) => rules.push(RuleTrace { matches, ..rule }),
            (Asking::Targeting(rule), None, Some(trace)) => {
                trace.targeting_rules.push(RuleTrace { matches, ..rule });
            }
            (Asking::Deliveries(rule), _, Some(trace)) => trace.rules.push(RuleTrace { matches, ..rule }),
            (_, _, None) => {}
        }
    }

    fn enter_segment(&mut self, name: &str) {
        self.entered.push((name.to_string(), Vec::new()));
    }

    fn leave_segment(&mut self, is_in: bool) {
        if let (Some((segment, rules)), Some(trace)) = (self.entered.pop(), self.begun.last_mut()) {
            trace.segments.push(SegmentTrace { segment, is_in, rules });
        }
    }

    fn gate(&mut self, gate: Gate<'_>, passes: bool) {
        let key_of = |experiment| self.snapshot.experiment_key(experiment).to_string();
        let (name, key, bucket, detail) = match gate {
            Gate::Prerequisite(key, given) => {
                let variant = given.and_then(|decision| self.snapshot.variant(decision));
                ("prerequisite", key, None, variant.map(|variant| variant.key.to_string()))
            }
            Gate::Holdout(key, bucket) => ("holdout", key, bucket, None),
            Gate::Group(key, bucket) => ("group", key, bucket, None),
            Gate::Sibling(key, sibling) => ("sibling", key, None, Some(key_of(sibling))),
        };
        if let Some(trace) = self.begun.last_mut() {
            trace.gates.push(GateTrace { gate: name, key: key.to_string(), passes, bucket, detail });
        }
    }

    fn end(&mut self, decision: Decision) {
        self.done.extend(self.begun.pop().map(|trace| (decision.experiment, trace)));
    }
}
