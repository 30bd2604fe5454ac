//! One value of a body and where it stands.

use chrono::{DateTime, SubsecRound, Utc};
use serde_json::value::RawValue;

use super::scan::elements;
use super::{Faults, Fields};
use crate::problem::FIELD_TOO_LARGE;

/// More than any time needs.
const MAX_TIME_CHARS: usize = 64;

/// A value that was sent. Each reading notes a fault when the value is something else.
#[derive(Clone, Debug)]
pub struct Found<'a> {
    /// Its JSON pointer.
    pub at: String,
    /// Its text.
    pub raw: &'a RawValue,
}

impl<'a> Found<'a> {
    /// Whether it is null.
    pub fn is_null(&self) -> bool {
        self.raw.get() == "null"
    }

    /// A text of at most `max_chars` characters. NUL is refused: Postgres cannot store it.
    pub fn text(&self, max_chars: usize, faults: &mut Faults) -> Option<String> {
        if !self.raw.get().starts_with('"') {
            return self.refuse_type("a string", faults);
        }
        let text: String = serde_json::from_str(self.raw.get()).ok()?;
        if text.chars().count() > max_chars {
            let detail = format!("This is longer than {max_chars} characters.");
            faults.push(&self.at, FIELD_TOO_LARGE, detail);
            return None;
        }
        if text.contains('\0') {
            faults.push(&self.at, "invalid_text", "This must not contain NUL.");
            return None;
        }
        Some(text)
    }

    /// A text as in [`Self::text`] that is not empty.
    pub fn name(&self, max_chars: usize, faults: &mut Faults) -> Option<String> {
        let text = self.text(max_chars, faults)?;
        if text.trim().is_empty() {
            faults.push(&self.at, "empty", "This must not be empty.");
            return None;
        }
        Some(text)
    }

    /// A whole number, `5` or `5.0`.
    #[allow(clippy::cast_possible_truncation)] // Whole and below 2^53.
    pub fn integer(&self, min: i64, max: i64, faults: &mut Faults) -> Option<i64> {
        let Some(number) = self.parse_number().filter(|number| number.fract() == 0.0) else {
            return self.refuse_type("a whole number", faults);
        };
        if number.abs() >= 9_007_199_254_740_992.0 || !(min..=max).contains(&(number as i64)) {
            faults.push(&self.at, "out_of_range", format!("This must lie in {min} to {max}."));
            return None;
        }
        Some(number as i64)
    }

    /// A number in `min..=max`.
    pub fn number(&self, min: f64, max: f64, faults: &mut Faults) -> Option<f64> {
        let Some(number) = self.parse_number() else {
            return self.refuse_type("a number", faults);
        };
        if !(min..=max).contains(&number) {
            faults.push(&self.at, "out_of_range", format!("This must lie in {min} to {max}."));
            return None;
        }
        Some(number)
    }

    /// True or false.
    pub fn boolean(&self, faults: &mut Faults) -> Option<bool> {
        match self.raw.get() {
            "true" => Some(true),
            "false" => Some(false),
            _ => self.refuse_type("true or false", faults),
        }
    }

    /// A time as RFC 3339 writes it, in whole microseconds.
    pub fn time(&self, faults: &mut Faults) -> Option<DateTime<Utc>> {
        let text = self.text(MAX_TIME_CHARS, faults)?;
        let Ok(time) = DateTime::parse_from_rfc3339(&text) else {
            let detail = "This must be a time such as 2026-01-31T12:00:00Z.";
            faults.push(&self.at, "invalid_time", detail);
            return None;
        };
        Some(time.to_utc().trunc_subsecs(6))
    }

    /// The elements of an array of at most `max` of them.
    pub fn list(&self, max: usize, faults: &mut Faults) -> Option<Vec<Found<'a>>> {
        if !self.raw.get().starts_with('[') {
            return self.refuse_type("an array", faults);
        }
        let elements = elements(self.raw);
        if elements.len() > max {
            faults.push(&self.at, FIELD_TOO_LARGE, format!("This has more than {max} elements."));
            return None;
        }
        let found = |(index, raw)| Found { at: format!("{}/{index}", self.at), raw };
        Some(elements.into_iter().enumerate().map(found).collect())
    }

    /// The fields of an object.
    pub fn fields(&self, faults: &mut Faults) -> Option<Fields<'a>> {
        Fields::open(&self.at, self.raw, faults)
    }

    /// Any JSON of at most `max_bytes`, byte for byte.
    pub fn json(&self, max_bytes: usize, faults: &mut Faults) -> Option<Box<RawValue>> {
        if self.raw.get().len() > max_bytes {
            faults.push(&self.at, FIELD_TOO_LARGE, format!("This is over {max_bytes} bytes."));
            return None;
        }
        Some(self.raw.to_owned())
    }

    fn parse_number(&self) -> Option<f64> {
        let text = self.raw.get();
        let is_number = text.starts_with(|first: char| first == '-' || first.is_ascii_digit());
        text.parse().ok().filter(|_| is_number)
    }

    fn refuse_type<T>(&self, wanted: &str, faults: &mut Faults) -> Option<T> {
        faults.push(&self.at, "wrong_type", format!("This must be {wanted}."));
        None
    }
}
