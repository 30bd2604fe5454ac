//! Reading ranges: allocations, groups, holdouts.

use alloc::format;
use alloc::vec::Vec;

use super::{Fields, Reader};
use crate::bucketing::{BUCKETS, BucketRange};
use crate::document::node::Node;
use crate::document::shape::{ALLOCATION, LAYER, RANGE};
use crate::faults::Path;
use crate::snapshot::builder::append;
use crate::snapshot::tables::{Allocation, Layer, Rows};
use crate::targeting::AttributeId;

impl<'a> Reader<'a> {
    /// Reads allocations to these variants; they must not overlap.
    pub(crate) fn allocations(&mut self, nodes: &[Node<'a>], path: &Path<'_>, variants: Rows) -> Rows {
        let mut allocations = Vec::with_capacity(nodes.len());
        for (index, node) in nodes.iter().enumerate() {
            let path = path.index(index);
            let Some(fields) = self.object(node, &path, &ALLOCATION) else { continue };
            let key = fields.required_string(&mut self.faults, "variant");
            let variant = key.and_then(|key| self.variant(key, &path.name("variant"), variants));
            let range = self.range(&fields);
            if let (Some(variant), Some(range)) = (variant, range) {
                allocations.push((index, Allocation { range, variant }));
            }
        }
        allocations.sort_by_key(|(_, allocation)| allocation.range.start);
        for pair in allocations.windows(2) {
            if let [(_, first), (index, second)] = pair
                && second.range.start <= first.range.end
            {
                let BucketRange { start, end } = first.range;
                let detail = format!("the range overlaps {start} to {end}");
                self.faults.add(&path.index(*index), "overlapping_ranges", detail);
            }
        }
        append(
            &mut self.builder.tables.allocations,
            allocations.into_iter().map(|(_, allocation)| allocation),
        )
    }

    /// Reads a group or a holdout; its index in the table of layers, if it has at least a key.
    pub(crate) fn layer(&mut self, node: &Node<'a>, path: &Path<'_>) -> Option<u32> {
        let fields = self.object(node, path, &LAYER)?;
        let key = fields.required_string(&mut self.faults, "key");
        let salt = fields.required_string(&mut self.faults, "salt").unwrap_or_default();
        let bucket_by = fields.optional_string(&mut self.faults, "bucket_by");
        let bucket_by = bucket_by.map_or(AttributeId::USER_KEY, |name| self.builder.attribute(name));
        let nodes = fields.required_array(&mut self.faults, "ranges").unwrap_or_default();
        let list = path.name("ranges");
        let mut ranges = Vec::with_capacity(nodes.len());
        for (index, node) in nodes.iter().enumerate() {
            let path = list.index(index);
            if let Some(fields) = self.object(node, &path, &RANGE) {
                ranges.extend(self.range(&fields));
            }
        }
        let ranges = append(&mut self.builder.tables.layer_ranges, ranges);
        let (key, salt) = (self.builder.text(key?), self.builder.text(salt));
        let index = self.builder.tables.layers.len() as u32;
        self.builder.tables.layers.push(Layer { key, salt, bucket_by, ranges });
        Some(index)
    }

    fn range(&mut self, fields: &Fields<'_, 'a, '_>) -> Option<BucketRange> {
        let start = self.bucket(fields, "range_start");
        let end = self.bucket(fields, "range_end");
        let range = BucketRange { start: start?, end: end? };
        if range.start > range.end {
            self.faults.add(fields.path, "reversed_range", "range_start lies behind range_end");
            return None;
        }
        Some(range)
    }

    fn bucket(&mut self, fields: &Fields<'_, 'a, '_>, name: &str) -> Option<u16> {
        let number = fields.required_unsigned(&mut self.faults, name)?;
        let bucket = u16::try_from(number).ok().filter(|bucket| *bucket < BUCKETS);
        if bucket.is_none() {
            self.faults.add(&fields.path.name(name), "out_of_range", "buckets are 0 to 9999");
        }
        bucket
    }
}
