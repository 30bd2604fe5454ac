//! A question about a plan, and its answer: the same for HTTP, command line, page and golden files.

use serde::{Deserialize, Serialize};

use super::{Design, Metric, runtime};
use crate::status::Status;

/// What is measured.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// A conversion: `baseline` is its rate.
    #[default]
    Proportion,
    /// A total per unit: needs `sd`. Ratios and quantiles plan the same way, with the deviation of their own.
    Mean,
}

/// What is asked.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Solve {
    /// How many units.
    #[default]
    SampleSize,
    /// What probability to find the effect.
    Power,
    /// What effect can be found.
    Mde,
    /// How many days, for the units asked for or for those that the effect needs.
    Runtime,
}

/// How one means to look.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Rule {
    /// Whenever one likes: what the platform does by default.
    #[default]
    Sequential,
    /// Once, at the end.
    Fixed,
}

/// A question. Fields left out have the defaults of [`PowerRequest::default`].
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct PowerRequest {
    /// What is asked.
    pub solve: Solve,
    /// What is measured.
    pub kind: Kind,
    /// How one means to look.
    pub method: Rule,
    /// The control's rate or mean. Means need it only for relative effects.
    pub baseline: Option<f64>,
    /// The standard deviation over units; means only.
    pub sd: Option<f64>,
    /// The effect, in the metric's unit (rates: 0.01 is one percentage point).
    pub effect: Option<f64>,
    /// Or the effect as a share of the baseline (0.05 is five per cent).
    pub effect_rel: Option<f64>,
    /// Significance level.
    pub alpha: f64,
    /// The probability to find the effect.
    pub power: f64,
    /// Treatment units per control unit, κ.
    pub ratio: f64,
    /// 1 or 2.
    pub sides: u32,
    /// Comparisons that share alpha: primary metrics times treatments.
    pub comparisons: u32,
    /// The correlation with the pre-exposure period, for CUPED; means only.
    pub cuped_rho: f64,
    /// The control's units.
    pub n_control: Option<u64>,
    /// The treatment's units; κ times the control's if left out.
    pub n_treatment: Option<u64>,
    /// The size planned for both arms, for `sequential`: what both have if left out.
    pub n_star: Option<u64>,
    /// New units per day.
    pub daily_units: Option<f64>,
    /// The share of them that enters.
    pub traffic_share: f64,
    /// The fewest days.
    pub min_days: f64,
}

impl Default for PowerRequest {
    fn default() -> Self {
        Self {
            solve: Solve::default(),
            kind: Kind::default(),
            method: Rule::default(),
            baseline: None,
            sd: None,
            effect: None,
            effect_rel: None,
            alpha: 0.05,
            power: 0.8,
            ratio: 1.0,
            sides: 2,
            comparisons: 1,
            cuped_rho: 0.0,
            n_control: None,
            n_treatment: None,
            n_star: None,
            daily_units: None,
            traffic_share: 1.0,
            min_days: 7.0,
        }
    }
}

/// An answer: what was asked for, and what follows from it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct PowerAnswer {
    /// The control's units, before rounding up; where units were asked for.
    pub n_control_real: Option<f64>,
    /// The control's units.
    pub n_control: Option<u64>,
    /// The treatment's units.
    pub n_treatment: Option<u64>,
    /// Both.
    pub n_total: Option<u64>,
    /// The probability to find the effect.
    pub power: Option<f64>,
    /// The effect that can be found, in the metric's unit.
    pub mde: Option<f64>,
    /// The same as a share of the baseline, where there is one.
    pub mde_rel: Option<f64>,
    /// Days, before rounding up; where `daily_units` is given.
    pub days_real: Option<f64>,
    /// Whole days.
    pub days: Option<u64>,
    /// Full weeks of days, no fewer than the minimum.
    pub days_full_weeks: Option<u64>,
}

/// What is wrong with a question.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize)]
pub struct PowerFault {
    /// The field.
    pub field: &'static str,
    /// What it has to be: words that follow the field's name. Other fields stand between backticks, to be
    /// spelled as whoever asked spells them.
    pub detail: &'static str,
}

