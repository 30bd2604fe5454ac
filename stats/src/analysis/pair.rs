//! One treatment and the control in one metric: estimates, and figures by a method at a level.

use super::input::{Experiment, Method, MetricSums};
use crate::engine::{self, Alternative, Estimates};
use crate::group_sequential;
use crate::interval::Interval;
use crate::moments::Moments;
use crate::p_value::PValue;
use crate::sequential::{self, Mixture};
use crate::status::{Refusal, Status};
use crate::sums::ProportionSums;
use crate::{cuped, mean, proportion, quantile, ratio};

/// Two arms of one metric.
pub(super) struct Pair {
    /// What the engine compares.
    pub(super) estimates: Estimates,
    /// Units of both.
    pub(super) n: u64,
    /// Units planned for both.
    pub(super) n_star: u64,
    /// Both arms have enough for anytime inference.
    pub(super) warm: bool,
    /// Where the metric is one: the proportions.
    proportions: Option<(ProportionSums, ProportionSums)>,
    /// Where the metric has a pre-period.
    pub(super) adjusted: Option<cuped::Adjusted>,
}

/// Figures by a method at a level.
#[derive(Default)]
pub(super) struct Figures {
    pub(super) ci: Option<Interval>,
    pub(super) rel_ci: Option<Interval>,
    pub(super) p: Option<PValue>,
    pub(super) bound: Option<f64>,
    /// Beyond the bound of a planned look.
    pub(super) crossed: bool,
}

impl Pair {
    pub(super) fn of(experiment: &Experiment, sums: &MetricSums, arm: usize) -> Result<Self, Refusal> {
        let control = experiment.control;
        let mut pair = Self {
            estimates: Estimates::default(),
            n: 0,
            n_star: experiment.pair_target(arm),
            warm: false,
            proportions: None,
            adjusted: None,
        };
        let warm = |arms: [(u64, u64); 2]| arms.iter().all(|(n, other)| sequential::warmed_up(*n, *other));
        match sums {
            MetricSums::Proportion { arms } => {
                let (c, t) = two(arms, control, arm)?;
                proportion::check(*c, *t)?;
                pair.estimates = proportion::estimates(*c, *t);
                pair.proportions = Some((*c, *t));
                pair.warm = warm([(c.n, c.x), (t.n, t.x)]);
            }
            MetricSums::Mean { arms } => {
                let (c, t) = two(arms, control, arm)?;
                let moments = (Moments::from_sums(c), Moments::from_sums(t));
                pair.estimates = mean::estimates(moments.0?, moments.1?)?;
                pair.warm = warm([(c.n, c.non_zero), (t.n, t.non_zero)]);
            }
            MetricSums::Cuped { arms } => {
                let (c, t) = two(arms, control, arm)?;
                let adjusted = cuped::adjust(arms, control, arm)?;
                pair.estimates = adjusted.estimates;
                pair.warm = warm([(c.n, c.non_zero), (t.n, t.non_zero)]);
                pair.adjusted = Some(adjusted);
            }
            MetricSums::Ratio { arms } => {
                let (c, t) = two(arms, control, arm)?;
                pair.estimates = ratio::estimates(c, t)?;
                pair.warm = warm([(c.n, c.non_zero), (t.n, t.non_zero)]);
            }
            MetricSums::Quantile { arms } => {
                let (c, t) = two(arms, control, arm)?;
                pair.estimates = quantile::estimates(c, t)?;
                // A quantile's observations all count: nothing of it is sparse.
                let units = |arm: &quantile::QuantileSketch| arm.cluster.map_or(arm.n, |users| users.n_users);
                pair.n = units(c).saturating_add(units(t));
                pair.warm = warm([(units(c), units(c)), (units(t), units(t))]);
            }
        }
        if pair.n == 0 {
            pair.n = pair.estimates.n_control.saturating_add(pair.estimates.n_treatment);
        }
        Ok(pair)
    }

    /// Figures by the experiment's method.
    pub(super) fn figures(&self, method: &Method, alpha: f64) -> Result<Figures, Refusal> {
        match method {
            Method::Sequential | Method::Bayes { .. } => self.anytime(alpha),
            Method::GroupSequential { spending, looks } if !looks.is_empty() => {
                let bounds = group_sequential::bounds(looks, alpha, 2, *spending)?;
                self.planned_look(alpha, bounds.z.last().copied())
            }
            Method::Fixed | Method::GroupSequential { .. } => self.fixed(alpha),
        }
    }

    fn anytime(&self, alpha: f64) -> Result<Figures, Refusal> {
        if !self.warm {
            return Ok(Figures { p: Some(PValue::ONE), ..Figures::default() });
        }
        let estimates = self.estimates.checked()?;
        let (diff, se) = (estimates.difference(), estimates.se());
        let look = sequential::look(diff, se, self.n, self.n_star, alpha, Alternative::TwoSided)?;
        let factor = Mixture::new(self.n, self.n_star, alpha, Alternative::TwoSided)?.factor();
        let relative = estimates.relative(factor);
        Ok(Figures {
            ci: Some(look.ci),
            rel_ci: relative.and_then(|relative| relative.rel_ci),
            p: Some(look.p),
            ..Figures::default()
        })
    }

    fn fixed(&self, alpha: f64) -> Result<Figures, Refusal> {
        if let Some((control, treatment)) = self.proportions {
            let compared = proportion::compare(control, treatment, alpha)?;
            return Ok(Figures {
                ci: Some(compared.ci),
                rel_ci: compared.rel_ci,
                p: Some(compared.p),
                ..Figures::default()
            });
        }
        let compared = engine::compare(self.estimates, alpha, Alternative::TwoSided, 0.0)?;
        Ok(Figures {
            ci: Some(compared.ci),
            rel_ci: compared.relative.and_then(|relative| relative.rel_ci),
            p: Some(compared.p),
            ..Figures::default()
        })
    }

    /// The fixed test's figure against the look's bound, and the interval that goes with the bound.
    fn planned_look(&self, alpha: f64, bound: Option<f64>) -> Result<Figures, Refusal> {
        let bound = bound.ok_or(Status::InvalidInput)?;
        let estimates = self.estimates.checked()?;
        let z = match self.proportions {
            Some((control, treatment)) => proportion::pooled_z(control, treatment),
            None => estimates.difference() / estimates.se(),
        };
        Ok(Figures {
            ci: Some(Interval::around(estimates.difference(), bound * estimates.se())),
            rel_ci: estimates.relative(bound).and_then(|relative| relative.rel_ci),
            p: self.fixed(alpha)?.p,
            bound: Some(bound),
            crossed: z.abs() > bound,
        })
    }
}

fn two<T>(arms: &[T], control: usize, treatment: usize) -> Result<(&T, &T), Status> {
    match (arms.get(control), arms.get(treatment)) {
        (Some(control), Some(treatment)) => Ok((control, treatment)),
        _ => Err(Status::InvalidInput),
    }
}
