//! Words, strings and rows in bytes.

use alloc::vec::Vec;

/// What is wrong with the bytes.
pub(super) type Refusal = &'static str;

const CUT_OFF: Refusal = "cut off";

/// What is left to read.
pub(super) struct Source<'b> {
    rest: &'b [u8],
}

impl<'b> Source<'b> {
    pub(super) fn new(bytes: &'b [u8]) -> Self {
        Self { rest: bytes }
    }

    fn take(&mut self, bytes: usize) -> Result<&'b [u8], Refusal> {
        let (taken, rest) = self.rest.split_at_checked(bytes).ok_or(CUT_OFF)?;
        self.rest = rest;
        Ok(taken)
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], Refusal> {
        let (taken, rest) = self.rest.split_first_chunk().ok_or(CUT_OFF)?;
        self.rest = rest;
        Ok(*taken)
    }

    pub(super) fn word(&mut self) -> Result<u32, Refusal> {
        self.array().map(u32::from_le_bytes)
    }

    pub(super) fn long(&mut self) -> Result<u64, Refusal> {
        self.array().map(u64::from_le_bytes)
    }

    pub(super) fn string(&mut self) -> Result<&'b str, Refusal> {
        let bytes = self.word()? as usize;
        core::str::from_utf8(self.take(bytes)?).map_err(|_| "text that is not UTF-8")
    }

    /// A section of rows with `N` words each.
    pub(super) fn rows<const N: usize, T>(
        &mut self,
        mut read: impl FnMut([u32; N]) -> Result<T, Refusal>,
    ) -> Result<Vec<T>, Refusal> {
        let count = self.word()? as usize;
        let bytes = self.take(count.checked_mul(4 * N).ok_or(CUT_OFF)?)?;
        let (words, _) = bytes.as_chunks::<4>();
        let (rows, _) = words.as_chunks::<N>();
        let mut table = Vec::with_capacity(count);
        for row in rows {
            table.push(read(row.map(u32::from_le_bytes))?);
        }
        Ok(table)
    }

    /// Items of any length. They may hold more of the kind, each list claiming to be long: nothing is
    /// reserved for what has not been read.
    pub(super) fn items<T>(
        &mut self,
        mut read: impl FnMut(&mut Self) -> Result<T, Refusal>,
    ) -> Result<Vec<T>, Refusal> {
        let mut items = Vec::new();
        for _ in 0..self.word()? {
            items.push(read(self)?);
        }
        Ok(items)
    }

    /// Nothing may be left.
    pub(super) fn end(self) -> Result<(), Refusal> {
        if self.rest.is_empty() { Ok(()) } else { Err("bytes behind the end") }
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
