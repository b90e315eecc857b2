//! What each error of the inventory is in the contract.

use inventory::ManageError;
use inventory::accounts::AccountError;
use inventory::check::CheckError;
use inventory::discovery::DiscoveryError;
use inventory::outcome::OutcomeError;
use inventory::removals::RemovalError;
use inventory::report::ReportError;
use inventory::servers::one::FindError;
use inventory::servers::page::PageError;
use inventory::unprotected::ExclusionError;
use model::environment::ConfigError;
use serde_json::json;
use store::QueryError;
use store::tables::WriteError;
use sync::SyncError;

use super::{ErrorCode, Failure};

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

impl From<PageError> for Failure {
    fn from(error: PageError) -> Self {
        match error {
            PageError::Token => {
                Self::new(ErrorCode::InvalidParameter, format!("nextToken: {error}"))
            }
            PageError::Read(error) => error.into(),
        }
    }
}

impl From<FindError> for Failure {
    fn from(error: FindError) -> Self {
        let message = error.to_string();
        match error {
            FindError::NotFound { .. } => Self::new(ErrorCode::NotFound, message),
            FindError::TooMany { .. } => Self::new(ErrorCode::InvalidParameter, message),
            FindError::Read(error) => error.into(),
        }
    }
}

impl From<ReportError> for Failure {
    fn from(error: ReportError) -> Self {
        Self::new(ErrorCode::InternalError, error.to_string())
    }
}

impl From<AccountError> for Failure {
    fn from(error: AccountError) -> Self {
        let message = error.to_string();
        let code = match error {
            AccountError::Invalid { .. } => ErrorCode::InvalidParameter,
            AccountError::AlreadyExists(_) => ErrorCode::AlreadyExists,
            AccountError::NotFound(_) => ErrorCode::NotFound,
            AccountError::NotAList(_) => ErrorCode::InvalidState,
            AccountError::Contended(_) => return contended(message),
            AccountError::Service { source, .. } => {
                return Self::of_service(ErrorCode::DynamodbError, message, &source);
            }
            AccountError::Read(error) => return error.into(),
        };
        Self::new(code, message)
    }
}

impl From<DiscoveryError> for Failure {
    fn from(error: DiscoveryError) -> Self {
        let message = error.to_string();
        match &error {
            DiscoveryError::Config(_) | DiscoveryError::Clock(_) => {
                Self::new(ErrorCode::InternalError, message)
            }
            DiscoveryError::Identity(source) => {
                Self::of_service(ErrorCode::StsError, message, source)
            }
            DiscoveryError::Role { .. } => Self::new(ErrorCode::AuthorizationFailed, message),
            DiscoveryError::Organization { source, .. } => match source.code() {
                "AWSOrganizationsNotInUseException" => Self::new(ErrorCode::InvalidState, message),
                _ => Self::of_service(ErrorCode::InternalError, message, source),
            },
            DiscoveryError::Accounts(error) => {
                Self::of_service(ErrorCode::DynamodbError, message, &error.source)
            }
            DiscoveryError::Record(WriteError::Service { source, .. }) => {
                Self::of_service(ErrorCode::DynamodbError, message, source)
            }
            DiscoveryError::Record(WriteError::Changed { .. }) => contended(message),
        }
    }
}

impl From<CheckError> for Failure {
    fn from(error: CheckError) -> Self {
        let message = error.to_string();
        match error {
            CheckError::Config(error) => error.into(),
            CheckError::Identity(source) => Self::of_service(ErrorCode::StsError, message, &source),
            CheckError::Accounts(error) => {
                Self::of_service(ErrorCode::DynamodbError, message, &error.source)
            }
            CheckError::UnknownAccount(_) => Self::new(ErrorCode::NotFound, message),
        }
    }
}

impl From<ManageError> for Failure {
    fn from(error: ManageError) -> Self {
        let message = error.to_string();
        let code = match error {
            ManageError::Invalid { .. } => ErrorCode::InvalidParameter,
            ManageError::NotFound { .. } => ErrorCode::NotFound,
            ManageError::AlreadyExists { .. } => ErrorCode::AlreadyExists,
            ManageError::InUse { .. } | ManageError::Unreadable { .. } => ErrorCode::InvalidState,
            ManageError::Contended { .. } => return contended(message),
            ManageError::Service { source, .. } => {
                return Self::of_service(ErrorCode::DynamodbError, message, &source);
            }
            ManageError::Read(error) => return error.into(),
        };
        Self::new(code, message)
    }
}

impl From<RemovalError> for Failure {
    fn from(error: RemovalError) -> Self {
        let message = error.to_string();
        let code = match error {
            RemovalError::Invalid { .. } => ErrorCode::InvalidParameter,
            RemovalError::NotFound { .. } | RemovalError::NothingHeld { .. } => ErrorCode::NotFound,
            RemovalError::Changed { count, since, .. } => {
                let details = Some(json!({ "count": count, "since": since }));
                return Self { details, ..Self::new(ErrorCode::InvalidState, message) };
            }
            RemovalError::Contended { .. } => return contended(message),
            RemovalError::Service { source, .. } => {
                return Self::of_service(ErrorCode::DynamodbError, message, &source);
            }
            RemovalError::Read(error) => return error.into(),
        };
        Self::new(code, message)
    }
}

impl From<ExclusionError> for Failure {
    fn from(error: ExclusionError) -> Self {
        let message = error.to_string();
        let code = match error {
            ExclusionError::Invalid { .. } => ErrorCode::InvalidParameter,
            ExclusionError::NotFound { .. } => ErrorCode::NotFound,
            ExclusionError::Service { source, .. } => {
                return Self::of_service(ErrorCode::DynamodbError, message, &source);
            }
            ExclusionError::Read(error) => return error.into(),
        };
        Self::new(code, message)
    }
}

fn contended(message: String) -> Failure {
    Failure { retryable: Some(true), ..Failure::new(ErrorCode::InvalidState, message) }
}

impl ErrorCode {
    /// The code of a sync that could not be done, whatever the service said of it.
    pub fn of_sync(error: &OutcomeError) -> Self {
        match error {
            OutcomeError::Refactored(SyncError::Accounts(_) | SyncError::Ledger(_)) => {
                Self::DynamodbError
            }
            OutcomeError::Refactored(SyncError::Identity { .. }) => Self::StsError,
            OutcomeError::Refactored(SyncError::UnknownAccount(_)) => Self::NotFound,
            OutcomeError::Refactored(SyncError::Clock { .. }) => Self::InvalidState,
            OutcomeError::Refactored(SyncError::Config(_)) | OutcomeError::Legacy(_) => {
                Self::InternalError
            }
        }
    }
}

impl From<OutcomeError> for Failure {
    fn from(error: OutcomeError) -> Self {
        let (code, message) = (ErrorCode::of_sync(&error), error.to_string());
        match error {
            OutcomeError::Refactored(SyncError::Accounts(error)) => {
                Self::of_service(code, message, &error.source)
            }
            OutcomeError::Refactored(SyncError::Ledger(error)) => error.into(),
            OutcomeError::Refactored(SyncError::Identity { source }) => {
                Self::of_service(code, message, &source)
            }
            OutcomeError::Refactored(
                SyncError::UnknownAccount(_) | SyncError::Config(_) | SyncError::Clock { .. },
            )
            | OutcomeError::Legacy(_) => Self::new(code, message),
        }
    }
}
