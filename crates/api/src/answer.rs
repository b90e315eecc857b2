//! What an operation gives.

use inventory::picture::Picture;
use inventory::response::Response;
use serde::Serialize;
use serde_json::{Map, Value, json};
use store::Item;
use store::json::Json;

/// What an operation gives.
#[derive(Debug)]
pub enum Answer {
    /// A JSON object.
    Object(Value),
    /// A JSON object of something that was not there before.
    Created(Value),
    /// A JSON object of something that was begun, and is not done yet.
    Accepted(Value),
    /// A sync: its status and body, however it was asked for.
    Sync(Response),
}

/// `{NAME: […], "count": n}`.
pub(crate) fn list(name: &str, rows: &[Item]) -> Value {
    let rows: Vec<Value> = rows.iter().map(|row| Json(row).to_value()).collect();
    let count = rows.len();
    Value::Object(Map::from_iter([
        (name.to_owned(), Value::Array(rows)),
        ("count".to_owned(), count.into()),
    ]))
}

/// Things that are not known that an answer names.
const MOST_NOT_KNOWN: usize = 200;

/// Adds to a list what every reader's answer says: as of when, and what could not be known.
pub(crate) fn with_picture(mut object: Value, picture: &Picture) -> Value {
    let named = picture.not_known.iter().take(MOST_NOT_KNOWN).collect::<Vec<_>>();
    let left_out = picture.not_known.len() - named.len();
    object["asOf"] = json!(picture.as_of);
    object["complete"] = picture.is_complete().into();
    object["notKnown"] = json!(named);
    if left_out > 0 || picture.is_cut {
        object["notKnownLeftOut"] = left_out.into();
    }
    object["removalsHeld"] = json!(picture.removals_held);
    object
}

pub(crate) fn object(record: &impl Serialize) -> Value {
    serde_json::to_value(record).unwrap_or(Value::Null)
}

/// What somebody gets who starts a sync: where to look what becomes of it.
pub fn sync_accepted() -> Value {
    json!({ "accepted": true, "lookAt": "/overview" })
}
