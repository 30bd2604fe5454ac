//! The strings that conditions compare with, as numbers.

use alloc::boxed::Box;
use alloc::vec::Vec;

use hashbrown::HashTable;

use crate::bucketing::Murmur3;

/// Index of a string among the operands of a snapshot.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Symbol(pub(crate) u32);

/// All strings that some condition compares whole attributes with. An attribute is looked up once;
/// comparing it with an operand, or a list of them, then compares numbers.
#[derive(Debug, Default)]
pub(crate) struct Symbols {
    names: Vec<Box<str>>,
    index: HashTable<u32>,
}

impl Symbols {
    /// The symbols of these strings, in their order; none when one stands twice.
    pub(crate) fn from_names(names: &[&str]) -> Option<Self> {
        let mut symbols =
            Self { names: Vec::with_capacity(names.len()), index: HashTable::with_capacity(names.len()) };
        for name in names {
            symbols.intern(name);
        }
        (symbols.names.len() == names.len()).then_some(symbols)
    }

    /// The symbol of `name`, added when it is new.
    pub(crate) fn intern(&mut self, name: &str) -> Symbol {
        if let Some(symbol) = self.find(name) {
            return symbol;
        }
        let index = self.names.len() as u32;
        self.names.push(name.into());
        let names = &self.names;
        self.index.insert_unique(hash(name), index, |index| {
            names.get(*index as usize).map_or(0, |name| hash(name))
        });
        Symbol(index)
    }

    /// The symbol of `name`, if any condition compares with it.
    #[inline]
    pub(crate) fn find(&self, name: &str) -> Option<Symbol> {
        let is_name = |index: &u32| self.names.get(*index as usize).is_some_and(|known| **known == *name);
        self.index.find(hash(name), is_name).copied().map(Symbol)
    }

    /// All strings, in the order of their symbols.
    pub(crate) fn names(&self) -> impl ExactSizeIterator<Item = &str> {
        self.names.iter().map(|name| &**name)
    }

    /// Gives back what was reserved for growing.
    pub(crate) fn shrink(&mut self) {
        self.names.shrink_to_fit();
    }
}

/// Spread over 64 bits, since hashbrown looks at both ends.
fn hash(name: &str) -> u64 {
    u64::from(Murmur3::new().absorb(name.as_bytes()).finish()).wrapping_mul(0x9e37_79b9_7f4a_7c15)
}
