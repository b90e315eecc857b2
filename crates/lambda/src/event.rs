//! An event of any shape, as a request or as an error of the contract.

mod http;

use serde_json::{Map, Value};

use crate::answer::{Caller, ErrorCode, Failure};

pub use http::Route;

/// What a caller asks for.
#[derive(Debug, Clone, PartialEq)]
pub struct Request {
    /// As in `get_source_server_inventory`.
    pub operation: String,
    /// Everything else of the event; over HTTP path, query and body together.
    pub parameters: Map<String, Value>,
}

/// The operation that a browser's preflight is.
pub const PREFLIGHT: &str = "OPTIONS";

/// Reads an event. `routes` say which operation an HTTP request means.
///
/// # Errors
/// `INVALID_INVOCATION`, `INVALID_OPERATION`, `MISSING_PARAMETER` or `INVALID_PARAMETER`, for the
/// caller that the event came from.
pub fn parse(event: Value, routes: &[Route]) -> (Caller, Result<Request, Failure>) {
    if http::is_http(&event) {
        return (Caller::Http, http::parse(event, routes));
    }
    (Caller::Direct, direct(event))
}

fn direct(event: Value) -> Result<Request, Failure> {
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
    Ok(Request { operation, parameters })
}

/// The error of an operation that a handler does not have.
pub fn unknown_operation(operation: &str, known: &[&str]) -> Failure {
    let known = known.join(", ");
    let operation: String = operation.chars().take(100).collect();
    let message = format!("unknown operation {operation:?}; expected one of {known}");
    Failure::new(ErrorCode::InvalidOperation, message)
}
