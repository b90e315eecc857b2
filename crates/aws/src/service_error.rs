//! What went wrong with a call: a service's answer kept apart from a failed connection.

use std::error::Error;

use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_runtime_api::http::Response;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;

use super::answers::UnreadableAnswer;

/// The answer is not to be understood.
pub(super) const INVALID_RESPONSE: &str = "InvalidResponse";
/// A page token of a list came twice.
pub(super) const REPEATED_TOKEN: &str = "RepeatedPageToken";
/// A list went on and on.
pub(super) const TOO_MANY_PAGES: &str = "TooManyPages";
const INVALID_REQUEST: &str = "InvalidRequest";

/// One failed call.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ServiceError {
    /// The service answered with an error.
    #[error("{code}: {message}")]
    Answered {
        /// HTTP status.
        http_status: u16,
        /// As in `AccessDeniedException`; `HTTP 503` where the answer carries none.
        code: String,
        /// The service's text.
        message: String,
    },
    /// Nothing answered: refused, reset, no such name, timeout.
    #[error("{message}")]
    Unreachable {
        /// `Timeout`, or `ConnectionFailed`.
        code: &'static str,
        /// What the connection met.
        message: String,
    },
    /// The request could not be made, or the answer was not to be understood.
    #[error("{message}")]
    Unusable {
        /// `InvalidRequest`, `InvalidResponse`, `RepeatedPageToken`, `TooManyPages`.
        code: &'static str,
        /// What was wrong with it.
        message: String,
    },
}

impl ServiceError {
    /// The service's code, or what kind of failure it was.
    pub fn code(&self) -> &str {
        match self {
            Self::Answered { code, .. } => code,
            Self::Unreachable { code, .. } | Self::Unusable { code, .. } => code,
        }
    }

    /// Whether the service is at fault and not the request: the same call can succeed later.
    pub fn is_bad_answer(&self) -> bool {
        match self {
            Self::Unusable { code, .. } => *code != INVALID_REQUEST,
            Self::Answered { .. } | Self::Unreachable { .. } => false,
        }
    }

    /// The text, without the code.
    pub fn message(&self) -> &str {
        match self {
            Self::Answered { message, .. }
            | Self::Unreachable { message, .. }
            | Self::Unusable { message, .. } => message,
        }
    }
}

/// Sorts an SDK error by who failed.
///
/// Texts are cleaned of what a service may echo: a signature error repeats the request's headers,
/// the session token among them.
pub fn service_error<E>(error: &SdkError<E, Response>) -> ServiceError
where
    E: ProvideErrorMetadata + Error + 'static,
{
    match error {
        SdkError::ServiceError(answer) if answer.raw().status().is_success() => {
            unreadable(answer.raw(), answer.err())
        }
        SdkError::ServiceError(answer) => {
            let http_status = answer.raw().status().as_u16();
            ServiceError::Answered {
                http_status,
                code: answer.err().code().map_or(format!("HTTP {http_status}"), str::to_owned),
                message: without_tokens(answer.err().message().unwrap_or_default()),
            }
        }
        SdkError::TimeoutError(_) => {
            ServiceError::Unreachable { code: "Timeout", message: without_tokens(&chain(error)) }
        }
        SdkError::DispatchFailure(failure) => {
            let code = if failure.is_timeout() { "Timeout" } else { "ConnectionFailed" };
            ServiceError::Unreachable { code, message: without_tokens(&chain(error)) }
        }
        SdkError::ResponseError(answer) if answer.raw().status().is_success() => {
            unreadable(answer.raw(), error)
        }
        SdkError::ResponseError(answer) => {
            let http_status = answer.raw().status().as_u16();
            let code = format!("HTTP {http_status}");
            ServiceError::Answered { http_status, code, message: without_tokens(&chain(error)) }
        }
        _ => {
            ServiceError::Unusable { code: INVALID_REQUEST, message: without_tokens(&chain(error)) }
        }
    }
}

/// An answer that promised to be good. Its content type tells a proxy's page from AWS.
fn unreadable(answer: &Response, error: &dyn Error) -> ServiceError {
    if let Some(flaw) = error.source().and_then(|cause| cause.downcast_ref::<UnreadableAnswer>()) {
        return ServiceError::Unusable { code: INVALID_RESPONSE, message: flaw.to_string() };
    }
    let status = answer.status().as_u16();
    let content_type = answer.headers().get("content-type").unwrap_or("no content type");
    let cause = causes(error);
    let message = format!("the answer of status {status} ({content_type}) cannot be read: {cause}");
    ServiceError::Unusable { code: INVALID_RESPONSE, message: without_tokens(&message) }
}

/// What the SDK calls an error that has no code.
const NAMELESS: &str = "unhandled error: ";

/// The causes of an error that says of itself only that it is one.
pub(super) fn causes(error: &dyn Error) -> String {
    let causes = error.source().map_or_else(|| error.to_string(), chain);
    causes.strip_prefix(NAMELESS).map(str::to_owned).unwrap_or(causes)
}

/// The error and its causes, each said once.
fn chain(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(next) = cause {
        let said = next.to_string();
        if !text.contains(&said) {
            text = format!("{text}: {said}");
        }
        cause = next.source();
    }
    text
}

/// Words of this length with no space, colon or dash in them are signatures and tokens.
const TOKEN_LENGTH: usize = 64;

fn without_tokens(text: &str) -> String {
    let in_token = |c: char| c.is_ascii_alphanumeric() || matches!(c, '+' | '/' | '=');
    text.split_inclusive(|c| !in_token(c))
        .map(|word| {
            let token = word.trim_end_matches(|c| !in_token(c));
            if token.len() < TOKEN_LENGTH {
                return word.to_owned();
            }
            format!("[redacted]{}", &word[token.len()..])
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_session_token_in_a_text_is_taken_out() {
        let token = "IQoJb3JpZ2luX2VjEPT".repeat(8);
        let text = format!("canonical request: x-amz-security-token:{token}\nhost:drs");
        let clean = without_tokens(&text);
        assert_eq!(clean, "canonical request: x-amz-security-token:[redacted]\nhost:drs");
    }

    #[test]
    fn other_texts_stay_as_they_are() {
        let text = "User: arn:aws:sts::222222222222:assumed-role/Role/drs-inventory-sync is not \
                    authorized to perform: drs:DescribeSourceServers é 日本";
        assert_eq!(without_tokens(text), text);
    }
}
