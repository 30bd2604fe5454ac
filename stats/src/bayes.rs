//! The Bayesian view, for display: it never drives the decision.
//!
//! An estimate is taken as normal with its standard error, the prior is normal on the same scale. For relative
//! lifts the default prior is N(0, 0.3²); none means flat. Lower-is-better metrics flip the signs of estimate and
//! prior mean before they come here.

use serde::{Deserialize, Serialize};

use crate::interval::Interval;
use crate::normal;
use crate::quadrature::Rule;
use crate::status::{Status, require_finite, require_level};

/// What is believed beforehand: normal, on the scale of the estimate.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Prior {
    /// Its mean.
    pub mean: f64,
    /// Its standard deviation.
    pub sd: f64,
}

impl Prior {
    /// The default for relative lifts: most are within 60 %.
    pub const LIFT: Self = Self { mean: 0.0, sd: 0.3 };

    /// A prior in the metric's unit as one of the relative lift: both numbers over |control mean|, so the variance
    /// over its square.
    pub fn relative_to(self, control_mean: f64) -> Self {
        Self { mean: self.mean / control_mean.abs(), sd: self.sd / control_mean.abs() }
    }

    /// For metrics where lower is better.
    pub fn flipped(self) -> Self {
        Self { mean: -self.mean, ..self }
    }
}

/// The posterior, and what follows from it.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Posterior {
    /// Its mean μ.
    pub post_mean: f64,
    /// Its standard deviation s.
    pub post_sd: f64,
    /// The credible interval at 1 − alpha.
    pub ci: Interval,
    /// Φ(μ/s).
    pub prob_better: f64,
    /// What is lost on average by shipping: s·φ(u) − μ·Φ(−u), u = μ/s.
    pub loss_ship: f64,
    /// What is lost on average by not shipping: s·φ(u) + μ·Φ(u).
    pub loss_keep: f64,
}

/// The posterior by precision weighting; a flat prior leaves estimate and standard error as they are.
///
/// `invalid_input` where a number is not finite or a deviation is not above zero.
pub fn posterior(estimate: f64, se: f64, prior: Option<Prior>, alpha: f64) -> Result<Posterior, Status> {
    require_level(alpha)?;
    require_finite(&[estimate, se])?;
    let (mean, sd) = match prior {
        None => (estimate, se),
        Some(prior) => {
            require_finite(&[prior.mean, prior.sd])?;
            if prior.sd <= 0.0 {
                return Err(Status::InvalidInput);
            }
            // The weights se² and σ² as shares of their hypotenuse: no squares to overflow.
            let both = se.hypot(prior.sd);
            let (of_estimate, of_prior) = ((prior.sd / both).powi(2), (se / both).powi(2));
            (of_estimate * estimate + of_prior * prior.mean, se * (prior.sd / both))
        }
    };
    if se <= 0.0 || sd <= 0.0 {
        return Err(Status::InvalidInput);
    }
    let u = mean / sd;
    let (loss_ship, loss_keep) = losses(mean, sd, u);
    let half = normal::upper_quantile(alpha / 2.0) * sd;
    require_finite(&[mean, sd, half, loss_ship, loss_keep])?;
    Ok(Posterior {
        post_mean: mean,
        post_sd: sd,
        ci: Interval::around(mean, half),
        prob_better: normal::cumulative(u),
        loss_ship,
        loss_keep,
    })
}

/// The smaller of both losses cancels for |u| ≥ 3 and comes from the continued fraction of Mills' ratio there:
/// Φ(−u) = φ(u)/(u + c), c = 1/(u + 2/(u + 3/…)).
fn losses(mean: f64, sd: f64, u: f64) -> (f64, f64) {
    let density = normal::density(u);
    let small = if u.abs() >= 3.0 {
        let c = (1..=60_u32).rev().fold(0.0, |rest, depth| f64::from(depth) / (u.abs() + rest));
        sd * density * c / (u.abs() + c)
    } else {
        sd * density - mean.abs() * normal::tail(u.abs())
    };
    let large = sd * density + mean.abs() * normal::cumulative(u.abs());
    if u >= 0.0 { (small, large) } else { (large, small) }
}

