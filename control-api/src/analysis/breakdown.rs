//! Results by the values of an attribute.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use lotwise_stats::analysis::{Analysis, Role, analyse};
use lotwise_stats::multiplicity::{benjamini_hochberg, rejected};
use lotwise_stats::srm::SrmHistory;

use super::look::{Material, complete};
use super::memory::Memory;
use super::question::Question;
use super::report::Segment;
use super::sums::second_pass;
use crate::store::analysis::{Reading, Source};
use crate::store::{Store, StoreResult};

/// The most segments that are shown.
const MAX_SEGMENTS: usize = 50;

/// The figures of each value of the reading's attribute, the largest first, and how many were left out.
/// Segments explain and never decide: all their comparisons are one family of secondary ones.
pub(super) async fn segments(
    store: &Store,
    material: &Material,
    question: &Question,
    weights: &[f64],
    reading: &Reading,
    at: DateTime<Utc>,
) -> StoreResult<(Option<Vec<Segment>>, usize)> {
    let summary = store.summarise(&material.subject, reading).await?;
    let second = second_pass(store, &material.subject, &Source::Raw(reading.clone())).await?;
    let mut sizes: BTreeMap<Option<String>, u64> = BTreeMap::new();
    for arm in &summary.arms {
        *sizes.entry(arm.segment.clone()).or_default() += arm.exposed;
    }
    let mut values: Vec<(Option<String>, u64)> = sizes.into_iter().collect();
    values.sort_by_key(|(_, exposed)| std::cmp::Reverse(*exposed));
    let left_out = values.len().saturating_sub(MAX_SEGMENTS);
    values.truncate(MAX_SEGMENTS);
    let mut segments = Vec::with_capacity(values.len());
    for (value, exposed) in values {
        let part = Material {
            plan: material.plan.clone(),
            subject: material.subject.clone(),
            arms: complete(&material.subject, value.as_deref(), &summary.arms),
            second: second.clone(),
            excluded: 0,
            first_exposed_at: material.first_exposed_at,
            days: material.days,
        };
        let mut input = part.input(question, weights, SrmHistory::default(), &Memory::default(), at);
        for metric in &mut input.metrics {
            metric.role = Role::Secondary;
        }
        segments.push(Segment { value, exposed, analysis: analyse(&input) });
    }
    adjust(&mut segments, material.plan.significance_level);
    Ok((Some(segments), left_out))
}

/// Adjusts the p-values over all metrics, variants and segments together.
fn adjust(segments: &mut [Segment], alpha: f64) {
    let comparisons = |analysis: &Analysis| -> Vec<Option<f64>> {
        analysis.metrics.iter().flat_map(|metric| &metric.comparisons).map(|it| it.p).collect()
    };
    let p: Vec<Option<f64>> = segments.iter().flat_map(|it| comparisons(&it.analysis)).collect();
    let adjusted = benjamini_hochberg(&p);
    let significant = rejected(&adjusted, alpha);
    let mut found = adjusted.into_iter().zip(significant);
    for segment in segments {
        for metric in &mut segment.analysis.metrics {
            for comparison in &mut metric.comparisons {
                let Some((p, is_significant)) = found.next() else { continue };
                comparison.p_adjusted = p;
                comparison.significant = is_significant && comparison.significant;
            }
        }
    }
}
