//! A failure of the step's own.

use model::{Failure, RegionStatus};

/// A failure that no service answered: the accounts table is at fault.
pub(super) fn own_failure(code: &str, message: &str, advice: &str) -> Failure {
    Failure {
        status: RegionStatus::Error,
        code: code.to_owned(),
        message: message.to_owned(),
        retryable: false,
        advice: advice.to_owned(),
    }
}
