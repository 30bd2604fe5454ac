//! Bucket ranges, shares and counts of buckets in a body.

use super::rules::range;
use super::{Faults, Found};
use crate::domain::allocation::BUCKETS;
use crate::domain::range::{Range, joined};
use crate::domain::weights::traffic_units;

/// `ranges`: in any order, apart from each other. Gives them in order, joined where they meet.
pub fn ranges(found: &Found<'_>, faults: &mut Faults) -> Option<Vec<Range>> {
    let elements = found.list(BUCKETS.into(), faults)?;
    let mut ranges: Vec<(usize, Range)> = Vec::with_capacity(elements.len());
    for (index, element) in elements.iter().enumerate() {
        let mut fields = element.fields(faults)?;
        let (range_start, range_end) = range(&mut fields, faults);
        fields.close(faults);
        if range_start > range_end {
            faults.push(&element.at, "reversed_range", "rangeStart lies behind rangeEnd.");
            continue;
        }
        ranges.push((index, Range { range_start, range_end }));
    }
    ranges.sort_by_key(|(_, range)| range.range_start);
    for pair in ranges.windows(2) {
        if let [(_, first), (index, second)] = pair
            && first.overlaps(*second)
        {
            let Range { range_start, range_end } = first;
            let detail = format!("The range overlaps {range_start} to {range_end}.");
            faults.push(format!("{}/{index}", found.at), "overlapping_ranges", detail);
        }
    }
    let ranges: Vec<Range> = ranges.into_iter().map(|(_, range)| range).collect();
    Some(joined(&ranges))
}

/// `share`: 0 to 1 in steps of one bucket, as a count of buckets.
pub fn share(found: &Found<'_>, faults: &mut Faults) -> Option<u16> {
    let fraction = found.number(0.0, 1.0, faults)?;
    let units = traffic_units(fraction);
    if units.is_none() {
        faults.push(&found.at, "too_precise", "This takes steps of 0.0001: there are 10,000 buckets.");
    }
    units
}
