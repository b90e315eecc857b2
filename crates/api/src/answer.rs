//! What an operation gives.

use inventory::response::Response;
use serde::Serialize;
use serde_json::{Map, Value};
use store::Item;
use store::json::Json;

/// What an operation gives.
#[derive(Debug)]
pub enum Answer {
    /// A JSON object.
    Object(Value),
    /// A JSON object of something that was not there before.
    Created(Value),
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

pub(crate) fn object(record: &impl Serialize) -> Value {
    serde_json::to_value(record).unwrap_or(Value::Null)
}
