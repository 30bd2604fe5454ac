//! Scopes: the environments that a caller has to do with.

use std::sync::Arc;

use uuid::Uuid;

use super::refusal::Refusal;

/// Which environments a caller may see and change. The others do not exist for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Scope {
    /// Every one, those to come too.
    All,
    /// These, by id.
    Only(Arc<[Uuid]>),
}

impl Scope {
    /// Every environment, or only these.
    pub fn of(environments: Option<&[Uuid]>) -> Self {
        environments.map_or(Self::All, |ids| Self::Only(ids.into()))
    }

    /// The ids that a query is to be kept to; none: all.
    pub fn ids(&self) -> Option<&[Uuid]> {
        match self {
            Self::All => None,
            Self::Only(ids) => Some(ids),
        }
    }

    /// Whether it is every environment.
    pub fn is_all(&self) -> bool {
        *self == Self::All
    }

    /// Whether this environment is part of it.
    pub fn permits(&self, environment: Uuid) -> bool {
        self.ids().is_none_or(|ids| ids.contains(&environment))
    }

    /// Whether all of `other` is part of it.
    pub fn covers(&self, other: &Self) -> bool {
        match other.ids() {
            None => self.is_all(),
            Some(ids) => ids.iter().all(|&id| self.permits(id)),
        }
    }

    /// What lies in another environment is not there: `what` says what was asked for.
    pub fn require(&self, environment: Uuid, what: &'static str) -> Result<(), Refusal> {
        if self.permits(environment) { Ok(()) } else { Err(Refusal::NotFound(what)) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scope_covers_what_lies_within_it() {
        let [one, two] = [1, 2].map(Uuid::from_u128);
        let only = |ids: &[Uuid]| Scope::of(Some(ids));
        assert!(Scope::All.covers(&Scope::All) && Scope::All.covers(&only(&[one])));
        assert!(!only(&[one, two]).covers(&Scope::All));
        assert!(only(&[one, two]).covers(&only(&[two])) && !only(&[one]).covers(&only(&[one, two])));
        assert!(only(&[one]).permits(one) && !only(&[one]).permits(two));
        assert_eq!(only(&[one]).require(two, "group"), Err(Refusal::NotFound("group")));
    }
}
