//! A look at an experiment.

use chrono::{DateTime, Utc};
use lotwise_stats::analysis::{Arm, Experiment as Summed, Metric as SummedMetric, Role, analyse};
use lotwise_stats::guardrail::{Direction as Better, Margin};
use lotwise_stats::srm::{CONCENTRATION, SrmHistory, sequential};
use uuid::Uuid;

use super::breakdown;
use super::memory::{Memory, significant};
use super::question::Question;
use super::report::{Report, VariantSummary};
use super::sums::{SecondPass, second_pass, summed};
use crate::domain::experiment::ExperimentRef;
use crate::domain::metric::Direction;
use crate::domain::plan::Plan;
use crate::store::analysis::{ArmSums, Look, Phase, Reading, Source, Subject};
use crate::store::events::Watermark;
use crate::store::{Store, StoreResult};

/// What a look has to work with.
pub(super) struct Material {
    pub(super) plan: Plan,
    pub(super) subject: Subject,
    pub(super) arms: Vec<ArmSums>,
    pub(super) second: SecondPass,
    pub(super) excluded: u64,
    pub(super) first_exposed_at: Option<DateTime<Utc>>,
    pub(super) days: f64,
}

/// Looks at an experiment. `settled` is up to where events are settled by now; with the default question
/// what the look finds is remembered.
pub async fn look(
    store: &Store,
    which: &ExperimentRef,
    question: &Question,
    settled: Watermark,
    now: DateTime<Utc>,
) -> StoreResult<Report> {
    let experiment = store.experiment(which).await?;
    let plan = store.plan(&experiment, question.at).await?;
    let subject = Subject {
        experiment_id: experiment.id,
        environment_id: experiment.environment_id,
        variants: plan.variants.iter().map(|variant| variant.id).collect(),
        metrics: plan.metrics.iter().map(|metric| metric.definition.clone()).collect(),
    };
    let seen = match question.at {
        None => settled,
        Some(at) => store.watermark_at(at).await?,
    };
    let at = question.at.unwrap_or(now);
    let reading = Reading {
        batch: seen.batch,
        is_verified_only: !question.includes_unverified,
        mature_at: question.is_mature_only.then_some(at),
        ..Reading::default()
    };
    let is_kept = question.at.is_none() && question.is_whole();
    let mut material = Material {
        plan,
        subject,
        arms: Vec::new(),
        second: Vec::new(),
        excluded: 0,
        first_exposed_at: None,
        days: 0.0,
    };
    let mut batch = seen.batch;
    if is_kept {
        batch = from_state(store, &mut material, seen).await?;
    } else {
        from_rows(store, &mut material, &reading).await?;
    }
    material.days = days(material.first_exposed_at, at);
    let reading = Reading { batch, ..reading };
    let memory = remembered(store, &material, question, Watermark { batch, at }).await?;
    let (history, weights, phases) = sample_ratio(store, &material, &reading, at, memory.srm).await?;
    let input = material.input(question, &weights, history, &memory, at);
    let analysis = analyse(&input);
    if is_kept && question.method.is_sequential() {
        keep(store, &material, &memory, &analysis, Watermark { batch, at }).await?;
    }
    let (segments, segments_left_out) = match &question.dimension {
        None => (None, 0),
        Some(dimension) => {
            let reading = Reading { dimension: Some(dimension.clone()), ..reading };
            breakdown::segments(store, &material, question, &weights, &reading, at).await?
        }
    };
    Ok(Report {
        experiment_id: experiment.id,
        experiment_key: experiment.key,
        environment: experiment.environment,
        question: question.clone(),
        at,
        batch,
        first_exposed_at: material.first_exposed_at,
        control: material.control().and_then(|index| input.arms.get(index)).map(|arm| arm.key.clone()),
        variants: material.variants(&weights),
        phases,
        analysis,
        segments,
        segments_left_out,
        plan: material.plan,
    })
}

