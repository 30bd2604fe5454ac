//! References between segments, or between experiments: which of them end.

use alloc::vec;
use alloc::vec::Vec;

/// How deep segments may lead to segments. Evaluation recurses that deep, and a Worker's stack is
/// small; audiences nested a tenth as deep are beyond anyone's understanding.
pub(crate) const MAX_NESTING: usize = 100;

/// Something that refers to others of its kind.
pub(crate) struct Node {
    /// Whether it is in order by itself.
    pub(crate) is_sound: bool,
    /// What it refers to, by index, each once.
    pub(crate) leads_to: Vec<u32>,
}

/// For each node whether it is sound and leads only to sound ones, in no cycle, over at most
/// `max_depth` steps.
pub(crate) fn grounded(nodes: &[Node], max_depth: usize) -> Vec<bool> {
    let mut led_from: Vec<Vec<usize>> = vec![Vec::new(); nodes.len()];
    let mut open: Vec<usize> = Vec::with_capacity(nodes.len());
    for (index, node) in nodes.iter().enumerate() {
        open.push(node.leads_to.len());
        for target in &node.leads_to {
            if let Some(sources) = led_from.get_mut(*target as usize) {
                sources.push(index);
            }
        }
    }
    // From the leaves upwards (Kahn): a node is settled once all it leads to are; those in a
    // cycle or behind one never are.
    let mut is_grounded = vec![false; nodes.len()];
    let mut level: Vec<usize> = (0..nodes.len()).filter(|index| open.get(*index) == Some(&0)).collect();
    for _ in 0..=max_depth {
        let mut next = Vec::new();
        for index in level {
            if !nodes.get(index).is_some_and(|node| node.is_sound) {
                continue;
            }
            if let Some(flag) = is_grounded.get_mut(index) {
                *flag = true;
            }
            for source in led_from.get(index).into_iter().flatten() {
                if let Some(count) = open.get_mut(*source) {
                    *count -= 1;
                    if *count == 0 {
                        next.push(*source);
                    }
                }
            }
        }
        level = next;
    }
    is_grounded
}
