//! Two estimates compared: the one engine behind means, ratios, quantiles and CUPED.
//!
//! Differences are treatment minus control. The relative lift is `d/|a|` with Fieller's interval, which
//! excludes zero exactly when the p-value is below alpha; the delta method's figures stand beside it, for
//! comparison with other tools. Literature: Welch 1947, Fieller 1954.

use serde::{Deserialize, Serialize};

use crate::interval::Interval;
use crate::p_value::PValue;
use crate::status::{Refusal, Status, require_finite, require_level, worst};
use crate::student;

/// Which differences count against the null hypothesis.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Alternative {
    /// Any: a two-sided test and interval.
    #[default]
    TwoSided,
    /// Treatment above control: the interval is open above.
    Greater,
    /// Treatment below control: the interval is open below.
    Less,
}

/// What is estimated of two arms, and how well.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Estimates {
    /// The control's estimate a, in the metric's unit.
    pub control: f64,
    /// The treatment's estimate b.
    pub treatment: f64,
    /// The variance of a.
    pub control_variance: f64,
    /// The variance of b.
    pub treatment_variance: f64,
    /// The covariance of a and b: zero unless CUPED made them share something.
    pub covariance: f64,
    /// The variance of b − a. Given rather than computed, as it may be known without cancellation.
    pub difference_variance: f64,
    /// What the degrees of freedom are computed from: the arms' parts of the variance.
    pub df_variances: [f64; 2],
    /// The control's units.
    pub n_control: u64,
    /// The treatment's units.
    pub n_treatment: u64,
}

impl Estimates {
    /// Two independent estimates with their variances.
    pub fn independent(control: (f64, f64, u64), treatment: (f64, f64, u64)) -> Self {
        Self {
            control: control.0,
            treatment: treatment.0,
            control_variance: control.1,
            treatment_variance: treatment.1,
            covariance: 0.0,
            difference_variance: control.1 + treatment.1,
            df_variances: [control.1, treatment.1],
            n_control: control.2,
            n_treatment: treatment.2,
        }
    }

    /// d = b − a.
    pub fn difference(&self) -> f64 {
        self.treatment - self.control
    }

    /// The standard error of d.
    pub fn se(&self) -> f64 {
        self.difference_variance.max(0.0).sqrt()
    }

    /// Welch's degrees of freedom, `(Va+Vb)²/(Va²/(n_a−1)+Vb²/(n_b−1))`, computed from shares so that neither
    /// tiny nor huge variances leave the range of numbers.
    pub fn degrees_of_freedom(&self) -> f64 {
        let [control, treatment] = self.df_variances;
        let share = control / (control + treatment);
        let rest = treatment / (control + treatment);
        let part = |share: f64, n: u64| if share > 0.0 { share * share / (n as f64 - 1.0) } else { 0.0 };
        1.0 / (part(share, self.n_control) + part(rest, self.n_treatment))
    }

    /// Two arms that both do not vary cannot be compared; what is not finite is not compared either.
    pub(crate) fn checked(self) -> Result<Self, Refusal> {
        let numbers = [
            self.control,
            self.treatment,
            self.difference(),
            self.control_variance,
            self.treatment_variance,
            self.covariance,
            self.difference_variance,
        ];
        require_finite(&numbers)?;
        worst([Status::of_count(self.n_control), Status::of_count(self.n_treatment)])?;
        if self.difference_variance <= 0.0 {
            return Err(Refusal { status: Status::ZeroVariance, diff: Some(self.difference()) });
        }
        Ok(self)
    }

    /// The relative lift with its intervals at quantile `q`: Student's for a fixed horizon, the factor of
    /// [`sequential`](crate::sequential) while data arrive. None where the control's estimate is zero.
    ///
    /// For r = b/a − 1 and C = Cov(a,b) − Va, with `A = a² − q²Va` and `B = a·d − q²C`, the set is
    /// [(B−D)/A, (B+D)/A] with `D = q√(a²Vd − 2adC + d²Va − q²(VaVd − C²))`. The root of smaller size comes from the
    /// product of both, (d² − q²Vd)/A, so that its sign is right. If A ≤ 0 the set has no bounds.
    pub fn relative(&self, q: f64) -> Option<Relative> {
        let (a, d) = (self.control, self.difference());
        if a == 0.0 {
            return None;
        }
        // In units of |a|, so that squares neither overflow nor vanish; a < 0 mirrors at the end.
        let scale = a.abs();
        let (e, r) = (1.0 / scale, d / a);
        let va = self.control_variance * e * e;
        let vd = self.difference_variance * e * e;
        let c = (self.covariance - self.control_variance) * e * e;
        let square = q * q;
        let (big_a, big_b) = (1.0 - square * va, r - square * c);
        let inside = vd - 2.0 * r * c + r * r * va - square * (va * vd - c * c);
        let root = q * inside.max(0.0).sqrt();
        let interval = (big_a > 0.0)
            .then(|| {
                let outer = (big_b + root.copysign(big_b)) / big_a;
                let width = q * vd.sqrt();
                let inner = if outer == 0.0 { 0.0 } else { (r - width) * (r + width) / big_a / outer };
                Interval::new(outer.min(inner), outer.max(inner))
            })
            .flatten()
            .map(|interval| if a < 0.0 { interval.negated() } else { interval });
        let lift = d / scale;
        let ratio = self.treatment / a;
        let vb = self.treatment_variance * e * e;
        let delta = vb + va * ratio * ratio - 2.0 * self.covariance * e * e * ratio;
        let delta_se = delta.max(0.0).sqrt();
        (lift.is_finite() && delta_se.is_finite()).then(|| Relative {
            rel: lift,
            rel_ci: interval,
            rel_unbounded: interval.is_none(),
            rel_delta_se: delta_se,
            rel_delta_ci: Interval::around(lift, q * delta_se),
        })
    }
}

