//! Results as a table: a line per segment, metric and variant.

use lotwise_stats::analysis::{Analysis, ComparisonResult};

use super::report::Report;

const HEAD: &str = "experiment,environment,at,method,segment,metric,role,kind,variant,is_control,exposed,n,\
                    value,se,status,diff,diff_lo,diff_hi,rel,rel_lo,rel_hi,p,p_running,p_adjusted,\
                    significant,decision,reason\r\n";

/// The results as comma-separated values (RFC 4180).
pub fn csv(report: &Report) -> String {
    let mut text = HEAD.to_owned();
    push_analysis(&mut text, report, None, &report.analysis);
    for segment in report.segments.iter().flatten() {
        push_analysis(&mut text, report, Some(segment.value.as_deref()), &segment.analysis);
    }
    text
}

#[allow(clippy::option_option, reason = "a segment may have no value, which is not the same as no segment")]
fn push_analysis(text: &mut String, report: &Report, segment: Option<Option<&str>>, analysis: &Analysis) {
    for (metric, definition) in analysis.metrics.iter().zip(&report.plan.metrics) {
        for (arm, variant) in metric.arms.iter().zip(&report.variants) {
            let comparison = metric.comparisons.iter().find(|it| it.arm == arm.arm);
            let is_control = report.control.as_deref() == Some(arm.arm.as_str());
            let verdict = analysis.arms.iter().find(|it| it.arm == arm.arm && segment.is_none());
            let mut line = Line(text);
            line.text(&report.experiment_key);
            line.text(&report.environment);
            line.text(&report.at.to_rfc3339());
            line.text(report.question.method.as_str());
            line.text(match segment {
                None => "",
                Some(value) => value.unwrap_or("(none)"),
            });
            line.text(&metric.key);
            line.word(&metric.role);
            line.text(definition.definition.kind.as_str());
            line.text(&arm.arm);
            line.text(if is_control { "true" } else { "false" });
            line.text(&variant.exposed.to_string());
            line.text(&arm.n.to_string());
            line.number(arm.value);
            line.number(arm.se);
            line.comparison(comparison);
            line.word(&verdict.map(|it| it.ruling.decision));
            line.word(&verdict.map(|it| it.ruling.reason));
            line.end();
        }
    }
}

/// A line under way.
struct Line<'t>(&'t mut String);

impl Line<'_> {
    /// A text; one that a spreadsheet would take for a formula is kept from being one.
    fn text(&mut self, text: &str) {
        let is_formula = text.starts_with(['=', '+', '-', '@', '\t', '\r']);
        let guard = if is_formula { "'" } else { "" };
        if is_formula || text.contains(['"', ',', '\n', '\r']) {
            self.0.push('"');
            self.0.push_str(guard);
            self.0.push_str(&text.replace('"', "\"\""));
            self.0.push('"');
        } else {
            self.0.push_str(text);
        }
        self.0.push(',');
    }

    fn number(&mut self, number: Option<f64>) {
        if let Some(number) = number {
            self.0.push_str(&number.to_string());
        }
        self.0.push(',');
    }

    /// What JSON writes as a string.
    fn word(&mut self, word: &impl serde::Serialize) {
        let value = serde_json::to_value(word).unwrap_or_default();
        self.text(value.as_str().unwrap_or_default());
    }

    fn comparison(&mut self, it: Option<&ComparisonResult>) {
        self.word(&it.map(|it| it.status));
        self.number(it.and_then(|it| it.diff));
        self.number(it.and_then(|it| it.ci).map(|ci| ci.lo));
        self.number(it.and_then(|it| it.ci).map(|ci| ci.hi));
        self.number(it.and_then(|it| it.rel));
        self.number(it.and_then(|it| it.rel_ci).map(|ci| ci.lo));
        self.number(it.and_then(|it| it.rel_ci).map(|ci| ci.hi));
        self.number(it.and_then(|it| it.p));
        self.number(it.and_then(|it| it.p_running));
        self.number(it.and_then(|it| it.p_adjusted));
        self.text(it.map_or("", |it| if it.significant { "true" } else { "false" }));
    }

    fn end(self) {
        // The comma behind the last field.
        self.0.pop();
        self.0.push_str("\r\n");
    }
}
