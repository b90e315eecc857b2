//! An event of any shape, as an operation or as an error of the contract.

pub mod drs;
mod http;

use api::parameters::{add, object_in};
use api::{ErrorCode, Failure, Operation};
use serde_json::{Map, Value};

/// How the caller came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Caller {
    /// `Invoke`, a schedule, a state machine.
    Direct,
    /// A REST API of API Gateway, as in front of the legacy function.
    RestApi,
    /// An HTTP API of API Gateway. It answers browsers of other sites by itself, or not at all.
    HttpApi,
}

/// What a caller asks for.
pub enum Asked<O> {
    /// What it may do, as a browser asks before it does it.
    Preflight,
    /// An operation. Its parameters are everything else of the event, its query and its body
    /// together; over HTTP also of the path.
    For(O),
}

/// Reads an event.
///
/// # Errors
/// `INVALID_INVOCATION`, `INVALID_OPERATION`, `MISSING_PARAMETER` or `INVALID_PARAMETER`, for the
/// caller that the event came from.
pub fn parse<O: Operation>(event: Value) -> (Caller, Result<Asked<O>, Failure>) {
    if let Some(caller) = http::caller(&event) {
        return (caller, http::parse(caller, event));
    }
    (Caller::Direct, direct(event).map(Asked::For))
}

/// Parameters stand beside the operation, or in `queryParams` and `body` as callers of the legacy
/// function send them.
fn direct<O: Operation>(event: Value) -> Result<O, Failure> {
    let invalid = |message: &str| Failure::new(ErrorCode::InvalidInvocation, message);
    let Value::Object(mut parameters) = event else {
        return Err(invalid("the event is no JSON object; expected {\"operation\": \"...\"}"));
    };
    let named = [parameters.remove("operation"), parameters.remove("action")];
    let mut names = named.into_iter().flatten();
    let operation = match (names.next(), names.next()) {
        (None, _) => {
            return Err(invalid("the event names no operation; expected {\"operation\": \"...\"}"));
        }
        (Some(Value::String(name)), None) => name,
        (Some(Value::String(name)), Some(other)) if other == name.as_str() => name,
        (Some(_), None) => return Err(invalid("operation is no text")),
        (Some(_), Some(_)) => return Err(invalid("operation and action are not the same")),
    };
    let operation = O::named(&operation)?;
    let query = query_params(parameters.remove("queryParams"))?;
    let body = body(parameters.remove("body"))?;
    for (name, value) in query.into_iter().chain(body) {
        add(&mut parameters, name, value)?;
    }
    operation.read(parameters)
}

fn query_params(value: Option<Value>) -> Result<Map<String, Value>, Failure> {
    match value {
        None | Some(Value::Null) => Ok(Map::new()),
        Some(Value::Object(object)) => Ok(object),
        Some(Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_)) => {
            let message = "queryParams is no JSON object";
            Err(Failure::new(ErrorCode::InvalidInvocation, message))
        }
    }
}

/// A body is an object, the text of one, or nothing.
fn body(value: Option<Value>) -> Result<Map<String, Value>, Failure> {
    match value {
        None | Some(Value::Null) => Ok(Map::new()),
        Some(Value::Object(object)) => Ok(object),
        Some(Value::String(text)) => object_in(&text),
        Some(Value::Bool(_) | Value::Number(_) | Value::Array(_)) => {
            Err(Failure::new(ErrorCode::InvalidInvocation, "the body is no JSON object"))
        }
    }
}
