//! What a snapshot is made of: flat tables that point into each other and into one text.
//!
//! Rows instead of nested vectors keep a snapshot small and its memory in one piece, and make every
//! reference an index that a reader can check.

use alloc::string::String;
use alloc::vec::Vec;

use crate::bucketing::{BucketRange, HashAlgorithm};
use crate::targeting::{Attribute, AttributeId, Condition, Symbols};

/// A piece of the snapshot's text.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Span {
    pub(crate) start: u32,
    pub(crate) end: u32,
}

/// Consecutive rows of a table.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Rows {
    pub(crate) start: u32,
    pub(crate) end: u32,
}

/// No rows are no rows, wherever they do not stand.
impl PartialEq for Rows {
    fn eq(&self, other: &Self) -> bool {
        (self.is_empty() && other.is_empty()) || (self.start == other.start && self.end == other.end)
    }
}

impl Eq for Rows {}

impl Rows {
    pub(crate) fn is_empty(self) -> bool {
        self.start == self.end
    }

    pub(crate) fn len(self) -> u32 {
        self.end.saturating_sub(self.start)
    }

    /// The rows themselves.
    #[inline]
    pub(crate) fn of<T>(self, table: &[T]) -> &[T] {
        table.get(self.start as usize..self.end as usize).unwrap_or_default()
    }
}

#[derive(Debug, Default)]
pub(crate) struct Tables {
    pub(crate) text: String,
    /// The first is the user key.
    pub(crate) attributes: Vec<Attribute>,
    pub(crate) conditions: Vec<Condition>,
    pub(crate) symbols: Symbols,
    /// Indexes into `conditions`, rule by rule.
    pub(crate) rule_conditions: Vec<u32>,
    /// Rules of targeting and of segments: rows of `rule_conditions`, which must all hold.
    pub(crate) rules: Vec<Rows>,
    /// Segments: rows of `rules`, one of which must match.
    pub(crate) segments: Vec<Segment>,
    pub(crate) deliveries: Vec<Delivery>,
    /// Sorted by start within each experiment and each delivery.
    pub(crate) allocations: Vec<Allocation>,
    pub(crate) variants: Vec<Variant>,
    /// Sorted by user key within each experiment.
    pub(crate) overrides: Vec<Override>,
    pub(crate) prerequisites: Vec<Prerequisite>,
    /// Variant indexes that prerequisites accept.
    pub(crate) accepted: Vec<u16>,
    pub(crate) layers: Vec<Layer>,
    pub(crate) layer_ranges: Vec<BucketRange>,
    /// Sorted by key.
    pub(crate) experiments: Vec<Experiment>,
    pub(crate) extras: Vec<Extras>,
}

#[derive(Clone, Copy, Debug)]
pub(crate) struct Segment {
    pub(crate) name: Span,
    pub(crate) rules: Rows,
}

/// A delivery rule.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Delivery {
    pub(crate) conditions: Rows,
    pub(crate) outcome: Outcome,
}

#[derive(Clone, Copy, Debug)]
pub(crate) enum Outcome {
    Variant(u16),
    /// Rows of `allocations`.
    Split(Rows),
}

#[derive(Clone, Copy, Debug)]
pub(crate) struct Allocation {
    pub(crate) range: BucketRange,
    /// Index among the experiment's variants.
    pub(crate) variant: u16,
}

/// A variant and its part of an answer.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Variant {
    pub(crate) key: Span,
    pub(crate) id: Span,
    /// Where the payload begins, up to the fragment's end.
    pub(crate) payload: u32,
    /// `"variant_key":"…","variant_id":"…","payload":…`, serialised once.
    pub(crate) fragment: Span,
}

#[derive(Clone, Copy, Debug)]
pub(crate) struct Override {
    pub(crate) user_key: Span,
    pub(crate) variant: u16,
}

#[derive(Clone, Copy, Debug)]
pub(crate) struct Prerequisite {
    pub(crate) key: Span,
    /// Index of the experiment, `None` when the snapshot does not hold it.
    pub(crate) experiment: Option<u32>,
    /// Rows of `accepted`.
    pub(crate) accepted: Rows,
}

/// A holdout, or an experiment's place in a group.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Layer {
    pub(crate) key: Span,
    pub(crate) salt: Span,
    pub(crate) bucket_by: AttributeId,
    pub(crate) ranges: Rows,
}

