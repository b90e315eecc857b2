//! Why nothing was approved or acknowledged.

use aws::ServiceError;
use store::QueryError;

/// Why nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum RemovalError {
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
    /// The ledger has no such place.
    #[error("no sync has asked {place} yet; its region cannot be acknowledged")]
    NotFound {
        /// `ACCOUNT/REGION`.
        place: String,
    },
    /// Nothing waits there.
    #[error("no removal of {what} waits for an approval")]
    NothingHeld {
        /// `ACCOUNT/REGION`, or the installation.
        what: String,
    },
    /// What waits is not what was seen.
    #[error(
        "{count} servers of {what} wait since {since}, not {seen_count} since {seen_since}; look at them, then approve that"
    )]
    Changed {
        /// `ACCOUNT/REGION`, or the installation.
        what: String,
        /// How many wait now.
        count: u64,
        /// Since when.
        since: String,
        /// How many were seen.
        seen_count: u64,
        /// Since when those waited.
        seen_since: String,
    },
    /// A sync writes the entry again and again.
    #[error("the entry of {what} is being changed by a sync; try again")]
    Contended {
        /// `ACCOUNT/REGION`, or the installation.
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

impl RemovalError {
    pub(super) fn invalid(name: &'static str, value: &str, expected: &'static str) -> Self {
        Self::Invalid { name, value: value.chars().take(100).collect(), expected }
    }
}
