//! The order in which a variant takes buckets of its own region, and gives them back.

use alloc::vec::Vec;

/// A variant's region seen as a circle, from which everything it cannot have is left out. What it
/// holds forms an arc: the circle is cut open in its widest gap. Taking goes on behind the end of the
/// arc, giving back begins there, so that one undoes the other.
pub(super) struct Arc {
    /// What it holds, first to last along the arc.
    pub(super) held: Vec<u16>,
    /// What it may take behind the end of the arc, in order.
    pub(super) behind: Vec<u16>,
    /// What it may take within the arc, in order.
    pub(super) within: Vec<u16>,
}

impl Arc {
    /// The arc of a region, of whose buckets these are held or open, in order: the bucket, and whether
    /// it is held.
    pub(super) fn new(mut circle: Vec<(u16, bool)>) -> Self {
        if let Some(first) = circle.iter().position(|(_, is_held)| *is_held) {
            circle.rotate_left(first);
            let widest = behind_the_widest_gap(&circle);
            circle.rotate_left(widest);
        }
        let end = circle.iter().rposition(|(_, is_held)| *is_held).map_or(0, |last| last + 1);
        let (arc, gap) = circle.split_at_checked(end).unwrap_or_default();
        let bucket = |(bucket, _): &(u16, bool)| *bucket;
        let (held, inner): (Vec<_>, Vec<_>) = arc.iter().partition(|(_, is_held)| *is_held);
        Self {
            held: held.iter().map(bucket).collect(),
            behind: gap.iter().map(bucket).collect(),
            within: inner.iter().map(bucket).collect(),
        }
    }
}

/// Where the widest gap of a circle ends that begins with a held bucket; of equals the last.
fn behind_the_widest_gap(circle: &[(u16, bool)]) -> usize {
    let (mut widest, mut end, mut width) = (0, 0, 0);
    for (position, (_, is_held)) in circle.iter().enumerate() {
        if !is_held {
            width += 1;
            continue;
        }
        if width > 0 && width >= widest {
            (widest, end) = (width, position);
        }
        width = 0;
    }
    // The gap between the last held bucket and the first one.
    if width >= widest { 0 } else { end }
}
