//! The fields of a decide request, from a query or from a body, with every fault at once.

use std::borrow::Cow;
use std::fmt;

use lotwise_core::{Context, MAX_USER_KEY_BYTES, Sticky};
use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

use crate::problem::{FieldFault, Problem};
use crate::query::parameters;
use crate::settings::is_servable_environment;

/// The largest context in a query, in bytes after decoding.
const MAX_QUERY_CONTEXT_BYTES: usize = 8 << 10;
/// The largest context in a body, in bytes.
pub(crate) const MAX_BODY_CONTEXT_BYTES: usize = 64 << 10;

/// What a decide request says, not yet checked as a whole.
#[derive(Debug, Default)]
pub(crate) struct Fields<'r> {
    pub(crate) user_key: Option<Cow<'r, str>>,
    pub(crate) environment: Option<Cow<'r, str>>,
    pub(crate) context: Option<Context<'static>>,
    pub(crate) experiments: Option<Vec<String>>,
    pub(crate) explain: bool,
    pub(crate) sticky: Option<Sticky>,
    faults: Vec<FieldFault>,
}

impl<'r> Fields<'r> {
    /// Reads a query.
    pub(crate) fn from_query(query: &'r str) -> Self {
        let mut fields = Self::default();
        let mut seen: Vec<Cow<'_, str>> = Vec::new();
        for parameter in parameters(query) {
            let Some((name, value)) = parameter else {
                fields.fault("", "malformed_query", "the query is not percent-encoded UTF-8");
                continue;
            };
            if seen.contains(&name) {
                fields.fault(&name, "duplicate_field", "this parameter stands twice");
                continue;
            }
            match &*name {
                "user_key" => fields.user_key = Some(value),
                "env" => fields.environment = Some(value),
                "context" => fields.set_context(&value, MAX_QUERY_CONTEXT_BYTES),
                "experiments" => fields.experiments = Some(split_names(&value)),
                "explain" => match &*value {
                    "true" | "1" | "" => fields.explain = true,
                    "false" | "0" => {}
                    _ => fields.fault("explain", "wrong_type", "expected true or false"),
                },
                "sticky" => fields.set_sticky(&value),
                _ => fields.unknown(&name),
            }
            seen.push(name);
        }
        fields
    }

    /// Reads a JSON body.
    pub(crate) fn from_body(body: &str) -> Result<Self, Problem> {
        let members: Members<'_> = serde_json::from_str(body).map_err(|error| {
            let detail = if error.is_data() {
                "The body must be a JSON object.".to_owned()
            } else {
                format!("The body is not JSON: {error}.")
            };
            Problem::new(400, "malformed_json", detail)
        })?;
        let mut fields = Self::default();
        let mut seen: Vec<&str> = Vec::new();
        for (name, value) in &members.0 {
            let text = value.get();
            if seen.contains(&name.as_ref()) {
                fields.fault(name, "duplicate_field", "this field stands twice");
                continue;
            }
            seen.push(name);
            match &**name {
                _ if text == "null" => {}
                "user_key" => fields.user_key = fields.typed("user_key", text, "a string"),
                "env" => fields.environment = fields.typed("env", text, "a string"),
                "context" => fields.set_context(text, MAX_BODY_CONTEXT_BYTES),
                "experiments" => {
                    fields.experiments = match serde_json::from_str::<String>(text) {
                        Ok(names) => Some(split_names(&names)),
                        Err(_) => fields.typed("experiments", text, "an array of experiment keys"),
                    };
                }
                "explain" => {
                    fields.explain = fields.typed("explain", text, "true or false").unwrap_or_default();
                }
                "sticky" => fields.set_sticky(text),
                _ => fields.unknown(name),
            }
        }
        Ok(fields)
    }

    /// Everything that is wrong, as one problem.
    pub(crate) fn check(&mut self) -> Result<(), Problem> {
        let length = self.user_key.as_ref().map_or(0, |key| key.len());
        if !self.has_fault("user_key") && !(1..=MAX_USER_KEY_BYTES).contains(&length) {
            let detail = format!("user_key is required, 1 to {MAX_USER_KEY_BYTES} bytes of UTF-8");
            self.fault("user_key", "invalid_user_key", detail);
        }
        let is_servable = self.environment.as_deref().is_some_and(is_servable_environment);
        if !self.has_fault("env") && !is_servable {
            self.fault(
                "env",
                "invalid_environment",
                "env is required, the name of an environment such as prod",
            );
        }
        if self.faults.is_empty() {
            return Ok(());
        }
        let mut problem =
            Problem::new(400, "invalid_request", "The request has fields that cannot be taken.");
        if let [fault] = self.faults.as_slice() {
            problem.code = fault.code;
            problem.detail = Cow::Owned(fault.detail.clone());
        }
        problem.errors = std::mem::take(&mut self.faults);
        Err(problem)
    }

    fn set_context(&mut self, text: &str, limit: usize) {
        if text.len() > limit {
            let detail =
                format!("the context may have up to {limit} bytes here; this one has {}", text.len());
            self.fault("context", "context_too_large", detail);
            return;
        }
        match Context::from_json(text) {
            Ok(context) => self.context = Some(context.into_owned()),
            Err(error) => self.fault("context", "invalid_context", error.to_string()),
        }
    }

    fn set_sticky(&mut self, text: &str) {
        self.sticky = self.typed("sticky", text, "an object of variant keys by experiment key");
    }

    fn typed<'t, T: Deserialize<'t>>(&mut self, name: &str, text: &'t str, wanted: &str) -> Option<T> {
        let value = serde_json::from_str(text).ok();
        if value.is_none() {
            self.fault(name, "wrong_type", format!("expected {wanted}"));
        }
        value
    }

    fn unknown(&mut self, name: &str) {
        let known = "user_key, env, context, experiments, explain, sticky";
        self.fault(name, "unknown_field", format!("there is no such field; known are {known}"));
    }

    fn fault(&mut self, name: &str, code: &'static str, detail: impl Into<String>) {
        let escaped = name.replace('~', "~0").replace('/', "~1");
        let pointer = if name.is_empty() { String::new() } else { format!("/{escaped}") };
        self.faults.push(FieldFault { pointer, code, detail: detail.into() });
    }

    fn has_fault(&self, name: &str) -> bool {
        self.faults.iter().any(|fault| fault.pointer.strip_prefix('/') == Some(name))
    }
}

fn split_names(names: &str) -> Vec<String> {
    names.split(',').filter(|name| !name.is_empty()).map(ToOwned::to_owned).collect()
}

/// An object's members in order, repeated ones included, values as text.
pub(crate) struct Members<'a>(pub(crate) Vec<(Cow<'a, str>, &'a RawValue)>);

impl<'de> Deserialize<'de> for Members<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct InOrder;
        impl<'de> Visitor<'de> for InOrder {
            type Value = Members<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut members = Vec::new();
                while let Some(member) = map.next_entry::<Key<'de>, &'de RawValue>()? {
                    members.push((member.0.0, member.1));
                }
                Ok(Members(members))
            }
        }
        deserializer.deserialize_map(InOrder)
    }
}

#[derive(serde::Deserialize)]
struct Key<'a>(#[serde(borrow)] Cow<'a, str>);