/// Arms beyond this many are refused: the work grows with the square.
const MOST_ARMS: usize = 200;

/// Per arm the probability that it is the best of all (the highest), for independent normal posteriors:
/// `∫ φ((x−m_i)/s_i)/s_i · Π_{j≠i} Φ((x−m_j)/s_j) dx` over m_i ± 12s_i, by composite Gauss–Legendre with panels as
/// narrow as the sharpest arm nearby. They sum to 1 within 1e-9.
///
/// `no_data` without arms, `invalid_input` where a mean is not finite or a deviation is not above zero.
pub fn probability_best(means: &[f64], ses: &[f64]) -> Result<Vec<f64>, Status> {
    require_finite(means)?;
    require_finite(ses)?;
    if means.len() != ses.len() || means.len() > MOST_ARMS || ses.iter().any(|se| *se <= 0.0) {
        return Err(Status::InvalidInput);
    }
    if means.is_empty() {
        return Err(Status::NoData);
    }
    let arms: Vec<(f64, f64)> = means.iter().copied().zip(ses.iter().copied()).collect();
    let rule = Rule::new(24);
    Ok((0..arms.len()).map(|index| best(index, &arms, &rule)).collect())
}

/// In the arm's own deviations u = (x − m_i)/s_i, so that scales far apart neither overflow nor vanish.
fn best(index: usize, arms: &[(f64, f64)], rule: &Rule) -> f64 {
    let Some(&(mean, se)) = arms.get(index) else { return 0.0 };
    // Every arm's own scale, where it matters: from −12 to 12 deviations in steps of one.
    let mut edges: Vec<f64> = arms
        .iter()
        .flat_map(|(m, s)| (-12..=12).map(move |step| ((m - mean) + f64::from(step) * s) / se))
        .filter(|edge| *edge > -12.0 && *edge < 12.0)
        .chain([-12.0, 12.0])
        .collect();
    edges.sort_by(f64::total_cmp);
    let integrand = |u: f64| {
        let others = arms.iter().enumerate().filter(|(other, _)| *other != index);
        let below = |(m, s): &(f64, f64)| normal::cumulative(((mean - m) + se * u) / s);
        others.map(|(_, arm)| below(arm)).product::<f64>() * normal::density(u)
    };
    let panels = edges.windows(2).filter_map(|pair| match pair {
        [from, to] if to > from => Some((*from, *to)),
        _ => None,
    });
    panels
        .map(|(from, to)| rule.on(from, to).map(|(u, weight)| weight * integrand(u)).sum::<f64>())
        .sum::<f64>()
        .clamp(0.0, 1.0)
}

#[cfg(test)]
mod tests {
    use super::{Prior, posterior, probability_best};

    #[test]
    fn losses_differ_by_the_mean() {
        for estimate in [-0.5, -0.031, -0.029, 0.0, 0.01, 0.4] {
            let view = posterior(estimate, 0.01, None, 0.05).unwrap();
            assert!((view.loss_keep - view.loss_ship - view.post_mean).abs() < 1e-15);
            assert!(view.loss_keep >= 0.0 && view.loss_ship >= 0.0);
        }
    }

    #[test]
    fn a_sharp_prior_wins() {
        let view = posterior(1.0, 1.0, Some(Prior { mean: 0.0, sd: 1e-9 }), 0.05).unwrap();
        assert!(view.post_mean < 1e-9);
    }

    #[test]
    fn the_probabilities_sum_to_one() {
        let of = |means: &[f64], ses: &[f64]| probability_best(means, ses).unwrap();
        for chances in [
            of(&[0.1, 0.104, 0.107], &[0.002, 0.002, 0.0025]),
            of(&[0.0, 1e-7, -1.0, 3.0], &[1.0, 1e-9, 1e-4, 2.0]),
            of(&[5.0], &[1.0]),
            of(&[0.0; 12], &[1.0; 12]),
        ] {
            assert!((chances.iter().sum::<f64>() - 1.0).abs() < 1e-9, "{chances:?}");
        }
    }
}
