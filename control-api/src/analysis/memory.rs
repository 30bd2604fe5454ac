//! What sequential tests remember from look to look.

use std::collections::BTreeMap;

use lotwise_stats::analysis::Analysis;
use lotwise_stats::sequential::RunningMinimum;
use serde::{Deserialize, Serialize};

/// The smallest p-values so far.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Serialize)]
pub(super) struct Memory {
    /// Of the sample ratio.
    pub(super) srm: Option<f64>,
    /// Of each metric's comparisons, by variant.
    pub(super) metrics: BTreeMap<String, BTreeMap<String, RunningMinimum>>,
}

impl Memory {
    /// What was kept as JSON; what an older program kept in another form counts for nothing.
    pub(super) fn read(text: &str) -> Self {
        serde_json::from_str(text).unwrap_or_default()
    }

    /// What an analysis leaves to remember. Metrics that it does not have are forgotten.
    pub(super) fn of(analysis: &Analysis) -> Self {
        let mut metrics = BTreeMap::new();
        for metric in &analysis.metrics {
            let comparisons = metric.comparisons.iter();
            let running = comparisons.filter_map(|it| Some((it.arm.clone(), it.running?)));
            let running: BTreeMap<String, RunningMinimum> = running.collect();
            if !running.is_empty() {
                metrics.insert(metric.key.clone(), running);
            }
        }
        Self { srm: analysis.srm.p_running, metrics }
    }

    /// What it says of one metric, per arm.
    pub(super) fn running(&self, metric: &str, arms: &[String]) -> Vec<Option<RunningMinimum>> {
        let known = self.metrics.get(metric);
        arms.iter().map(|arm| known.and_then(|known| known.get(arm)).copied()).collect()
    }
}

/// How many comparisons of an analysis are significant.
pub(super) fn significant(analysis: &Analysis) -> i32 {
    let comparisons = analysis.metrics.iter().flat_map(|metric| &metric.comparisons);
    comparisons.filter(|comparison| comparison.significant).count().try_into().unwrap_or(i32::MAX)
}