impl PowerRequest {
    /// All that is wrong, at once; empty when it can be answered.
    pub fn faults(&self) -> Vec<PowerFault> {
        let mut faults = Vec::new();
        let mut require = |sound: bool, field, detail| {
            if !sound {
                faults.push(PowerFault { field, detail });
            }
        };
        let inside = |value: f64| value > 0.0 && value < 1.0;
        require(inside(self.alpha), "alpha", "must be between 0 and 1");
        require(inside(self.power), "power", "must be between 0 and 1");
        require(self.ratio > 0.0 && self.ratio.is_finite(), "ratio", "must be above 0");
        require((1..=2).contains(&self.sides), "sides", "must be 1 or 2");
        let one_sided_level = self.method == Rule::Fixed || self.sides == 2 || self.alpha < 0.5;
        require(one_sided_level, "alpha", "must be below 0.5 for a one-sided sequential test");
        require(self.comparisons >= 1, "comparisons", "must be at least 1");
        require(self.cuped_rho.abs() < 1.0, "cuped_rho", "must be between -1 and 1");
        let share = self.traffic_share > 0.0 && self.traffic_share <= 1.0;
        require(share, "traffic_share", "must be above 0 and at most 1");
        require((0.0..=1e6).contains(&self.min_days), "min_days", "must be from 0 to 1,000,000");
        let daily = self.daily_units.is_none_or(|units| units > 0.0 && units.is_finite());
        require(daily, "daily_units", "must be above 0");
        if self.solve == Solve::Runtime {
            require(self.daily_units.is_some(), "daily_units", "is needed to tell how many days");
        }
        let counts = self.solve == Solve::Runtime && self.n_control.is_some();
        if counts {
            require(self.n_control > Some(0), "n_control", "must be at least 1");
            return faults;
        }
        match self.kind {
            Kind::Proportion => {
                require(self.baseline.is_some_and(inside), "baseline", "must be a rate between 0 and 1");
                require(self.sd.is_none(), "sd", "is for means only: a rate has none of its own");
                require(self.cuped_rho == 0.0, "cuped_rho", "is for means only");
            }
            Kind::Mean => {
                let sd = self.sd.is_some_and(|sd| sd > 0.0 && sd.is_finite());
                require(sd, "sd", "must be a standard deviation above 0");
                let baseline = self.baseline.is_none_or(|mean| mean.is_finite() && mean != 0.0);
                require(baseline, "baseline", "must be a mean other than 0");
            }
        }
        if self.solve == Solve::Mde {
            require(self.effect.is_none() && self.effect_rel.is_none(), "effect", "is what is asked for");
        } else {
            let one = self.effect.is_some() != self.effect_rel.is_some();
            require(one, "effect", "is needed, or `effect_rel`, and not both");
            let relative = self.effect_rel.is_none() || self.baseline.is_some();
            require(relative, "baseline", "is needed for a relative effect");
            let may_be_zero = self.solve == Solve::Power;
            let sound = self.delta().is_none_or(|delta| delta.is_finite() && (may_be_zero || delta != 0.0));
            require(sound, "effect", "must be a number other than 0");
            let rate = self.baseline.zip(self.delta()).map(|(baseline, delta)| baseline + delta);
            let reachable = self.kind == Kind::Mean || rate.is_none_or(|rate| (0.0..=1.0).contains(&rate));
            require(reachable, "effect", "leads to a rate below 0 or above 1");
        }
        if matches!(self.solve, Solve::Power | Solve::Mde) {
            require(self.n_control > Some(0), "n_control", "is needed, at least 1");
            require(self.n_treatment != Some(0), "n_treatment", "must be at least 1");
        }
        faults
    }

    fn delta(&self) -> Option<f64> {
        self.effect.or_else(|| Some(self.effect_rel? * self.baseline?.abs()))
    }

    fn design(&self) -> Design {
        let metric = match self.kind {
            Kind::Proportion => Metric::Proportion { p1: self.baseline.unwrap_or_default() },
            Kind::Mean => {
                let kept = (1.0 - self.cuped_rho * self.cuped_rho).sqrt();
                Metric::Mean { sd: self.sd.unwrap_or_default() * kept }
            }
        };
        let alpha = self.alpha / f64::from(self.comparisons.max(1));
        Design { metric, alpha, sides: self.sides, anytime: self.method == Rule::Sequential }
    }

    /// Control and treatment units as given.
    fn units(&self) -> (u64, u64) {
        let control = self.n_control.unwrap_or_default();
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "saturates")]
        let due = (self.ratio * control as f64).ceil() as u64;
        (control, self.n_treatment.unwrap_or(due))
    }
}

/// Answers. All faults of the question come back at once.
///
/// Formulas of [`Design`]; alpha is divided by the number of comparisons, the deviation multiplied by √(1 − ρ²).
pub fn plan(request: &PowerRequest) -> Result<PowerAnswer, Vec<PowerFault>> {
    let faults = request.faults();
    if !faults.is_empty() {
        return Err(faults);
    }
    let answer = solve(request).map_err(|status| {
        let (field, detail) = match status {
            Status::InsufficientData => {
                ("n_control", "must be larger: so few show no effect with this power")
            }
            _ => ("effect", "leads to more than can be counted"),
        };
        vec![PowerFault { field, detail }]
    })?;
    with_days(request, answer).map_err(|_| {
        vec![PowerFault { field: "daily_units", detail: "leads to more days than can be counted" }]
    })
}

