//! The store's sums as the statistics take them.

use lotwise_stats::analysis::MetricSums;
use lotwise_stats::quantile::{ClusterSums, QuantileSketch, levels};
use lotwise_stats::sums::{CovariateSums, MeanSums, ProportionSums, RatioSums};
use lotwise_stats::winsor::Winsorised;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::domain::metric::{Definition, MetricKind};
use crate::store::analysis::{ArmSums, Clamped, Quantiles, Source, Subject, Sums};
use crate::store::{Store, StoreResult};

/// A metric's sums and what was done to them.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub(super) struct Summed {
    pub(super) sums: MetricSums,
    pub(super) winsor: Option<Winsorised>,
}

/// What a second pass found of the metrics that need one, in the order of all metrics.
pub(super) type SecondPass = Vec<Option<Vec<Found>>>;

/// What a second pass found of one variant, or of one segment of it.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub(super) struct Found {
    variant_id: Uuid,
    segment: Option<String>,
    what: What,
}

#[derive(Clone, Debug, Deserialize, Serialize)]
enum What {
    Clamped { sums: MeanOrMore, capped: u64, lower: Option<f64>, upper: Option<f64> },
    Quantile(QuantileSketch),
}

#[derive(Clone, Copy, Debug, Deserialize, Serialize)]
struct MeanOrMore {
    y: f64,
    y_sq: f64,
    x: f64,
    x_sq: f64,
    xy: f64,
    non_zero: u64,
    n: u64,
}

/// Looks at the users once more for the metrics whose caps or quantiles have to be known first.
pub(super) async fn second_pass(
    store: &Store,
    subject: &Subject,
    source: &Source,
) -> StoreResult<SecondPass> {
    let mut found = Vec::with_capacity(subject.metrics.len());
    for (index, metric) in subject.metrics.iter().enumerate() {
        found.push(if metric.kind == MetricKind::Quantile {
            let around = |level, n| levels(level, n, n);
            let quantiles = store.quantiles(subject, index, source, around).await?;
            let level = metric.quantile.unwrap_or_default();
            Some(quantiles.into_iter().map(|it| of_quantile(it, level)).collect())
        } else if metric.is_winsorised() {
            let clamped = store.clamped_sums(subject, index, source).await?;
            Some(clamped.into_iter().map(of_clamped).collect())
        } else {
            None
        });
    }
    Ok(found)
}

fn of_quantile(it: Quantiles, level: f64) -> Found {
    let [q_hat, q_lo, q_hi] = it.at;
    let of = it.clusters;
    let cluster = ClusterSums {
        n_users: u64::try_from(of.users).unwrap_or_default(),
        s_sum: of.s,
        s_sum_sq: of.s_sq,
        l_sum: of.l,
        l_sum_sq: of.l_sq,
        sl_sum: of.sl,
    };
    let sketch =
        QuantileSketch { n: it.n, n_star: it.n, nu: level, q_hat, q_lo, q_hi, cluster: Some(cluster) };
    Found { variant_id: it.variant_id, segment: it.segment, what: What::Quantile(sketch) }
}

fn of_clamped(it: Clamped) -> Found {
    let Sums { y, y_sq, x, x_sq, xy, non_zero, n, .. } = it.sums;
    let sums = MeanOrMore { y, y_sq, x, x_sq, xy, non_zero, n };
    let what = What::Clamped { sums, capped: it.capped, lower: it.lower, upper: it.upper };
    Found { variant_id: it.variant_id, segment: it.segment, what }
}

/// The sums of the metric at `index`, an entry for each of `arms`.
pub(super) fn summed(
    metric: &Definition,
    index: usize,
    arms: &[ArmSums],
    second: Option<&[Found]>,
) -> Summed {
    let found = |arm: &ArmSums| {
        let mut all = second.unwrap_or_default().iter();
        all.find(|it| it.variant_id == arm.variant_id && it.segment == arm.segment).map(|it| &it.what)
    };
    if metric.kind == MetricKind::Quantile {
        let nu = metric.quantile.unwrap_or_default();
        let nothing = QuantileSketch { n: 0, n_star: 0, nu, q_hat: 0.0, q_lo: 0.0, q_hi: 0.0, cluster: None };
        let sketch = |arm: &ArmSums| match found(arm) {
            Some(What::Quantile(sketch)) => *sketch,
            _ => nothing,
        };
        return Summed {
            sums: MetricSums::Quantile { arms: arms.iter().map(sketch).collect() },
            winsor: None,
        };
    }
    let sums: Vec<(u64, Sums)> = arms
        .iter()
        .map(|arm| {
            let sums = match found(arm) {
                Some(What::Clamped { sums, .. }) => sums.in_full(),
                _ if metric.is_winsorised() => Sums::default(),
                _ => arm.of(index),
            };
            (sums.n, sums)
        })
        .collect();
    Summed { sums: by_kind(metric, &sums), winsor: winsorised(arms, found) }
}

fn winsorised<'f>(arms: &[ArmSums], found: impl Fn(&ArmSums) -> Option<&'f What>) -> Option<Winsorised> {
    let mut note: Option<Winsorised> = None;
    for (index, arm) in arms.iter().enumerate() {
        let Some(What::Clamped { capped, lower, upper, .. }) = found(arm) else { continue };
        let empty = || Winsorised { cap_lo: *lower, cap_hi: *upper, capped: vec![0; arms.len()] };
        if let Some(place) = note.get_or_insert_with(empty).capped.get_mut(index) {
            *place = *capped;
        }
    }
    note
}

fn by_kind(metric: &Definition, sums: &[(u64, Sums)]) -> MetricSums {
    let all = || sums.iter().copied();
    if metric.kind == MetricKind::Ratio {
        let ratio = |(n, it): (u64, Sums)| RatioSums {
            n,
            num_sum: it.y,
            num_sum_sq: it.y_sq,
            den_sum: it.d,
            den_sum_sq: it.d_sq,
            num_den_sum: it.yd,
            non_zero: it.non_zero,
        };
        return MetricSums::Ratio { arms: all().map(ratio).collect() };
    }
    if metric.pre_period_seconds.is_some() {
        let adjusted = |(n, it): (u64, Sums)| CovariateSums {
            n,
            y_sum: it.y,
            y_sum_sq: it.y_sq,
            x_sum: it.x,
            x_sum_sq: it.x_sq,
            xy_sum: it.xy,
            non_zero: it.non_zero,
        };
        return MetricSums::Cuped { arms: all().map(adjusted).collect() };
    }
    if metric.kind.is_yes_or_no() {
        let proportion = |(n, it): (u64, Sums)| ProportionSums { n, x: it.non_zero };
        return MetricSums::Proportion { arms: all().map(proportion).collect() };
    }
    let mean = |(n, it): (u64, Sums)| MeanSums { n, sum: it.y, sum_sq: it.y_sq, non_zero: it.non_zero };
    MetricSums::Mean { arms: all().map(mean).collect() }
}

impl MeanOrMore {
    fn in_full(self) -> Sums {
        let Self { y, y_sq, x, x_sq, xy, non_zero, n } = self;
        Sums { y, y_sq, x, x_sq, xy, non_zero, n, ..Sums::default() }
    }
}
