//! Semantic Versioning 2.0.0, read in place and compared by precedence.

use alloc::boxed::Box;
use core::cmp::Ordering;

/// A version without its build metadata, which precedence ignores.
#[derive(Clone, Debug)]
pub(crate) struct Version<S> {
    core: [u64; 3],
    /// Dot-separated identifiers; empty for a release.
    pre_release: S,
}

impl<'a> Version<&'a str> {
    /// Reads a full version: no `v`, no missing parts, numeric identifiers up to 2^64-1.
    pub(crate) fn parse(text: &'a str) -> Option<Self> {
        let (text, build) = match text.split_once('+') {
            Some((text, build)) => (text, Some(build)),
            None => (text, None),
        };
        let (core, pre_release) = match text.split_once('-') {
            Some((core, pre_release)) => (core, Some(pre_release)),
            None => (text, None),
        };
        let mut numbers = core.split('.').map(number);
        let core = [numbers.next()??, numbers.next()??, numbers.next()??];
        let well_formed = numbers.next().is_none()
            && pre_release.is_none_or(|identifiers| identifiers.split('.').all(is_pre_release_identifier))
            && build.is_none_or(|identifiers| identifiers.split('.').all(is_identifier));
        well_formed.then_some(Self { core, pre_release: pre_release.unwrap_or_default() })
    }

    /// The version of these [`Self::parts`].
    pub(crate) fn from_parts(core: [u64; 3], pre_release: &'a str) -> Option<Self> {
        let well_formed = pre_release.is_empty() || pre_release.split('.').all(is_pre_release_identifier);
        well_formed.then_some(Self { core, pre_release })
    }

    /// A copy that outlives the text.
    pub(crate) fn to_owned(&self) -> Version<Box<str>> {
        Version { core: self.core, pre_release: self.pre_release.into() }
    }
}

impl<S: AsRef<str>> Version<S> {
    /// Major, minor and patch, and the pre-release identifiers between their dots.
    pub(crate) fn parts(&self) -> ([u64; 3], &str) {
        (self.core, self.pre_release.as_ref())
    }

    /// Precedence as in section 11 of the specification.
    pub(crate) fn precedence<T: AsRef<str>>(&self, other: &Version<T>) -> Ordering {
        self.core.cmp(&other.core).then_with(|| {
            match (self.pre_release.as_ref(), other.pre_release.as_ref()) {
                ("", "") => Ordering::Equal,
                ("", _) => Ordering::Greater,
                (_, "") => Ordering::Less,
                (a, b) => compare_identifiers(a.split('.'), b.split('.')),
            }
        })
    }
}

fn compare_identifiers<'a>(
    mut left: impl Iterator<Item = &'a str>,
    mut right: impl Iterator<Item = &'a str>,
) -> Ordering {
    loop {
        let ordering = match (left.next(), right.next()) {
            (None, None) => return Ordering::Equal,
            (None, Some(_)) => return Ordering::Less,
            (Some(_), None) => return Ordering::Greater,
            (Some(a), Some(b)) => match (number(a), number(b)) {
                (Some(a), Some(b)) => a.cmp(&b),
                (Some(_), None) => Ordering::Less,
                (None, Some(_)) => Ordering::Greater,
                (None, None) => a.cmp(b),
            },
        };
        if ordering.is_ne() {
            return ordering;
        }
    }
}

/// A numeric identifier: digits without a leading zero, within 64 bits.
fn number(text: &str) -> Option<u64> {
    let digits = is_digits(text) && (text.len() == 1 || !text.starts_with('0'));
    if digits { text.parse().ok() } else { None }
}

fn is_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

fn is_identifier(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
}

fn is_pre_release_identifier(text: &str) -> bool {
    if is_digits(text) { number(text).is_some() } else { is_identifier(text) }
}
