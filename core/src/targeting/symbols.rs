//! The strings that conditions compare with, as numbers.

use alloc::boxed::Box;
use alloc::vec::Vec;

use crate::hash_index::HashIndex;

/// Index of a string among the operands of a snapshot.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Symbol(pub(crate) u32);

/// All strings that some condition compares whole attributes with. An attribute is looked up once;
/// comparing it with an operand, or a list of them, then compares numbers.
#[derive(Debug, Default)]
pub(crate) struct Symbols {
    names: Vec<Box<str>>,
    index: HashIndex,
}

impl Symbols {
    /// The symbols of these strings, in their order; none when one stands twice.
    pub(crate) fn from_names(names: &[&str]) -> Option<Self> {
        let mut symbols =
            Self { names: Vec::with_capacity(names.len()), index: HashIndex::with_capacity(names.len()) };
        for name in names {
            if symbols.find(name).is_some() {
                return None;
            }
            symbols.add(name);
        }
        Some(symbols)
    }

    /// The symbol of `name`, added when it is new.
    #[cfg(feature = "json")]
    pub(crate) fn intern(&mut self, name: &str) -> Symbol {
        if let Some(symbol) = self.find(name) {
            return symbol;
        }
        if self.names.len() >= self.index.capacity() {
            self.index = HashIndex::with_capacity(self.names.len() * 2 + 1);
            for (position, known) in (0..).zip(&self.names) {
                self.index.insert(known, position);
            }
        }
        self.add(name)
    }

    fn add(&mut self, name: &str) -> Symbol {
        let position = self.names.len() as u32;
        self.names.push(name.into());
        self.index.insert(name, position);
        Symbol(position)
    }

    /// The symbol of `name`, if any condition compares with it.
    #[inline]
    pub(crate) fn find(&self, name: &str) -> Option<Symbol> {
        let is_name = |position: u32| self.names.get(position as usize).is_some_and(|known| **known == *name);
        self.index.find(name, is_name).map(Symbol)
    }

    /// All strings, in the order of their symbols.
    pub(crate) fn names(&self) -> impl ExactSizeIterator<Item = &str> {
        self.names.iter().map(|name| &**name)
    }

    #[cfg(feature = "json")]
    /// Gives back what was reserved for growing.
    pub(crate) fn shrink(&mut self) {
        self.names.shrink_to_fit();
    }
}
