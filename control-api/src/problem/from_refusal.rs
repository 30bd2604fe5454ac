//! Refusals of the domain as problems.

use axum::http::StatusCode;

use super::Problem;
use crate::domain::preview::Preview;
use crate::domain::refusal::Refusal;
use crate::domain::status::Status;

impl From<Refusal> for Problem {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::Invalid(faults) => Self::invalid(faults),
            Refusal::Conflict { code, detail } => Self::conflict(code, detail),
            Refusal::Transition { from, to } => transition(from, to),
            Refusal::MovesUsers(preview) => moves_users(preview),
            Refusal::GroupFull { free } => group_full(free),
            Refusal::NotFound(what) => Self::not_found(what),
            Refusal::Stale { current } => Self::new(
                StatusCode::PRECONDITION_FAILED,
                "stale_version",
                format!("The version is {current} by now; read it again before changing it."),
            ),
        }
    }
}

fn moves_users(preview: Box<Preview>) -> Problem {
    let problem = if preview.moves_users {
        let detail = "Users would move from a variant to another or out, see `diff`. To go on send its \
                      `confirm`; one that you sent was of something else, or of another time.";
        Problem::conflict("moves_users", detail)
    } else {
        let detail = "`confirm` is of something else, or of another time; see `diff`. Nobody would move, so \
                      that none is needed.";
        Problem::conflict("stale_confirm", detail)
    };
    Problem { diff: Some(preview), ..problem }
}

fn group_full(free: u16) -> Problem {
    let detail = format!("Only {free} buckets of the group are free; what other members hold stays theirs.");
    Problem { free_buckets: Some(free), ..Problem::conflict("group_full", detail) }
}

fn transition(from: Status, to: Status) -> Problem {
    let open = from.open_transitions();
    let names: Vec<&str> = open.iter().map(|status| status.as_str()).collect();
    let names = if names.is_empty() { "none".to_owned() } else { names.join(", ") };
    let detail = format!(
        "An experiment that is {} cannot become {}. Open from here: {names}.",
        from.as_str(),
        to.as_str(),
    );
    Problem { open_transitions: Some(open), ..Problem::conflict("transition_not_open", detail) }
}
