//! Query parameters, by name; unknown ones are refused.

use axum::extract::{FromRequestParts, Query};
use axum::http::request::Parts;

use crate::problem::Problem;

/// The parameters of a request.
#[derive(Debug)]
pub struct Parameters(Vec<(String, String)>);

impl<S: Send + Sync> FromRequestParts<S> for Parameters {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Problem> {
        let Query(pairs) = Query::try_from_uri(&parts.uri)
            .map_err(|_| Problem::bad_request("invalid_parameter", "The query cannot be read."))?;
        Ok(Self(pairs))
    }
}

impl Parameters {
    /// Takes one that may be given once.
    pub fn take(&mut self, name: &str) -> Result<Option<String>, Problem> {
        let mut taken = None;
        while let Some(index) = self.0.iter().position(|(key, _)| key == name) {
            let (_, value) = self.0.swap_remove(index);
            if taken.replace(value).is_some() {
                return Err(invalid(name, "is given more than once"));
            }
        }
        Ok(taken)
    }

    /// Takes one as something else than text; `what` says what is wrong with a text that cannot be it.
    pub fn parse<T>(
        &mut self,
        name: &str,
        what: &str,
        read: impl FnOnce(&str) -> Option<T>,
    ) -> Result<Option<T>, Problem> {
        self.take(name)?.map(|text| read(&text).ok_or_else(|| invalid(name, what))).transpose()
    }

    /// Takes one that is true or false, and false when absent.
    pub fn take_flag(&mut self, name: &str) -> Result<bool, Problem> {
        match self.take(name)?.as_deref() {
            None | Some("false") => Ok(false),
            Some("true") => Ok(true),
            Some(_) => Err(invalid(name, "is true or false")),
        }
    }

    /// Refuses what was not taken.
    pub fn finish(self) -> Result<(), Problem> {
        self.0.first().map_or(Ok(()), |(name, _)| Err(invalid(name, "is not known here")))
    }
}

/// 400: what is wrong with a parameter.
pub fn invalid(name: &str, what: &str) -> Problem {
    let shown: String = name.chars().take(64).collect();
    Problem::bad_request("invalid_parameter", format!("The parameter `{shown}` {what}."))
}
