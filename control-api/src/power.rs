//! `lotwise power`: plans on the command line, by the same code as everywhere.

// Doc comments here are help texts, where backticks are noise.
#![allow(clippy::doc_markdown)]

use std::io::Write;

use anyhow::{Context, bail};
use clap::{Args, ValueEnum};
use lotwise_stats::planning::{Kind, PowerAnswer, PowerRequest, Rule, Solve, plan};

use crate::domain::environment::EnvironmentRef;
use crate::domain::experiment::ExperimentRef;
use crate::settings::DatabaseArgs;
use crate::store::Store;

#[derive(Clone, Copy, ValueEnum)]
enum SolveArg {
    SampleSize,
    Power,
    Mde,
    Runtime,
}

#[derive(Clone, Copy, ValueEnum)]
enum KindArg {
    /// A conversion.
    Proportion,
    /// A total per user; needs --sd.
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
pub struct PowerArgs {
    /// What is asked.
    #[arg(long, value_enum, default_value_t = SolveArg::SampleSize)]
    solve: SolveArg,
    /// What is measured.
    #[arg(long, value_enum, default_value_t = KindArg::Proportion)]
    kind: KindArg,
    /// How you mean to look.
    #[arg(long, value_enum, default_value_t = MethodArg::Sequential)]
    method: MethodArg,
    /// The control's rate or mean.
    #[arg(long)]
    baseline: Option<f64>,
    /// The standard deviation over users.
    #[arg(long)]
    sd: Option<f64>,
    /// The effect, in the metric's unit.
    #[arg(long, allow_negative_numbers = true, conflicts_with = "effect_rel")]
    effect: Option<f64>,
    /// Or the effect as a share of the baseline: 0.05 is five per cent.
    #[arg(long, allow_negative_numbers = true)]
    effect_rel: Option<f64>,
    /// Significance level.
    #[arg(long, default_value_t = 0.05)]
    alpha: f64,
    /// The probability to find the effect.
    #[arg(long, default_value_t = 0.8)]
    power: f64,
    /// Treatment users per control user.
    #[arg(long, default_value_t = 1.0)]
    ratio: f64,
    /// 1 or 2.
    #[arg(long, default_value_t = 2)]
    sides: u32,
    /// Primary metrics times treatments.
    #[arg(long, default_value_t = 1)]
    comparisons: u32,
    /// Correlation with the pre-period, for CUPED.
    #[arg(long, default_value_t = 0.0)]
    cuped_rho: f64,
    /// The control's users.
    #[arg(long)]
    n_control: Option<u64>,
    /// The treatment's users.
    #[arg(long)]
    n_treatment: Option<u64>,
    /// The planned users of both.
    #[arg(long)]
    n_star: Option<u64>,
    /// New users per day.
    #[arg(long)]
    daily_units: Option<f64>,
    /// The share of them that enters.
    #[arg(long, default_value_t = 1.0)]
    traffic_share: f64,
    /// The fewest days.
    #[arg(long, default_value_t = 7.0)]
    min_days: f64,
    /// Take the users per day from this experiment's last two weeks: an id or environment:key.
    #[arg(long, conflicts_with_all = ["daily_units", "environment"])]
    experiment: Option<String>,
    /// Take the users per day from this environment's last two weeks.
    #[arg(long, conflicts_with = "daily_units")]
    environment: Option<String>,
    /// Answer as JSON.
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
            bail!("nobody was exposed there within the last two weeks: say --daily-units");
        }
        request.daily_units = Some(per_day);
    }
    let answer = plan(&request).map_err(|faults| {
        let faults = faults.iter().map(|it| format!("--{} {}", it.field.replace('_', "-"), it.detail));
        anyhow::anyhow!(faults.collect::<Vec<_>>().join("; "))
    })?;
    let text =
        if args.json { serde_json::to_string_pretty(&answer)? + "\n" } else { words(&request, &answer) };
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
        if self.experiment.is_none() && self.environment.is_none() {
            return Ok(None);
        }
        let store = Store::connect(self.database.url()?, self.database.database_max_connections).await?;
        let per_day = match (&self.experiment, &self.environment) {
            (Some(text), _) => {
                let which =
                    ExperimentRef::parse(text).context("--experiment is no id and no environment:key")?;
                store.experiment_traffic(&which).await
            }
            (None, Some(text)) => {
                let which = EnvironmentRef::parse(text).context("--environment is no id and no name")?;
                store.environment_traffic(&which).await
            }
            (None, None) => return Ok(None),
        };
        store.close().await;
        Ok(Some(per_day.context("there is no such experiment or environment, or the database is away")?))
    }
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
        lines.push(format!("minimum detectable effect: {mde}{}", rel.unwrap_or_default()));
    }
    if let (Some(days), Some(weeks)) = (answer.days, answer.days_full_weeks) {
        let daily = request.daily_units.unwrap_or_default();
        lines.push(format!("days: {days} at {daily:.1} users a day; in full weeks {weeks}"));
    }
    lines.join("\n") + "\n"
}
