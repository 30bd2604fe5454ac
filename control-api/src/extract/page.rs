//! Paging: `cursor` and `limit`.

use std::str::FromStr;

use super::query::{Parameters, invalid};
use crate::problem::Problem;

/// Items on a page that names no limit.
const DEFAULT_LIMIT: i64 = 50;
const MAX_LIMIT: i64 = 200;

/// Which part of a list is asked for. `C` is what the list's cursor holds.
#[derive(Clone, Copy, Debug)]
pub struct Page<C> {
    /// The last item of the page before.
    pub after: Option<C>,
    /// How many items at most.
    pub limit: i64,
}

impl<C: FromStr> Page<C> {
    /// Takes the paging parameters out of a query.
    pub fn take(parameters: &mut Parameters) -> Result<Self, Problem> {
        let after = match parameters.take("cursor")? {
            None => None,
            Some(text) => Some(text.parse().map_err(|_| invalid("cursor", "is not one that was given out"))?),
        };
        let limit = match parameters.take("limit")? {
            None => DEFAULT_LIMIT,
            Some(text) => text
                .parse()
                .ok()
                .filter(|limit| (1..=MAX_LIMIT).contains(limit))
                .ok_or_else(|| invalid("limit", "must lie in 1 to 200"))?,
        };
        Ok(Self { after, limit })
    }
}

impl<C> Page<C> {
    /// Cuts a list of one item more than the limit down to it. Gives the cursor of the next page,
    /// if that last item says that there is one.
    pub fn cut<T, D: ToString>(&self, items: &mut Vec<T>, cursor: impl Fn(&T) -> D) -> Option<String> {
        let limit = usize::try_from(self.limit).unwrap_or(usize::MAX);
        if items.len() <= limit {
            return None;
        }
        items.truncate(limit);
        items.last().map(|last| cursor(last).to_string())
    }
}
