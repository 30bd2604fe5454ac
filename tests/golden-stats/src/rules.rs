//! The methods that guard a verdict, and the verdict.

use lotwise_stats::bayes::{Prior, posterior, probability_best};
use lotwise_stats::decision::{GuardrailReading, Mode, PrimaryReading, Reading, decide};
use lotwise_stats::group_sequential::{Spending, bounds};
use lotwise_stats::guardrail::{Direction, Margin, fixed};
use lotwise_stats::{Refusal, attribution as window, mean, multiplicity, sequential, srm as sample_ratio};
use serde_json::{Value, json};

use crate::inputs as read;
use crate::shown::{Fields, put, put_interval, put_p, real};

type Outcome = Result<Fields, Refusal>;

pub(crate) fn confidence_sequence(inputs: &Value) -> Outcome {
    let n_star = if inputs["n_star"].is_null() { 0 } else { read::count(&inputs["n_star"])? };
    let look = sequential::look(
        read::real(inputs, "estimate"),
        read::real(inputs, "se"),
        read::count(&inputs["n"])?,
        n_star,
        read::alpha(inputs),
        read::alternative(inputs),
    )?;
    let mut fields = Fields::new();
    put(&mut fields, "rho", look.rho);
    put(&mut fields, "halfwidth", look.halfwidth);
    put_interval(&mut fields, "ci", Some(look.ci));
    if let Some(ln_e) = look.ln_e {
        put(&mut fields, "ln_e", ln_e);
    }
    put_p(&mut fields, look.p);
    Ok(fields)
}

pub(crate) fn group_sequential(inputs: &Value) -> Result<Outcome, String> {
    let spending = match inputs["spending"].as_str().unwrap_or_default() {
        "obf" => Spending::Obf,
        "pocock" => Spending::Pocock,
        "power2" | "power-2" | "power_2" => Spending::Power2,
        other => return Err(format!("there is no spending function `{other}`")),
    };
    let info = read::reals(&inputs["info"]);
    let found = bounds(&info, read::alpha(inputs), read::small(inputs, "sides", 2), spending);
    Ok(found.map_err(Refusal::from).map(|found| {
        let list = |values: &[f64]| Value::Array(values.iter().map(|value| real(*value)).collect());
        let mut fields = Fields::new();
        fields.insert("z".to_owned(), list(&found.z));
        fields.insert("alpha_spent_per_side".to_owned(), list(&found.alpha_spent_per_side));
        fields
    }))
}

fn higher_is_better(inputs: &Value) -> bool {
    inputs["higher_is_better"].as_bool().unwrap_or(true)
}

pub(crate) fn bayes(inputs: &Value) -> Outcome {
    let sign = if higher_is_better(inputs) { 1.0 } else { -1.0 };
    let prior = read::number(&inputs["prior_sd"])
        .map(|sd| Prior { mean: sign * read::real_or(inputs, "prior_mean", 0.0), sd });
    let view = posterior(
        sign * read::real(inputs, "estimate"),
        read::real(inputs, "se"),
        prior,
        read::alpha(inputs),
    )?;
    let mut fields = Fields::new();
    put(&mut fields, "post_mean", view.post_mean);
    put(&mut fields, "post_sd", view.post_sd);
    put_interval(&mut fields, "ci", Some(view.ci));
    put(&mut fields, "prob_better", view.prob_better);
    put(&mut fields, "loss_ship", view.loss_ship);
    put(&mut fields, "loss_keep", view.loss_keep);
    Ok(fields)
}

pub(crate) fn bayes_best(inputs: &Value) -> Outcome {
    let sign = if higher_is_better(inputs) { 1.0 } else { -1.0 };
    let means: Vec<f64> = read::reals(&inputs["means"]).into_iter().map(|mean| sign * mean).collect();
    let chances = probability_best(&means, &read::reals(&inputs["ses"]))?;
    let mut fields = Fields::new();
    fields.insert("prob_best".to_owned(), json!(chances));
    Ok(fields)
}

fn counts(value: &Value) -> Result<Vec<u64>, Refusal> {
    let counts = value.as_array().into_iter().flatten().map(read::count);
    Ok(counts.collect::<Result<_, _>>()?)
}

pub(crate) fn srm(inputs: &Value) -> Outcome {
    let found = sample_ratio::fixed(&counts(&inputs["counts"])?, &read::reals(&inputs["weights"]))?;
    let mut fields = Fields::new();
    put(&mut fields, "chi2", found.chi2);
    put(&mut fields, "df", f64::from(found.df));
    put_p(&mut fields, found.p);
    Ok(fields)
}