/// Takes the sums that are kept, brought up to what is settled; gives the batch they have come to.
async fn from_state(store: &Store, it: &mut Material, seen: Watermark) -> StoreResult<i64> {
    let (progress, arms) = store.update_sums(&it.subject, seen).await?;
    it.arms = arms;
    it.excluded = progress.excluded;
    it.first_exposed_at = progress.first_exposed_at;
    let kept = progress.second_pass.as_deref().and_then(|text| serde_json::from_str(text).ok());
    it.second = match kept {
        Some(second) => second,
        None => {
            let source = Source::State { batch: progress.batch };
            let found = second_pass(store, &it.subject, &source).await?;
            if let Ok(text) = serde_json::to_string(&found) {
                store.keep_second_pass(it.subject.experiment_id, progress.batch, &text).await?;
            }
            found
        }
    };
    Ok(progress.batch)
}

/// Makes the sums anew.
async fn from_rows(store: &Store, it: &mut Material, reading: &Reading) -> StoreResult<()> {
    let summary = store.summarise(&it.subject, reading).await?;
    it.arms = complete(&it.subject, None, &summary.arms);
    it.excluded = summary.excluded;
    it.first_exposed_at = summary.first_exposed_at;
    it.second = second_pass(store, &it.subject, &Source::Raw(reading.clone())).await?;
    Ok(())
}

/// An entry per variant, of one segment.
pub(super) fn complete(subject: &Subject, segment: Option<&str>, arms: &[ArmSums]) -> Vec<ArmSums> {
    let of = |&id: &Uuid| {
        let found = arms.iter().find(|arm| arm.variant_id == id && arm.segment.as_deref() == segment);
        found.cloned().unwrap_or_else(|| ArmSums::empty(subject, id, segment))
    };
    subject.variants.iter().map(of).collect()
}

#[expect(clippy::cast_precision_loss, reason = "milliseconds of a lifetime fit")]
fn days(since: Option<DateTime<Utc>>, at: DateTime<Utc>) -> f64 {
    since.map_or(0.0, |since| ((at - since).num_milliseconds() as f64 / 86_400_000.0).max(0.0))
}

async fn remembered(
    store: &Store,
    it: &Material,
    question: &Question,
    seen: Watermark,
) -> StoreResult<Memory> {
    if !question.is_whole() || !question.method.is_sequential() {
        return Ok(Memory::default());
    }
    let look = store.last_look(it.subject.experiment_id, seen.batch, seen.at).await?;
    Ok(look.map(|look| Memory::read(&look.memory)).unwrap_or_default())
}

async fn keep(
    store: &Store,
    it: &Material,
    before: &Memory,
    analysis: &lotwise_stats::analysis::Analysis,
    seen: Watermark,
) -> StoreResult<()> {
    let after = Memory::of(analysis);
    let is_news = after != *before;
    let Some(memory) = is_news.then(|| serde_json::to_string(&after).ok()).flatten() else { return Ok(()) };
    let significant = significant(analysis);
    let look = Look { at: seen.at, batch: seen.batch, memory, significant };
    store.keep_look(it.subject.experiment_id, &look).await
}

/// What is known of the sample ratio before this phase, the weights of this phase, and how many there were.
async fn sample_ratio(
    store: &Store,
    it: &Material,
    reading: &Reading,
    at: DateTime<Utc>,
    min_p: Option<f64>,
) -> StoreResult<(SrmHistory, Vec<f64>, usize)> {
    let mut phases = store.phases(it.subject.experiment_id).await?;
    phases.retain(|phase| phase.started_at <= at);
    // Shares that changed before anybody could be exposed never mattered.
    let began = it.first_exposed_at.unwrap_or(at);
    let decided = store.compiled_before(it.subject.environment_id, began).await?.unwrap_or(began);
    let first = phases.iter().rposition(|phase| phase.started_at <= decided).unwrap_or(0);
    phases.drain(..first);
    let weights = |phase: &Phase| -> Vec<f64> {
        let weight = |id: &Uuid| f64::from(phase.weights.get(id).copied().unwrap_or_default());
        it.subject.variants.iter().map(weight).collect()
    };
    let whole = SrmHistory { min_p, ..SrmHistory::default() };
    if phases.len() < 2 {
        let present = phases.first().map_or_else(|| it.allocated(), weights);
        return Ok((whole, present, 1));
    }
    let exposed = store.exposed_by_phase(&it.subject, reading, &phases).await?;
    // Shares that nobody met, such as those that wait for a publish, are nobody's.
    let mut met: Vec<(Vec<f64>, Vec<u64>)> = phases.iter().map(weights).zip(exposed).collect();
    met.retain(|(_, counts)| counts.iter().any(|count| *count > 0));
    let count = met.len().max(1);
    let Some((present, phase)) = met.pop() else {
        return Ok((whole, phases.last().map(weights).unwrap_or_default(), count));
    };
    let earlier = met.iter().filter_map(|(weights, counts)| sequential(counts, weights, CONCENTRATION).ok());
    let ln_e_before = earlier.map(|test| test.ln_bf).sum();
    Ok((SrmHistory { min_p, ln_e_before, phase: Some(phase) }, present, count))
}

