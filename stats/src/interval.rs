//! Intervals, and how their ends are written.

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// An interval. An end may be infinite: JSON has no such number, so it is written as the string `"inf"` or
/// `"-inf"`, which nothing confuses with "not known" (null, where an interval as a whole is absent).
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Serialize)]
pub struct Interval {
    /// The lower end.
    #[serde(serialize_with = "write_end", deserialize_with = "read_end")]
    pub lo: f64,
    /// The upper end.
    #[serde(serialize_with = "write_end", deserialize_with = "read_end")]
    pub hi: f64,
}

impl Interval {
    /// From `lo` to `hi`; none when an end is not a number.
    pub fn new(lo: f64, hi: f64) -> Option<Self> {
        (!lo.is_nan() && !hi.is_nan()).then_some(Self { lo, hi })
    }

    /// The interval around an estimate.
    pub fn around(estimate: f64, half_width: f64) -> Self {
        Self { lo: estimate - half_width, hi: estimate + half_width }
    }

    /// Whether zero is in it, the ends included.
    pub fn has_zero(&self) -> bool {
        self.lo <= 0.0 && self.hi >= 0.0
    }

    /// Mirrored at zero: what it is for the opposite sign.
    pub fn negated(&self) -> Self {
        Self { lo: -self.hi, hi: -self.lo }
    }
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "the shape that serde asks for")]
fn write_end<S: Serializer>(end: &f64, serializer: S) -> Result<S::Ok, S::Error> {
    match *end {
        f64::INFINITY => serializer.serialize_str("inf"),
        f64::NEG_INFINITY => serializer.serialize_str("-inf"),
        end => serializer.serialize_f64(end),
    }
}

fn read_end<'de, D: Deserializer<'de>>(deserializer: D) -> Result<f64, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum End<'a> {
        Number(f64),
        Text(&'a str),
    }
    match End::deserialize(deserializer)? {
        End::Number(number) => Ok(number),
        End::Text("inf") => Ok(f64::INFINITY),
        End::Text("-inf") => Ok(f64::NEG_INFINITY),
        End::Text(_) => Err(serde::de::Error::custom("an end is a number, \"inf\" or \"-inf\"")),
    }
}

#[cfg(test)]
mod tests {
    use super::Interval;

    #[test]
    fn infinite_ends_travel_as_words() {
        let interval = Interval { lo: f64::NEG_INFINITY, hi: 0.5 };
        let text = serde_json::to_string(&interval).unwrap();
        assert_eq!(text, r#"{"lo":"-inf","hi":0.5}"#);
        assert_eq!(serde_json::from_str::<Interval>(&text).unwrap(), interval);
    }
}