fn solve(request: &PowerRequest) -> Result<PowerAnswer, Status> {
    let design = request.design();
    let delta = request.delta().unwrap_or_default();
    let (n_control, n_treatment) = request.units();
    let both = n_control.saturating_add(n_treatment);
    let n_star = request.n_star.unwrap_or(both);
    let counted = PowerAnswer {
        n_control: Some(n_control),
        n_treatment: Some(n_treatment),
        n_total: Some(both),
        ..PowerAnswer::default()
    };
    Ok(match request.solve {
        Solve::Power => {
            let power = design.power(delta, n_control, n_treatment, n_star)?;
            PowerAnswer { power: Some(power), ..counted }
        }
        Solve::Mde => {
            let mde = design.detectable(request.power, n_control, n_treatment, n_star)?;
            let mde_rel = request.baseline.map(|baseline| mde / baseline.abs());
            PowerAnswer { mde: Some(mde), mde_rel, power: Some(request.power), ..counted }
        }
        Solve::Runtime if request.n_control.is_some() => counted,
        Solve::SampleSize | Solve::Runtime => {
            let size = design.sample_size(delta, request.power, request.ratio)?;
            PowerAnswer {
                n_control_real: Some(size.n_control_real),
                n_control: Some(size.n_control),
                n_treatment: Some(size.n_treatment),
                n_total: Some(size.n_total),
                power: Some(request.power),
                ..PowerAnswer::default()
            }
        }
    })
}

fn with_days(request: &PowerRequest, mut answer: PowerAnswer) -> Result<PowerAnswer, Status> {
    if let (Some(daily), Some(total)) = (request.daily_units, answer.n_total) {
        let time = runtime(total as f64, daily, request.traffic_share, request.min_days)?;
        answer.days_real = Some(time.days_real);
        answer.days = Some(time.days);
        answer.days_full_weeks = Some(time.days_full_weeks);
    }
    Ok(answer)
}

#[cfg(test)]
mod tests {
    use super::{Kind, PowerRequest, Rule, Solve, plan};

    #[test]
    fn all_faults_come_at_once() {
        let request = PowerRequest { alpha: 2.0, ratio: f64::NAN, sides: 7, ..PowerRequest::default() };
        let fields: Vec<&str> = plan(&request).unwrap_err().iter().map(|fault| fault.field).collect();
        for field in ["alpha", "ratio", "sides", "baseline", "effect"] {
            assert!(fields.contains(&field), "{fields:?}");
        }
    }

    #[test]
    fn a_plan_with_traffic_tells_days() {
        let request = PowerRequest {
            solve: Solve::Runtime,
            method: Rule::Fixed,
            baseline: Some(0.05),
            effect_rel: Some(0.1),
            daily_units: Some(4_000.0),
            traffic_share: 0.5,
            ..PowerRequest::default()
        };
        let answer = plan(&request).unwrap();
        assert_eq!(answer.n_total, Some(62_468));
        assert_eq!((answer.days, answer.days_full_weeks), (Some(32), Some(35)));
    }

    #[test]
    fn history_saves_units_and_comparisons_cost_some() {
        let plain =
            PowerRequest { kind: Kind::Mean, sd: Some(5.0), effect: Some(0.2), ..PowerRequest::default() };
        let total = |request: &PowerRequest| plan(request).unwrap().n_total.unwrap();
        let base = total(&plain);
        assert!(total(&PowerRequest { cuped_rho: 0.7, ..plain.clone() }) < base * 52 / 100);
        assert!(total(&PowerRequest { comparisons: 4, ..plain }) > base);
    }

    #[test]
    fn an_effect_out_of_reach_is_told() {
        let request = PowerRequest {
            solve: Solve::Mde,
            baseline: Some(0.9),
            n_control: Some(5),
            ..PowerRequest::default()
        };
        assert_eq!(plan(&request).unwrap_err()[0].field, "n_control");
    }

    #[test]
    fn what_grows_beyond_counting_is_told_by_its_cause() {
        let tiny = PowerRequest { baseline: Some(0.05), effect: Some(1e-13), ..PowerRequest::default() };
        assert_eq!(plan(&tiny).unwrap_err()[0].field, "effect");
        let slow = PowerRequest { effect: Some(0.01), daily_units: Some(1e-7), ..tiny };
        assert_eq!(plan(&slow).unwrap_err()[0].field, "daily_units");
    }
}
