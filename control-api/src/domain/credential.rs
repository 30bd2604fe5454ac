//! Credentials: texts that say who somebody is, shown once and kept as digests.
//!
//! `lw_<id>_<secret>` is a token, `pk_…` and `sk_…` are keys of an environment. The id finds the row,
//! the digest of the whole text proves the rest. The secret has 160 random bits, so that a plain
//! SHA-256 is as good as a slow hash: there is nothing to guess.

use std::fmt;

use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;
use uuid::Uuid;

use crate::hex;

const SECRET_BYTES: usize = 20;

/// What a credential is for, which its first letters say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CredentialKind {
    /// A token of the admin API.
    Token,
    /// A key for pages.
    Publishable,
    /// A key for servers.
    Secret,
}

impl CredentialKind {
    const ALL: [Self; 3] = [Self::Token, Self::Publishable, Self::Secret];

    fn prefix(self) -> &'static str {
        match self {
            Self::Token => "lw_",
            Self::Publishable => "pk_",
            Self::Secret => "sk_",
        }
    }
}

/// The SHA-256 of a credential, which is all that is kept of it. Comparing takes the same time
/// wherever the difference is.
#[derive(Clone, Copy)]
pub struct CredentialDigest([u8; 32]);

impl CredentialDigest {
    /// Of this text.
    pub fn of(text: &str) -> Self {
        Self(Sha256::digest(text.as_bytes()).into())
    }

    /// As the database keeps it.
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        bytes.try_into().ok().map(Self)
    }

    /// For the database.
    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// Whether it is of this text.
    pub fn matches(&self, text: &str) -> bool {
        self.0.ct_eq(&Self::of(text).0).into()
    }
}

impl fmt::Debug for CredentialDigest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("CredentialDigest")
    }
}

/// A credential that was just made: the only time that its text is there.
pub struct NewCredential {
    /// What it belongs to.
    pub id: Uuid,
    /// The text, to be shown once.
    pub text: String,
}

impl fmt::Debug for NewCredential {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NewCredential").field("id", &self.id).finish_non_exhaustive()
    }
}

impl NewCredential {
    /// Makes one, with an id of its own.
    pub fn generate(kind: CredentialKind) -> Result<Self, getrandom::Error> {
        let mut secret = [0; SECRET_BYTES];
        getrandom::fill(&mut secret)?;
        let id = Uuid::now_v7();
        let text = format!("{}{}_{}", kind.prefix(), id.simple(), hex::encode(&secret));
        Ok(Self { id, text })
    }

    /// What is kept of it.
    pub fn digest(&self) -> CredentialDigest {
        CredentialDigest::of(&self.text)
    }
}

/// What a text says that it is, and the id in it; none: it is no credential of ours. Whether it is
/// genuine only the digest tells.
pub fn read_credential(text: &str) -> Option<(CredentialKind, Uuid)> {
    let kind = CredentialKind::ALL.into_iter().find(|kind| text.starts_with(kind.prefix()))?;
    let (id, secret) = text.get(kind.prefix().len()..)?.split_once('_')?;
    let is_ours = id.len() == 32 && secret.len() == 2 * SECRET_BYTES;
    Some((kind, Uuid::try_parse(id).ok().filter(|_| is_ours)?))
}

/// The part of a credential's text that may be known: kind and id.
pub fn public_part(kind: CredentialKind, id: Uuid) -> String {
    format!("{}{}", kind.prefix(), id.simple())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn credentials_are_read_as_they_were_made() {
        for kind in CredentialKind::ALL {
            let made = NewCredential::generate(kind).unwrap();
            assert_eq!(read_credential(&made.text), Some((kind, made.id)));
            assert!(made.text.starts_with(&public_part(kind, made.id)));
            assert!(made.digest().matches(&made.text) && !made.digest().matches(&made.text[1..]));
            assert!(!format!("{made:?} {:?}", made.digest()).contains(&made.text[40..]));
        }
    }

    #[test]
    fn other_texts_are_no_credentials() {
        let id = Uuid::nil().simple().to_string();
        let secret = "0".repeat(40);
        assert!(read_credential(&format!("lw_{id}_{secret}")).is_some());
        for text in [
            String::new(),
            "lw_".to_owned(),
            format!("xx_{id}_{secret}"),
            format!("lw_{id}_"),
            format!("lw_ä{id}_{secret}"),
        ] {
            assert_eq!(read_credential(&text), None, "{text}");
        }
    }
}
