//! From a method's name and inputs to its fields: comparisons of two arms.

use lotwise_stats::{Refusal, cuped, mean, proportion, quantile, ratio, winsor};
use serde_json::{Value, json};

use crate::shown::{Fields, put, put_comparison, put_interval, put_p, with_status};
use crate::{inputs as read, planned, raw, rules};

/// The fields of a result; a message where there is no such method.
pub(crate) fn run(method: &str, inputs: &Value) -> Result<Fields, String> {
    let result = match method {
        "proportion" => proportions(inputs),
        "welch" => welch(inputs),
        "ratio" => ratios(inputs),
        "quantile" => quantiles(inputs),
        "winsor" => winsorised(inputs)?,
        "cuped" => adjusted(inputs),
        "edge" => edge(inputs)?,
        "seq_cs" => rules::confidence_sequence(inputs),
        "group_sequential" => rules::group_sequential(inputs)?,
        "bayes" => rules::bayes(inputs),
        "bayes_best" => rules::bayes_best(inputs),
        "srm" => rules::srm(inputs),
        "srm_seq" => rules::srm_sequential(inputs),
        "multitest" => Ok(rules::multitest(inputs)),
        "noninferiority" => rules::noninferiority(inputs),
        "decision" => Ok(rules::decision(inputs)),
        "runtime" => planned::runtime(inputs),
        method if method.starts_with("sample_size_") => planned::sample_size(method, inputs)?,
        method if method.starts_with("power_") => planned::power(method, inputs)?,
        method if method.starts_with("mde_") => planned::detectable(method, inputs)?,
        _ => return Err(format!("there is no method `{method}`")),
    };
    Ok(with_status(result))
}

type Outcome = Result<Fields, Refusal>;

fn proportions(inputs: &Value) -> Outcome {
    let (control, treatment) =
        (read::proportion(&inputs["control"])?, read::proportion(&inputs["treatment"])?);
    Ok(proportion_fields(&proportion::figures(control, treatment, read::alpha(inputs))?))
}

fn proportion_fields(compared: &proportion::ProportionComparison) -> Fields {
    let mut fields = Fields::new();
    put(&mut fields, "rate_c", compared.rate_c);
    put(&mut fields, "rate_t", compared.rate_t);
    put(&mut fields, "diff", compared.diff);
    put(&mut fields, "z", compared.z);
    put_p(&mut fields, compared.p);
    fields.insert("ci_method".to_owned(), json!(compared.ci_method));
    put_interval(&mut fields, "ci", Some(compared.ci));
    if let Some(rel) = compared.rel {
        put(&mut fields, "rel", rel);
    }
    put_interval(&mut fields, "rel", compared.rel_ci);
    put_interval(&mut fields, "newcombe", Some(compared.newcombe));
    if let Some(wald) = compared.wald {
        put(&mut fields, "se_wald", wald.se);
        put_interval(&mut fields, "wald", Some(wald.ci));
        put(&mut fields, "p_unpooled", wald.p_unpooled);
    }
    put_interval(&mut fields, "wilson_c", Some(compared.wilson_c));
    put_interval(&mut fields, "wilson_t", Some(compared.wilson_t));
    fields
}

fn welch(inputs: &Value) -> Outcome {
    let (control, treatment) = (read::moments(&inputs["control"]), read::moments(&inputs["treatment"]));
    let (control, treatment) = (control?, treatment?);
    welch_fields(control, treatment, inputs)
}

fn welch_fields(
    control: lotwise_stats::Moments,
    treatment: lotwise_stats::Moments,
    inputs: &Value,
) -> Outcome {
    let compared = mean::compare(control, treatment, read::alpha(inputs), read::alternative(inputs))?;
    let mut fields = Fields::new();
    put(&mut fields, "mean_c", compared.mean_c);
    put(&mut fields, "mean_t", compared.mean_t);
    put(&mut fields, "var_c", compared.var_c);
    put(&mut fields, "var_t", compared.var_t);
    put_comparison(&mut fields, &compared.comparison);
    Ok(fields)
}

fn ratios(inputs: &Value) -> Outcome {
    let (control, treatment) = (read::ratio(&inputs["control"])?, read::ratio(&inputs["treatment"])?);
    let compared = ratio::compare(&control, &treatment, read::alpha(inputs), read::alternative(inputs))?;
    let mut fields = Fields::new();
    put(&mut fields, "ratio_c", compared.ratio_c);
    put(&mut fields, "ratio_t", compared.ratio_t);
    put(&mut fields, "var_c", compared.var_c);
    put(&mut fields, "var_t", compared.var_t);
    put_comparison(&mut fields, &compared.comparison);
    Ok(fields)
}

