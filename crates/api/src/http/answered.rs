//! An answer or a failure as a response: JSON, never kept by anybody on the way.

use axum::body::Body;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::Response;
use serde_json::Value;

use crate::answer::Answer;
use crate::failure::{ErrorCode, Failure};

/// What an operation came to.
pub(super) fn answered(result: Result<Answer, Failure>) -> Response {
    match result {
        Ok(Answer::Object(body)) => json(StatusCode::OK, &body),
        Ok(Answer::Created(body)) => json(StatusCode::CREATED, &body),
        Ok(Answer::Accepted(body)) => json(StatusCode::ACCEPTED, &body),
        Ok(Answer::Sync(response)) => json(status(response.status_code), &response.body),
        Err(failure) => failed(&failure),
    }
}

/// `{"error": CODE, "message": text, …}` with the status that fits.
pub fn failed(failure: &Failure) -> Response {
    let mut response = json(status(failure.code.status()), &failure.to_json());
    if let Some(seconds) = failure.retry_after {
        response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    }
    response
}

/// The same where HTTP has a status that fits better.
pub(super) fn failed_with(failure: &Failure, status: StatusCode) -> Response {
    let mut response = failed(failure);
    *response.status_mut() = status;
    response
}

/// A request that cannot be read.
#[derive(Debug)]
pub(super) struct Unreadable {
    failure: Box<Failure>,
    /// Where HTTP has a status that fits better than that of the code.
    status: Option<StatusCode>,
}

impl Unreadable {
    pub(super) fn with_status(status: StatusCode, message: &str) -> Self {
        let failure = Box::new(Failure::new(ErrorCode::InvalidInvocation, message));
        Self { failure, status: Some(status) }
    }

    pub(super) fn into_response(self) -> Response {
        match self.status {
            Some(status) => failed_with(&self.failure, status),
            None => failed(&self.failure),
        }
    }
}

impl From<Failure> for Unreadable {
    fn from(failure: Failure) -> Self {
        Self { failure: Box::new(failure), status: None }
    }
}

pub(super) fn json(status: StatusCode, body: &Value) -> Response {
    let mut response = Response::new(Body::from(body.to_string()));
    *response.status_mut() = status;
    let kind = HeaderValue::from_static("application/json");
    response.headers_mut().insert(header::CONTENT_TYPE, kind);
    response
}

fn status(code: u16) -> StatusCode {
    StatusCode::from_u16(code).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
}
