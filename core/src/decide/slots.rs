//! The subject's attributes, each resolved at most once per subject.

use alloc::vec;
use alloc::vec::Vec;

use crate::snapshot::Tables;
use crate::subject::Subject;
use crate::targeting::{AttributeId, Resolved};

/// How many attributes fit without allocating. Publishers list them by first use; most snapshots
/// look at fewer.
const INLINE: usize = 16;

/// `None` until resolved.
type Slot<'a> = Option<Option<Resolved<'a>>>;

/// Resolved attributes by id.
pub(super) struct Slots<'a> {
    inline: [Option<Resolved<'a>>; INLINE],
    /// One bit per inline slot.
    is_resolved: u16,
    /// The slots behind the inline ones, made when the first of them is asked for.
    others: Vec<Slot<'a>>,
}

impl<'a> Slots<'a> {
    pub(super) fn new() -> Self {
        Self { inline: [None; INLINE], is_resolved: 0, others: Vec::new() }
    }

    /// The attribute's value, `None` when missing or null.
    #[inline]
    pub(super) fn get(
        &mut self,
        id: AttributeId,
        tables: &Tables,
        subject: &'a Subject<'a>,
    ) -> Option<Resolved<'a>> {
        let index = id.0 as usize;
        let resolve = || {
            let value = tables.attributes.get(index)?.resolve(subject)?;
            Some(Resolved::new(value, &tables.symbols))
        };
        match self.inline.get_mut(index) {
            Some(slot) => {
                let bit = 1 << index;
                if self.is_resolved & bit == 0 {
                    self.is_resolved |= bit;
                    *slot = resolve();
                }
                *slot
            }
            None => {
                if self.others.is_empty() {
                    self.others = vec![None; tables.attributes.len().saturating_sub(INLINE)];
                }
                *self.others.get_mut(index - INLINE)?.get_or_insert_with(resolve)
            }
        }
    }
}
