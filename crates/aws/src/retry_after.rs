//! The standard `Retry-After` header, which the SDK itself does not read.

use std::time::Duration;

use aws_smithy_runtime_api::client::interceptors::context::InterceptorContext;
use aws_smithy_runtime_api::client::retries::classifiers::{
    ClassifyRetry, RetryAction, RetryClassifierPriority, RetryReason,
};
use aws_smithy_types::retry::ErrorKind;

/// A server that asks for more patience than this is not asked again in this sync: the SDK would
/// come back after 5 s at the latest, which is sooner than it was told.
const LONGEST_WAIT: Duration = Duration::from_secs(5);
const TOO_MANY_REQUESTS: u16 = 429;

/// Waits as long as `Retry-After` (in seconds) says, and takes every answer of status 429 for
/// throttling whatever its code.
#[derive(Debug)]
pub(super) struct RetryAfter;

impl ClassifyRetry for RetryAfter {
    fn classify_retry(&self, context: &InterceptorContext) -> RetryAction {
        self.classify_retry_v2(context, &RetryAction::NoActionIndicated)
    }

    fn classify_retry_v2(
        &self,
        context: &InterceptorContext,
        previous: &RetryAction,
    ) -> RetryAction {
        let Some(response) = context.response() else { return RetryAction::NoActionIndicated };
        let kind = match previous {
            RetryAction::RetryIndicated(RetryReason::RetryableError { kind, .. }) => *kind,
            _ if response.status().as_u16() == TOO_MANY_REQUESTS => ErrorKind::ThrottlingError,
            _ => return RetryAction::NoActionIndicated,
        };
        let header = response.headers().get("retry-after");
        match header.and_then(|seconds| seconds.trim().parse().ok()).map(Duration::from_secs) {
            Some(wait) if wait > LONGEST_WAIT => RetryAction::RetryForbidden,
            Some(wait) => RetryAction::retryable_error_with_explicit_delay(kind, wait),
            None if *previous == RetryAction::NoActionIndicated => {
                RetryAction::retryable_error(kind)
            }
            None => RetryAction::NoActionIndicated,
        }
    }

    fn name(&self) -> &'static str {
        "Retry-After"
    }

    fn priority(&self) -> RetryClassifierPriority {
        RetryClassifierPriority::run_after(RetryClassifierPriority::transient_error_classifier())
    }
}
