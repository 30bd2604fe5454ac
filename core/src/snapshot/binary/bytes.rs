//! Words, strings and rows in bytes.

use alloc::vec::Vec;

/// What is wrong with the bytes.
pub(super) type Refusal = &'static str;

/// What is left to read. The first thing wrong is remembered and nothing is read from then on, so that
/// readers need not ask after every word: what they make of the zeros is thrown away in the end.
pub(super) struct Source<'b> {
    rest: &'b [u8],
    refusal: Option<Refusal>,
}

// Builds without JSON are for pages: what is read everywhere is a call there, and code in place elsewhere.
impl<'b> Source<'b> {
    pub(super) fn new(bytes: &'b [u8]) -> Self {
        Self { rest: bytes, refusal: None }
    }

    /// Remembers what is wrong, unless something was before.
    pub(super) fn refuse(&mut self, reason: Refusal) {
        self.refusal.get_or_insert(reason);
        self.rest = &[];
    }

    fn take(&mut self, bytes: usize) -> &'b [u8] {
        match self.rest.split_at_checked(bytes) {
            Some((taken, rest)) => {
                self.rest = rest;
                taken
            }
            None => {
                self.refuse("cut off");
                &[]
            }
        }
    }

    #[cfg_attr(feature = "json", inline)]
    #[cfg_attr(not(feature = "json"), inline(never))]
    pub(super) fn word(&mut self) -> u32 {
        self.take(4).first_chunk().map_or(0, |bytes| u32::from_le_bytes(*bytes))
    }

    pub(super) fn long(&mut self) -> u64 {
        u64::from(self.word()) | u64::from(self.word()) << 32
    }

    #[cfg_attr(feature = "json", inline)]
    #[cfg_attr(not(feature = "json"), inline(never))]
    pub(super) fn string(&mut self) -> &'b str {
        let bytes = self.word() as usize;
        core::str::from_utf8(self.take(bytes)).unwrap_or_else(|_| {
            self.refuse("text that is not UTF-8");
            ""
        })
    }

    /// 0 or 1.
    pub(super) fn flag(&mut self, reason: Refusal) -> bool {
        let word = self.word();
        if word > 1 {
            self.refuse(reason);
        }
        word == 1
    }

    /// Variants and buckets are counted in 16 bits.
    #[cfg_attr(feature = "json", inline)]
    #[cfg_attr(not(feature = "json"), inline(never))]
    pub(super) fn narrow(&mut self, reason: Refusal) -> u16 {
        u16::try_from(self.word()).unwrap_or_else(|_| {
            self.refuse(reason);
            0
        })
    }

    /// A section of rows with so many words each, or at least.
    pub(super) fn rows<T>(&mut self, words: usize, mut read: impl FnMut(&mut Self) -> T) -> Vec<T> {
        let count = self.word() as usize;
        if count > self.rest.len() / (4 * words) {
            self.refuse("cut off");
            return Vec::new();
        }
        (0..count).map(|_| read(self)).collect()
    }

    /// Items of any length. They may hold more of the kind, each list claiming to be long: nothing is
    /// reserved for what has not been read.
    pub(super) fn items<T>(&mut self, mut read: impl FnMut(&mut Self) -> T) -> Vec<T> {
        let count = self.word() as usize;
        let mut items = Vec::new();
        while items.len() < count && self.refusal.is_none() {
            items.push(read(self));
        }
        items
    }

    /// Nothing may be left, and nothing may have been wrong.
    pub(super) fn end(self) -> Result<(), Refusal> {
        match self.refusal {
            Some(reason) => Err(reason),
            None if self.rest.is_empty() => Ok(()),
            None => Err("bytes behind the end"),
        }
    }
}

/// What is written so far. Documents are small enough for every number here to fit a word.
pub(super) struct Sink {
    pub(super) bytes: Vec<u8>,
}

impl Sink {
    pub(super) fn word(&mut self, word: u32) {
        self.bytes.extend_from_slice(&word.to_le_bytes());
    }

    pub(super) fn long(&mut self, long: u64) {
        self.bytes.extend_from_slice(&long.to_le_bytes());
    }

    pub(super) fn count(&mut self, count: usize) {
        self.word(count as u32);
    }

    pub(super) fn string(&mut self, text: &str) {
        self.count(text.len());
        self.bytes.extend_from_slice(text.as_bytes());
    }

    pub(super) fn rows<const N: usize>(&mut self, rows: impl Iterator<Item = [u32; N]>) {
        let rows: Vec<_> = rows.collect();
        self.count(rows.len());
        for word in rows.into_iter().flatten() {
            self.word(word);
        }
    }

    pub(super) fn items<T>(&mut self, items: impl ExactSizeIterator<Item = T>, write: impl Fn(&mut Self, T)) {
        self.count(items.len());
        items.for_each(|item| write(self, item));
    }
}
