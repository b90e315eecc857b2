//! From an event to what goes back, for both kinds of callers.

use std::future::Future;

use api::{Answer, Failure, Operation};
use serde_json::{Value, json};

use crate::event::{Asked, Caller, parse};

/// Answers an event; an error is an answer, too.
pub async fn answer<O, F>(event: Value, answer: impl FnOnce(Caller, O) -> F) -> Value
where
    O: Operation,
    F: Future<Output = Result<Answer, Failure>>,
{
    let (caller, asked) = parse(event);
    let result = match asked {
        Ok(Asked::Preflight) => return preflight(),
        Ok(Asked::For(operation)) => answer(caller, operation).await,
        Err(failure) => Err(failure),
    };
    if let Err(Failure { code, message, .. }) = &result {
        tracing::warn!(?caller, ?code, message, "request failed");
    }
    respond(caller, result)
}

/// What goes back to the caller. A sync answers over HTTP also where it was invoked directly.
pub fn respond(caller: Caller, result: Result<Answer, Failure>) -> Value {
    let (status, body, retry_after) = match result {
        Ok(Answer::Sync(response)) => {
            return http(caller, response.status_code, &response.body, None);
        }
        Ok(Answer::Object(body)) => (200, body, None),
        Ok(Answer::Created(body)) => (201, body, None),
        Ok(Answer::Accepted(body)) => (202, body, None),
        Err(failure) => (failure.code.status(), failure.to_json(), failure.retry_after),
    };
    match caller {
        Caller::Direct => body,
        Caller::RestApi | Caller::HttpApi => http(caller, status, &body, retry_after),
    }
}

/// What a browser gets that asks what it may do.
fn preflight() -> Value {
    http(Caller::RestApi, 204, &Value::Null, None)
}

/// Headers and quoted body as other software expects them since the legacy sync. An HTTP API lets no
/// other site in.
fn http(caller: Caller, status: u16, body: &Value, retry_after: Option<u64>) -> Value {
    let body = if body.is_null() { String::new() } else { body.to_string() };
    let mut headers = json!({
        "Content-Type": "application/json",
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": "DENY",
    });
    match caller {
        Caller::Direct | Caller::RestApi => {
            headers["Access-Control-Allow-Origin"] = "*".into();
            headers["Access-Control-Allow-Headers"] = "Content-Type,Authorization".into();
            headers["Access-Control-Allow-Methods"] = "GET,POST,PUT,DELETE,OPTIONS".into();
        }
        Caller::HttpApi => headers["Cache-Control"] = "no-store".into(),
    }
    if let Some(seconds) = retry_after {
        headers["Retry-After"] = seconds.to_string().into();
    }
    json!({ "statusCode": status, "headers": headers, "body": body })
}
