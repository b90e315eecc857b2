//! Why a group or a plan was not changed.

use aws::ServiceError;
use store::QueryError;

/// Why nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum ManageError {
    /// A parameter is wrong.
    #[error("{name}: {value:?} is not valid; expected {expected}")]
    Invalid {
        /// As in `groupName`.
        name: &'static str,
        /// What was given, at most its first 100 characters.
        value: String,
        /// What is expected.
        expected: String,
    },
    /// It is not there.
    #[error("there is no {what} {id:?}")]
    NotFound {
        /// As in `protection group`.
        what: &'static str,
        /// Its id.
        id: String,
    },
    /// The name is taken.
    #[error("a {what} called {name:?} is there already: {id}")]
    AlreadyExists {
        /// As in `protection group`.
        what: &'static str,
        /// The name.
        name: String,
        /// Who has it.
        id: String,
    },
    /// Something else holds it: a plan a group, a group a server.
    #[error("the {what} {id} is part of the {holder}; take it out there first")]
    InUse {
        /// As in `protection group`.
        what: &'static str,
        /// Its id.
        id: String,
        /// What holds it: kind, name and id.
        holder: String,
    },
    /// Somebody else changed it since it was read.
    #[error("{id} was changed by somebody else at the same time; read it again, then try again")]
    Contended {
        /// Its id.
        id: String,
    },
    /// The row holds something this program did not write and must not overwrite.
    #[error("the row of {id} cannot be read: {reason}; correct the row, then try again")]
    Unreadable {
        /// Its id.
        id: String,
        /// What is wrong with it.
        reason: String,
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

impl ManageError {
    pub(super) fn invalid(name: &'static str, value: &str, expected: impl Into<String>) -> Self {
        let value = value.chars().take(100).collect();
        Self::Invalid { name, value, expected: expected.into() }
    }
}
