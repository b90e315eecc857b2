//! Faults of DynamoDB that an embedded engine never has, and a record of the calls.
//!
//! Tests of the write step need a table that throttles, that takes half a batch, that refuses a
//! caller. They ask for it here; the client under test sees DynamoDB's own answers.

use std::collections::HashMap;
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
    /// The next `count` calls of `operation` whose request has `mark` in its text fail with this
    /// error, with status 400.
    ErrorOn {
        /// As in `UpdateItem`.
        operation: &'static str,
        /// As in a name of a table or index, or a part of an expression.
        mark: &'static str,
        /// How many calls fail.
        count: usize,
        /// DynamoDB's error code.
        code: &'static str,
    },
    /// The next `count` calls of `operation` get status 200 with this body, and do nothing.
    Body {
        /// As in `BatchWriteItem`.
        operation: &'static str,
        /// How many calls get it.
        count: usize,
        /// What stands in place of the answer.
        body: &'static str,
    },
    /// The next `count` calls of `BatchWriteItem` store the first `keep` items and hand the
    /// others back as unprocessed.
    Unprocessed {
        /// How many calls are cut.
        count: usize,
        /// How many items of each are stored.
        keep: usize,
    },
    /// The next `count` queries of an index get what the same query got when it was last asked
    /// without this fault: the index lags. One that was never asked before gets what is there.
    Lag {
        /// How many queries.
        count: usize,
    },
    /// The next `count` calls of `BatchGetItem` read the first `keep` keys of the request and hand
    /// the others back as unprocessed.
    Unread {
        /// How many calls are cut.
        count: usize,
        /// How many keys of each are read.
        keep: usize,
    },
}

impl Fault {
    fn fits(&self, called: &str, body: &[u8]) -> bool {
        match self {
            Self::Error { operation, .. } | Self::Body { operation, .. } => *operation == called,
            Self::ErrorOn { operation, mark, .. } => {
                *operation == called && String::from_utf8_lossy(body).contains(mark)
            }
            Self::Unprocessed { .. } => called == "BatchWriteItem",
            Self::Unread { .. } => called == "BatchGetItem",
            Self::Lag { .. } => called == "Query",
        }
    }

    /// Whether more calls are to get it after this one.
    fn deal(&mut self) -> bool {
        let (Self::Error { count, .. }
        | Self::ErrorOn { count, .. }
        | Self::Body { count, .. }
        | Self::Unprocessed { count, .. }
        | Self::Unread { count, .. }
        | Self::Lag { count }) = self;
        *count = count.saturating_sub(1);
        *count > 0
    }
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
    /// What queries of indexes got, by request.
    asked: HashMap<Vec<u8>, Answer>,
}

impl Faults {
    pub(crate) fn inject(&self, fault: Fault) {
        self.state().waiting.push(fault);
    }

    pub(crate) fn clear(&self) {
        self.state().waiting.clear();
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
            None => self.remember(operation, body, engine(body)),
            Some(Fault::Lag { .. }) => {
                let earlier = self.state().asked.get(body).cloned();
                earlier.unwrap_or_else(|| engine(body))
            }
            Some(Fault::Error { status, code, .. }) => {
                Answer::error(status, code, "injected by a test")
            }
            Some(Fault::ErrorOn { code, .. }) => Answer::error(400, code, "injected by a test"),
            Some(Fault::Body { body, .. }) => Answer { status: 200, body: body.into() },
            Some(Fault::Unprocessed { keep, .. }) => {
                answer_first(body, ("", "UnprocessedItems", json!({})), keep, engine)
            }
            Some(Fault::Unread { keep, .. }) => {
                let nothing = json!({ "Responses": {} });
                answer_first(body, ("/Keys", "UnprocessedKeys", nothing), keep, engine)
            }
        }
    }

    /// Keeps what an index answered, for when it lags.
    fn remember(&self, operation: &str, body: &[u8], answer: Answer) -> Answer {
        let of_index = || String::from_utf8_lossy(body).contains("\"IndexName\"");
        if operation == "Query" && of_index() {
            self.state().asked.insert(body.to_vec(), answer.clone());
        }
        answer
    }

    fn record(&self, operation: &str, body: &[u8]) -> Option<Fault> {
        let mut state = self.state();
        state.calls.push(StoreCall {
            operation: operation.to_owned(),
            items: count_items(operation, body),
        });
        let position = state.waiting.iter().position(|fault| fault.fits(operation, body))?;
        let fault = state.waiting[position].clone();
        if !state.waiting[position].deal() {
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

/// Answers the first `keep` members of a batch and hands the others back under `rest_name`.
/// `list` is where the list of a table stands in the request; `nothing` is the answer to none.
fn answer_first(
    body: &[u8],
    (list, rest_name, nothing): (&str, &str, Value),
    keep: usize,
    engine: impl FnOnce(&[u8]) -> Answer,
) -> Answer {
    let request: Value = serde_json::from_slice(body).unwrap_or_default();
    let (first, rest) = cut(&request, list, keep);
    let mut answer = nothing;
    if !first.is_empty() {
        let mut request = request;
        request["RequestItems"] = Value::Object(first);
        let answered = engine(request.to_string().as_bytes());
        if answered.status != 200 {
            return answered;
        }
        answer = serde_json::from_slice(&answered.body).unwrap_or_default();
    }
    answer[rest_name] = Value::Object(rest);
    Answer { status: 200, body: answer.to_string().into_bytes() }
}

/// The first `keep` members, and the others; a table with none is left out.
fn cut(request: &Value, list: &str, keep: usize) -> (Map<String, Value>, Map<String, Value>) {
    let mut room = keep;
    let (mut first, mut rest) = (Map::new(), Map::new());
    for (name, table) in request["RequestItems"].as_object().into_iter().flatten() {
        let members = table.pointer(list).and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
        let (kept, left) = members.split_at(room.min(members.len()));
        room -= kept.len();
        for (members, side) in [(kept, &mut first), (left, &mut rest)] {
            let mut table = table.clone();
            if let Some(list) = table.pointer_mut(list).filter(|_| !members.is_empty()) {
                *list = Value::Array(members.to_vec());
                side.insert(name.clone(), table);
            }
        }
    }
    (first, rest)
}
