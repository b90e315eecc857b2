//! What is not the same, attribute by attribute.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;
use serde_json::{Value, json};

use crate::Side;

/// Where a difference is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Place {
    /// The response.
    Response,
    /// A row of the inventory.
    Row,
    /// A row of the region status.
    Region,
    /// How often AWS is called, in the first sync or in the next.
    Calls,
}

/// The key of calls of the first sync.
pub const FIRST_SYNC: &str = "first";
/// The key of calls of the sync after it.
pub const NEXT_SYNC: &str = "next";

/// One thing that is not the same.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Difference {
    /// Where.
    pub place: Place,
    /// The row's key; empty for the response; the sync for calls.
    pub key: String,
    /// The attribute; empty where the row is on one side only; service and operation of calls.
    pub attribute: String,
    /// What the legacy sync gave; absent where it gave nothing.
    pub legacy: Option<Value>,
    /// What the refactored one gave.
    pub refactored: Option<Value>,
}

/// Every difference between the two. Time is no difference.
pub fn between(legacy: &Side, refactored: &Side) -> Vec<Difference> {
    let mut found = Vec::new();
    attributes(Place::Response, "", &legacy.response, &refactored.response, &mut found);
    found.retain(|difference| difference.attribute != "body");
    let bodies = (&legacy.response["body"], &refactored.response["body"]);
    attributes(Place::Response, "", bodies.0, bodies.1, &mut found);
    rows(Place::Row, &legacy.rows, &refactored.rows, &mut found);
    rows(Place::Region, &legacy.regions, &refactored.regions, &mut found);
    calls(FIRST_SYNC, &legacy.calls, &refactored.calls, &mut found);
    calls(NEXT_SYNC, &legacy.calls_again, &refactored.calls_again, &mut found);
    found
}

fn calls(
    key: &str,
    legacy: &BTreeMap<String, usize>,
    refactored: &BTreeMap<String, usize>,
    found: &mut Vec<Difference>,
) {
    attributes(Place::Calls, key, &json!(legacy), &json!(refactored), found);
}

fn rows(
    place: Place,
    legacy: &BTreeMap<String, Value>,
    refactored: &BTreeMap<String, Value>,
    found: &mut Vec<Difference>,
) {
    for key in legacy.keys().chain(refactored.keys()).collect::<BTreeSet<_>>() {
        match (legacy.get(key), refactored.get(key)) {
            (Some(legacy), Some(refactored)) => attributes(place, key, legacy, refactored, found),
            (legacy, refactored) => found.push(Difference {
                place,
                key: key.clone(),
                attribute: String::new(),
                legacy: legacy.cloned(),
                refactored: refactored.cloned(),
            }),
        }
    }
}

fn attributes(
    place: Place,
    key: &str,
    legacy: &Value,
    refactored: &Value,
    found: &mut Vec<Difference>,
) {
    let names = |value: &Value| {
        value.as_object().into_iter().flat_map(|map| map.keys().cloned()).collect::<Vec<_>>()
    };
    let all: BTreeSet<String> = names(legacy).into_iter().chain(names(refactored)).collect();
    for attribute in all {
        let value = |side: &Value| side.get(&attribute).cloned();
        let (legacy, refactored) = (value(legacy), value(refactored));
        if legacy != refactored {
            let key = key.to_owned();
            found.push(Difference { place, key, attribute, legacy, refactored });
        }
    }
}
