//! Faults of DynamoDB that an embedded engine never has, and a record of the calls.
//!
//! Tests of the write step need a table that throttles, that takes half a batch, that refuses a
//! caller. They ask for it here; the client under test sees DynamoDB's own answers.

use std::sync::{Mutex, MutexGuard, PoisonError};

use serde_json::{Map, Value, json};

use crate::operations::Answer;

/// What the next calls get instead of the engine's answer.
#[derive(Debug, Clone)]
pub enum Fault {
    /// The next `count` calls of `operation` fail with this error.
    Error {
        /// As in `BatchWriteItem`.
        operation: &'static str,
        /// How many calls fail.
        count: usize,
        /// HTTP status.
        status: u16,
        /// DynamoDB's error code.
        code: &'static str,
    },
    /// The next `count` calls of `BatchWriteItem` store the first `keep` items and hand the
    /// others back as unprocessed.
    Unprocessed {
        /// How many calls are cut.
        count: usize,
        /// How many items of each are stored.
        keep: usize,
    },
}

/// One call the store got.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoreCall {
    /// As in `PutItem`.
    pub operation: String,
    /// Items to write in a `BatchWriteItem`, keys to read in a `BatchGetItem`, else 1.
    pub items: usize,
}

#[derive(Debug, Default)]
pub(crate) struct Faults {
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    waiting: Vec<Fault>,
    calls: Vec<StoreCall>,
}

impl Faults {
    pub(crate) fn inject(&self, fault: Fault) {
        self.state().waiting.push(fault);
    }

    pub(crate) fn calls(&self) -> Vec<StoreCall> {
        self.state().calls.clone()
    }

    pub(crate) fn serve(
        &self,
        operation: &str,
        body: &[u8],
        engine: impl FnOnce(&[u8]) -> Answer,
    ) -> Answer {
        match self.record(operation, body) {
            None => engine(body),
            Some(Fault::Error { status, code, .. }) => {
                Answer::error(status, code, "injected by a test")
            }
            Some(Fault::Unprocessed { keep, .. }) => keep_first(body, keep, engine),
        }
    }

    fn record(&self, operation: &str, body: &[u8]) -> Option<Fault> {
        let mut state = self.state();
        state.calls.push(StoreCall {
            operation: operation.to_owned(),
            items: count_items(operation, body),
        });
        let position = state.waiting.iter().position(|fault| match fault {
            Fault::Error { operation: wanted, .. } => *wanted == operation,
            Fault::Unprocessed { .. } => operation == "BatchWriteItem",
        })?;
        let fault = state.waiting[position].clone();
        let (Fault::Error { count, .. } | Fault::Unprocessed { count, .. }) =
            &mut state.waiting[position];
        *count = count.saturating_sub(1);
        if *count == 0 {
            state.waiting.remove(position);
        }
        Some(fault)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn count_items(operation: &str, body: &[u8]) -> usize {
    let list = match operation {
        "BatchWriteItem" => "",
        "BatchGetItem" => "/Keys",
        _ => return 1,
    };
    let request: Value = serde_json::from_slice(body).unwrap_or_default();
    let tables = request["RequestItems"].as_object().into_iter().flat_map(Map::values);
    tables.filter_map(|table| table.pointer(list)?.as_array()).map(Vec::len).sum()
}

fn keep_first(body: &[u8], keep: usize, engine: impl FnOnce(&[u8]) -> Answer) -> Answer {
    let mut request: Value = serde_json::from_slice(body).unwrap_or_default();
    let mut room = keep;
    let mut unprocessed = Map::new();
    if let Some(tables) = request["RequestItems"].as_object_mut() {
        for (table, items) in tables.iter_mut() {
            let Some(items) = items.as_array_mut() else { continue };
            let rest = items.split_off(room.min(items.len()));
            room -= items.len();
            if !rest.is_empty() {
                unprocessed.insert(table.clone(), Value::Array(rest));
            }
        }
        tables.retain(|_, items| items.as_array().is_some_and(|items| !items.is_empty()));
    }
    if request["RequestItems"].as_object().is_some_and(|tables| !tables.is_empty()) {
        let answer = engine(request.to_string().as_bytes());
        if answer.status != 200 {
            return answer;
        }
    }
    let body = json!({ "UnprocessedItems": unprocessed });
    Answer { status: 200, body: body.to_string().into_bytes() }
}