impl Material {
    /// The variant with the key `control`, else the first.
    pub(super) fn control(&self) -> Option<usize> {
        let mut variants = self.plan.variants.iter();
        let named = variants.position(|variant| variant.key == "control");
        named.or((!self.plan.variants.is_empty()).then_some(0))
    }

    fn keys(&self) -> Vec<String> {
        self.plan.variants.iter().map(|variant| variant.key.clone()).collect()
    }

    /// Buckets per variant.
    fn allocated(&self) -> Vec<f64> {
        self.plan.variants.iter().map(|variant| f64::from(variant.buckets)).collect()
    }

    fn variants(&self, weights: &[f64]) -> Vec<VariantSummary> {
        let all: f64 = weights.iter().sum();
        let share = |weight: f64| if all > 0.0 { weight / all } else { 0.0 };
        let arms = self.plan.variants.iter().zip(&self.arms).zip(weights);
        arms.map(|((variant, arm), &weight)| VariantSummary {
            id: variant.id,
            key: variant.key.clone(),
            share: share(weight),
            exposed: arm.exposed,
        })
        .collect()
    }

    /// Everything as the statistics take it.
    pub(super) fn input(
        &self,
        question: &Question,
        weights: &[f64],
        srm: SrmHistory,
        memory: &Memory,
        at: DateTime<Utc>,
    ) -> Summed {
        let keys = self.keys();
        let arms = keys.iter().zip(&self.arms).zip(weights);
        let arms: Vec<Arm> = arms
            .map(|((key, arm), &weight)| Arm { key: key.clone(), weight, exposed: arm.exposed })
            .collect();
        let exposed: u64 = self.arms.iter().map(|arm| arm.exposed).sum();
        let target = self.plan.target_sample_size.and_then(|target| u64::try_from(target).ok());
        #[expect(clippy::cast_precision_loss, reason = "users of an experiment fit")]
        let information = exposed as f64 / target.unwrap_or(5_000).max(1) as f64;
        Summed {
            arms,
            control: self.control().unwrap_or(0),
            excluded: self.excluded,
            alpha: self.plan.significance_level,
            target_sample_size: target,
            method: question.method(information),
            days: self.days,
            min_days: f64::from(self.plan.minimum_days),
            srm,
            at: Some(at.timestamp_millis()),
            metrics: self.input_metrics(memory, &keys),
        }
    }

    fn input_metrics(&self, memory: &Memory, keys: &[String]) -> Vec<SummedMetric> {
        let metrics = self.plan.metrics.iter().enumerate();
        metrics
            .map(|(index, metric)| {
                let second = self.second.get(index).and_then(Option::as_deref);
                let found = summed(&metric.definition, index, &self.arms, second);
                SummedMetric {
                    key: metric.key.clone(),
                    role: self.role(&metric.key),
                    direction: match metric.direction {
                        Direction::Increase => Better::HigherIsBetter,
                        Direction::Decrease => Better::LowerIsBetter,
                    },
                    mde_rel: metric.minimum_effect,
                    margin: metric.guardrail_margin.map(Margin::Relative),
                    sums: found.sums,
                    winsor: found.winsor,
                    running: memory.running(&metric.key, keys),
                }
            })
            .collect()
    }

    fn role(&self, key: &str) -> Role {
        if self.plan.primary_metric.as_deref() == Some(key) {
            Role::Primary
        } else if self.plan.guardrail_metrics.iter().any(|it| it == key) {
            Role::Guardrail
        } else {
            Role::Secondary
        }
    }
}
