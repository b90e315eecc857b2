//! The errors of the contract.

mod errors;

use aws::{ServiceError, classify};
use serde_json::{Map, Value, json};

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
    /// All of them.
    pub const ALL: [Self; 12] = [
        Self::InvalidInvocation,
        Self::InvalidOperation,
        Self::MissingParameter,
        Self::InvalidParameter,
        Self::AuthorizationFailed,
        Self::NotFound,
        Self::AlreadyExists,
        Self::InvalidState,
        Self::DynamodbError,
        Self::DrsError,
        Self::StsError,
        Self::InternalError,
    ];

    /// As in `INVALID_PARAMETER`.
    pub fn name(self) -> &'static str {
        self.name_and_status().0
    }

    /// The HTTP status that fits.
    pub fn status(self) -> u16 {
        self.name_and_status().1
    }

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

    /// `{"error": CODE, "message": text, "details"?, "retryable"?, "retryAfter"?}`.
    pub fn to_json(&self) -> Value {
        let mut object = Map::new();
        object.insert("error".to_owned(), self.code.name().into());
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
