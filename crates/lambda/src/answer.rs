//! From an event to what goes back, for both kinds of callers.

use std::future::Future;

use api::{Answer, Failure, Operation};
use serde_json::{Value, json};

use crate::event::{Asked, Caller, parse};

/// Answers an event; an error is an answer, too.
pub async fn answer<O, F>(event: Value, answer: impl FnOnce(O) -> F) -> Value
where
    O: Operation,
    F: Future<Output = Result<Answer, Failure>>,
{
    let (caller, asked) = parse(event);
    let result = match asked {
        Ok(Asked::Preflight) => return preflight(),
        Ok(Asked::For(operation)) => answer(operation).await,
        Err(failure) => Err(failure),
    };
    if let Err(Failure { code, message, .. }) = &result {
        tracing::warn!(?caller, ?code, message, "request failed");
    }
    respond(caller, result)
}

/// What goes back to the caller. A sync answers over HTTP also where it was invoked directly.
pub fn respond(caller: Caller, result: Result<Answer, Failure>) -> Value {
    match (caller, result) {
        (_, Ok(Answer::Sync(response))) => http(response.status_code, &response.body, None),
        (
            Caller::Direct,
            Ok(Answer::Object(body) | Answer::Created(body) | Answer::Accepted(body)),
        ) => body,
        (Caller::Http, Ok(Answer::Object(body))) => http(200, &body, None),
        (Caller::Http, Ok(Answer::Created(body))) => http(201, &body, None),
        (Caller::Http, Ok(Answer::Accepted(body))) => http(202, &body, None),
        (Caller::Direct, Err(failure)) => failure.to_json(),
        (Caller::Http, Err(failure)) => {
            http(failure.code.status(), &failure.to_json(), failure.retry_after)
        }
    }
}

/// What a browser gets that asks what it may do.
fn preflight() -> Value {
    http(204, &Value::Null, None)
}

/// Headers and quoted body as other software expects them since the legacy sync.
fn http(status: u16, body: &Value, retry_after: Option<u64>) -> Value {
    let body = if body.is_null() { String::new() } else { body.to_string() };
    let mut response = json!({
        "statusCode": status,
        "headers": {
            "Content-Type": "application/json",
            "Access-Control-Allow-Origin": "*",
            "Access-Control-Allow-Headers": "Content-Type,Authorization",
            "Access-Control-Allow-Methods": "GET,POST,PUT,DELETE,OPTIONS",
            "X-Content-Type-Options": "nosniff",
            "X-Frame-Options": "DENY",
        },
        "body": body,
    });
    if let Some(seconds) = retry_after {
        response["headers"]["Retry-After"] = seconds.to_string().into();
    }
    response
}