#[derive(Clone, Copy, Debug)]
pub(crate) struct Experiment {
    pub(crate) key: Span,
    pub(crate) id: Span,
    /// `{"experiment_key":"…","experiment_id":"…",`, serialised once.
    pub(crate) fragment: Span,
    pub(crate) status: Status,
    pub(crate) support: Support,
    pub(crate) sticky: bool,
    pub(crate) bucketing: Option<Bucketing>,
    pub(crate) variants: Rows,
    pub(crate) allocations: Rows,
    /// Rows of `rules`; none of them means everyone.
    pub(crate) targeting: Rows,
    /// One more than the index in `extras`; 0 when there are none.
    pub(crate) extras: u32,
}

/// What most experiments do not have, kept apart so that walking over them stays cheap.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Extras {
    pub(crate) deliveries: Rows,
    pub(crate) overrides: Rows,
    pub(crate) prerequisites: Rows,
    /// Rows of `layers`.
    pub(crate) holdouts: Rows,
    /// Index in `layers`.
    pub(crate) group: Option<u32>,
    pub(crate) winner: Option<u16>,
}

/// What turns a subject into a bucket. Absent where an unsupported experiment does not say.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Bucketing {
    pub(crate) hash: HashAlgorithm,
    pub(crate) by: AttributeId,
    pub(crate) salt: Span,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Status {
    Running,
    Concluded,
    /// Something this reader does not know.
    Unknown,
}

/// Which builds understand all of an experiment. Where one does not, nobody is in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Support {
    Every,
    /// Those with regular expressions.
    Regex,
    None,
}

impl Experiment {
    /// Whether this build understands all of it.
    #[inline]
    pub(crate) fn is_supported(&self) -> bool {
        match self.support {
            Support::Every => true,
            Support::Regex => cfg!(feature = "regex"),
            Support::None => false,
        }
    }
}

impl Extras {
    const NONE: Self = {
        let none = Rows { start: 0, end: 0 };
        Self {
            deliveries: none,
            overrides: none,
            prerequisites: none,
            holdouts: none,
            group: None,
            winner: None,
        }
    };
}

impl Tables {
    /// The text of a span.
    #[inline]
    pub(crate) fn text(&self, span: Span) -> &str {
        self.text.get(span.start as usize..span.end as usize).unwrap_or_default()
    }

    /// The bytes of a span, when they are only copied.
    #[inline]
    pub(crate) fn bytes(&self, span: Span) -> &[u8] {
        self.text.as_bytes().get(span.start as usize..span.end as usize).unwrap_or_default()
    }

    /// What the experiment has beyond variants, allocations and targeting.
    pub(crate) fn extras(&self, experiment: &Experiment) -> &Extras {
        static NONE: Extras = Extras::NONE;
        let position = experiment.extras.checked_sub(1);
        position.and_then(|position| self.extras.get(position as usize)).unwrap_or(&NONE)
    }

    #[inline]
    pub(crate) fn experiment(&self, index: u32) -> Option<&Experiment> {
        self.experiments.get(index as usize)
    }

    pub(crate) fn variant(&self, experiment: &Experiment, index: u16) -> Option<&Variant> {
        experiment.variants.of(&self.variants).get(usize::from(index))
    }

    /// The index, within the experiment, of the variant of this key.
    pub(crate) fn variant_index(&self, variants: Rows, key: &str) -> Option<u16> {
        let index = variants.of(&self.variants).iter().position(|variant| self.text(variant.key) == key)?;
        u16::try_from(index).ok()
    }

    /// The payload of a variant, as its author sent it.
    pub(crate) fn payload(&self, variant: &Variant) -> &str {
        self.text(Span { start: variant.payload, end: variant.fragment.end })
    }

    /// The segments that conditions ask for, each once.
    pub(crate) fn segments_named<'c>(&self, conditions: impl Iterator<Item = &'c u32>) -> Vec<u32> {
        let segment = |condition: &u32| self.conditions.get(*condition as usize)?.test.segment();
        let mut named: Vec<u32> = conditions.filter_map(segment).collect();
        named.sort_unstable();
        named.dedup();
        named
    }

    #[cfg(feature = "json")]
    /// Gives back what the tables reserved for growing.
    pub(crate) fn shrink(&mut self) {
        self.text.shrink_to_fit();
        self.attributes.shrink_to_fit();
        self.conditions.shrink_to_fit();
        self.symbols.shrink();
        self.rule_conditions.shrink_to_fit();
        self.rules.shrink_to_fit();
        self.segments.shrink_to_fit();
        self.deliveries.shrink_to_fit();
        self.allocations.shrink_to_fit();
        self.variants.shrink_to_fit();
        self.overrides.shrink_to_fit();
        self.prerequisites.shrink_to_fit();
        self.accepted.shrink_to_fit();
        self.layers.shrink_to_fit();
        self.layer_ranges.shrink_to_fit();
        self.experiments.shrink_to_fit();
        self.extras.shrink_to_fit();
    }
}
