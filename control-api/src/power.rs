//! `lotwise power`: plans on the command line, by the same code as everywhere.

// Doc comments here are help texts, where backticks are noise.
#![allow(clippy::doc_markdown)]

use std::io::Write;

use anyhow::{Context, bail};
use clap::{Args, ValueEnum};
use lotwise_stats::planning::{Kind, PowerAnswer, PowerFault, PowerRequest, Rule, Solve, plan};

use crate::analysis::{plan_json, spelled};
use crate::domain::environment::EnvironmentRef;
use crate::domain::experiment::ExperimentRef;
use crate::settings::DatabaseArgs;
use crate::store::{Store, StoreError, StoreResult};

const EXAMPLES: &str = "\
Examples:
  How many users, to find a conversion rate of 5 % raised by a tenth, whenever you look:
    lotwise power --baseline 0.05 --effect-rel 0.1
  The same, looking once at the end:
    lotwise power --baseline 0.05 --effect-rel 0.1 --method fixed
  How many users, to find 1.50 more of a revenue per user that has a standard deviation of 40:
    lotwise power --kind mean --sd 40 --effect 1.5
  How likely 10,000 users of each variant show that:
    lotwise power --solve power --kind mean --sd 40 --effect 1.5 --n-control 10000
  The smallest effect that they do show:
    lotwise power --solve mde --kind mean --sd 40 --n-control 10000
  How many days, if 4,000 new users come a day:
    lotwise power --solve runtime --baseline 0.05 --effect-rel 0.1 --daily-units 4000
  How many days, by the users that the environment prod met lately:
    lotwise power --solve runtime --baseline 0.05 --effect-rel 0.1 --environment prod";

#[derive(Clone, Copy, ValueEnum)]
enum SolveArg {
    /// How many users it takes to find the effect.
    SampleSize,
    /// How likely --n-control users show the effect.
    Power,
    /// The smallest effect that --n-control users show.
    Mde,
    /// How many days it takes to find the effect, or to meet --n-control users.
    Runtime,
}

#[derive(Clone, Copy, ValueEnum)]
enum KindArg {
    /// A conversion: --baseline is its rate.
    Proportion,
    /// A total per user: needs --sd.
    Mean,
}

#[derive(Clone, Copy, ValueEnum)]
enum MethodArg {
    /// Look whenever you like.
    Sequential,
    /// Look once, at the end.
    Fixed,
}

/// What is planned.
#[derive(Args)]
#[command(after_help = EXAMPLES)]
pub struct PowerArgs {
    /// What is asked.
    #[arg(long, value_enum, value_name = "WHAT", default_value_t = SolveArg::SampleSize)]
    solve: SolveArg,
    /// What is measured.
    #[arg(long, value_enum, default_value_t = KindArg::Proportion)]
    kind: KindArg,
    /// How you mean to look.
    #[arg(long, value_enum, default_value_t = MethodArg::Sequential)]
    method: MethodArg,
    /// The control's rate or mean. Means need it for --effect-rel only.
    #[arg(long, value_name = "NUMBER", value_parser = number, allow_negative_numbers = true)]
    baseline: Option<f64>,
    /// The standard deviation over users; of means.
    #[arg(long, value_name = "NUMBER", value_parser = number, allow_negative_numbers = true)]
    sd: Option<f64>,
    /// The effect, in the metric's unit: 0.01 of a rate is one percentage point.
    #[arg(
        long,
        value_name = "NUMBER",
        value_parser = number,
        allow_negative_numbers = true,
        conflicts_with = "effect_rel"
    )]
    effect: Option<f64>,
    /// Or the effect as a share of the baseline: 0.05 is five per cent of it.
    #[arg(long, value_name = "SHARE", value_parser = number, allow_negative_numbers = true)]
    effect_rel: Option<f64>,
    /// The significance level: how likely an effect may be found that is not there.
    #[arg(long, value_name = "SHARE", value_parser = number, allow_negative_numbers = true, default_value_t = 0.05)]
    alpha: f64,
    /// How likely the effect is to be found when it is there.
    #[arg(long, value_name = "SHARE", value_parser = number, allow_negative_numbers = true, default_value_t = 0.8)]
    power: f64,
    /// Treatment users per control user.
    #[arg(long, value_name = "NUMBER", value_parser = number, allow_negative_numbers = true, default_value_t = 1.0)]
    ratio: f64,
    /// 2 tests for effects in both directions, 1 in that of --effect only.
    #[arg(long, value_name = "N", default_value_t = 2)]
    sides: u32,
    /// Comparisons that share the significance level: primary metrics times treatments.
    #[arg(long, value_name = "N", default_value_t = 1)]
    comparisons: u32,
    /// How users' totals correlate with those before the experiment, which CUPED makes use of; of means.
    #[arg(long, value_name = "NUMBER", value_parser = number, allow_negative_numbers = true, default_value_t = 0.0)]
    cuped_rho: f64,
    /// The control's users.
    #[arg(long, value_name = "N")]
    n_control: Option<u64>,
    /// The treatment's users; --ratio times the control's when left out.
    #[arg(long, value_name = "N")]
    n_treatment: Option<u64>,
    /// The users planned for both, of --method sequential; what both have when left out.
    #[arg(long, value_name = "N")]
    n_star: Option<u64>,
    /// New users per day, to tell how many days it takes.
    #[arg(long, value_name = "NUMBER", value_parser = number, allow_negative_numbers = true)]
    daily_units: Option<f64>,
    /// The share of them that enters.
    #[arg(long, value_name = "SHARE", value_parser = number, allow_negative_numbers = true, default_value_t = 1.0)]
    traffic_share: f64,
    /// The fewest days.
    #[arg(long, value_name = "NUMBER", value_parser = number, allow_negative_numbers = true, default_value_t = 7.0)]
    min_days: f64,
    /// Take the users per day from this experiment's last two weeks: an id or environment:key.
    #[arg(long, value_name = "WHICH", conflicts_with_all = ["daily_units", "environment"])]
    experiment: Option<String>,
    /// Take the users per day from this environment's last two weeks: an id or a name.
    #[arg(long, value_name = "WHICH", conflicts_with = "daily_units")]
    environment: Option<String>,
    /// Answer as POST /api/power does, as JSON.
    #[arg(long)]
    json: bool,
    /// The database, for --experiment and --environment.
    #[command(flatten)]
    database: DatabaseArgs,
}

