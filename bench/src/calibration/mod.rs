//! Whether the statistics keep their promises: simulated experiments whose truth is known, with the bands of
//! the 99.9 % that chance would allow. docs/calibration.md holds the figures of record.

mod anytime;
mod chance;
mod fixed;
mod many;

use std::time::Instant;

use anyhow::bail;
use chance::Chance;

/// What may come out.
#[derive(Clone, Copy)]
enum Accept {
    /// The truth, give or take what chance allows.
    Near(f64),
    /// The truth or less, plus what chance allows.
    AtMost(f64),
    /// More than this: what must be seen to fail.
    Above(f64),
}

/// A property, and how often it is simulated.
struct Row {
    name: &'static str,
    runs: u64,
    accept: Accept,
    /// One simulated experiment: what is averaged, mostly 0 or 1.
    simulate: fn(&mut Chance) -> f64,
}

/// How far chance carries the mean of so many runs, in 99.9 % of cases.
fn slack(truth: f64, runs: u64) -> f64 {
    3.29 * (truth * (1.0 - truth) / runs as f64).sqrt()
}

impl Accept {
    fn range(self, runs: u64) -> (f64, f64) {
        match self {
            Self::Near(truth) => (truth - slack(truth, runs), truth + slack(truth, runs)),
            Self::AtMost(truth) => (0.0, truth + slack(truth, runs)),
            Self::Above(least) => (least, 1.0),
        }
    }
}

fn rows(nightly: bool) -> Vec<Row> {
    let (often, seldom) = if nightly { (100_000, 20_000) } else { (20_000, 4_000) };
    let row = |name, runs, accept, simulate| Row { name, runs, accept, simulate };
    vec![
        row("fixed A/A at 0.05: pooled z", often, Accept::Near(0.05), fixed::z),
        row("fixed A/A at 0.05: Welch", often, Accept::Near(0.05), fixed::welch),
        row("fixed A/A at 0.05: ratio", often, Accept::Near(0.05), fixed::ratio),
        row("fixed A/A at 0.05: CUPED", often, Accept::Near(0.05), fixed::cuped),
        row("fixed A/A at 0.05: Welch, lognormal (σ = 1)", often, Accept::AtMost(0.05), fixed::welch_skewed),
        row("95 % coverage: difference (Welch)", often, Accept::Near(0.95), fixed::covers_difference),
        row("95 % coverage: relative lift (Fieller)", often, Accept::Near(0.95), fixed::covers_lift),
        row("95 % coverage: relative lift (CUPED)", often, Accept::Near(0.95), fixed::covers_cuped_lift),
        row("power of 0.8 at the planned size: mean", often, Accept::Near(0.8), fixed::power_mean),
        row(
            "power of 0.8 at the planned size: proportion",
            often,
            Accept::Near(0.8),
            fixed::power_proportion,
        ),
        row("anytime A/A at 0.05, 250 looks: normal", seldom, Accept::AtMost(0.05), anytime::normal),
        row("anytime A/A at 0.05, 250 looks: proportion", seldom, Accept::AtMost(0.05), anytime::proportion),
        row(
            "anytime A/A at 0.05, 250 looks: lognormal (σ = 2), capped at p99",
            seldom,
            Accept::AtMost(0.05),
            anytime::lognormal,
        ),
        row(
            "anytime A/A at 0.05, 250 looks: sparse revenue, 90/10, capped at p99.9",
            seldom,
            Accept::AtMost(0.05),
            anytime::sparse,
        ),
        row(
            "negative control: naive peeking, 250 looks, must exceed 0.2",
            seldom,
            Accept::Above(0.2),
            anytime::naive,
        ),
        row("SRM, sequential, A/A at 0.001, 250 looks", often, Accept::AtMost(0.001), many::sample_ratio),
        row(
            "Holm: any false rejection among 6 null metrics (ρ = 0.5)",
            often,
            Accept::AtMost(0.05),
            many::holm,
        ),
        row(
            "BH: mean false discovery proportion, 15 of 20 metrics null",
            often,
            Accept::AtMost(0.0375),
            many::benjamini_hochberg,
        ),
    ]
}

/// Simulates everything, prints the table, and fails when something is out of its band.
pub(crate) fn run(seed: u64, nightly: bool) -> anyhow::Result<()> {
    let begin = Instant::now();
    println!("Seed {seed}. Rates are shares of simulated experiments.\n");
    println!("| property | experiments | accepted | measured | |\n|---|--:|---|--:|---|");
    let mut outside = 0;
    for (index, row) in rows(nightly).iter().enumerate() {
        let (low, high) = row.accept.range(row.runs);
        let total: f64 = (0..row.runs)
            .map(|run| (row.simulate)(&mut Chance::new(seed.wrapping_add(index as u64), run)))
            .sum();
        let rate = total / row.runs as f64;
        let fine = (low..=high).contains(&rate);
        outside += usize::from(!fine);
        let band = match row.accept {
            Accept::Near(_) => format!("{low:.4}–{high:.4}"),
            Accept::AtMost(_) => format!("≤ {high:.4}"),
            Accept::Above(_) => format!("> {low}"),
        };
        let said = if fine { "within" } else { "OUT" };
        println!("| {} | {} | {band} | {rate:.4} | {said} |", row.name, row.runs);
    }
    println!("\n{:.0} seconds.", begin.elapsed().as_secs_f64());
    if outside > 0 {
        bail!("{outside} out of their band");
    }
    Ok(())
}
