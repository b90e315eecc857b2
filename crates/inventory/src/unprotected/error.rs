//! Why an exclusion was not made or taken back.

use aws::ServiceError;
use store::QueryError;

/// Why nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum ExclusionError {
    /// A parameter is wrong.
    #[error("{name}: {value:?} is not valid; expected {expected}")]
    Invalid {
        /// As in `until`.
        name: &'static str,
        /// What was given, at most its first 100 characters.
        value: String,
        /// What is expected.
        expected: &'static str,
    },
    /// There is no such exclusion.
    #[error("{what} is not excluded")]
    NotFound {
        /// As in `tag:Environment=test`.
        what: String,
    },
    /// DynamoDB refused.
    #[error("cannot write to the table {table}: {source}")]
    Service {
        /// The table's name.
        table: String,
        /// DynamoDB's answer.
        source: ServiceError,
    },
    /// The table could not be read.
    #[error(transparent)]
    Read(#[from] QueryError),
}

impl ExclusionError {
    pub(super) fn invalid(name: &'static str, value: &str, expected: &'static str) -> Self {
        Self::Invalid { name, value: value.chars().take(100).collect(), expected }
    }
}
