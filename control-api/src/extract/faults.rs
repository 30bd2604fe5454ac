//! The faults found so far.

use lotwise_core::Fault;

use crate::domain::refusal::Refusal;

/// What is wrong with a body, gathered while it is read.
#[derive(Clone, Debug, Default)]
pub struct Faults(Vec<Fault>);

impl Faults {
    /// Notes one.
    pub fn push(&mut self, at: impl Into<String>, code: &'static str, detail: impl Into<String>) {
        self.0.push(Fault { pointer: at.into(), code, detail: detail.into() });
    }

    /// Whether nothing is wrong.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Refuses if anything is wrong.
    pub fn finish(self) -> Result<(), Refusal> {
        if self.0.is_empty() { Ok(()) } else { Err(Refusal::Invalid(self.0)) }
    }

    /// The outcome of using what was read: refused if reading it found faults, and then with those
    /// of the outcome too, so that one answer names all.
    pub fn and<T>(self, outcome: Result<T, Refusal>) -> Result<T, Refusal> {
        if self.0.is_empty() {
            return outcome;
        }
        let mut all = self.0;
        match outcome {
            Err(Refusal::Invalid(more)) => {
                let news: Vec<Fault> = more.into_iter().filter(|it| is_news(it, &all)).collect();
                all.extend(news);
            }
            // Where it was to go matters more than what it was.
            Err(refusal @ (Refusal::NotFound(_) | Refusal::Stale { .. })) => return Err(refusal),
            _ => {}
        }
        Err(Refusal::Invalid(all))
    }
}

/// A value that could not be read stands in its object as a placeholder: what is said about that
/// object, or about anything in it, may be about the placeholder and is left out.
fn is_news(fault: &Fault, known: &[Fault]) -> bool {
    !known.iter().any(|known| {
        let parent = known.pointer.rsplit_once('/').map_or("", |(parent, _)| parent);
        let place = if parent.is_empty() { &known.pointer } else { parent };
        fault.pointer.strip_prefix(place).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fault(pointer: &str) -> Fault {
        Fault { pointer: pointer.to_owned(), code: "x", detail: String::new() }
    }

    #[test]
    fn outcomes_add_what_is_not_known_yet() {
        let read = Faults(vec![fault("/rules/0/variant"), fault("/name")]);
        let more = ["/rules/0", "/rules/1/variant", "/nameless"].map(fault).to_vec();
        let Err(Refusal::Invalid(all)) = read.and::<()>(Err(Refusal::Invalid(more))) else {
            panic!("not refused")
        };
        let pointers: Vec<_> = all.iter().map(|fault| fault.pointer.as_str()).collect();
        assert_eq!(pointers, ["/rules/0/variant", "/name", "/rules/1/variant", "/nameless"]);
    }
}