/// A relative lift: 0.05 is five per cent.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Relative {
    /// d/|a|.
    pub rel: f64,
    /// Fieller's interval. None where it has no bounds.
    pub rel_ci: Option<Interval>,
    /// The control's mean is too uncertain for the interval to have bounds.
    pub rel_unbounded: bool,
    /// The delta method's standard error, `√(Vb/a² + Va·b²/a⁴ − 2Cov·b/a³)`.
    pub rel_delta_se: f64,
    /// The delta method's interval.
    pub rel_delta_ci: Interval,
}

/// Two arms compared.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Comparison {
    /// Treatment minus control, in the metric's unit.
    pub diff: f64,
    /// Its standard error.
    pub se: f64,
    /// (diff − null)/se.
    pub t: f64,
    /// Degrees of freedom.
    pub df: f64,
    /// The p-value; there is one, whatever is displayed.
    #[serde(flatten)]
    pub p: PValue,
    /// The interval of the difference at level 1 − alpha; open to one side where the test is.
    pub ci: Interval,
    /// The relative lift; none for one-sided tests and where the control's estimate is zero.
    #[serde(flatten)]
    pub relative: Option<Relative>,
}

/// Compares two estimates by Student's t: `se = √Vd`, `t = (d − null)/se`, two-sided `p = 2·sf(|t|)` and `d ± q·se`
/// with q the quantile of 1 − α/2; one-sided `sf(±t)` and an interval open to the other side.
///
/// `zero_variance` (with the difference) where neither estimate varies, `invalid_input` where a number is
/// not finite or alpha is not between 0 and 1.
pub fn compare(
    estimates: Estimates,
    alpha: f64,
    alternative: Alternative,
    null: f64,
) -> Result<Comparison, Refusal> {
    require_level(alpha)?;
    require_finite(&[null])?;
    let estimates = estimates.checked()?;
    let (diff, se, df) = (estimates.difference(), estimates.se(), estimates.degrees_of_freedom());
    let t = (diff - null) / se;
    require_finite(&[t, df])?;
    let (p, ci, relative) = match alternative {
        Alternative::TwoSided => {
            let q = student::upper_quantile(alpha / 2.0, df);
            (student::two_sided(t, df), Interval::around(diff, q * se), estimates.relative(q))
        }
        Alternative::Greater => {
            let lo = diff - student::upper_quantile(alpha, df) * se;
            (student::one_sided(t, df), Interval { lo, hi: f64::INFINITY }, None)
        }
        Alternative::Less => {
            let hi = diff + student::upper_quantile(alpha, df) * se;
            (student::one_sided(-t, df), Interval { lo: f64::NEG_INFINITY, hi }, None)
        }
    };
    if p.p.is_nan() || ci.lo.is_nan() || ci.hi.is_nan() {
        return Err(Status::InvalidInput.into());
    }
    Ok(Comparison { diff, se, t, df, p, ci, relative })
}

#[cfg(test)]
mod tests {
    use super::{Alternative, Estimates, compare};
    use crate::status::Status;

    #[test]
    fn no_variance_keeps_the_difference() {
        let estimates = Estimates::independent((2.0, 0.0, 50), (3.0, 0.0, 60));
        let refusal = compare(estimates, 0.05, Alternative::TwoSided, 0.0).unwrap_err();
        assert_eq!(refusal.status, Status::ZeroVariance);
        assert_eq!(refusal.diff, Some(1.0));
    }

    #[test]
    fn a_negative_control_mirrors_its_lift() {
        let of = |sign: f64| {
            let estimates = Estimates::independent((sign * 2.0, 0.01, 900), (sign * 2.5, 0.02, 900));
            compare(estimates, 0.05, Alternative::TwoSided, 0.0).unwrap().relative.unwrap()
        };
        let (plus, minus) = (of(1.0), of(-1.0));
        assert!((plus.rel - 0.25).abs() < 1e-15 && (minus.rel + 0.25).abs() < 1e-15);
        assert_eq!(plus.rel_ci.unwrap(), minus.rel_ci.unwrap().negated());
    }

    #[test]
    fn one_sided_intervals_are_open() {
        let estimates = Estimates::independent((2.0, 0.01, 900), (2.5, 0.02, 900));
        let greater = compare(estimates, 0.05, Alternative::Greater, 0.0).unwrap();
        let less = compare(estimates, 0.05, Alternative::Less, 0.0).unwrap();
        assert!(greater.ci.hi.is_infinite() && less.ci.lo.is_infinite());
        assert!((greater.p.p + less.p.p - 1.0).abs() < 1e-15);
    }
}
