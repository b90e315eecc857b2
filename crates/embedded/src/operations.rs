//! One DynamoDB request in its wire format, answered by the engine.

use dynoxide::actions::query::QueryRequest;
use dynoxide::actions::scan::ScanRequest;
use dynoxide::{Database, DynoxideError};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::batch_put::put_at_once;
use crate::describe::describe;
use crate::pages::page;

/// The answer to a batch of which everything is written.
const NOTHING_UNPROCESSED: &[u8] = br#"{"UnprocessedItems":{}}"#;

/// What goes back to the SDK: an HTTP status and a JSON body.
#[derive(Debug, Clone)]
pub struct Answer {
    /// HTTP status.
    pub status: u16,
    /// JSON body.
    pub body: Vec<u8>,
}

/// Another process writes to the file and does not let go.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("another process writes to the store")]
pub struct InUse;

impl Answer {
    /// An error in DynamoDB's wire format.
    pub fn error(status: u16, code: &str, message: &str) -> Self {
        let body = serde_json::json!({
            "__type": format!("com.amazonaws.dynamodb.v20120810#{code}"),
            "message": message,
        });
        Self { status, body: body.to_string().into_bytes() }
    }
}

/// Answers `operation` (as in `DynamoDB_20120810.PutItem`: `PutItem`) with the request `body`.
///
/// Operations of this project are served; any other gets `UnknownOperationException`.
///
/// # Errors
/// [`InUse`] after some seconds in which another process wrote.
pub fn answer(database: &Database, operation: &str, body: &[u8]) -> Result<Answer, InUse> {
    match operation {
        "BatchGetItem" => run(body, |r| database.batch_get_item(r)),
        "BatchWriteItem" => match put_at_once(database, body) {
            Ok(true) => Ok(Answer { status: 200, body: NOTHING_UNPROCESSED.to_vec() }),
            Ok(false) => run(body, |r| database.batch_write_item(r)),
            Err(error) => refuse(&error),
        },
        "CreateTable" => run(body, |r| database.create_table(r)),
        "DeleteItem" => run(body, |r| database.delete_item(r)),
        "DescribeTable" => match describe(database, body) {
            Ok(Some(table)) => Ok(Answer { status: 200, body: table.to_string().into_bytes() }),
            Ok(None) => run(body, |r| database.describe_table(r)),
            Err(error) => refuse(&error),
        },
        "GetItem" => run(body, |r| database.get_item(r)),
        "ListTables" => run(body, |r| database.list_tables(r)),
        "PutItem" => run(body, |r| database.put_item(r)),
        "Query" => run(body, |r| page::<QueryRequest>(database, r, body)),
        "Scan" => run(body, |r| page::<ScanRequest>(database, r, body)),
        "TransactWriteItems" => run(body, |r| database.transact_write_items(r)),
        "UpdateItem" => run(body, |r| database.update_item(r)),
        "UpdateTable" => run(body, |r| database.update_table(r)),
        "UpdateTimeToLive" => run(body, |r| database.update_time_to_live(r)),
        other => Ok(Answer::error(
            400,
            "UnknownOperationException",
            &format!("the embedded store does not serve {other}"),
        )),
    }
}

fn run<Q: DeserializeOwned, A: Serialize>(
    body: &[u8],
    operation: impl FnOnce(Q) -> Result<A, DynoxideError>,
) -> Result<Answer, InUse> {
    let request = match serde_json::from_slice(body) {
        Ok(request) => request,
        Err(error) => return Ok(unreadable(&error.to_string())),
    };
    Ok(match operation(request).map(|answer| serde_json::to_vec(&answer)) {
        Ok(Ok(body)) => Answer { status: 200, body },
        Ok(Err(error)) => Answer::error(500, "InternalServerError", &error.to_string()),
        Err(error) => return refuse(&error),
    })
}

fn refuse(error: &DynoxideError) -> Result<Answer, InUse> {
    match is_locked(error) {
        true => Err(InUse),
        false => Ok(Answer { status: error.status_code(), body: error.to_json().into_bytes() }),
    }
}

/// The engine keeps SQLite's code in some places and only a text of its own in others.
fn is_locked(error: &DynoxideError) -> bool {
    error.status_code() == 500 && error.to_string().contains("database is locked")
}

/// The engine's request types report a broken limit (a table name of one letter, a number of 39
/// digits) as an error of deserialisation that starts with a mark; DynamoDB calls it a validation
/// error.
fn unreadable(reason: &str) -> Answer {
    match reason.split_once(':') {
        Some(("VALIDATION" | "VALIDATION_REQUEST", broken_limit)) => {
            Answer::error(400, "ValidationException", broken_limit)
        }
        _ => Answer::error(400, "SerializationException", reason),
    }
}
