//! The cookie as it travels.
//!
//! Its value is base64url without padding of: the format's version, one byte; a tag; and entries,
//! oldest first, each two texts behind a byte that holds their length. The tag covers version,
//! environment, user key and entries. Whoever has the cookie can read it; nobody can write it.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::keys::{StickyKeys, TAG_BYTES};

const VERSION: u8 = 1;
/// Browsers keep 4,096 bytes of a cookie; this leaves room for the name and the attributes.
const MAX_VALUE_BYTES: usize = 3_800;
/// What entries may take of it.
const MAX_ENTRIES_BYTES: usize = MAX_VALUE_BYTES / 4 * 3 - 1 - TAG_BYTES;
const ATTRIBUTES: &str = "Path=/; Max-Age=31536000; Secure; HttpOnly; SameSite=Lax";

/// Whose state a cookie holds.
#[derive(Clone, Copy, Debug)]
pub(super) struct Owner<'a> {
    pub(super) environment: &'a str,
    pub(super) user_key: &'a str,
}

/// An experiment and the variant that it gave, by key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Entry {
    pub(super) experiment: String,
    pub(super) variant: String,
}

/// What a cookie says.
#[derive(Debug)]
pub(super) struct Cookie {
    pub(super) entries: Vec<Entry>,
    /// Whether the key that signs now has signed it.
    pub(super) is_current: bool,
}

impl Cookie {
    /// The first cookie of the header that is this owner's and verifies.
    pub(super) fn find(keys: &StickyKeys, owner: Owner<'_>, header: &str) -> Option<Self> {
        let name = name(owner.environment);
        let pairs = header.split(';').filter_map(|pair| pair.trim().split_once('='));
        pairs.filter(|pair| pair.0 == name).find_map(|(_, value)| Self::parse(keys, owner, value))
    }

    fn parse(keys: &StickyKeys, owner: Owner<'_>, value: &str) -> Option<Self> {
        if value.len() > MAX_VALUE_BYTES {
            return None;
        }
        let bytes = URL_SAFE_NO_PAD.decode(value).ok()?;
        let (version, rest) = bytes.split_first()?;
        let (tag, entries) = rest.split_first_chunk::<TAG_BYTES>()?;
        if *version != VERSION {
            return None;
        }
        let signer = keys.signer(&signed_parts(owner, entries), tag)?;
        Some(Self { entries: read_entries(entries)?, is_current: signer == 0 })
    }
}

/// The `Set-Cookie` that lets the owner's browser remember these entries.
pub(super) fn set_cookie(keys: &StickyKeys, owner: Owner<'_>, entries: &[Entry]) -> Option<String> {
    let entries = written(entries);
    let tag = keys.sign(&signed_parts(owner, &entries))?;
    let value = URL_SAFE_NO_PAD.encode([&[VERSION], tag.as_slice(), &entries].concat());
    Some(format!("{}={value}; {ATTRIBUTES}", name(owner.environment)))
}

/// How many of the oldest entries have to go for the others to fit.
pub(super) fn excess(entries: &[Entry]) -> usize {
    let mut excess = entries.iter().map(Entry::bytes).sum::<usize>().saturating_sub(MAX_ENTRIES_BYTES);
    let goes = |entry: &&Entry| {
        let goes = excess > 0;
        excess = excess.saturating_sub(entry.bytes());
        goes
    };
    entries.iter().take_while(goes).count()
}

impl Entry {
    /// `None` for keys that no published experiment has: they are longer than an entry can hold.
    pub(super) fn new(experiment: &str, variant: &str) -> Option<Self> {
        let fits = |text: &str| u8::try_from(text.len()).is_ok();
        (fits(experiment) && fits(variant))
            .then(|| Self { experiment: experiment.to_owned(), variant: variant.to_owned() })
    }

    fn bytes(&self) -> usize {
        2 + self.experiment.len() + self.variant.len()
    }
}

/// `__Host-` makes browsers refuse the name from other hosts, sibling subdomains included.
fn name(environment: &str) -> String {
    format!("__Host-lotwise-{environment}")
}

fn signed_parts<'a>(owner: Owner<'a>, entries: &'a [u8]) -> [&'a [u8]; 4] {
    [&[VERSION], owner.environment.as_bytes(), owner.user_key.as_bytes(), entries]
}

fn written(entries: &[Entry]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(MAX_ENTRIES_BYTES);
    for text in entries.iter().flat_map(|entry| [&entry.experiment, &entry.variant]) {
        bytes.extend(u8::try_from(text.len()));
        bytes.extend_from_slice(text.as_bytes());
    }
    bytes
}

fn read_entries(mut bytes: &[u8]) -> Option<Vec<Entry>> {
    let mut entries = Vec::new();
    while !bytes.is_empty() {
        let experiment = read_text(&mut bytes)?;
        let variant = read_text(&mut bytes)?;
        entries.push(Entry { experiment, variant });
    }
    Some(entries)
}

fn read_text(bytes: &mut &[u8]) -> Option<String> {
    let (length, rest) = bytes.split_first()?;
    let (text, rest) = rest.split_at_checked(usize::from(*length))?;
    *bytes = rest;
    core::str::from_utf8(text).ok().map(ToOwned::to_owned)
}
