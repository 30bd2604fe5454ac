//! Objects of a body, field by field.

use serde_json::value::RawValue;

use super::scan::{Members, escape};
use super::{Faults, Found};

/// An object that is being read. What nobody asks for is a fault in the end, so that a typo never
/// silently does nothing.
#[derive(Debug)]
pub struct Fields<'a> {
    at: String,
    members: Vec<(String, &'a RawValue)>,
    asked: Vec<&'static str>,
}

impl<'a> Fields<'a> {
    /// Opens the object at `at`, or notes that there is none.
    pub fn open(at: &str, raw: &'a RawValue, faults: &mut Faults) -> Option<Self> {
        if !raw.get().starts_with('{') {
            faults.push(at, "wrong_type", "This must be an object.");
            return None;
        }
        // Members that cannot be read were noted by the scan of the whole body.
        let Members(members) = serde_json::from_str(raw.get()).ok()?;
        Some(Self { at: at.to_owned(), members, asked: Vec::new() })
    }

    /// Takes a field by its camelCase name; the `snake_case` spelling is the same field. Null counts
    /// as absent.
    pub fn take(&mut self, name: &'static str, faults: &mut Faults) -> Option<Found<'a>> {
        self.take_nullable(name, faults).filter(|found| !found.is_null())
    }

    /// Takes a field where null means something.
    pub fn take_nullable(&mut self, name: &'static str, faults: &mut Faults) -> Option<Found<'a>> {
        self.asked.push(name);
        let snake = snake_case(name);
        let mut taken: Option<(String, &'a RawValue)> = None;
        let mut twice = None;
        self.members.retain(|(key, raw)| {
            if key != name && *key != snake {
                return true;
            }
            match &taken {
                None => taken = Some((key.clone(), raw)),
                Some((first, _)) if first != key => twice = Some(key.clone()),
                Some(_) => {} // A repeated key: noted by the scan.
            }
            false
        });
        if let Some(second) = twice {
            let detail = format!("`{name}` and `{snake}` are one field: send one of them.");
            faults.push(self.pointer(&second), "duplicate_field", detail);
        }
        taken.map(|(key, raw)| Found { at: self.pointer(&key), raw })
    }

    /// Takes the one field that has two names, such as `payload` and `config`.
    pub fn take_either(
        &mut self,
        name: &'static str,
        other: &'static str,
        faults: &mut Faults,
    ) -> Option<Found<'a>> {
        let first = self.take_nullable(name, faults);
        let second = self.take_nullable(other, faults);
        if let (Some(_), Some(second)) = (&first, &second) {
            let detail = format!("`{name}` and `{other}` are one field: send one of them.");
            faults.push(&second.at, "duplicate_field", detail);
        }
        first.or(second)
    }

    /// Whether a field of this one-word name was sent and is not null.
    pub fn has(&self, name: &str) -> bool {
        self.members.iter().any(|(key, raw)| key == name && raw.get() != "null")
    }

    /// All members, where their names are the caller's own.
    pub fn into_entries(self) -> Vec<(String, Found<'a>)> {
        let Self { at, members, .. } = self;
        let found = |(key, raw): (String, &'a RawValue)| {
            let at = format!("{at}/{}", escape(&key));
            (key, Found { at, raw })
        };
        members.into_iter().map(found).collect()
    }

    /// Notes that a field is missing.
    pub fn require(&self, name: &'static str, detail: &str, faults: &mut Faults) {
        faults.push(self.pointer(name), "required", detail);
    }

    /// Where a field of this object is, or would be.
    pub fn pointer(&self, name: &str) -> String {
        format!("{}/{}", self.at, escape(name))
    }

    /// Notes what was not asked for.
    pub fn close(self, faults: &mut Faults) {
        for (key, _) in &self.members {
            let detail = format!("Unknown field. Known here: {}.", self.asked.join(", "));
            faults.push(self.pointer(key), "unknown_field", detail);
        }
    }
}

fn snake_case(camel: &str) -> String {
    let mut snake = String::with_capacity(camel.len() + 4);
    for character in camel.chars() {
        if character.is_ascii_uppercase() {
            snake.push('_');
        }
        snake.push(character.to_ascii_lowercase());
    }
    snake
}
