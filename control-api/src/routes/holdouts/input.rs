//! Fields that making and changing holdouts read the same way.

use crate::domain::holdout::{Covered, Extent};
use crate::domain::key::MAX_KEY_BYTES;
use crate::extract::ranges::{ranges, share};
use crate::extract::{Faults, Fields};

/// More experiments than this are better covered by `"all"`.
const MAX_COVERED: usize = 10_000;

/// `share` or `ranges`.
pub(super) fn read_extent(fields: &mut Fields<'_>, is_required: bool, faults: &mut Faults) -> Option<Extent> {
    let part = fields.take_nullable("share", faults);
    let exact = fields.take_nullable("ranges", faults);
    if let (Some(_), Some(exact)) = (&part, &exact) {
        faults.push(&exact.at, "duplicate_field", "Send `share` or `ranges`, not both.");
    }
    match (part, exact) {
        (Some(found), _) => share(&found, faults).map(Extent::Buckets),
        (None, Some(found)) => ranges(&found, faults).map(Extent::Ranges),
        (None, None) => {
            if is_required {
                fields.require("share", "Send `share` or `ranges`.", faults);
            }
            None
        }
    }
}

/// `experiments`: `"all"`, or the keys of those that are covered.
pub(super) fn read_covered(fields: &mut Fields<'_>, faults: &mut Faults) -> Option<Covered> {
    let found = fields.take_nullable("experiments", faults)?;
    if found.raw.get() == "\"all\"" {
        return Some(Covered::All);
    }
    if !found.raw.get().starts_with('[') {
        faults.push(&found.at, "wrong_type", "This must be \"all\" or an array of experiment keys.");
        return None;
    }
    let mut keys: Vec<String> = Vec::new();
    for element in found.list(MAX_COVERED, faults)? {
        let Some(key) = element.text(MAX_KEY_BYTES, faults) else { continue };
        if keys.contains(&key) {
            faults.push(&element.at, "duplicate", "This experiment is listed already.");
        }
        keys.push(key);
    }
    Some(Covered::Listed(keys))
}
