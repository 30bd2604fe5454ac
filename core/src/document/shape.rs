//! The published format as data: which members there are, and which of them stay text.

/// How far a value is taken apart when it is read.
#[derive(Debug)]
pub(crate) enum Shape {
    /// A string, number, boolean or null.
    Scalar,
    /// Kept as JSON text.
    Text,
    /// An array of such.
    Each(&'static Shape),
    /// An object with members of any name.
    Map(&'static Shape),
    /// An object with these members; others are kept as text.
    Object(&'static [(&'static str, &'static Shape)]),
}

impl Shape {
    /// The shape of an array's items.
    pub(crate) fn item(&self) -> &'static Shape {
        match self {
            Self::Each(item) => item,
            _ => &Self::Text,
        }
    }

    /// The shape of the member of this name.
    pub(crate) fn member(&self, name: &str) -> &'static Shape {
        match self {
            Self::Map(shape) => shape,
            Self::Object(members) => {
                members.iter().find(|(known, _)| *known == name).map_or(&Self::Text, |(_, shape)| *shape)
            }
            _ => &Self::Text,
        }
    }

    /// The same, looking first where the member probably stands.
    pub(crate) fn member_near(&self, name: &str, place: usize) -> &'static Shape {
        match self {
            Self::Object(members) => match members.get(place) {
                Some((known, shape)) if *known == name => shape,
                _ => self.member(name),
            },
            _ => self.member(name),
        }
    }

    /// How many members it names.
    pub(crate) fn known_members(&self) -> usize {
        match self {
            Self::Object(members) => members.len(),
            _ => 0,
        }
    }

    /// Whether a member of this name is part of the format.
    pub(crate) fn knows(&self, name: &str) -> bool {
        match self {
            Self::Object(members) => members.iter().any(|(known, _)| *known == name),
            _ => true,
        }
    }
}

use Shape::{Each, Map, Object, Scalar, Text};

pub(crate) static DOCUMENT: Shape = Object(&[
    ("schema_version", &Scalar),
    ("environment", &Scalar),
    ("version", &Scalar),
    ("published_at", &Scalar),
    ("segments", &Map(&Each(&RULE))),
    ("experiments", &Each(&EXPERIMENT)),
    ("requires", &Each(&Scalar)),
    ("features", &Each(&Scalar)),
]);

pub(crate) static EXPERIMENT: Shape = Object(&[
    ("id", &Scalar),
    ("key", &Scalar),
    ("status", &Scalar),
    ("salt", &Scalar),
    ("hash", &Scalar),
    ("bucket_by", &Scalar),
    ("sticky", &Scalar),
    ("variants", &Each(&VARIANT)),
    ("allocations", &Each(&ALLOCATION)),
    ("targeting_rules", &Each(&RULE)),
    ("rules", &Each(&DELIVERY)),
    ("overrides", &Map(&Scalar)),
    ("prerequisites", &Each(&PREREQUISITE)),
    ("group", &LAYER),
    ("holdouts", &Each(&LAYER)),
    ("winner", &Scalar),
    ("requires", &Each(&Scalar)),
]);

pub(crate) static VARIANT: Shape = Object(&[("id", &Scalar), ("key", &Scalar), ("payload", &Text)]);

pub(crate) static ALLOCATION: Shape =
    Object(&[("variant", &Scalar), ("range_start", &Scalar), ("range_end", &Scalar)]);

pub(crate) static RULE: Shape = Object(&[("conditions", &Each(&CONDITION))]);

pub(crate) static DELIVERY: Shape =
    Object(&[("conditions", &Each(&CONDITION)), ("variant", &Scalar), ("allocations", &Each(&ALLOCATION))]);

pub(crate) static CONDITION: Shape =
    Object(&[("attribute", &Scalar), ("operator", &Scalar), ("value", &Text), ("ignore_case", &Scalar)]);

pub(crate) static PREREQUISITE: Shape = Object(&[("experiment", &Scalar), ("variants", &Each(&Scalar))]);

pub(crate) static LAYER: Shape =
    Object(&[("key", &Scalar), ("salt", &Scalar), ("bucket_by", &Scalar), ("ranges", &Each(&RANGE))]);

pub(crate) static RANGE: Shape = Object(&[("range_start", &Scalar), ("range_end", &Scalar)]);