/// Plans and prints.
pub async fn run(args: &PowerArgs) -> anyhow::Result<()> {
    let mut request = args.request();
    if let Some(per_day) = args.traffic().await? {
        if per_day <= 0.0 {
            bail!("nobody was exposed there within the last two weeks: say --daily-units instead");
        }
        request.daily_units = Some(per_day);
    }
    let answer = plan(&request).map_err(|faults| {
        let faults: Vec<String> = faults.iter().map(told).collect();
        anyhow::anyhow!("{} (`lotwise power --help` has examples)", faults.join("; "))
    })?;
    let text = if args.json {
        serde_json::to_string_pretty(&plan_json(&request, &answer))? + "\n"
    } else {
        words(&request, &answer)
    };
    Ok(std::io::stdout().write_all(text.as_bytes())?)
}

impl PowerArgs {
    fn request(&self) -> PowerRequest {
        PowerRequest {
            solve: match self.solve {
                SolveArg::SampleSize => Solve::SampleSize,
                SolveArg::Power => Solve::Power,
                SolveArg::Mde => Solve::Mde,
                SolveArg::Runtime => Solve::Runtime,
            },
            kind: match self.kind {
                KindArg::Proportion => Kind::Proportion,
                KindArg::Mean => Kind::Mean,
            },
            method: match self.method {
                MethodArg::Sequential => Rule::Sequential,
                MethodArg::Fixed => Rule::Fixed,
            },
            baseline: self.baseline,
            sd: self.sd,
            effect: self.effect,
            effect_rel: self.effect_rel,
            alpha: self.alpha,
            power: self.power,
            ratio: self.ratio,
            sides: self.sides,
            comparisons: self.comparisons,
            cuped_rho: self.cuped_rho,
            n_control: self.n_control,
            n_treatment: self.n_treatment,
            n_star: self.n_star,
            daily_units: self.daily_units,
            traffic_share: self.traffic_share,
            min_days: self.min_days,
        }
    }

    async fn traffic(&self) -> anyhow::Result<Option<f64>> {
        Ok(match (&self.experiment, &self.environment) {
            (Some(text), _) => {
                let which = ExperimentRef::parse(text)
                    .context("--experiment must be an id or environment:key, such as prod:button")?;
                let store = self.store().await?;
                Some(read("experiment", store.experiment_traffic(&which).await)?)
            }
            (None, Some(text)) => {
                let which = EnvironmentRef::parse(text)
                    .context("--environment must be an id or a name, such as prod")?;
                let store = self.store().await?;
                Some(read("environment", store.environment_traffic(&which).await)?)
            }
            (None, None) => None,
        })
    }

    async fn store(&self) -> anyhow::Result<Store> {
        Store::connect(self.database.url()?, self.database.database_max_connections).await
    }
}

fn read(flag: &str, per_day: StoreResult<f64>) -> anyhow::Result<f64> {
    per_day.map_err(|error| match error {
        StoreError::Refused(_) => anyhow::anyhow!("--{flag}: there is no such {flag}"),
        other => other.into(),
    })
}

/// A fault as the command line spells it.
fn told(fault: &PowerFault) -> String {
    let flag = |field: &str| format!("--{}", field.replace('_', "-"));
    format!("{} {}", flag(fault.field), spelled(fault.detail, flag))
}

fn number(text: &str) -> Result<f64, String> {
    let number = text.parse::<f64>().ok().filter(|number| number.is_finite());
    number.ok_or_else(|| "this is no number such as 0.05".to_owned())
}

fn words(request: &PowerRequest, answer: &PowerAnswer) -> String {
    let mut lines = Vec::new();
    if let (Some(control), Some(treatment), Some(total)) =
        (answer.n_control, answer.n_treatment, answer.n_total)
    {
        lines.push(format!("users: {total} ({control} control, {treatment} treatment)"));
    }
    if let Some(power) = answer.power {
        lines.push(format!("power: {power:.4}"));
    }
    if let Some(mde) = answer.mde {
        let rel = answer.mde_rel.map(|rel| format!(" ({:.2} % of the baseline)", rel * 100.0));
        lines.push(format!("minimum detectable effect: {}{}", short(mde), rel.unwrap_or_default()));
    }
    if let (Some(days), Some(weeks)) = (answer.days, answer.days_full_weeks) {
        let daily = short(request.daily_units.unwrap_or_default());
        let entering = short(request.traffic_share * 100.0);
        let share =
            if request.traffic_share < 1.0 { format!(", of whom {entering} % enter") } else { String::new() };
        lines.push(format!("days: {days} at {daily} users a day{share}; in full weeks {weeks}"));
    }
    lines.join("\n") + "\n"
}

/// Six digits.
fn short(number: f64) -> String {
    format!("{number:.5e}").parse().map_or_else(|_| number.to_string(), |number: f64| number.to_string())
}