/// Batch after batch; the result is that after the last, with the smallest p-value on the way.
pub(crate) fn srm_sequential(inputs: &Value) -> Outcome {
    let weights = read::reals(&inputs["weights"]);
    let concentration = read::real_or(inputs, "concentration", sample_ratio::CONCENTRATION);
    let mut total = vec![0_u64; weights.len()];
    let mut running = 1.0_f64;
    let mut last = sample_ratio::sequential(&total, &weights, concentration)?;
    for batch in inputs["batches"].as_array().into_iter().flatten() {
        let batch = counts(batch)?;
        if batch.len() != total.len() {
            return Err(lotwise_stats::Status::InvalidInput.into());
        }
        total.iter_mut().zip(batch).for_each(|(total, more)| *total += more);
        last = sample_ratio::sequential(&total, &weights, concentration)?;
        running = running.min(last.p.p);
    }
    let mut fields = Fields::new();
    put(&mut fields, "ln_bf", last.ln_bf);
    put_p(&mut fields, last.p);
    put(&mut fields, "p_running", running);
    Ok(fields)
}

pub(crate) fn multitest(inputs: &Value) -> Fields {
    let p: Vec<Option<f64>> = inputs["p"].as_array().into_iter().flatten().map(read::number).collect();
    let alpha = read::alpha(inputs);
    let (holm, bh) = (multiplicity::holm(&p), multiplicity::benjamini_hochberg(&p));
    let mut fields = Fields::new();
    fields.insert("holm_reject".to_owned(), json!(multiplicity::rejected(&holm, alpha)));
    fields.insert("bh_reject".to_owned(), json!(multiplicity::rejected(&bh, alpha)));
    fields.insert("holm".to_owned(), json!(holm));
    fields.insert("bh".to_owned(), json!(bh));
    fields
}

fn direction(inputs: &Value) -> Direction {
    if higher_is_better(inputs) { Direction::HigherIsBetter } else { Direction::LowerIsBetter }
}

pub(crate) fn noninferiority(inputs: &Value) -> Outcome {
    let control = read::moments(&inputs["control"])?;
    let treatment = read::moments(&inputs["treatment"])?;
    let margin = match read::number(&inputs["margin_rel"]) {
        Some(share) => Margin::Relative(share),
        None => Margin::Absolute(read::real_or(inputs, "margin_abs", 0.0)),
    };
    let found = fixed(&mean::estimates(control, treatment)?, margin, direction(inputs), read::alpha(inputs))?;
    let mut fields = Fields::new();
    put(&mut fields, "contrast", found.contrast);
    put(&mut fields, "se", found.se);
    put(&mut fields, "t", found.t);
    put(&mut fields, "df", found.df);
    put_p(&mut fields, found.p);
    fields.insert("noninferior".to_owned(), json!(found.noninferior));
    Ok(fields)
}

pub(crate) fn decision(inputs: &Value) -> Fields {
    let flag = |value: &Value| value.as_bool().unwrap_or(false);
    let list = |name: &str| inputs[name].as_array().cloned().unwrap_or_default();
    let primary = list("primary");
    let primary = primary.iter().map(|metric| PrimaryReading {
        rel_lo: read::number(&metric["rel_lo"]),
        rel_hi: read::number(&metric["rel_hi"]),
        significant: flag(&metric["significant"]),
        sign: read::number(&metric["diff"]),
        direction: direction(metric),
        mde_rel: read::number(&metric["mde_rel"]).or_else(|| read::number(&inputs["mde_rel"])),
    });
    let guardrails = list("guardrails");
    let guardrails = guardrails.iter().map(|guardrail| GuardrailReading {
        noninferior: flag(&guardrail["noninferior"]),
        harmed: flag(&guardrail["harmed"]),
    });
    let ruling = decide(&Reading {
        mode: if inputs["mode"] == "sequential" { Mode::Sequential } else { Mode::Fixed },
        srm_p: read::number(&inputs["srm_p"]),
        excluded_share: read::real_or(inputs, "excluded_share", 0.0),
        n_total: read::count(&inputs["n_total"]).unwrap_or_default(),
        n_target: read::count(&inputs["n_target"]).unwrap_or(sequential::DEFAULT_TARGET),
        days: read::real_or(inputs, "days", 0.0),
        min_days: read::real_or(inputs, "min_days", 7.0),
        primary: primary.collect(),
        guardrails: guardrails.collect(),
    });
    let mut fields = Fields::new();
    fields.insert("decision".to_owned(), json!(ruling.decision));
    fields.insert("reason".to_owned(), json!(ruling.reason));
    fields
}

pub(crate) fn attribution(inputs: &Value) -> Fields {
    let second = |value: &Value| value.as_i64().unwrap_or_default();
    let (exposure, length) = (second(&inputs["exposure_s"]), second(&inputs["window_s"]));
    let events = inputs["conversions_s"].as_array().into_iter().flatten().map(second);
    let counted: Vec<i64> = events.filter(|event| window::counts(exposure, length, *event)).collect();
    let mut fields = Fields::new();
    fields.insert("counted".to_owned(), json!(counted));
    fields
}
