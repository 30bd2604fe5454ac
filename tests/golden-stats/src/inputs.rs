//! Reading inputs. What the library's types cannot even hold, such as a count of −1, is what it would call
//! `invalid_input`.

use lotwise_stats::engine::Alternative;
use lotwise_stats::quantile::{ClusterSums, QuantileSketch};
use lotwise_stats::sums::{CovariateSums, MeanSums, ProportionSums, RatioSums};
use lotwise_stats::{Moments, Status};
use serde_json::Value;

/// A number, also one that JSON has no figure for.
pub(crate) fn number(value: &Value) -> Option<f64> {
    match value {
        Value::Number(number) => number.as_f64(),
        Value::String(text) => match text.to_ascii_lowercase().as_str() {
            "inf" | "+inf" | "infinity" => Some(f64::INFINITY),
            "-inf" | "-infinity" => Some(f64::NEG_INFINITY),
            "nan" => Some(f64::NAN),
            _ => None,
        },
        _ => None,
    }
}

/// The first of some spellings of a field that is there.
pub(crate) fn field<'a>(inputs: &'a Value, names: &[&str]) -> &'a Value {
    names.iter().map(|name| &inputs[*name]).find(|value| !value.is_null()).unwrap_or(&Value::Null)
}

/// A number that has to be there; one that is not makes nonsense visible.
pub(crate) fn real(inputs: &Value, name: &str) -> f64 {
    number(&inputs[name]).unwrap_or(f64::NAN)
}

/// A number with a default.
pub(crate) fn real_or(inputs: &Value, name: &str, default: f64) -> f64 {
    number(&inputs[name]).unwrap_or(default)
}

/// A count: whole and not negative, however it is written.
pub(crate) fn count(value: &Value) -> Result<u64, Status> {
    if let Some(count) = value.as_u64() {
        return Ok(count);
    }
    let real = number(value).ok_or(Status::InvalidInput)?;
    if real < 0.0 || real.fract() != 0.0 || real > 9e15 {
        return Err(Status::InvalidInput);
    }
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "whole, and from 0 to 9e15")]
    Ok(real as u64)
}

/// An index or another small count.
pub(crate) fn small(inputs: &Value, name: &str, default: u32) -> u32 {
    count(&inputs[name]).ok().and_then(|count| count.try_into().ok()).unwrap_or(default)
}

pub(crate) fn alpha(inputs: &Value) -> f64 {
    real_or(inputs, "alpha", 0.05)
}

pub(crate) fn alternative(inputs: &Value) -> Alternative {
    match inputs["alternative"].as_str() {
        Some("greater" | "larger") => Alternative::Greater,
        Some("less" | "smaller") => Alternative::Less,
        _ => Alternative::TwoSided,
    }
}

pub(crate) fn reals(value: &Value) -> Vec<f64> {
    value.as_array().into_iter().flatten().map(|value| number(value).unwrap_or(f64::NAN)).collect()
}

/// The moments of an arm given as sums, as moments, or as raw values.
pub(crate) fn moments(arm: &Value) -> Result<Moments, Status> {
    let n = count(&arm["n"])?;
    if arm.get("m2").is_some() {
        return Ok(Moments { n, mean: real(arm, "mean"), m2: real(arm, "m2") });
    }
    if arm.get("var").is_some() {
        let mean = real(arm, "mean");
        return Ok(Moments { n, mean, m2: real(arm, "var") * (n.max(1) - 1) as f64 });
    }
    Moments::from_sums(&MeanSums { n, sum: real(arm, "sum"), sum_sq: real(arm, "sum_sq"), non_zero: 0 })
}

pub(crate) fn proportion(arm: &Value) -> Result<ProportionSums, Status> {
    Ok(ProportionSums { n: count(&arm["n"])?, x: count(&arm["x"])? })
}

pub(crate) fn ratio(arm: &Value) -> Result<RatioSums, Status> {
    Ok(RatioSums {
        n: count(&arm["n"])?,
        num_sum: real(arm, "num_sum"),
        num_sum_sq: real(arm, "num_sum_sq"),
        den_sum: real(arm, "den_sum"),
        den_sum_sq: real(arm, "den_sum_sq"),
        num_den_sum: real(arm, "num_den_sum"),
        non_zero: 0,
    })
}

pub(crate) fn covariate(arm: &Value) -> Result<CovariateSums, Status> {
    Ok(CovariateSums {
        n: count(&arm["n"])?,
        y_sum: real(arm, "y_sum"),
        y_sum_sq: real(arm, "y_sum_sq"),
        x_sum: real(arm, "x_sum"),
        x_sum_sq: real(arm, "x_sum_sq"),
        xy_sum: real(arm, "xy_sum"),
        non_zero: 0,
    })
}

pub(crate) fn quantile(arm: &Value, inputs: &Value) -> Result<QuantileSketch, Status> {
    let n = count(&arm["n"])?;
    let nu = number(&arm["nu"]).unwrap_or_else(|| real(inputs, "nu"));
    Ok(QuantileSketch {
        n,
        n_star: if arm["n_star"].is_null() { n } else { count(&arm["n_star"])? },
        nu,
        q_hat: real(arm, "q_hat"),
        q_lo: real(arm, "q_lo"),
        q_hi: real(arm, "q_hi"),
        cluster: arm["cluster"].is_object().then(|| cluster(&arm["cluster"])).transpose()?,
    })
}

/// Sums over users, or means with (co)variances, in any of the spellings that go with the formulas.
fn cluster(users: &Value) -> Result<ClusterSums, Status> {
    let n_users = count(field(users, &["n_users", "n_clusters", "n"]))?;
    let n = n_users as f64;
    let get = |names: &[&str]| number(field(users, names));
    let s_sum = get(&["s_sum", "S_sum", "sum_s", "num_sum", "main_sum"]);
    let l_sum = get(&["l_sum", "L_sum", "sum_l", "den_sum", "denominator_sum"]);
    if let (Some(s_sum), Some(l_sum)) = (s_sum, l_sum) {
        let sq = |names: &[&str]| get(names).unwrap_or(f64::NAN);
        return Ok(ClusterSums {
            n_users,
            s_sum,
            s_sum_sq: sq(&["s_sum_sq", "S_sum_sq", "sum_s_sq", "sum_ss", "num_sum_sq", "main_sum_squares"]),
            l_sum,
            l_sum_sq: sq(&[
                "l_sum_sq",
                "L_sum_sq",
                "sum_l_sq",
                "sum_ll",
                "den_sum_sq",
                "denominator_sum_squares",
            ]),
            sl_sum: sq(&[
                "sl_sum",
                "ls_sum",
                "SL_sum",
                "sum_sl",
                "num_den_sum",
                "main_denominator_sum_product",
            ]),
        });
    }
    let of = |names: &[&str]| get(names).unwrap_or(f64::NAN);
    let (mu_s, mu_l) = (of(&["mu_s", "mean_s", "mu_S"]), of(&["mu_l", "mean_l", "mu_L"]));
    let (var_s, var_l) = (of(&["var_s", "s2_s", "s_s2", "var_S"]), of(&["var_l", "s2_l", "s_l2", "var_L"]));
    let both = of(&["cov_sl", "s_sl", "cov", "cov_SL"]);
    Ok(ClusterSums {
        n_users,
        s_sum: mu_s * n,
        s_sum_sq: var_s * (n - 1.0) + mu_s * mu_s * n,
        l_sum: mu_l * n,
        l_sum_sq: var_l * (n - 1.0) + mu_l * mu_l * n,
        sl_sum: both * (n - 1.0) + mu_s * mu_l * n,
    })
}
