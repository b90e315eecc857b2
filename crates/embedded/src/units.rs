//! What the calls would have cost on DynamoDB: read and write units by operation, table and index.
//!
//! The engine calculates them as DynamoDB does, and tells them where a request asks for them. A
//! store that is watched asks with every request, and keeps it from those that did not ask.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use serde_json::{Value, json};

use crate::operations::Answer;

const ASKED: &str = "ReturnConsumedCapacity";
const TOLD: &str = "ConsumedCapacity";
/// What DynamoDB takes for a write whose condition did not hold, where the row has at most 1 KB.
const REFUSED_WRITE: f64 = 1.0;

/// Units that all calls of one operation consumed in one table or index.
#[derive(Debug, Clone, PartialEq)]
pub struct Consumed {
    /// As in `PutItem`.
    pub operation: String,
    /// The table's name.
    pub table: String,
    /// The index; none for the table itself.
    pub index: Option<String>,
    /// Read request units: 4 KB each, or half a unit where the read need not be consistent.
    pub read: f64,
    /// Write request units: 1 KB each. A write whose condition did not hold counts as one.
    pub write: f64,
}

/// Operation, table, index.
type Place = (String, String, Option<String>);

#[derive(Debug, Default)]
pub(crate) struct Meter(Mutex<BTreeMap<Place, f64>>);

impl Meter {
    pub(crate) fn consumed(&self) -> Vec<Consumed> {
        let places = self.places();
        let consumed = places.iter().map(|((operation, table, index), units)| {
            let (read, write) = if writes(operation) { (0.0, *units) } else { (*units, 0.0) };
            let (operation, table, index) = (operation.clone(), table.clone(), index.clone());
            Consumed { operation, table, index, read, write }
        });
        consumed.collect()
    }

    pub(crate) fn clear(&self) {
        self.places().clear();
    }

    /// The engine's answer, with the units in it noted down.
    pub(crate) fn serve(
        &self,
        operation: &str,
        body: &[u8],
        engine: impl FnOnce(&[u8]) -> Answer,
    ) -> Answer {
        let Some(mut request) = metered_request(operation, body) else {
            return engine(body);
        };
        let asked = std::mem::replace(&mut request[ASKED], json!("INDEXES"));
        let answer = engine(request.to_string().as_bytes());
        let Ok(mut told) = serde_json::from_slice::<Value>(&answer.body) else {
            return answer;
        };
        if answer.status != 200 {
            self.note_refused_write(operation, &request, &told);
            return answer;
        }
        self.note(operation, &told[TOLD]);
        keep_what_was_asked_for(&mut told, asked.as_str());
        Answer { status: answer.status, body: told.to_string().into_bytes() }
    }

    /// One object, or one a table.
    fn note(&self, operation: &str, told: &Value) {
        let tables = told.as_array().map_or(std::slice::from_ref(told), Vec::as_slice);
        for told in tables {
            let table = told["TableName"].as_str().unwrap_or_default();
            self.add(operation, table, None, &told["Table"]);
            let indexes = told["GlobalSecondaryIndexes"].as_object().into_iter().flatten();
            for (index, units) in indexes {
                self.add(operation, table, Some(index), units);
            }
        }
    }

    fn note_refused_write(&self, operation: &str, request: &Value, error: &Value) {
        let code = error["__type"].as_str().unwrap_or_default();
        if code.ends_with("#ConditionalCheckFailedException") {
            let table = request["TableName"].as_str().unwrap_or_default();
            self.add(operation, table, None, &json!({ "CapacityUnits": REFUSED_WRITE }));
        }
    }

    fn add(&self, operation: &str, table: &str, index: Option<&String>, told: &Value) {
        let units = told["CapacityUnits"].as_f64().unwrap_or_default();
        if units > 0.0 {
            let place = (operation.to_owned(), table.to_owned(), index.cloned());
            *self.places().entry(place).or_default() += units;
        }
    }

    fn places(&self) -> MutexGuard<'_, BTreeMap<Place, f64>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The request of an operation that costs units; none for any other.
fn metered_request(operation: &str, body: &[u8]) -> Option<Value> {
    let reads = matches!(operation, "BatchGetItem" | "GetItem" | "Query" | "Scan");
    let request: Value = serde_json::from_slice(body).ok()?;
    ((reads || writes(operation)) && request.is_object()).then_some(request)
}

fn writes(operation: &str) -> bool {
    matches!(
        operation,
        "BatchWriteItem" | "DeleteItem" | "PutItem" | "TransactWriteItems" | "UpdateItem"
    )
}

fn keep_what_was_asked_for(answer: &mut Value, asked: Option<&str>) {
    let Some(answer) = answer.as_object_mut() else { return };
    match asked {
        Some("INDEXES") => {}
        Some("TOTAL") => {
            let told = answer.get_mut(TOLD).into_iter().flat_map(|told| match told {
                Value::Array(tables) => tables.as_mut_slice(),
                one => std::slice::from_mut(one),
            });
            for told in told.filter_map(Value::as_object_mut) {
                told.remove("Table");
                told.remove("GlobalSecondaryIndexes");
            }
        }
        _ => {
            answer.remove(TOLD);
        }
    }
}
