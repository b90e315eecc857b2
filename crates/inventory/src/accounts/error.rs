//! Why an account was not changed.

use aws::ServiceError;
use store::QueryError;

/// Why nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum AccountError {
    /// An argument is wrong.
    #[error("{name} {value:?} is not valid: expected {expected}")]
    Invalid {
        /// As in `account id`.
        name: &'static str,
        /// What was given; not an external id.
        value: String,
        /// What is expected.
        expected: String,
    },
    /// It is there already.
    #[error("the account {0} is there already; remove it first to add it anew")]
    AlreadyExists(String),
    /// It is not there.
    #[error("the account {0} is not there; `accounts list` shows those that are")]
    NotFound(String),
    /// Its row holds something this program did not write and must not overwrite.
    #[error(
        "the stagingAccounts of the account {0} is not a list; correct the row, then try again"
    )]
    NotAList(String),
    /// Somebody else changed the row, again and again.
    #[error("the account {0} was changed by somebody else at the same time; try again")]
    Contended(String),
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
