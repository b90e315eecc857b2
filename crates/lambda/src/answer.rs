//! Errors of the contract, and answers for both kinds of callers.

use aws::{ServiceError, classify};
use inventory::response::Response;
use model::environment::ConfigError;
use serde_json::{Map, Value, json};
use store::QueryError;

/// What went wrong, in a word that programs look at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names are those of the contract")]
pub enum ErrorCode {
    InvalidInvocation,
    InvalidOperation,
    MissingParameter,
    InvalidParameter,
    AuthorizationFailed,
    NotFound,
    AlreadyExists,
    InvalidState,
    DynamodbError,
    DrsError,
    StsError,
    InternalError,
}

impl ErrorCode {
    /// As in the contract, and the HTTP status that fits.
    fn name_and_status(self) -> (&'static str, u16) {
        match self {
            Self::InvalidInvocation => ("INVALID_INVOCATION", 400),
            Self::InvalidOperation => ("INVALID_OPERATION", 404),
            Self::MissingParameter => ("MISSING_PARAMETER", 400),
            Self::InvalidParameter => ("INVALID_PARAMETER", 400),
            Self::AuthorizationFailed => ("AUTHORIZATION_FAILED", 403),
            Self::NotFound => ("NOT_FOUND", 404),
            Self::AlreadyExists => ("ALREADY_EXISTS", 409),
            Self::InvalidState => ("INVALID_STATE", 409),
            Self::DynamodbError => ("DYNAMODB_ERROR", 502),
            Self::DrsError => ("DRS_ERROR", 502),
            Self::StsError => ("STS_ERROR", 502),
            Self::InternalError => ("INTERNAL_ERROR", 500),
        }
    }
}

/// An error as the caller gets it.
#[derive(Debug, Clone, PartialEq)]
pub struct Failure {
    /// For programs.
    pub code: ErrorCode,
    /// For people.
    pub message: String,
    /// More for programs, where there is more.
    pub details: Option<Value>,
    /// Whether the same request can succeed later with nothing changed.
    pub retryable: Option<bool>,
    /// Seconds to wait before that.
    pub retry_after: Option<u64>,
}

impl Failure {
    /// An error that a retry does not help.
    pub fn new(code: ErrorCode, message: impl Into<String>) -> Self {
        Self { code, message: message.into(), details: None, retryable: None, retry_after: None }
    }

    /// A service's answer. A denial is `AUTHORIZATION_FAILED`, whatever the service.
    pub fn of_service(code: ErrorCode, message: String, source: &ServiceError) -> Self {
        let failure = classify(source);
        let denied = failure.status == model::RegionStatus::IamPermissionDenied;
        let code = if denied { ErrorCode::AuthorizationFailed } else { code };
        let details = json!({ "code": failure.code, "whatToDo": failure.advice });
        let retry_after = failure.retryable.then_some(1);
        let retryable = Some(failure.retryable);
        Self { details: Some(details), retryable, retry_after, ..Self::new(code, message) }
    }

    fn to_json(&self) -> Value {
        let mut object = Map::new();
        object.insert("error".to_owned(), self.code.name_and_status().0.into());
        object.insert("message".to_owned(), self.message.as_str().into());
        let mut add = |name: &str, value: Option<Value>| {
            object.extend(value.map(|value| (name.to_owned(), value)));
        };
        add("details", self.details.clone());
        add("retryable", self.retryable.map(Value::from));
        add("retryAfter", self.retry_after.map(Value::from));
        Value::Object(object)
    }
}

impl From<ConfigError> for Failure {
    fn from(error: ConfigError) -> Self {
        Self::new(ErrorCode::InternalError, error.to_string())
    }
}

impl From<QueryError> for Failure {
    fn from(error: QueryError) -> Self {
        Self::of_service(ErrorCode::DynamodbError, error.to_string(), &error.source)
    }
}

/// What an operation gives.
#[derive(Debug)]
pub enum Answer {
    /// A JSON object.
    Object(Value),
    /// A JSON object of something that was not there before.
    Created(Value),
    /// A sync: its status and body, also where it was invoked directly.
    Sync(Response),
    /// Nothing, to a browser that asks what it may do.
    Preflight,
}

/// How the caller came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Caller {
    /// `Invoke`, a schedule, a state machine.
    Direct,
    /// API Gateway.
    Http,
}

/// What goes back to the caller.
pub fn respond(caller: Caller, result: Result<Answer, Failure>) -> Value {
    match (caller, result) {
        (_, Ok(Answer::Sync(response))) => http(response.status_code, &response.body, None),
        (Caller::Direct, Ok(Answer::Object(body) | Answer::Created(body))) => body,
        (_, Ok(Answer::Preflight)) => http(204, &Value::Null, None),
        (Caller::Http, Ok(Answer::Object(body))) => http(200, &body, None),
        (Caller::Http, Ok(Answer::Created(body))) => http(201, &body, None),
        (Caller::Direct, Err(failure)) => failure.to_json(),
        (Caller::Http, Err(failure)) => {
            let status = failure.code.name_and_status().1;
            http(status, &failure.to_json(), failure.retry_after)
        }
    }
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