fn quantiles(inputs: &Value) -> Outcome {
    let control = read::quantile(&inputs["control"], inputs)?;
    let treatment = read::quantile(&inputs["treatment"], inputs)?;
    let compared = quantile::compare(&control, &treatment, read::alpha(inputs), read::alternative(inputs))?;
    let mut fields = Fields::new();
    put(&mut fields, "q_c", compared.q_c);
    put(&mut fields, "q_t", compared.q_t);
    put_comparison(&mut fields, &compared.comparison);
    Ok(fields)
}

/// Both passes: thresholds of all values, then sums of clamped ones.
fn winsorised(inputs: &Value) -> Result<Outcome, String> {
    let control = raw::values(&inputs["control"], inputs)?;
    let treatment = raw::values(&inputs["treatment"], inputs)?;
    Ok(clamped(&control, &treatment, inputs))
}

fn clamped(control: &[f64], treatment: &[f64], inputs: &Value) -> Outcome {
    let share = |name: &str| read::number(&inputs[name]);
    let mut pooled = [control, treatment].concat();
    let caps = winsor::thresholds(&mut pooled, share("lower_pct"), share("upper_pct"))?;
    let (sums_c, capped_c) = winsor::clamped_sums(control, &caps);
    let (sums_t, capped_t) = winsor::clamped_sums(treatment, &caps);
    let (control, treatment) =
        (lotwise_stats::Moments::from_sums(&sums_c)?, lotwise_stats::Moments::from_sums(&sums_t)?);
    let mut fields = welch_fields(control, treatment, inputs)?;
    if let Some(upper) = caps.upper {
        put(&mut fields, "cap_hi", upper);
    }
    if let Some(lower) = caps.lower {
        put(&mut fields, "cap_lo", lower);
    }
    fields.insert("n_capped_c".to_owned(), json!(capped_c));
    fields.insert("n_capped_t".to_owned(), json!(capped_t));
    Ok(fields)
}

fn adjusted(inputs: &Value) -> Outcome {
    let arms = inputs["arms"].as_array().into_iter().flatten().map(read::covariate);
    let arms = arms.collect::<Result<Vec<_>, _>>()?;
    let (control, treatment) = (read::small(inputs, "control", 0), read::small(inputs, "treatment", 1));
    let compared = cuped::compare(
        &arms,
        control as usize,
        treatment as usize,
        read::alpha(inputs),
        read::alternative(inputs),
    )?;
    let mut fields = Fields::new();
    put(&mut fields, "theta", compared.theta);
    put(&mut fields, "mean_c", compared.mean_c);
    put(&mut fields, "mean_t", compared.mean_t);
    put(&mut fields, "adj_mean_c", compared.adj_mean_c);
    put(&mut fields, "adj_mean_t", compared.adj_mean_t);
    put(&mut fields, "variance_reduction", compared.variance_reduction);
    fields.insert("cuped_applied".to_owned(), json!(compared.cuped_applied));
    put_comparison(&mut fields, &compared.comparison);
    Ok(fields)
}

/// Edge cases: a metric's comparison with its status, or the attribution rule.
fn edge(inputs: &Value) -> Result<Outcome, String> {
    Ok(match inputs["metric"].as_str().unwrap_or_default() {
        "mean" | "welch" | "count" | "revenue" => edge_mean(inputs),
        "proportion" => edge_proportion(inputs),
        "ratio" => edge_ratio(inputs),
        "quantile" => edge_quantile(inputs),
        "cuped" => adjusted(inputs),
        "winsor" => winsorised(inputs)?,
        "srm" => rules::srm(inputs),
        "attribution" => Ok(rules::attribution(inputs)),
        metric => return Err(format!("there is no edge case of `{metric}`")),
    })
}

/// Of two arms the graver status is told, so that neither may end the reading of the other.
fn both<T>(
    control: Result<T, lotwise_stats::Status>,
    treatment: Result<T, lotwise_stats::Status>,
) -> Result<(T, T), Refusal> {
    match (control, treatment) {
        (Ok(control), Ok(treatment)) => Ok((control, treatment)),
        (Err(one), Err(other)) => Err(one.max(other).into()),
        (Err(status), Ok(_)) | (Ok(_), Err(status)) => Err(status.into()),
    }
}

fn edge_mean(inputs: &Value) -> Outcome {
    let (control, treatment) = both(read::moments(&inputs["control"]), read::moments(&inputs["treatment"]))?;
    welch_fields(control, treatment, inputs)
}

fn edge_proportion(inputs: &Value) -> Outcome {
    let arms = both(read::proportion(&inputs["control"]), read::proportion(&inputs["treatment"]))?;
    Ok(proportion_fields(&proportion::compare(arms.0, arms.1, read::alpha(inputs))?))
}

fn edge_ratio(inputs: &Value) -> Outcome {
    both(read::ratio(&inputs["control"]), read::ratio(&inputs["treatment"]))?;
    ratios(inputs)
}

fn edge_quantile(inputs: &Value) -> Outcome {
    both(read::quantile(&inputs["control"], inputs), read::quantile(&inputs["treatment"], inputs))?;
    quantiles(inputs)
}
