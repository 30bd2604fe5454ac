//! Whether a field is as expected.

use serde_json::Value;

use crate::inputs::number;

/// How far off a number may be.
pub(crate) struct Tolerance {
    relative: f64,
    absolute: f64,
}

impl Tolerance {
    pub(crate) fn of(case: &Value) -> Self {
        let read = |field: &str| case[field].as_f64().unwrap_or(0.0);
        Self { relative: read("tolerance_rel"), absolute: read("tolerance_abs") }
    }

    /// What is wrong with a field, with both values.
    pub(crate) fn miss(&self, field: &str, expected: &Value, got: Option<&Value>) -> Option<String> {
        let got = got.unwrap_or(&Value::Null);
        (!self.fits(field, expected, got)).then(|| format!("{field}: expected {expected}, got {got}"))
    }

    fn fits(&self, field: &str, expected: &Value, got: &Value) -> bool {
        if let (Value::Array(expected), Value::Array(got)) = (expected, got) {
            let pairs = expected.iter().zip(got);
            return expected.len() == got.len() && pairs.into_iter().all(|(e, g)| self.fits(field, e, g));
        }
        match (number(expected), number(got)) {
            (Some(expected), Some(got)) => self.near(field, expected, got),
            _ => expected == got,
        }
    }

    fn near(&self, field: &str, expected: f64, got: f64) -> bool {
        if !expected.is_finite() {
            return expected.to_bits() == got.to_bits();
        }
        let absolute = if field == "p" { 0.0 } else { self.absolute };
        (got - expected).abs() <= self.relative * expected.abs() + absolute
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::Tolerance;

    #[test]
    fn numbers_nulls_and_infinities() {
        let tolerance = Tolerance { relative: 1e-3, absolute: 1e-6 };
        let miss = |field, expected, got| tolerance.miss(field, &expected, Some(&got)).is_some();
        assert!(!miss("x", json!(1.0), json!(1.0009)) && miss("x", json!(1.0), json!(1.01)));
        assert!(!miss("x", json!(0.0), json!(1e-7)) && miss("p", json!(0.0), json!(1e-7)));
        assert!(!miss("x", json!("inf"), json!("inf")) && miss("x", json!("inf"), json!(1e300)));
        assert!(miss("x", json!(null), json!(0.0)) && tolerance.miss("x", &json!(null), None).is_none());
        assert!(miss("x", json!(0.0), json!(null)) && miss("x", json!(0.0), json!("nan")));
        assert!(!miss("x", json!([1, null]), json!([1.0, null])) && miss("x", json!([1]), json!([1, 2])));
        assert!(miss("x", json!(true), json!(false)) && miss("x", json!("ship"), json!("rollback")));
    }
}
